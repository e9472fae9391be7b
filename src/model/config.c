#include "model/config.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "model/config_sections.h"

#include <string.h>

/* What is being read, and where problems go. */
typedef struct {
  const ConfigInput *input;
  GPtrArray *problems;
} Reading;

static OptionReading
reading_at(const Reading *reading, const char *path)
{
  return (OptionReading){reading->input->file, path, reading->input->environment, reading->problems};
}

static void **
section_values(const Config *config, const ConfigSection *section)
{
  return (void **) ((char *) config + section->offset);
}

static void
configured_source_free(ConfiguredSource *source)
{
  options_free(source->section, source->values);
  g_free(source);
}

static ConfiguredSource *
read_configured(const OptionSection *section, const YamlNode *options, const OptionReading *reading)
{
  ConfiguredSource *configured = g_new0(ConfiguredSource, 1);
  configured->section = section;
  configured->values = options_read(section, options, reading);
  return configured;
}

static void G_GNUC_PRINTF(3, 4) add_problem(const Reading *reading, unsigned line, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *problem = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_ptr_array_add(reading->problems, g_strdup_printf("%s:%u: %s", reading->input->file, line, problem));
}

static void
check_top_level(const Reading *reading, const YamlNode *root)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  g_ptr_array_add(names, (char *) "sources");
  g_ptr_array_add(names, (char *) "llm");
  for (const Option *option = config_sections->section.options; option->name != NULL; option++)
    g_ptr_array_add(names, (char *) option->name);
  for (const ConfigSection *section = config_sections + 1; section->section.options != NULL; section++)
    g_ptr_array_add(names, (char *) section->section.name);
  g_ptr_array_add(names, NULL);
  const OptionReading at = reading_at(reading, "");
  options_check_keys(root, (const char *const *) names->pdata, &at);
}

/* The part of the top level that is no section: its keys and values stay @root's. */
static YamlNode *
general_part(const YamlNode *root)
{
  YamlNode *part = g_new0(YamlNode, 1);
  *part = (YamlNode){.kind = YAML_MAPPING, .line = root->line, .keys = g_ptr_array_new(), .values = g_ptr_array_new()};
  for (guint i = 0; i < root->keys->len; i++) {
    const YamlNode *key = root->keys->pdata[i];
    for (const Option *option = config_sections->section.options; option->name != NULL; option++)
      if (strcmp(key->text, option->name) == 0) {
        g_ptr_array_add(part->keys, root->keys->pdata[i]);
        g_ptr_array_add(part->values, root->values->pdata[i]);
      }
  }
  return part;
}

static void
read_sections(const Reading *reading, const YamlNode *root, Config *config)
{
  g_autoptr(YamlNode) general = general_part(root);
  for (const ConfigSection *place = config_sections; place->section.options != NULL; place++) {
    const OptionSection *section = &place->section;
    const YamlNode *node = section->name != NULL ? yaml_node_find(root, section->name) : general;
    const OptionReading at = reading_at(reading, section->name != NULL ? section->name : "");
    *section_values(config, place) = options_read(section, node, &at);
  }
}

static const OptionSection *
find_source(const Reading *reading, const YamlNode *name, guint index)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (const OptionSection *const *section = reading->input->source_sections; *section != NULL; section++) {
    if (strcmp(name->text, (*section)->name) == 0)
      return *section;
    g_ptr_array_add(names, (char *) (*section)->name);
  }
  g_ptr_array_add(names, NULL);
  const char *nearest = text_nearest(name->text, (const char *const *) names->pdata);
  g_autofree char *known = g_strjoinv(", ", (char **) names->pdata);
  g_autofree char *hint =
      nearest != NULL ? g_strdup_printf("did you mean \"%s\"?", nearest) : g_strdup_printf("there are: %s", known);
  g_autofree char *printable = text_printable(name->text);
  add_problem(reading, name->line, "sources[%u]: unknown source \"%s\" (%s)", index, printable, hint);
  return NULL;
}

/* Reads one entry of `sources`: a name, or a mapping of a name to options. */
static void
read_source(const Reading *reading, const YamlNode *entry, guint index, Config *config)
{
  char nothing[] = "";
  const YamlNode absent = {.kind = YAML_SCALAR, .line = entry->line, .text = nothing};
  const YamlNode *name = entry;
  const YamlNode *options = &absent;
  if (entry->kind == YAML_MAPPING && entry->keys->len == 1) {
    name = entry->keys->pdata[0];
    options = entry->values->pdata[0];
  }
  if (name->kind != YAML_SCALAR || yaml_node_is_absent(name)) {
    add_problem(reading, entry->line, "sources[%u]: expected one source's name, with its options indented below it", index);
    return;
  }
  const OptionSection *section = find_source(reading, name, index);
  if (section == NULL)
    return;
  g_autofree char *path = g_strdup_printf("sources[%u]", index);
  const OptionReading at = reading_at(reading, path);
  g_ptr_array_add(config->sources, read_configured(section, options, &at));
}

static void
read_sources(const Reading *reading, const YamlNode *root, Config *config)
{
  const YamlNode *list = yaml_node_find(root, "sources");
  bool is_list = !yaml_node_is_absent(list) && list->kind == YAML_SEQUENCE;
  if (!is_list || list->values->len == 0) {
    add_problem(reading, list != NULL ? list->line : root->line,
                "sources: expected a list of at least one source, such as \"- %s\"", reading->input->source_sections[0]->name);
    return;
  }
  for (guint i = 0; i < list->values->len; i++)
    read_source(reading, list->values->pdata[i], i, config);
}

/* Returns: (transfer container) (array zero-terminated=1): the names of all providers but the built-in one */
static char **
provider_names(const Reading *reading)
{
  GPtrArray *names = g_ptr_array_new();
  for (const OptionSection *const *section = reading->input->provider_sections; *section != NULL; section++)
    g_ptr_array_add(names, (char *) (*section)->name);
  g_ptr_array_add(names, NULL);
  return (char **) g_ptr_array_free(names, false);
}

static void
read_providers(const Reading *reading, const YamlNode *root, Config *config)
{
  const YamlNode *all = yaml_node_find(root, "llm");
  g_autofree char **names = provider_names(reading);
  const OptionReading at = reading_at(reading, "llm");
  if (!yaml_node_is_absent(all) && all->kind != YAML_MAPPING)
    add_problem(reading, all->line, "llm: expected names of providers, each with its options indented below it");
  else if (!yaml_node_is_absent(all))
    options_check_keys(all, (const char *const *) names, &at);
  for (const OptionSection *const *section = reading->input->provider_sections; *section != NULL; section++) {
    g_autofree char *path = g_strconcat("llm.", (*section)->name, NULL);
    const OptionReading below = reading_at(reading, path);
    g_ptr_array_add(config->providers, read_configured(*section, yaml_node_find(all, (*section)->name), &below));
  }
}

/* What `providers` of a section name. @known: (array zero-terminated=1): those that can do its work, besides the built-in one
 */
static void
check_chain(const Reading *reading, const YamlNode *root, const char *section, char *const *chain, const char *const *known)
{
  const YamlNode *list = yaml_node_find(yaml_node_find(root, section), "providers");
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  bool is_answered = false;
  for (char *const *name = chain; *name != NULL; name++) {
    g_autofree char *printable = text_printable(*name);
    if (is_answered)
      add_problem(reading, list->line,
                  "%s.providers: \"%s\" is never asked, for " BUILT_IN_PROVIDER " always answers: name it last", section,
                  printable);
    if (!g_hash_table_add(seen, *name))
      add_problem(reading, list->line, "%s.providers: \"%s\" is named twice", section, printable);
    is_answered = g_str_equal(*name, BUILT_IN_PROVIDER);
    if (is_answered || g_strv_contains(known, *name))
      continue;
    g_autofree char *others = g_strjoinv(", ", (char **) known);
    add_problem(reading, list->line, "%s.providers: \"%s\" is no provider that can %s (there are: %s%s" BUILT_IN_PROVIDER ")",
                section, printable, section, others, *others != '\0' ? ", " : "");
  }
}

static void
check_chains(const Reading *reading, const YamlNode *root, const Config *config)
{
  static const char *const NONE[] = {NULL};
  g_autofree char **names = provider_names(reading);
  g_assert(config->enrich != NULL && config->generate != NULL);
  check_chain(reading, root, "enrich", config->enrich->providers, (const char *const *) names);
  check_chain(reading, root, "generate", config->generate->providers, NONE);
}

/* @entries: (element-type ConfiguredSource) */
static void
digest_entries(const GPtrArray *entries, GChecksum *checksum)
{
  for (guint i = 0; i < entries->len; i++) {
    const ConfiguredSource *entry = entries->pdata[i];
    digest_add(checksum, entry->section->name);
    options_digest(entry->section, entry->values, checksum);
  }
}

static char *
config_digest(const Config *config)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  for (const ConfigSection *place = config_sections; place->section.options != NULL; place++) {
    digest_add(checksum, place->section.name);
    options_digest(&place->section, *section_values(config, place), checksum);
  }
  digest_entries(config->sources, checksum);
  digest_entries(config->providers, checksum);
  return g_strdup(g_checksum_get_string(checksum));
}

Config *
config_parse(const ConfigInput *input, GError **error)
{
  g_autoptr(YamlNode) root = yaml_parse(input->text, input->length, input->file, error);
  if (root == NULL)
    return NULL;
  if (root->kind != YAML_MAPPING) {
    error_set(error, ERROR_CONFIG, "%s:%u: expected settings such as \"sources:\"", input->file, root->line);
    return NULL;
  }
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const Reading reading = {input, problems};
  g_autoptr(Config) config = g_new0(Config, 1);
  config->sources = g_ptr_array_new_with_free_func((GDestroyNotify) configured_source_free);
  config->providers = g_ptr_array_new_with_free_func((GDestroyNotify) configured_source_free);
  check_top_level(&reading, root);
  read_sections(&reading, root, config);
  read_sources(&reading, root, config);
  read_providers(&reading, root, config);
  check_chains(&reading, root, config);
  if (problems->len > 0) {
    g_ptr_array_add(problems, NULL);
    g_autofree char *lines = g_strjoinv("\n", (char **) problems->pdata);
    error_set(error, ERROR_CONFIG, "%s", lines);
    return NULL;
  }
  config->sha256 = config_digest(config);
  return g_steal_pointer(&config);
}

const ConfiguredProvider *
config_provider(const Config *config, const char *name)
{
  for (guint i = 0; i < config->providers->len; i++) {
    const ConfiguredProvider *provider = config->providers->pdata[i];
    if (g_str_equal(provider->section->name, name))
      return provider;
  }
  return NULL;
}

void
config_free(Config *config)
{
  if (config == NULL)
    return;
  for (const ConfigSection *place = config_sections; place->section.options != NULL; place++)
    options_free(&place->section, *section_values(config, place));
  g_ptr_array_unref(config->sources);
  g_ptr_array_unref(config->providers);
  g_free(config->sha256);
  g_free(config);
}

/* A source that needs an option the user alone knows is shown as a comment. */
static void
describe_source(const OptionSection *section, GString *text)
{
  bool is_ready = true;
  for (const Option *option = section->options; option->name != NULL; option++)
    is_ready = is_ready && option->fallback != NULL;
  g_autoptr(GString) entry = g_string_new(NULL);
  g_string_append_printf(entry, "  - %s:\n", section->name);
  options_describe(section, "      ", entry);
  if (!is_ready) {
    g_string_replace(entry, "\n  ", "\n  # ", 0);
    g_string_insert(entry, strlen("  "), "# ");
  }
  g_string_append(text, entry->str);
}

char *
config_template(const OptionSection *const *source_sections, const OptionSection *const *provider_sections)
{
  GString *text = g_string_new(
      "# The configuration of this workspace. A line such as \"# title: ...\" shows a default: uncomment it to change it.\n"
      "# Variables of the environment that are named here beat this file.\n\n");
  options_describe(&config_sections->section, "", text);
  g_string_append(text, "\n# Where posts come from: as many entries as you like.\nsources:\n");
  for (const OptionSection *const *section = source_sections; *section != NULL; section++)
    describe_source(*section, text);
  g_string_append(text,
                  "\n# Providers of language models. They are asked only by the stages that name them in `providers`.\nllm:\n");
  for (const OptionSection *const *section = provider_sections; *section != NULL; section++) {
    g_string_append_printf(text, "  %s:\n", (*section)->name);
    options_describe(*section, "    ", text);
  }
  for (const ConfigSection *place = config_sections + 1; place->section.options != NULL; place++) {
    g_string_append_printf(text, "\n%s:\n", place->section.name);
    options_describe(&place->section, "  ", text);
  }
  return g_string_free(text, false);
}

static void
keep_named(const OptionSection *section, const char *const *environment, GPtrArray *lines)
{
  for (const Option *option = section->options; option->name != NULL; option++) {
    const char *value = option->environment != NULL ? g_environ_getenv((char **) environment, option->environment) : NULL;
    if (value == NULL)
      continue;
    bool is_withheld = option->is_secret && *value != '\0';
    g_ptr_array_add(lines, g_strconcat(option->environment, "=", is_withheld ? "(withheld)" : value, NULL));
  }
}

char **
config_environment(const char *const *environment, const OptionSection *const *source_sections,
                   const OptionSection *const *provider_sections)
{
  GPtrArray *lines = g_ptr_array_new();
  for (const ConfigSection *place = config_sections; place->section.options != NULL; place++)
    keep_named(&place->section, environment, lines);
  for (size_t i = 0; source_sections[i] != NULL; i++)
    keep_named(source_sections[i], environment, lines);
  for (size_t i = 0; provider_sections[i] != NULL; i++)
    keep_named(provider_sections[i], environment, lines);
  g_ptr_array_add(lines, NULL);
  return (char **) g_ptr_array_free(lines, false);
}
