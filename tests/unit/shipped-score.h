/*
 * What ships for scoring, for tests.
 */
#pragma once

#include "scoring/model.h"

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

/* Returns: (transfer none): read once, without a history */
static inline const Gauge *
shipped_gauge(void)
{
  static Gauge gauge;
  if (gauge.background == NULL) {
    g_autofree char *words = read_shipped("score-words-en.tsv");
    g_autofree char *domains = read_shipped("domains.tsv");
    g_autoptr(GError) error = NULL;
    gauge.background = background_new(read_shipped("frequencies-en.tsv"), read_shipped("topics-en.tsv"), &error);
    g_assert_no_error(error);
    gauge.vocabulary = vocabulary_new(words, &error);
    g_assert_no_error(error);
    gauge.domains = domains_new(domains, &error);
    g_assert_no_error(error);
  }
  return &gauge;
}

static inline ScoreModel *
open_shipped_model(void)
{
  g_autofree char *weights = read_shipped("score-weights.tsv");
  g_autoptr(GError) error = NULL;
  ScoreModel *model = score_model_new(weights, &error);
  g_assert_no_error(error);
  return model;
}

/* A post of Hacker News of which no reaction is known. */
static inline ScorePost
make_post(const char *title, const char *text)
{
  return (ScorePost){.source = "hackernews",
                     .title = title,
                     .text = text,
                     .length = -1,
                     .applause = -1,
                     .shares = -1,
                     .replies = -1,
                     .sources = 1};
}
