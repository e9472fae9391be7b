#include "scoring/vocabulary.h"

#include <string.h>

#include "base/error.h"
#include "text/tokens.h"

enum { MAX_FIELDS = 32 };

/* @fields: (element-type utf8): names; @keys: (element-type utf8 guint): the fields of a key, a bit each */
struct Vocabulary {
  GPtrArray *fields;
  GHashTable *keys;
};

char *
vocabulary_key(const char *word)
{
  char *stem = tokens_stem(word, "en");
  return stem != NULL ? stem : g_strdup(word);
}

static unsigned
find_field(Vocabulary *vocabulary, const char *name)
{
  for (guint i = 0; i < vocabulary->fields->len; i++)
    if (g_str_equal(vocabulary->fields->pdata[i], name))
      return i;
  g_ptr_array_add(vocabulary->fields, g_strdup(name));
  return vocabulary->fields->len - 1;
}

static bool
add_word(Vocabulary *vocabulary, unsigned field, const char *word)
{
  g_autoptr(GPtrArray) parts = tokens_words(word);
  if (parts->len == 0 || parts->len > 2)
    return false;
  GString *key = g_string_new(NULL);
  for (guint i = 0; i < parts->len; i++) {
    g_autofree char *part = vocabulary_key(parts->pdata[i]);
    g_string_append_printf(key, "%s%s", i > 0 ? " " : "", part);
  }
  guint fields = GPOINTER_TO_UINT(g_hash_table_lookup(vocabulary->keys, key->str)) | 1U << field;
  g_hash_table_replace(vocabulary->keys, g_string_free(key, FALSE), GUINT_TO_POINTER(fields));
  return true;
}

static bool
read_line(Vocabulary *vocabulary, char *line)
{
  char *tab = strchr(line, '\t');
  if (tab == NULL || tab == line)
    return false;
  *tab = '\0';
  unsigned field = find_field(vocabulary, line);
  if (field >= MAX_FIELDS)
    return false;
  bool is_good = true;
  g_auto(GStrv) words = g_strsplit(tab + 1, " ", -1);
  for (char **word = words; is_good && *word != NULL; word++)
    is_good = add_word(vocabulary, field, *word);
  return is_good;
}

Vocabulary *
vocabulary_new(const char *text, GError **error)
{
  g_autoptr(Vocabulary) vocabulary = g_new(Vocabulary, 1);
  *vocabulary = (Vocabulary){.fields = g_ptr_array_new_with_free_func(g_free),
                             .keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '#' && *lines[i] != '\0' && !read_line(vocabulary, lines[i])) {
      error_set(error, ERROR_BAD_DATA, "score-words-en.tsv:%d: expected a field, a tab and words, two of them joined at most",
                i + 1);
      return NULL;
    }
  return g_steal_pointer(&vocabulary);
}

void
vocabulary_free(Vocabulary *vocabulary)
{
  if (vocabulary == NULL)
    return;
  g_ptr_array_unref(vocabulary->fields);
  g_hash_table_unref(vocabulary->keys);
  g_free(vocabulary);
}

unsigned
vocabulary_count_fields(const Vocabulary *vocabulary)
{
  return vocabulary->fields->len;
}

const char *
vocabulary_field(const Vocabulary *vocabulary, unsigned index)
{
  return vocabulary->fields->pdata[index];
}

uint32_t
vocabulary_find(const Vocabulary *vocabulary, const char *key)
{
  return GPOINTER_TO_UINT(g_hash_table_lookup(vocabulary->keys, key));
}
