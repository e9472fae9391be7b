#include "model/config.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "model/pattern.h"

#include <string.h>

static const Option GENERAL_OPTIONS[] = {
    {.name = "title",
     .type = OPTION_TEXT,
     .fallback = "The Courant",
     .offset = offsetof(GeneralOptions, title),
     .help = "the publication's name"},
    {.name = "language",
     .type = OPTION_TEXT,
     .fallback = "en",
     .offset = offsetof(GeneralOptions, language),
     .help = "the site's language"},
    {.name = "interests",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(GeneralOptions, interests),
     .help = "what its readers want to know, in one sentence"},
    {0},
};

static const char *
check_language(const char *text)
{
  size_t length = strlen(text);
  bool is_language = (length == 2 || length == 3) && text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
  return is_language ? NULL : "is no language such as \"en\"";
}

static const char *
check_pattern(const char *text)
{
  if (text[0] == '/' && !pattern_is_expression(text))
    return "begins with a slash but does not end with one, as a /regular expression/ does; it is read in any case";
  g_autoptr(GRegex) pattern = pattern_compile(text);
  return pattern != NULL ? NULL : "is no regular expression";
}

static const Option FILTER_OPTIONS[] = {
    {.name = "max_age_days",
     .type = OPTION_INT,
     .fallback = "7",
     .offset = offsetof(FilterOptions, max_age_days),
     .max = 36500,
     .help = "older posts are dropped; 0 keeps all"},
    {.name = "languages",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(FilterOptions, languages),
     .check = check_language,
     .help = "posts in other languages are dropped, such as [en, de]; none keeps all"},
    {.name = "include",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(FilterOptions, include),
     .check = check_pattern,
     .help = "only posts that hold one of these words, phrases or /regular expressions/ are kept; none keeps all"},
    {.name = "exclude",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(FilterOptions, exclude),
     .check = check_pattern,
     .help = "posts that hold one of these words, phrases or /regular expressions/, in any case, are dropped"},
    {0},
};

static const Option ENRICH_OPTIONS[] = {
    {.name = "threshold",
     .type = OPTION_NUMBER,
     .fallback = "0.5",
     .offset = offsetof(EnrichOptions, threshold),
     .max = 1,
     .environment = "QUALITY_THRESHOLD",
     .help = "stories that score less get no article"},
    {0},
};

static const Option GENERATE_OPTIONS[] = {
    {.name = "articles_per_run",
     .type = OPTION_INT,
     .fallback = "12",
     .offset = offsetof(GenerateOptions, articles_per_run),
     .min = 1,
     .max = 1000,
     .environment = "ARTICLES_PER_RUN",
     .help = "at most so many articles are written in one run"},
    {.name = "review",
     .type = OPTION_BOOL,
     .offset = offsetof(GenerateOptions, review),
     .fallback = "false",
     .help = "hold articles until `courant article approve`"},
    {0},
};

static const Option SITE_OPTIONS[] = {
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "http://localhost:1313",
     .offset = offsetof(SiteOptions, base_url),
     .environment = "HUGO_BASE_URL",
     .help = "where the site will be read"},
    {0},
};

static const char *const DEPLOY_TARGETS[] = {"folder", NULL};

static const Option DEPLOY_OPTIONS[] = {
    {.name = "to",
     .type = OPTION_CHOICE,
     .fallback = "folder",
     .offset = offsetof(DeployOptions, to),
     .choices = DEPLOY_TARGETS,
     .help = "how the site is published"},
    {.name = "path",
     .type = OPTION_TEXT,
     .fallback = "public",
     .offset = offsetof(DeployOptions, path),
     .help = "the folder that holds the site, replaced as a whole"},
    {0},
};

static const Option NETWORK_OPTIONS[] = {
    {.name = "in_flight_per_host",
     .type = OPTION_INT,
     .fallback = "8",
     .offset = offsetof(NetworkOptions, in_flight_per_host),
     .min = 1,
     .max = 64,
     .help = "requests to one host at the same time"},
    {.name = "allow_private",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(NetworkOptions, allow_private),
     .help = "private addresses that pages may be fetched from: host, *.suffix or CIDR, each with an optional :port"},
    {.name = "proxy_is_filter",
     .type = OPTION_BOOL,
     .fallback = "false",
     .offset = offsetof(NetworkOptions, proxy_is_filter),
     .help = "whether the proxy keeps private addresses out of reach; without it no pages are fetched through a proxy"},
    {.name = "ca_file",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(NetworkOptions, ca_file),
     .help = "certificate authorities to trust instead of the system's, a PEM file"},
    {.name = "contact",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(NetworkOptions, contact),
     .help = "an address that the sites we read can write to, sent in the User-Agent"},
    {.name = "deadline",
     .type = OPTION_SECONDS,
     .fallback = "0",
     .offset = offsetof(NetworkOptions, deadline_ms),
     .min = 0,
     .max = 86400,
     .help = "seconds after which a stage stops waiting for the network; 0: 120 to collect, 600 otherwise"},
    {0},
};

/* Every section with its place in Config; the one without a name is the top level itself. */
static const struct {
  OptionSection section;
  size_t offset;
} SECTIONS[] = {
    {{NULL, GENERAL_OPTIONS, sizeof(GeneralOptions)}, offsetof(Config, general)},
    {{"filters", FILTER_OPTIONS, sizeof(FilterOptions)}, offsetof(Config, filters)},
    {{"enrich", ENRICH_OPTIONS, sizeof(EnrichOptions)}, offsetof(Config, enrich)},
    {{"generate", GENERATE_OPTIONS, sizeof(GenerateOptions)}, offsetof(Config, generate)},
    {{"site", SITE_OPTIONS, sizeof(SiteOptions)}, offsetof(Config, site)},
    {{"deploy", DEPLOY_OPTIONS, sizeof(DeployOptions)}, offsetof(Config, deploy)},
    {{"network", NETWORK_OPTIONS, sizeof(NetworkOptions)}, offsetof(Config, network)},
};

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
section_values(const Config *config, size_t index)
{
  return (void **) ((char *) config + SECTIONS[index].offset);
}

static void
configured_source_free(ConfiguredSource *source)
{
  options_free(source->section, source->values);
  g_free(source);
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
  for (const Option *option = GENERAL_OPTIONS; option->name != NULL; option++)
    g_ptr_array_add(names, (char *) option->name);
  for (size_t i = 1; i < G_N_ELEMENTS(SECTIONS); i++)
    g_ptr_array_add(names, (char *) SECTIONS[i].section.name);
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
    for (const Option *option = GENERAL_OPTIONS; option->name != NULL; option++)
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
  for (size_t i = 0; i < G_N_ELEMENTS(SECTIONS); i++) {
    const OptionSection *section = &SECTIONS[i].section;
    const YamlNode *node = section->name != NULL ? yaml_node_find(root, section->name) : general;
    const OptionReading at = reading_at(reading, section->name != NULL ? section->name : "");
    *section_values(config, i) = options_read(section, node, &at);
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
  ConfiguredSource *source = g_new0(ConfiguredSource, 1);
  source->section = section;
  const OptionReading at = reading_at(reading, path);
  source->values = options_read(section, options, &at);
  g_ptr_array_add(config->sources, source);
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

static char *
config_digest(const Config *config)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  for (size_t i = 0; i < G_N_ELEMENTS(SECTIONS); i++) {
    digest_add(checksum, SECTIONS[i].section.name);
    options_digest(&SECTIONS[i].section, *section_values(config, i), checksum);
  }
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *source = config->sources->pdata[i];
    digest_add(checksum, source->section->name);
    options_digest(source->section, source->values, checksum);
  }
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
  check_top_level(&reading, root);
  read_sections(&reading, root, config);
  read_sources(&reading, root, config);
  if (problems->len > 0) {
    g_ptr_array_add(problems, NULL);
    g_autofree char *lines = g_strjoinv("\n", (char **) problems->pdata);
    error_set(error, ERROR_CONFIG, "%s", lines);
    return NULL;
  }
  config->sha256 = config_digest(config);
  return g_steal_pointer(&config);
}

void
config_free(Config *config)
{
  if (config == NULL)
    return;
  for (size_t i = 0; i < G_N_ELEMENTS(SECTIONS); i++)
    options_free(&SECTIONS[i].section, *section_values(config, i));
  g_ptr_array_unref(config->sources);
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
config_template(const OptionSection *const *source_sections)
{
  GString *text = g_string_new(
      "# The configuration of this workspace. A line such as \"# title: ...\" shows a default: uncomment it to change it.\n"
      "# Variables of the environment that are named here beat this file.\n\n");
  options_describe(&SECTIONS[0].section, "", text);
  g_string_append(text, "\n# Where posts come from: as many entries as you like.\nsources:\n");
  for (const OptionSection *const *section = source_sections; *section != NULL; section++)
    describe_source(*section, text);
  for (size_t i = 1; i < G_N_ELEMENTS(SECTIONS); i++) {
    g_string_append_printf(text, "\n%s:\n", SECTIONS[i].section.name);
    options_describe(&SECTIONS[i].section, "  ", text);
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
config_environment(const char *const *environment, const OptionSection *const *source_sections)
{
  GPtrArray *lines = g_ptr_array_new();
  for (size_t i = 0; i < G_N_ELEMENTS(SECTIONS); i++)
    keep_named(&SECTIONS[i].section, environment, lines);
  for (size_t i = 0; source_sections[i] != NULL; i++)
    keep_named(source_sections[i], environment, lines);
  g_ptr_array_add(lines, NULL);
  return (char **) g_ptr_array_free(lines, false);
}
