#include "stories/corrections.h"

#include <string.h>

static void
free_correction(void *data)
{
  correction_free(data);
}

/* @text: "a=b3 b!c2": a and b must since 3, b and c must not since 2 */
static GPtrArray *
read_corrections(const char *text)
{
  GPtrArray *all = g_ptr_array_new_with_free_func(free_correction);
  g_auto(GStrv) words = g_strsplit(text, " ", -1);
  for (char **word = words; *word != NULL && **word != '\0'; word++) {
    Correction *correction = g_new0(Correction, 1);
    *correction = (Correction){.item_a = g_strndup(*word, 1),
                               .item_b = g_strndup(*word + 2, 1),
                               .is_must = (*word)[1] == '=',
                               .made_ms = g_ascii_strtoll(*word + 3, NULL, 10)};
    g_ptr_array_add(all, correction);
  }
  return all;
}

/* @holds: y or n by position; @roots: of the items a to f, "-" for none; @forbidden: pairs of roots */
typedef struct {
  const char *text;
  const char *holds;
  const char *roots;
  const char *forbidden;
} Case;

static const Case CASES[] = {
    {"", "", "------", ""},
    {"a=b1", "y", "aa----", ""},
    {"b=a1", "y", "aa----", ""},
    {"a!b1", "y", "ab----", "ab"},
    {"a=b1 b=c2", "yy", "aaa---", ""},
    {"a=b1 b=c2 a!c3", "nyy", "abb---", "ab"},
    {"a!c3 b=c2 a=b1", "yyn", "abb---", "ab"},
    {"a=b3 b=c2 a!c1", "yyn", "aaa---", ""},
    {"a=b5 c=d4 a!c3 b=d2", "yyyn", "aacc--", "ac"},
    {"a!c1 a=b2 c=d3 b!d4", "yyyy", "aacc--", "ac"},
    {"a!e9 b!e8 c!e7 a=b6 c=b5 f=e4 f=a3", "yyyyyyn", "aaa-ee", "ae"},
    {"a!b1 a!c1 a!d1 e=a2 e=f2", "yyyyy", "abcdaa", "ab ac ad"},
    {"a=b1 a!b2", "ny", "ab----", "ab"},
    {"a!b1 a=b2", "ny", "aa----", ""},
    {"a=a1", "y", "a-----", ""},
    {"a!a1", "n", "a-----", ""},
    /* of one time: a=b before a!c before b=c */
    {"b=c1 a!c1 a=b1", "nyy", "aac---", "ac"},
    {"a=b-5 a!b-6", "yn", "aa----", ""},
};

static void
test_cases(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("%s", CASES[i].text);
    g_autoptr(GPtrArray) all = read_corrections(CASES[i].text);
    g_autoptr(Corrections) corrections = corrections_new(all);
    g_autoptr(GString) holds = g_string_new(NULL);
    for (guint j = 0; j < all->len; j++)
      g_string_append(holds, corrections_holds(corrections, j) ? "y" : "n");
    g_assert_cmpstr(holds->str, ==, CASES[i].holds);
    g_autoptr(GString) roots = g_string_new(NULL);
    for (const char *item = "a\0b\0c\0d\0e\0f\0"; *item != '\0'; item += 2) {
      const char *root = corrections_root(corrections, item);
      g_string_append(roots, root != NULL ? root : "-");
    }
    g_assert_cmpstr(roots->str, ==, CASES[i].roots);
    g_autoptr(GString) pairs = g_string_new(NULL);
    const GArray *forbidden = corrections_forbidden(corrections);
    for (guint j = 0; j < forbidden->len; j++) {
      const CorrectionPair *pair = &g_array_index(forbidden, CorrectionPair, j);
      g_string_append_printf(pairs, "%s%s%s", j > 0 ? " " : "", pair->root_a, pair->root_b);
    }
    g_assert_cmpstr(pairs->str, ==, CASES[i].forbidden);
  }
}

enum { ITEMS = 12, SAID = 60, WORLDS = 200 };

/* What holds, worked out anew for each correction by going over all pairs. */
static void
expect_holds(const GPtrArray *all, bool holds[SAID])
{
  int group[ITEMS];
  bool is_apart[ITEMS][ITEMS] = {0};
  for (int i = 0; i < ITEMS; i++)
    group[i] = i;
  for (guint i = 0; i < all->len; i++) {
    const Correction *correction = g_ptr_array_index(all, i);
    int a = correction->item_a[0] - 'a';
    int b = correction->item_b[0] - 'a';
    bool are_together = group[a] == group[b];
    bool are_apart = false;
    for (int j = 0; j < ITEMS; j++)
      for (int k = 0; k < ITEMS; k++)
        are_apart |= is_apart[j][k] &&
                     ((group[j] == group[a] && group[k] == group[b]) || (group[j] == group[b] && group[k] == group[a]));
    holds[i] = correction->is_must ? !are_apart : !are_together;
    if (!holds[i])
      continue;
    if (!correction->is_must)
      is_apart[a][b] = true;
    for (int j = 0, gone = group[b]; correction->is_must && j < ITEMS; j++)
      group[j] = group[j] == gone ? group[a] : group[j];
  }
}

static void
test_any_order_as_one_by_one(void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(6);
  for (int world = 0; world < WORLDS; world++) {
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_correction);
    for (int i = 0; i < SAID; i++) {
      Correction *correction = g_new0(Correction, 1);
      *correction = (Correction){.item_a = g_strdup_printf("%c", g_rand_int_range(random, 'a', 'a' + ITEMS)),
                                 .item_b = g_strdup_printf("%c", g_rand_int_range(random, 'a', 'a' + ITEMS)),
                                 .is_must = g_rand_int_range(random, 0, 4) == 0,
                                 .made_ms = SAID - i};
      g_ptr_array_add(all, correction);
    }
    bool expected[SAID];
    expect_holds(all, expected);

    g_autoptr(GPtrArray) shuffled = g_ptr_array_new();
    g_ptr_array_extend(shuffled, all, NULL, NULL);
    for (guint i = SAID - 1; i > 0; i--) {
      guint other = (guint) g_rand_int_range(random, 0, (gint32) i + 1);
      gpointer kept = shuffled->pdata[i];
      shuffled->pdata[i] = shuffled->pdata[other];
      shuffled->pdata[other] = kept;
    }
    g_autoptr(Corrections) corrections = corrections_new(shuffled);
    for (guint i = 0; i < SAID; i++)
      g_assert_cmpint(corrections_holds(corrections, i), ==,
                      expected[SAID - ((const Correction *) shuffled->pdata[i])->made_ms]);
  }
}

/* A chain of musts, and one item that must not be with any of many: neither takes long. */
static void
test_many(void)
{
  enum { MANY = 200000 };
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_correction);
  for (int i = 0; i < MANY; i++) {
    Correction *must = g_new0(Correction, 1);
    Correction *must_not = g_new0(Correction, 1);
    *must = (Correction){g_strdup_printf("a%d", i), g_strdup_printf("a%d", i + 1), true, i};
    *must_not = (Correction){g_strdup_printf("a%d", i), g_strdup("b"), false, MANY + i};
    g_ptr_array_add(all, must);
    g_ptr_array_add(all, must_not);
  }
  g_autoptr(Corrections) corrections = corrections_new(all);
  g_assert_cmpuint(corrections_forbidden(corrections)->len, ==, 1);
  g_assert_cmpstr(corrections_root(corrections, "a7"), ==, "a0");
  g_assert_cmpstr(corrections_root(corrections, "a199999"), ==, "a0");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/corrections/cases", test_cases);
  g_test_add_func("/corrections/any-order-as-one-by-one", test_any_order_as_one_by_one);
  g_test_add_func("/corrections/many", test_many);
  return g_test_run();
}
