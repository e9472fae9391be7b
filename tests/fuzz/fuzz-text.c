/*
 * Clean text is UTF-8 without controls, and cleaning it again changes nothing; printable text is one line. What is found in
 * clean text stands there, and its measures are numbers.
 */
#include "base/text.h"
#include "text/entities.h"
#include "text/readability.h"
#include "text/sentences.h"
#include "text/tokens.h"

#include "fuzz.h"

#include <math.h>

static void
assert_clean(const char *text, const char *controls)
{
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_null(strpbrk(text, controls));
}

static void
assert_entities(const char *text, const char *line, const char *language)
{
  g_autoptr(GPtrArray) entities = entities_find(text, language);
  for (guint i = 0; i < entities->len; i++) {
    const Entity *entity = entities->pdata[i];
    g_assert_nonnull(strstr(line, entity->text));
    g_assert_true(g_utf8_validate(entity->text, -1, NULL) && g_utf8_validate(entity->key, -1, NULL));
    g_assert_true(entity->text[0] != '\0' && entity->key[0] != '\0');
  }
}

static void
assert_measured(const char *text, const char *language)
{
  Readability measured = readability_measure(text, language);
  g_assert_cmpuint(measured.syllables, >=, measured.words);
  g_assert_cmpuint(measured.words, >=, measured.sentences);
  g_assert_true((measured.words == 0) == (isnan(measured.lix) != 0));
}

static void
assert_words(const char *text, const char *language)
{
  g_autoptr(GPtrArray) stems = tokens_stems(text, language);
  for (guint i = 0; i < stems->len; i++)
    g_assert_true(g_utf8_validate(stems->pdata[i], -1, NULL));
}

/* Returns: (transfer full): @text without bullets and gaps: its sentences as one line */
static char *
join_sentences(const char *text)
{
  g_autoptr(GPtrArray) sentences = sentences_split(text);
  for (guint i = 0; i < sentences->len; i++)
    assert_clean(sentences->pdata[i], "\r\n\t");
  g_ptr_array_add(sentences, NULL);
  return g_strjoinv(" ", (char **) sentences->pdata);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree char *text = text_clean((const char *) data, size);
  assert_clean(text, "\x01\x07\b\x1b\x7f\r");
  g_autofree char *again = text_clean(text, strlen(text));
  g_assert_cmpstr(again, ==, text);

  g_autofree char *line = text_clean_line((const char *) data, size);
  assert_clean(line, "\x01\x1b\r\n\t");

  g_autofree char *raw = g_strndup((const char *) data, size);
  g_autofree char *printable = text_printable(raw);
  assert_clean(printable, "\x01\x1b\x7f\r\n");

  g_autofree char *slug = text_slug(line, 60);
  g_assert_cmpuint(strlen(slug), <=, 60);
  g_assert_cmpuint(strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-"), ==, strlen(slug));

  static const char *const LANGUAGES[] = {NULL, "en", "de", "fr", "es", "ja"};
  g_autofree char *sentences = join_sentences(text);
  for (size_t i = 0; i < G_N_ELEMENTS(LANGUAGES); i++) {
    assert_entities(text, sentences, LANGUAGES[i]);
    assert_measured(text, LANGUAGES[i]);
    assert_words(text, LANGUAGES[i]);
  }
  return 0;
}
