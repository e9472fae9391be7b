/* Any courant.yaml is a configuration or problems with their place; one that a source is added to has one source more. */
#include "model/config_edit.h"

#include "base/error.h"
#include "fuzz.h"
#include "model/config.h"
#include "sources/source.h"

#include <string.h>

static const OptionSection *const NO_PROVIDERS[] = {NULL};

static const OptionSection **
collect_sections(void)
{
  GPtrArray *sections = g_ptr_array_new();
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    g_ptr_array_add(sections, (void *) &(*source)->section);
  g_ptr_array_add(sections, NULL);
  return (const OptionSection **) g_ptr_array_free(sections, FALSE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autofree const OptionSection **sections = collect_sections();
  const ConfigInput input = {.text = (const char *) data,
                             .length = size,
                             .file = "fuzz.yaml",
                             .source_sections = sections,
                             .provider_sections = NO_PROVIDERS};
  g_autoptr(GError) error = NULL;
  g_autoptr(Config) config = config_parse(&input, &error);
  g_assert_true((config == NULL) == (error != NULL));
  g_assert_true(error == NULL || (error_is(error, ERROR_CONFIG) && strstr(error->message, "fuzz.yaml:") != NULL));

  g_autoptr(GPtrArray) entries = g_ptr_array_new();
  g_ptr_array_add(entries, (char *) "hackernews: {limit: 3}");
  g_autofree char *added = config_add_sources(input.text, size, "fuzz.yaml", entries, NULL);
  if (config == NULL || added == NULL)
    return 0;
  g_autoptr(Config) again = config_parse(&(ConfigInput){.text = added,
                                                        .length = strlen(added),
                                                        .file = "fuzz.yaml",
                                                        .source_sections = sections,
                                                        .provider_sections = NO_PROVIDERS},
                                         NULL);
  g_assert_nonnull(again);
  g_assert_cmpuint(again->sources->len, ==, config->sources->len + 1);
  return 0;
}
