#include "llm/vectors.h"

#include <math.h>

/* A stem of a document. */
typedef struct {
  guint stem;
  double weight;
} Part;

/* @documents: (element-type GArray of Part): of length 1; @stem_count: there are so many different ones */
struct Vectors {
  GPtrArray *documents;
  guint stem_count;
};

static void
free_parts(gpointer parts)
{
  g_array_unref(parts);
}

static int
compare_parts(const void *a, const void *b)
{
  const Part *left = a;
  const Part *right = b;
  return (left->stem > right->stem) - (left->stem < right->stem);
}

/* Returns: (transfer full) (element-type Part): each stem once, with how often it stands there */
static GArray *
count_stems(const GPtrArray *stems, GHashTable *numbers, GPtrArray *names)
{
  GArray *parts = g_array_sized_new(FALSE, FALSE, sizeof(Part), stems->len);
  for (guint i = 0; i < stems->len; i++) {
    gpointer number = NULL;
    if (!g_hash_table_lookup_extended(numbers, stems->pdata[i], NULL, &number)) {
      number = GUINT_TO_POINTER(names->len);
      g_hash_table_insert(numbers, stems->pdata[i], number);
      g_ptr_array_add(names, stems->pdata[i]);
    }
    Part part = {.stem = GPOINTER_TO_UINT(number), .weight = 1};
    g_array_append_val(parts, part);
  }
  g_array_sort(parts, compare_parts);
  guint kept = 0;
  for (guint i = 0; i < parts->len; i++) {
    Part *last = &g_array_index(parts, Part, kept > 0 ? kept - 1 : 0);
    const Part *part = &g_array_index(parts, Part, i);
    if (kept > 0 && last->stem == part->stem)
      last->weight++;
    else
      g_array_index(parts, Part, kept++) = *part;
  }
  g_array_set_size(parts, kept);
  return parts;
}

/* Returns: (transfer full): by number of the stem */
static double *
measure_idf(const Vectors *vectors, const GPtrArray *names, const Background *background)
{
  double *idf = g_new0(double, names->len + 1);
  for (guint i = 0; background != NULL && i < names->len; i++)
    idf[i] = background_idf(background, names->pdata[i], NULL);
  if (background != NULL)
    return idf;
  for (guint i = 0; i < vectors->documents->len; i++) {
    const GArray *parts = vectors->documents->pdata[i];
    for (guint j = 0; j < parts->len; j++)
      idf[g_array_index(parts, Part, j).stem]++;
  }
  for (guint i = 0; i < names->len; i++)
    idf[i] = log((vectors->documents->len + 1) / idf[i]);
  return idf;
}

static void
weigh(GArray *parts, const double *idf)
{
  double square = 0;
  for (guint i = 0; i < parts->len; i++) {
    Part *part = &g_array_index(parts, Part, i);
    part->weight = log1p(part->weight) * idf[part->stem];
    square += part->weight * part->weight;
  }
  for (guint i = 0; i < parts->len; i++)
    g_array_index(parts, Part, i).weight /= square > 0 ? sqrt(square) : 1;
}

Vectors *
vectors_new(const GPtrArray *documents, const Background *background)
{
  Vectors *vectors = g_new(Vectors, 1);
  vectors->documents = g_ptr_array_new_with_free_func(free_parts);
  g_autoptr(GHashTable) numbers = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (guint i = 0; i < documents->len; i++)
    g_ptr_array_add(vectors->documents, count_stems(documents->pdata[i], numbers, names));
  vectors->stem_count = names->len;
  g_autofree double *idf = measure_idf(vectors, names, background);
  for (guint i = 0; i < documents->len; i++)
    weigh(vectors->documents->pdata[i], idf);
  return vectors;
}

void
vectors_free(Vectors *vectors)
{
  if (vectors == NULL)
    return;
  g_ptr_array_unref(vectors->documents);
  g_free(vectors);
}

static double
multiply(const GArray *parts, const double *spread)
{
  double sum = 0;
  for (guint i = 0; i < parts->len; i++)
    sum += g_array_index(parts, Part, i).weight * spread[g_array_index(parts, Part, i).stem];
  return sum;
}

double *
vectors_cosines(const Vectors *vectors, size_t rows)
{
  size_t columns = vectors->documents->len;
  double *cosines = g_new(double, rows *columns + 1);
  g_autofree double *spread = g_new0(double, vectors->stem_count + 1);
  for (size_t row = 0; row < rows; row++) {
    const GArray *parts = vectors->documents->pdata[row];
    for (guint i = 0; i < parts->len; i++)
      spread[g_array_index(parts, Part, i).stem] = g_array_index(parts, Part, i).weight;
    for (size_t column = 0; column < columns; column++)
      cosines[row * columns + column] = multiply(vectors->documents->pdata[column], spread);
    for (guint i = 0; i < parts->len; i++)
      spread[g_array_index(parts, Part, i).stem] = 0;
  }
  return cosines;
}
