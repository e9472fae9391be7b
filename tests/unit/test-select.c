#include "sources/select.h"

#include "base/error.h"

static const int64_t NOW_MS = INT64_C(1772438400000);
static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

#define ENGLISH                                                                                                                \
  "The committee has decided that every new member should be asked what they want to learn before the first meeting begins."
#define GERMAN                                                                                                                 \
  "Der Ausschuss hat beschlossen, dass jedes neue Mitglied gefragt werden soll, was es lernen möchte, bevor die erste "       \
  "Sitzung "                                                                                                                   \
  "beginnt."

/* @list: of `languages`, `include` and `exclude` by turns: words parted by "|" */
typedef struct {
  const char *name;
  const char *languages;
  const char *include;
  const char *exclude;
  int64_t age_days;
  const char *language;
  const char *title;
  const char *text;
  const char *expected;
} Case;

static const Case CASES[] = {
    {"no-filters", "", "", "", 6, "ja", "Anything", GERMAN, NULL},
    {"young-enough", "", "", "", 7, NULL, "Anything", "", NULL},
    {"too-old", "", "", "", 8, NULL, "Anything", "", "too_old older than 7 days (filters.max_age_days)"},
    {"excluded-in-any-case", "", "", "giveaway", 0, NULL, "Big GiveAway today", "",
     "excluded holds \"giveaway\" (filters.exclude)"},
    {"excluded-in-text", "", "", "x|free stuff", 0, NULL, "News", "All the free stuff.",
     "excluded holds \"free stuff\" (filters.exclude)"},
    {"word-not-part-of-a-word", "", "", "art|C", 0, NULL, "Party of carts; C_1", "", NULL},
    {"word-with-signs", "", "", "C++", 0, NULL, "Why C++ is so", "", "excluded holds \"C++\" (filters.exclude)"},
    {"word-of-other-letters", "", "", "öl", 0, NULL, "Kein ÖL mehr", "", "excluded holds \"öl\" (filters.exclude)"},
    {"letters-beside-it", "", "", "öl", 0, NULL, "Mähöl", "", NULL},
    {"expression", "", "", "/\\bwin \\d+ (euro|dollar)s?\\b/", 0, NULL, "You WIN 500 Euros", "",
     "excluded holds \"/\\bwin \\d+ (euro|dollar)s?\\b/\" (filters.exclude)"},
    {"expression-that-never-ends", "", "", "/^(a+)+$/", 0, NULL,
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "", NULL},
    {"included", "", "kernel|rust", "", 0, NULL, "A Rust story", "", NULL},
    {"not-included", "", "kernel|rust", "", 0, NULL, "Trust no kernels", "", "not_included holds nothing of filters.include"},
    {"excluded-before-included", "", "rust", "giveaway", 0, NULL, "Rust giveaway", "",
     "excluded holds \"giveaway\" (filters.exclude)"},
    {"language-as-told", "en|fr", "", "", 0, "de", "Anything", ENGLISH, "language is written in \"de\" (filters.languages)"},
    {"language-wanted", "en|fr", "", "", 0, "fr", "Anything", GERMAN, NULL},
    {"language-detected", "en", "", "", 0, NULL, "Beschluss", GERMAN, "language is written in \"de\" (filters.languages)"},
    {"language-detected-and-wanted", "en", "", "", 0, NULL, "Decision", ENGLISH, NULL},
    {"english-that-passes-for-scots", "en", "", "", 0, NULL,
     "An index nobody used for 90 days was dropped, and card payments stopped for 41 minutes", "", NULL},
    {"language-of-little-text", "en", "", "", 0, NULL, "Beschluss im Ausschuss", "", NULL},
};

static char **
split(const char *list)
{
  return g_strsplit(list, "|", *list != '\0' ? -1 : 0);
}

static void
test_case(const void *data)
{
  const Case *given = data;
  g_auto(GStrv) languages = split(given->languages);
  g_auto(GStrv) include = split(given->include);
  char *whole[] = {(char *) given->exclude, NULL};
  bool is_expression = *given->exclude == '/';
  g_auto(GStrv) exclude = split(given->exclude);
  const FilterOptions filters = {
      .max_age_days = 7, .languages = languages, .include = include, .exclude = is_expression ? whole : exclude};
  g_autoptr(GError) error = NULL;
  g_autoptr(Selection) selection = selection_new(&filters, NOW_MS, &error);
  g_assert_no_error(error);
  g_autoptr(Item) item = item_new();
  g_free(item->title);
  item->title = g_strdup(given->title);
  g_free(item->text);
  item->text = g_strdup(given->text);
  item->language = g_strdup(given->language);
  item->published_ms = given->age_days == 0 ? 0 : NOW_MS - given->age_days * DAY_MS;
  g_autoptr(Drop) drop = selection_judge(selection, item);
  g_autofree char *told = drop != NULL ? g_strdup_printf("%s %s", drop_reason_name(drop->reason), drop->detail) : NULL;
  g_assert_cmpstr(told, ==, given->expected);
}

static void
test_wrong_expression(void)
{
  char *exclude[] = {(char *) "/(/", NULL};
  char *none[] = {NULL};
  const FilterOptions filters = {.languages = none, .include = none, .exclude = exclude};
  g_autoptr(GError) error = NULL;
  g_assert_null(selection_new(&filters, NOW_MS, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strconcat("/select/", CASES[i].name, NULL);
    g_test_add_data_func(path, &CASES[i], test_case);
  }
  g_test_add_func("/select/wrong-expression", test_wrong_expression);
  return g_test_run();
}
