#include "stories/fingerprint.h"

#include <string.h>

#include "base/text.h"
#include "text/tokens.h"

/* 500 characters of text beside the title raised the AUC of the cosine from 0.77 to 0.87 on real posts; more adds little. */
enum { MAX_TEXT_CHARS = 500 };

static const char *const MONTHS[] = {"january", "february",  "march",   "april",    "may",      "june", "july",
                                     "august",  "september", "october", "november", "december", NULL};

/* They say what kind of post it is, not what it tells. */
static const char *const LABELS[] = {"Show HN:", "Ask HN:", "Tell HN:", "Launch HN:", NULL};

static char *
link_key(const char *canonical_url)
{
  const char *host = canonical_url != NULL ? strstr(canonical_url, "://") : NULL;
  if (host == NULL)
    return NULL;
  host += strlen("://");
  if (g_str_has_prefix(host, "www."))
    host += strlen("www.");

  g_autofree char *key = g_strdup(host);
  size_t length = strlen(key);
  if (length > 0 && key[length - 1] == '/')
    key[length - 1] = '\0';
  return strpbrk(key, "/?") != NULL ? g_steal_pointer(&key) : NULL;
}

static const char *
skip_label(const char *title)
{
  for (size_t i = 0; LABELS[i] != NULL; i++)
    if (g_ascii_strncasecmp(title, LABELS[i], strlen(LABELS[i])) == 0)
      return title + strlen(LABELS[i]);
  return title;
}

/* Returns: (transfer full): @text without the addresses in it */
static char *
drop_addresses(const char *text)
{
  GString *rest = g_string_new(NULL);
  const char *kept = text;
  for (const char *at = text; (at = strstr(at, "://")) != NULL;) {
    const char *scheme = at;
    while (scheme > kept && g_ascii_isalpha(scheme[-1]))
      scheme--;
    at += strcspn(at, " \t\n");
    g_string_append_len(rest, kept, scheme - kept);
    kept = at;
  }
  return g_string_free(g_string_append(rest, kept), FALSE);
}

/* Adds those of @text that are not there yet. */
static void
add_stems(GPtrArray *distinct, const char *text, const char *language)
{
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < distinct->len; i++)
    g_hash_table_add(seen, distinct->pdata[i]);
  g_autoptr(GPtrArray) stems = tokens_stems(text, language);
  for (guint i = 0; i < stems->len; i++)
    if (g_hash_table_add(seen, stems->pdata[i]))
      g_ptr_array_add(distinct, g_strdup(stems->pdata[i]));
}

static char *
join_words(const char *text)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  g_ptr_array_add(words, NULL);
  return g_strjoinv(" ", (char **) words->pdata);
}

static void
read_texts(Fingerprint *fingerprint, const Item *item)
{
  g_autofree char *title = drop_addresses(skip_label(item->title));
  g_autofree char *text = drop_addresses(item->text);
  g_autofree char *opening = text_truncate(text, MAX_TEXT_CHARS);
  fingerprint->stems = g_ptr_array_new_with_free_func(g_free);
  add_stems(fingerprint->stems, title, item->language);
  guint title_stems = fingerprint->stems->len;
  add_stems(fingerprint->stems, opening, item->language);

  fingerprint->head_stems = title_stems > 0 ? title_stems : fingerprint->stems->len;
  fingerprint->head = join_words(title_stems > 0 ? title : opening);
}

static bool
is_month(const char *word)
{
  size_t length = strlen(word);
  for (size_t i = 0; MONTHS[i] != NULL; i++)
    if (strcmp(word, MONTHS[i]) == 0 || (length == 3 && g_str_has_prefix(MONTHS[i], word)))
      return true;
  return false;
}

/* Returns: (transfer full) (nullable): "4" for "4", "v4" and "v4.0.0"; a month's first three letters; NULL for another word. */
static char *
read_number(const char *word)
{
  if (is_month(word))
    return g_strndup(word, 3);
  const char *digits = word[0] == 'v' ? word + 1 : word;
  if (!g_ascii_isdigit(digits[0]) || digits[strspn(digits, "0123456789.,")] != '\0')
    return NULL;

  g_autofree char *number = g_strdup(digits);
  while (g_str_has_suffix(number, ".0"))
    number[strlen(number) - strlen(".0")] = '\0';
  return g_steal_pointer(&number);
}

static GHashTable *
numbers_of(const Item *item)
{
  g_autofree char *first_line = g_strndup(item->text, strcspn(item->text, "\n"));
  g_autofree char *title = drop_addresses(item->title[0] != '\0' ? item->title : first_line);
  g_autoptr(GPtrArray) words = tokens_words(title);
  GHashTable *numbers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  const char *before = NULL;
  for (guint i = 0; i < words->len; i++) {
    const char *word = words->pdata[i];
    if (strcmp(word, "version") == 0)
      continue;
    g_autofree char *number = read_number(word);
    if (number != NULL && before != NULL && !g_hash_table_contains(numbers, before))
      g_hash_table_insert(numbers, g_strdup(before), g_steal_pointer(&number));
    before = word;
  }
  return numbers;
}

Fingerprint *
fingerprint_new(const Item *item)
{
  Fingerprint *fingerprint = g_new0(Fingerprint, 1);
  fingerprint->source = g_strdup(item->source);
  fingerprint->link = link_key(item->canonical_url);
  read_texts(fingerprint, item);
  fingerprint->numbers = numbers_of(item);
  return fingerprint;
}

void
fingerprint_free(Fingerprint *fingerprint)
{
  if (fingerprint == NULL)
    return;
  g_free(fingerprint->source);
  g_free(fingerprint->link);
  g_free(fingerprint->head);
  g_ptr_array_unref(fingerprint->stems);
  g_hash_table_unref(fingerprint->numbers);
  g_free(fingerprint);
}

bool
fingerprint_conflicts(const Fingerprint *a, const Fingerprint *b)
{
  GHashTableIter iter;
  gpointer word = NULL;
  gpointer number = NULL;
  g_hash_table_iter_init(&iter, a->numbers);
  while (g_hash_table_iter_next(&iter, &word, &number)) {
    const char *other = g_hash_table_lookup(b->numbers, word);
    if (other != NULL && strcmp(number, other) != 0)
      return true;
  }
  return false;
}
