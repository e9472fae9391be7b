/*
 * What is measured of a story, each on a scale from 0 to 1. Pure.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

#include "model/story.h"

/**
 * FeatureName:
 * @FEATURE_APPLAUSE: likes and points, logarithmic; what posts have on average when no source tells
 * @FEATURE_EVIDENCE: how much text the fetched pages hold, logarithmic
 * @FEATURE_HASHTAGS: hashtags in the lead's text, 5 at most
 * @FEATURE_LENGTH: of the lead's title and text, logarithmic between 20 and 2,000 characters
 * @FEATURE_PERSONAL: the headline says I or we
 * @FEATURE_SOURCES: how many sources tell it, doubling by doubling up to 8
 * @FEATURE_TALK: the share of replies in all reactions; the average when no source tells
 * @FEATURE_TITLED: the lead has a title of its own
 * @FEATURE_WORD_LENGTH: the mean length of the headline's words, 8 characters at most
 */
typedef enum {
  FEATURE_APPLAUSE,
  FEATURE_EVIDENCE,
  FEATURE_HASHTAGS,
  FEATURE_LENGTH,
  FEATURE_PERSONAL,
  FEATURE_SOURCES,
  FEATURE_TALK,
  FEATURE_TITLED,
  FEATURE_WORD_LENGTH,
  FEATURE_COUNT,
} FeatureName;

/** Features: the values by #FeatureName. */
typedef struct {
  double values[FEATURE_COUNT];
} Features;

/** feature_name: Returns: (transfer none): "applause" for %FEATURE_APPLAUSE, and so on; in the order of the alphabet */
const char *feature_name(FeatureName feature);

/** features_measure: @evidence (element-type Evidence). A headline is the lead's title, else the first line of its text. */
Features features_measure(const Story *story, const GPtrArray *evidence);
