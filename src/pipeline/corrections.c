#include "pipeline/corrections.h"

#include "store/corrections.h"

Corrections *
corrections_of_rows(const GPtrArray *rows)
{
  g_autofree Correction *corrections = g_new(Correction, rows->len);
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (guint i = 0; i < rows->len; i++) {
    const CorrectionRow *row = g_ptr_array_index(rows, i);
    corrections[i] = (Correction){row->item_a, row->item_b, row->is_must, row->made_ms};
    g_ptr_array_add(all, &corrections[i]);
  }
  return corrections_new(all);
}
