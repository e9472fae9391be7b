#include "stories/lexicon.h"

#include "base/error.h"
#include "base/json.h"
#include "text/tokens.h"

#include <math.h>
#include <string.h>

/* How many posts the background counts for beside those of the workspace. */
static const double BACKGROUND_POSTS = 2000;

/* In what part of all posts the rarest stems stand, and stems of a language without a background before any was read. */
static const double RAREST = 1e-5;
static const double UNKNOWN = 2e-3;

enum { MAX_COUNTS = 20000, MAX_POSTS = 20000, BEGINNING_CHARS = 4 };

/* @counts: by the hash of a stem: how many posts have it. Stems themselves would keep words of posts that are taken back */
struct Lexicon {
  const Background *background;
  GHashTable *counts;
  double posts;
  GHashTable *families;
};

/* What the number of a family tells: that it is of stems that only begin alike, else that it names a place. */
static const uint32_t OF_BEGINNING = 1U << 31;
static const uint32_t OF_PLACE = 1U << 30;

/* FNV-1a of the bytes before @end */
static uint32_t
hash_stem(const char *stem, const char *end)
{
  uint32_t hash = 2166136261;
  for (const char *at = stem; at < end; at++)
    hash = (hash ^ (unsigned char) *at) * 16777619;
  return hash;
}

static gpointer
count_key(const char *stem)
{
  return GUINT_TO_POINTER(hash_stem(stem, stem + strlen(stem)));
}

/* A stem that two families claim is the first one's. */
static void
read_families(Lexicon *lexicon, const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_auto(GStrv) words = g_strsplit(*lines[i] != '#' ? lines[i] : "", " ", -1);
    guint family = (i + 1) | (*lines[i] == '@' ? OF_PLACE : 0);
    for (guint j = 0; words[j] != NULL; j++) {
      char *stem = tokens_stem(words[j], NULL);
      if (stem != NULL && *stem != '\0' && !g_hash_table_contains(lexicon->families, stem))
        g_hash_table_insert(lexicon->families, stem, GUINT_TO_POINTER(family));
      else
        g_free(stem);
    }
  }
}

static bool
read_counts(Lexicon *lexicon, const char *text, GError **error)
{
  g_autoptr(json_t) document = json_parse(text, strlen(text), NULL, error);
  if (document == NULL)
    return false;
  lexicon->posts = (double) json_read_int(document, "posts", 0);
  const char *key = NULL;
  json_t *count = NULL;
  json_object_foreach(json_object_get(document, "stems"), key, count)
      g_hash_table_insert(lexicon->counts, GUINT_TO_POINTER((guint) g_ascii_strtoull(key, NULL, 16)),
                          GUINT_TO_POINTER((guint) json_integer_value(count)));
  return true;
}

Lexicon *
lexicon_new(const Background *background, const char *families, const char *counts, GError **error)
{
  g_autoptr(Lexicon) lexicon = g_new0(Lexicon, 1);
  lexicon->background = background;
  lexicon->counts = g_hash_table_new(NULL, NULL);
  lexicon->families = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  if (families != NULL)
    read_families(lexicon, families);
  return counts == NULL || read_counts(lexicon, counts, error) ? g_steal_pointer(&lexicon) : NULL;
}

void
lexicon_free(Lexicon *lexicon)
{
  if (lexicon == NULL)
    return;
  g_hash_table_unref(lexicon->counts);
  g_hash_table_unref(lexicon->families);
  g_free(lexicon);
}

double
lexicon_weigh(const Lexicon *lexicon, const char *stem, const char *language)
{
  bool is_english = language == NULL || g_str_equal(language, "en");
  double share = is_english ? exp(-background_idf(lexicon->background, stem, NULL)) : UNKNOWN;
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(lexicon->counts, count_key(stem)));
  /* the first one is perhaps the very news that the next are about */
  double count = known > 0 ? known - 1 : 0;
  double mixed = (BACKGROUND_POSTS * share + count) / (BACKGROUND_POSTS + lexicon->posts);
  return CLAMP(log(mixed) / log(RAREST), 0, 1);
}

uint32_t
lexicon_family(const Lexicon *lexicon, const char *stem)
{
  uint32_t family = GPOINTER_TO_UINT(g_hash_table_lookup(lexicon->families, stem));
  if (family != 0)
    return family;
  const char *end = stem;
  for (int i = 0; i < BEGINNING_CHARS && *end != '\0'; i++)
    end = g_utf8_next_char(end);
  return hash_stem(stem, end) | OF_BEGINNING;
}

bool
lexicon_is_place(uint32_t family)
{
  return (family & (OF_BEGINNING | OF_PLACE)) == OF_PLACE;
}

/* What was read long ago weighs half. */
static void
age(Lexicon *lexicon)
{
  GHashTableIter all;
  g_hash_table_iter_init(&all, lexicon->counts);
  for (gpointer count; g_hash_table_iter_next(&all, NULL, &count);)
    if (GPOINTER_TO_UINT(count) > 1)
      g_hash_table_iter_replace(&all, GUINT_TO_POINTER(GPOINTER_TO_UINT(count) / 2));
    else
      g_hash_table_iter_remove(&all);
  lexicon->posts /= 2;
}

void
lexicon_learn(Lexicon *lexicon, const GPtrArray *stems)
{
  lexicon->posts++;
  for (guint i = 0; i < stems->len; i++) {
    gpointer key = count_key(stems->pdata[i]);
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(lexicon->counts, key));
    g_hash_table_insert(lexicon->counts, key, GUINT_TO_POINTER(count + 1));
  }
  if (lexicon->posts >= MAX_POSTS)
    age(lexicon);
}

typedef struct {
  guint key;
  guint count;
} Count;

/* The commonest first. */
static int
compare_counts(const void *a, const void *b)
{
  const Count *first = a;
  const Count *second = b;
  if (first->count != second->count)
    return first->count > second->count ? -1 : 1;
  return (first->key > second->key) - (first->key < second->key);
}

char *
lexicon_counts(const Lexicon *lexicon)
{
  g_autoptr(GArray) counts = g_array_new(FALSE, FALSE, sizeof(Count));
  GHashTableIter all;
  g_hash_table_iter_init(&all, lexicon->counts);
  for (gpointer key, count; g_hash_table_iter_next(&all, &key, &count);) {
    const Count entry = {GPOINTER_TO_UINT(key), GPOINTER_TO_UINT(count)};
    g_array_append_val(counts, entry);
  }
  g_array_sort(counts, compare_counts);
  json_t *kept = json_object();
  for (guint i = 0; i < MIN(counts->len, MAX_COUNTS); i++) {
    const Count *entry = &g_array_index(counts, Count, i);
    char key[sizeof "00000000"];
    g_snprintf(key, sizeof key, "%08x", entry->key);
    json_object_set_new(kept, key, json_integer(entry->count));
  }
  g_autoptr(json_t) document = json_pack("{sI so}", "posts", (json_int_t) lexicon->posts, "stems", kept);
  return json_write(document);
}
