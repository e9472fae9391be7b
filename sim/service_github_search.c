/*
 * What a search for repositories asks: words and qualifiers, all of which must hold.
 * https://docs.github.com/en/search-github/searching-on-github/searching-for-repositories
 */
#include "service.h"

#include "base/json.h"

/* Outcomes of a comparison that a relation allows. */
enum { LESS = 1, EQUAL = 2, MORE = 4 };

static const struct {
  const char *sign;
  int allowed;
} RELATIONS[] = {{">=", EQUAL | MORE}, {"<=", LESS | EQUAL}, {">", MORE}, {"<", LESS}, {"", EQUAL}};

/* Returns: whether @value, sought as @sought, holds */
typedef bool (*Test)(const json_t *value, const char *sought);

static const char *
skip_relation(const char *sought, int *ret_allowed)
{
  for (size_t i = 0; i < G_N_ELEMENTS(RELATIONS); i++)
    if (g_str_has_prefix(sought, RELATIONS[i].sign)) {
      *ret_allowed = RELATIONS[i].allowed;
      return sought + strlen(RELATIONS[i].sign);
    }
  g_assert_not_reached();
}

static int
outcome(int64_t difference)
{
  if (difference < 0)
    return LESS;
  return difference == 0 ? EQUAL : MORE;
}

static bool
test_number(const json_t *value, const char *sought)
{
  int allowed = 0;
  const char *bound = skip_relation(sought, &allowed);
  return json_is_integer(value) && outcome(json_integer_value(value) - g_ascii_strtoll(bound, NULL, 10)) & allowed;
}

/* A date is the whole day: of the time no more counts than is asked. */
static bool
test_time(const json_t *value, const char *sought)
{
  int allowed = 0;
  const char *bound = skip_relation(sought, &allowed);
  return json_is_string(value) && outcome(strncmp(json_string_value(value), bound, strlen(bound))) & allowed;
}

static bool
test_text(const json_t *value, const char *sought)
{
  return json_is_string(value) && g_ascii_strcasecmp(json_string_value(value), sought) == 0;
}

static bool
test_list(const json_t *value, const char *sought)
{
  size_t index;
  json_t *entry;
  json_array_foreach(value, index, entry) if (test_text(entry, sought)) return true;
  return false;
}

static const struct {
  const char *name;
  const char *member;
  Test test;
} QUALIFIERS[] = {
    {"stars:", "stargazers_count", test_number}, {"forks:", "forks_count", test_number}, {"created:", "created_at", test_time},
    {"pushed:", "pushed_at", test_time},         {"language:", "language", test_text},   {"topic:", "topics", test_list},
};

static bool
has_word(const json_t *repository, const char *word)
{
  const char *const members[] = {"full_name", "description"};
  g_autofree char *sought = g_utf8_casefold(word, -1);
  for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
    const char *text = json_read_text(repository, members[i]);
    g_autofree char *folded = g_utf8_casefold(text != NULL ? text : "", -1);
    if (strstr(folded, sought) != NULL)
      return true;
  }
  return false;
}

/* Returns: its place in the table, else the table's length */
static size_t
find_qualifier(const char *term)
{
  size_t i = 0;
  while (i < G_N_ELEMENTS(QUALIFIERS) && !g_str_has_prefix(term, QUALIFIERS[i].name))
    i++;
  return i;
}

/* Whether @value is as @sought says, which may be a range: "2026-01-01..2026-02-01". */
static bool
is_within(Test test, const json_t *value, const char *sought)
{
  g_auto(GStrv) ends = g_strsplit(sought, "..", 2);
  if (g_strv_length(ends) < 2)
    return test(value, sought);
  g_autofree char *from = g_strconcat(">=", ends[0], NULL);
  g_autofree char *to = g_strconcat("<=", ends[1], NULL);
  return test(value, from) && test(value, to);
}

static bool
is_found(const json_t *repository, char **terms)
{
  for (char **term = terms; *term != NULL; term++) {
    size_t at = find_qualifier(*term);
    bool holds = at == G_N_ELEMENTS(QUALIFIERS)
                     ? has_word(repository, *term)
                     : is_within(QUALIFIERS[at].test, json_object_get(repository, QUALIFIERS[at].member),
                                 *term + strlen(QUALIFIERS[at].name));
    if (!holds)
      return false;
  }
  return true;
}

json_t *
github_filter(const json_t *items, const char *query)
{
  g_auto(GStrv) terms = g_strsplit(query, " ", -1);
  for (char **term = terms; *term != NULL; term++)
    if (strchr(*term, ':') != NULL && find_qualifier(*term) == G_N_ELEMENTS(QUALIFIERS))
      return NULL;
  json_t *found = json_array();
  size_t index;
  json_t *repository;
  json_array_foreach(items, index, repository) if (is_found(repository, terms)) json_array_append(found, repository);
  return found;
}
