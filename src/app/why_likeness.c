#include "app/why_likeness.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* So many features are told at most, and none that moved so little. */
enum { MAX_CARRIERS = 3 };
#define SMALL_CONTRIBUTION 0.05

/* Why the post that is likest of those in another story did not bring the two together. */
static const char *
describe_veto(const char *veto)
{
  static const char *const VETOES[][2] = {{"version", "it tells of another version, part or number of the same thing"},
                                          {"template", "the titles differ in their numbers alone"},
                                          {"series", "both are entries of one series"},
                                          {"correction", "you said so"},
                                          {"learned", "what was learned speaks against it"}};
  for (size_t i = 0; i < G_N_ELEMENTS(VETOES); i++)
    if (g_str_equal(VETOES[i][0], veto))
      return VETOES[i][1];
  return veto;
}

/* Features in words; one that has none here is told by its name. */
static const char *
describe_feature(const char *name)
{
  static const char *const FEATURES[][2] = {{"letters", "titles spelt alike"},
                                            {"shared", "rare words in both"},
                                            {"within", "much of the shorter is said in both"},
                                            {"common", "many words in both titles"},
                                            {"pairs", "a phrase in both counts once"},
                                            {"other_numbers", "other numbers behind the same word"},
                                            {"other_places", "other places"},
                                            {"links", "one links the page of the other, or both a third one"}};
  for (size_t i = 0; i < G_N_ELEMENTS(FEATURES); i++)
    if (g_str_equal(FEATURES[i][0], name))
      return FEATURES[i][1];
  return name;
}

/* What a feature added to the likeness of two posts. */
typedef struct {
  const char *name;
  double contribution;
} Carrier;

static int
compare_carriers(const void *a, const void *b)
{
  const Carrier *first = a;
  const Carrier *second = b;
  if (first->contribution != second->contribution)
    return first->contribution > second->contribution ? -1 : 1;
  return strcmp(first->name, second->name);
}

/* The features that carried it, and the one that spoke most against it. */
static void
print_carriers(const json_t *likeness)
{
  g_autoptr(GArray) carriers = g_array_new(false, false, sizeof(Carrier));
  const char *name;
  json_t *feature;
  json_object_foreach((json_t *) likeness, name, feature)
  {
    const Carrier carrier = {name, json_number_value(json_object_get(feature, "contribution"))};
    g_array_append_val(carriers, carrier);
  }
  g_array_sort(carriers, compare_carriers);
  bool is_first = true;
  for (guint i = 0; i < carriers->len; i++) {
    const Carrier *carrier = &g_array_index(carriers, Carrier, i);
    bool is_against = i == carriers->len - 1 && carrier->contribution < -SMALL_CONTRIBUTION;
    if (!is_against && (i >= MAX_CARRIERS || carrier->contribution < SMALL_CONTRIBUTION))
      continue;
    const char *before = is_first ? "      " : is_against ? "; " : ", ";
    const char *side = is_against ? "against it: " : is_first ? "for it: " : "";
    printf("%s%s%s %+.1f", before, side, describe_feature(carrier->name), carrier->contribution);
    is_first = false;
  }
  if (!is_first)
    putchar('\n');
}

/* What other posts taught. */
static void
print_learned(const json_t *learned)
{
  const json_t *teachers = json_object_get(learned, "of");
  g_autofree char *first = text_printable(json_string_value(json_array_get(teachers, 0)));
  g_autofree char *second = text_printable(json_string_value(json_array_get(teachers, 1)));
  double percent = 100 * json_number_value(json_object_get(learned, "confidence"));
  printf("      learned of %s and %s: posts that share what these do tell one story with %.0f %%: %+.1f\n", first, second,
         percent, json_number_value(json_object_get(learned, "shift")));
}

void
why_print_likeness(const json_t *features)
{
  g_autoptr(GString) words = g_string_new(NULL);
  size_t index = 0;
  json_t *stem = NULL;
  json_array_foreach(json_object_get(features, "shared"), index, stem)
      g_string_append_printf(words, "%s%s", index > 0 ? ", " : "", json_string_value(stem));
  g_autofree char *printable = text_printable(words->str);
  if (words->len > 0)
    printf("      rarest in both: %s\n", printable);
  print_carriers(json_object_get(features, "likeness"));
  const char *veto = json_read_text(features, "veto");
  const char *apart = json_read_text(features, "apart");
  g_autofree char *other = text_printable(apart != NULL ? apart : "the likest post elsewhere");
  if (veto != NULL)
    printf("      kept apart from %s: %s\n", other, describe_veto(veto));
  if (json_object_get(features, "learned") != NULL)
    print_learned(json_object_get(features, "learned"));
}
