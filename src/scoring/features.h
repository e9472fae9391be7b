/*
 * What is measured of a post or story, each on a scale of about 0 to 1. Pure.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "model/story.h"
#include "scoring/reputation.h"
#include "scoring/vocabulary.h"
#include "text/background.h"

/** FeatureName: every one of features.def. */
typedef enum {
#define FEATURE(symbol, name, judged, more, less) FEATURE_##symbol,
#include "scoring/features.def"
#undef FEATURE
  FEATURE_COUNT,
} FeatureName;

/** FeatureInfo: a line of features.def. */
typedef struct {
  const char *name;
  double judged;
  const char *more;
  const char *less;
} FeatureInfo;

/** feature_info: Returns: (transfer none) */
const FeatureInfo *feature_info(int feature);

/** feature_find: Returns: the feature called @name, %FEATURE_COUNT when there is none */
FeatureName feature_find(const char *name);

/**
 * ScorePost: what is read of a post, or of the lead of a story. All borrowed, all texts clean.
 * @source: the key of the source
 * @title: perhaps ""; @text: perhaps "", without the title
 * @link: (nullable): the address it is about; "": it is about itself; NULL: not known
 * @language: (nullable): primary subtag
 * @length: characters of title and text as they were; -1: as they are here
 * @applause: likes or points; -1: not known, as for @shares, @replies and @evidence
 * @sources: how many tell it
 * @evidence: characters of linked pages that were read
 */
typedef struct {
  const char *source;
  const char *title;
  const char *text;
  const char *link;
  const char *language;
  int64_t length;
  int64_t applause;
  int64_t shares;
  int64_t replies;
  unsigned sources;
  int64_t evidence;
} ScorePost;

/** score_post_of: @evidence: (element-type Evidence). Returns: borrowed from @story: its lead, with the reactions to all of its
 * members; a title that was made of the first words of the text is none; empty texts for a story without members */
ScorePost score_post_of(const Story *story, const GPtrArray *evidence);

/** Gauge: what is measured with, all borrowed. @history: (nullable): what was given before */
typedef struct {
  const Background *background;
  const Vocabulary *vocabulary;
  const Domains *domains;
  const History *history;
} Gauge;

/**
 * Features:
 * @values: by #FeatureName; NAN: not known, which counts for neither side
 * @text_key: of title and text: equal for repeats
 * @domain: (nullable): of the link; @source: whose histories the answer belongs to
 */
typedef struct {
  double values[FEATURE_COUNT];
  uint32_t text_key;
  char *domain;
  char *source;
} Features;

/** features_measure: of texts the first 200 characters are read, as many as the labelled posts have. Returns: release with
 * features_clear() */
Features features_measure(const ScorePost *post, const Gauge *gauge);

/** features_clear: frees what it holds. */
void features_clear(Features *features);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Features, features_clear)
