/*
 * Counts in how many documents, one a line of standard input, each stem stands, and prints "stem <tab> count" in the order of
 * bytes: what tools/count-words makes the background frequencies of.
 */
#include <stdio.h>
#include <string.h>

#include "text/tokens.h"

static void
count_document(GHashTable *counts, const char *line)
{
  g_autoptr(GPtrArray) stems = tokens_stems(line, "en");
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < stems->len; i++) {
    const char *stem = stems->pdata[i];
    if (!g_hash_table_add(seen, (char *) stem))
      continue;
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, stem));
    g_hash_table_insert(counts, g_strdup(stem), GUINT_TO_POINTER(count + 1));
  }
}

static int
compare_names(const void *a, const void *b)
{
  return strcmp(a, b);
}

int
main(void)
{
  g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, stdin) > 0)
    if (g_utf8_validate(line, -1, NULL))
      count_document(counts, line);
  g_autoptr(GList) stems = g_list_sort(g_hash_table_get_keys(counts), compare_names);
  for (const GList *at = stems; at != NULL; at = at->next)
    printf("%s\t%u\n", (const char *) at->data, GPOINTER_TO_UINT(g_hash_table_lookup(counts, at->data)));
  return 0;
}
