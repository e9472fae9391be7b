#include "scoring/features.h"

#include <math.h>
#include <string.h>

#include "text/tokens.h"

/* The means of the posts that the weights of model.c were fitted on: what is unknown shall weigh nothing either way. */
static const double USUAL_APPLAUSE = 0.37;
static const double USUAL_TALK = 0.31;

static const char *const NAMES[FEATURE_COUNT] = {"applause", "evidence", "hashtags", "length",     "personal",
                                                 "sources",  "talk",     "titled",   "word_length"};

static const char *const OWN_WORDS[] = {"i", "i'm", "me", "my", "we", "us", "our", NULL};

/* 0 at @low, 1 at @high, logarithmic between them */
static double
logarithmic(double value, double low, double high)
{
  return log(CLAMP(value, low, high) / low) / log(high / low);
}

static void
measure_headline(Features *features, const Item *lead)
{
  g_autofree char *first_line = g_strndup(lead->text, strcspn(lead->text, "\n"));
  g_autoptr(GPtrArray) words = tokens_words(lead->title[0] ? lead->title : first_line);
  double chars = 0;
  for (guint i = 0; i < words->len; i++) {
    chars += (double) g_utf8_strlen(words->pdata[i], -1);
    if (g_strv_contains(OWN_WORDS, words->pdata[i]))
      features->values[FEATURE_PERSONAL] = 1;
  }
  features->values[FEATURE_TITLED] = lead->title[0] ? 1 : 0;
  features->values[FEATURE_WORD_LENGTH] = words->len > 0 ? MIN(chars / words->len, 8) / 8 : 0;
}

static void
measure_text(Features *features, const Item *lead)
{
  double chars = (double) (g_utf8_strlen(lead->title, -1) + g_utf8_strlen(lead->text, -1));
  features->values[FEATURE_LENGTH] = logarithmic(chars, 20, 2000);

  double hashtags = 0;
  for (const char *at = strchr(lead->text, '#'); at; at = strchr(at + 1, '#'))
    hashtags++;
  features->values[FEATURE_HASHTAGS] = MIN(hashtags, 5) / 5;
}

static void
measure_reactions(Features *features, const Story *story)
{
  double applause = 0;
  double replies = 0;
  bool is_known = false;
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    int64_t most = MAX(item->likes, item->score);
    if (most < 0 || item->replies < 0)
      continue;
    is_known = true;
    applause += (double) most;
    replies += (double) item->replies;
  }
  features->values[FEATURE_APPLAUSE] = is_known ? logarithmic(applause + 1, 1, 10000) : USUAL_APPLAUSE;
  features->values[FEATURE_TALK] = is_known ? (replies + 1) / (replies + applause + 2) : USUAL_TALK;
}

static void
measure_sources(Features *features, const Story *story)
{
  g_autoptr(GHashTable) sources = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < story->items->len; i++)
    g_hash_table_add(sources, ((const Item *) story->items->pdata[i])->source);
  features->values[FEATURE_SOURCES] = logarithmic(g_hash_table_size(sources), 1, 8);
}

static void
measure_evidence(Features *features, const GPtrArray *evidence)
{
  double chars = 0;
  for (guint i = 0; i < evidence->len; i++)
    chars += (double) g_utf8_strlen(((const Evidence *) evidence->pdata[i])->text, -1);
  features->values[FEATURE_EVIDENCE] = logarithmic(chars, 100, 10000);
}

const char *
feature_name(FeatureName feature)
{
  return NAMES[feature];
}

Features
features_measure(const Story *story, const GPtrArray *evidence)
{
  Features features = {0};
  const Item *lead = story_lead(story);
  if (lead != NULL) {
    measure_headline(&features, lead);
    measure_text(&features, lead);
  }
  measure_reactions(&features, story);
  measure_sources(&features, story);
  measure_evidence(&features, evidence);
  return features;
}
