/*
 * What ships for telling stories apart, for tests.
 */
#pragma once

#include "stories/likeness.h"

static inline char *
read_shipped(const char *name)
{
  g_autofree char *path = g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", "data", name, NULL);
  char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &text, NULL, &error);
  g_assert_no_error(error);
  return text;
}

/* Returns: (transfer none): read once */
static inline const Background *
shipped_background(void)
{
  static Background *background;
  if (background == NULL)
    background = background_new(read_shipped("frequencies-en.tsv"), g_strdup(""), NULL);
  g_assert_nonnull(background);
  return background;
}

/* Returns: (transfer none): read once */
static inline const Lexicon *
shipped_lexicon(void)
{
  static Lexicon *lexicon;
  if (lexicon == NULL) {
    g_autofree char *families = read_shipped("families-en.txt");
    lexicon = lexicon_new(shipped_background(), families, NULL, NULL);
  }
  g_assert_nonnull(lexicon);
  return lexicon;
}

/* Returns: (transfer none): read once */
static inline const LikenessModel *
shipped_model(void)
{
  static LikenessModel model;
  if (model.cut == 0) {
    g_autofree char *weights = read_shipped("story-weights.tsv");
    g_autoptr(GError) error = NULL;
    likeness_model_read(weights, &model, &error);
    g_assert_no_error(error);
  }
  return &model;
}

static inline Fingerprint *
print_title(const char *title)
{
  const Post post = {.source = "hackernews", .title = title, .text = ""};
  return fingerprint_new(&post, shipped_lexicon());
}
