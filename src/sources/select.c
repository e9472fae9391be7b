#include "sources/select.h"

#include "base/error.h"
#include "model/pattern.h"
#include "text/language.h"

static const int64_t MS_A_DAY = INT64_C(24) * 60 * 60 * 1000;

/* @detector: (nullable): where no language is asked for */
struct Selection {
  const FilterOptions *filters;
  int64_t oldest_ms;
  GPtrArray *include;
  GPtrArray *exclude;
  LanguageDetector *detector;
};

static GPtrArray *
compile_all(char *const *texts, GError **error)
{
  g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func((GDestroyNotify) g_regex_unref);
  for (; *texts != NULL; texts++) {
    GRegex *pattern = pattern_compile(*texts);
    if (pattern == NULL) {
      error_set(error, ERROR_CONFIG, "filters: \"%s\" is no regular expression", *texts);
      return NULL;
    }
    g_ptr_array_add(patterns, pattern);
  }
  return g_steal_pointer(&patterns);
}

Selection *
selection_new(const FilterOptions *filters, int64_t now_ms, GError **error)
{
  g_autoptr(Selection) selection = g_new0(Selection, 1);
  selection->filters = filters;
  selection->oldest_ms = filters->max_age_days > 0 ? now_ms - filters->max_age_days * MS_A_DAY : INT64_MIN;
  selection->include = compile_all(filters->include, error);
  selection->exclude = selection->include != NULL ? compile_all(filters->exclude, error) : NULL;
  if (selection->exclude == NULL)
    return NULL;
  if (*filters->languages != NULL && (selection->detector = language_detector_new(error)) == NULL)
    return NULL;
  return g_steal_pointer(&selection);
}

void
selection_free(Selection *selection)
{
  if (selection == NULL)
    return;
  g_clear_pointer(&selection->include, g_ptr_array_unref);
  g_clear_pointer(&selection->exclude, g_ptr_array_unref);
  language_detector_free(selection->detector);
  g_free(selection);
}

/* Returns: (transfer none) (nullable): the first of @patterns that occurs in the post, as written in @texts */
static const char *
find_pattern(const GPtrArray *patterns, char *const *texts, const Item *item)
{
  for (guint i = 0; i < patterns->len; i++) {
    const GRegex *pattern = g_ptr_array_index(patterns, i);
    if (pattern_matches(pattern, item->title) || pattern_matches(pattern, item->text))
      return texts[i];
  }
  return NULL;
}

/* Norwegian has one name in most configurations and two in most posts. */
static bool
is_asked(const char *const *asked, const char *language)
{
  bool is_norwegian = g_str_equal(language, "nb") || g_str_equal(language, "nn");
  return g_strv_contains(asked, language) || (is_norwegian && g_strv_contains(asked, "no"));
}

/* Returns: (transfer full) (nullable): the language that is not asked for; NULL when one that is may be the post's */
static char *
find_other_language(const Selection *selection, const Item *item)
{
  const char *const *asked = (const char *const *) selection->filters->languages;
  if (*asked == NULL)
    return NULL;
  if (item->language != NULL)
    return is_asked(asked, item->language) ? NULL : g_strdup(item->language);
  g_autofree char *words = g_strconcat(item->title, "\n", item->text, NULL);
  g_auto(GStrv) detected = language_detect(selection->detector, words);
  for (char **language = detected; *language != NULL; language++)
    if (is_asked(asked, *language))
      return NULL;
  return g_strdup(detected[0]);
}

Drop *
selection_judge(Selection *selection, const Item *item)
{
  const FilterOptions *filters = selection->filters;
  if (item->published_ms != 0 && item->published_ms < selection->oldest_ms)
    return drop_new(item, DROP_TOO_OLD,
                    g_strdup_printf("older than %" G_GINT64_FORMAT " days (filters.max_age_days)", filters->max_age_days));
  const char *excluded = find_pattern(selection->exclude, filters->exclude, item);
  if (excluded != NULL)
    return drop_new(item, DROP_EXCLUDED, g_strdup_printf("holds \"%s\" (filters.exclude)", excluded));
  if (selection->include->len > 0 && find_pattern(selection->include, filters->include, item) == NULL)
    return drop_new(item, DROP_NOT_INCLUDED, g_strdup("holds nothing of filters.include"));
  g_autofree char *language = find_other_language(selection, item);
  if (language != NULL)
    return drop_new(item, DROP_LANGUAGE, g_strdup_printf("is written in \"%s\" (filters.languages)", language));
  return NULL;
}
