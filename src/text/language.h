/*
 * Languages. Thread: language_primary() is pure; a detector is used by one thread at a time.
 */
#pragma once

#include <glib.h>

/** language_primary: the primary subtag of the tag @tag (nullable), "en" of "en-US". Returns: (transfer full) (nullable): lower
 * case, NULL when it is no tag of BCP 47 */
char *language_primary(const char *tag);

/** LANGUAGE_MIN_CHARS: in less text a language is not told: headlines in English pass for Danish. */
enum { LANGUAGE_MIN_CHARS = 80 };

typedef struct LanguageDetector LanguageDetector;

/** language_detector_new: reads the fingerprints of some 140 languages. Returns: (transfer full) (nullable). Errors: IO */
LanguageDetector *language_detector_new(GError **error);

/** language_detector_free: NULL-safe. */
void language_detector_free(LanguageDetector *detector);

/** language_detect: Returns: (transfer full) (array zero-terminated=1): the primary subtags of all languages that @text may
 * well be in, the likeliest first; none when it is too short or like none */
char **language_detect(LanguageDetector *detector, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(LanguageDetector, language_detector_free)
