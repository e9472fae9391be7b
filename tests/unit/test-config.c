#include "base/error.h"
#include "model/config.h"

#include <string.h>

typedef struct {
  char *list;
  int64_t limit;
} NewsOptions;

typedef struct {
  char *url;
  char *token;
} PaperOptions;

static const char *const LISTS[] = {"top", "new", NULL};

static const Option NEWS_OPTIONS[] = {
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "30",
     .offset = offsetof(NewsOptions, limit),
     .min = 1,
     .max = 500,
     .help = "how many posts"},
    {.name = "list",
     .type = OPTION_CHOICE,
     .fallback = "top",
     .offset = offsetof(NewsOptions, list),
     .choices = LISTS,
     .help = "which list"},
    {0},
};

static const Option PAPER_OPTIONS[] = {
    {.name = "url", .type = OPTION_URL, .offset = offsetof(PaperOptions, url), .help = "address of the paper"},
    {.name = "token",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(PaperOptions, token),
     .environment = "PAPER_TOKEN",
     .is_secret = true,
     .help = "a secret"},
    {0},
};

static const OptionSection NEWS = {"news", NEWS_OPTIONS, sizeof(NewsOptions)};
static const OptionSection PAPER = {"paper", PAPER_OPTIONS, sizeof(PaperOptions)};
static const OptionSection *const SOURCES[] = {&NEWS, &PAPER, NULL};

typedef struct {
  char *model;
  char *key;
} OracleOptions;

static const Option ORACLE_OPTIONS[] = {
    {.name = "model", .type = OPTION_TEXT, .fallback = "delphi-1", .offset = offsetof(OracleOptions, model), .help = "which"},
    {.name = "key",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(OracleOptions, key),
     .environment = "ORACLE_KEY",
     .is_secret = true,
     .help = "another secret"},
    {0},
};

static const OptionSection ORACLE = {"oracle", ORACLE_OPTIONS, sizeof(OracleOptions)};
static const OptionSection *const PROVIDERS[] = {&ORACLE, NULL};

static Config *
parse(const char *text, const char *variable, GError **error)
{
  const char *const environment[] = {"PATH=/bin", variable, NULL};
  const ConfigInput input = {.text = text,
                             .length = strlen(text),
                             .file = "courant.yaml",
                             .environment = environment,
                             .source_sections = SOURCES,
                             .provider_sections = PROVIDERS};
  return config_parse(&input, error);
}

static Config *
parse_well(const char *text, const char *variable)
{
  g_autoptr(GError) error = NULL;
  Config *config = parse(text, variable, &error);
  g_assert_no_error(error);
  return config;
}

static void
assert_defaults(const Config *config)
{
  g_assert_cmpstr(config->general->title, ==, "The Courant");
  g_assert_cmpstr(config->general->language, ==, "en");
  g_assert_cmpstr(config->general->interests, ==, "");
  g_assert_cmpint(config->filters->max_age_days, ==, 7);
  g_assert_cmpfloat(config->enrich->threshold, ==, 0.5);
  g_assert_cmpstr(config->enrich->providers[0], ==, "extractive");
  g_assert_cmpstr(config->generate->providers[0], ==, "extractive");
  g_assert_cmpint(config->generate->articles_per_run, ==, 12);
  g_assert_cmpint(config->budget->per_article_micros, ==, 50 * 1000);
  g_assert_cmpint(config->budget->per_run_micros, ==, 500 * 1000);
  g_assert_cmpint(config->budget->per_day_micros, ==, 1000 * 1000);
  g_assert_cmpint(config->budget->per_month_micros, ==, 20 * 1000 * 1000);
  g_assert_cmpstr(((const OracleOptions *) config_provider(config, "oracle")->values)->model, ==, "delphi-1");
  g_assert_null(config_provider(config, "extractive"));
  g_assert_cmpstr(config->site->base_url, ==, "http://localhost:1313");
  g_assert_cmpstr(config->deploy->to, ==, "folder");
  g_assert_cmpstr(config->deploy->path, ==, "public");
  g_assert_cmpint(config->network->in_flight_per_host, ==, 8);
  g_assert_cmpuint(g_strv_length(config->network->allow_private), ==, 0);
  g_assert_false(config->network->proxy_is_filter);
  g_assert_cmpstr(config->network->ca_file, ==, "");
  g_assert_cmpstr(config->network->contact, ==, "");
  g_assert_cmpint(config->network->deadline_ms, ==, 0);
}

static void
test_defaults(void)
{
  g_autoptr(Config) config = parse_well("sources: [news]\n", NULL);
  assert_defaults(config);
  g_assert_cmpuint(config->sources->len, ==, 1);
  const ConfiguredSource *source = config->sources->pdata[0];
  g_assert_true(source->section == &NEWS);
  g_assert_cmpint(((const NewsOptions *) source->values)->limit, ==, 30);
  g_assert_cmpuint(strlen(config->sha256), ==, 64);
}

static void
test_everything(void)
{
  g_autoptr(Config) config = parse_well("title: 'News: today'\n"
                                        "interests: what someone would want to know\n"
                                        "sources:\n"
                                        "  - news:\n"
                                        "      limit: 5\n"
                                        "  - paper: {url: https://example.org/rss}\n"
                                        "  - news:\n"
                                        "  - news\n"
                                        "filters: {max_age_days: 0}\n"
                                        "site:\n"
                                        "  base_url: https://example.org/news\n"
                                        "deploy:\n"
                                        "network: {allow_private: [localhost, '*.localhost:8080'], deadline: 2.5}\n",
                                        NULL);
  g_assert_cmpstr(config->general->title, ==, "News: today");
  g_assert_cmpstr(config->general->interests, ==, "what someone would want to know");
  g_assert_cmpint(config->filters->max_age_days, ==, 0);
  g_assert_cmpstr(config->site->base_url, ==, "https://example.org/news");
  g_assert_cmpstr(config->deploy->path, ==, "public");
  g_assert_cmpstr(config->network->allow_private[1], ==, "*.localhost:8080");
  g_assert_cmpint(config->network->deadline_ms, ==, 2500);
  static const OptionSection *const EXPECTED[] = {&NEWS, &PAPER, &NEWS, &NEWS};
  g_assert_cmpuint(config->sources->len, ==, G_N_ELEMENTS(EXPECTED));
  for (guint i = 0; i < config->sources->len; i++)
    g_assert_true(((const ConfiguredSource *) config->sources->pdata[i])->section == EXPECTED[i]);
  const ConfiguredSource *paper = config->sources->pdata[1];
  g_assert_cmpstr(((const PaperOptions *) paper->values)->url, ==, "https://example.org/rss");
}

static void
test_environment(void)
{
  static const char TEXT[] = "sources: [news]\nenrich: {threshold: 0.9}\ngenerate: {articles_per_run: 3}\n";
  g_autoptr(Config) threshold = parse_well(TEXT, "QUALITY_THRESHOLD=0.25");
  g_assert_cmpfloat(threshold->enrich->threshold, ==, 0.25);
  g_autoptr(Config) articles = parse_well(TEXT, "ARTICLES_PER_RUN=7");
  g_assert_cmpint(articles->generate->articles_per_run, ==, 7);
  g_autoptr(Config) base_url = parse_well(TEXT, "HUGO_BASE_URL=https://a.example/");
  g_assert_cmpstr(base_url->site->base_url, ==, "https://a.example/");
}

typedef struct {
  const char *name;
  const char *text;
  const char *expected;
  const char *variable;
} Case;

#define ONE_SOURCE "expected a list of at least one source, such as \"- news\""

static const Case ERRORS[] = {
    {"empty", "", "courant.yaml:1: sources: " ONE_SOURCE},
    {"no-sources", "\ntitle: a\n", "courant.yaml:2: sources: " ONE_SOURCE},
    {"sources-not-given", "title: a\nsources:\n", "courant.yaml:2: sources: " ONE_SOURCE},
    {"sources-empty", "sources: []\n", "courant.yaml:1: sources: " ONE_SOURCE},
    {"sources-mapping", "sources:\n  news:\n    limit: 3\n", "courant.yaml:2: sources: " ONE_SOURCE},
    {"sources-scalar", "sources: news\n", "courant.yaml:1: sources: " ONE_SOURCE},
    {"root-list", "- news\n", "courant.yaml:1: expected settings such as \"sources:\""},
    {"root-scalar", "# x\nnews\n", "courant.yaml:2: expected settings such as \"sources:\""},
    {"syntax", "sources: [news\ntitle: a\n",
     "courant.yaml:2: did not find expected ',' or ']', while parsing a flow sequence that begins in line 1"},
    {"unknown-top-key", "sources: [news]\nfilter: {}\n", "courant.yaml:2: unknown key \"filter\" (did you mean \"filters\"?)"},
    {"unknown-sources", "source: [news]\n",
     "courant.yaml:1: unknown key \"source\" (did you mean \"sources\"?)\ncourant.yaml:1: sources: " ONE_SOURCE},
    {"unknown-source", "sources:\n  - news\n  - papr: {url: x}\n",
     "courant.yaml:3: sources[1]: unknown source \"papr\" (did you mean \"paper\"?)"},
    {"unknown-source-far", "sources:\n  - television\n",
     "courant.yaml:2: sources[0]: unknown source \"television\" (there are: news, paper)"},
    {"unknown-source-key", "sources:\n  - news: {limt: 3}\n",
     "courant.yaml:2: sources[0]: unknown key \"limt\" (did you mean \"limit\"?)"},
    {"source-not-indented", "sources:\n  - news:\n    limit: 3\n",
     "courant.yaml:2: sources[0]: expected one source's name, with its options indented below it"},
    {"source-is-list", "sources:\n  - [news]\n",
     "courant.yaml:2: sources[0]: expected one source's name, with its options indented below it"},
    {"source-is-nothing", "sources:\n  - news\n  -\n",
     "courant.yaml:3: sources[1]: expected one source's name, with its options indented below it"},
    {"source-options-are-scalar", "sources:\n  - paper: https://example.org/rss\n",
     "courant.yaml:2: sources[0]: \"https://example.org/rss\" is no mapping of options such as \"url: ...\""},
    {"source-lacks-option", "sources:\n  - paper\n", "courant.yaml:2: sources[0]: \"url\" is missing (address of the paper)"},
    {"source-lacks-value", "sources:\n  - paper:\n", "courant.yaml:2: sources[0]: \"url\" is missing (address of the paper)"},
    {"section-is-scalar", "sources: [news]\nsite: https://example.org/\n",
     "courant.yaml:2: site: \"https://example.org/\" is no mapping of options such as \"base_url: http://localhost:1313\""},
    {"section-is-list", "sources: [news]\nfilters:\n  - max_age_days: 3\n",
     "courant.yaml:3: filters: a list is no mapping of options such as \"max_age_days: 7\""},
    {"general-type", "title: [a]\nsources: [news]\n", "courant.yaml:1: title: a list is no text"},
    {"filter-language", "sources: [news]\nfilters: {languages: [en, English]}\n",
     "courant.yaml:2: filters.languages: \"English\" is no language such as \"en\""},
    {"filter-expression", "sources: [news]\nfilters:\n  exclude:\n    - word\n    - /(/\n",
     "courant.yaml:5: filters.exclude: \"/(/\" is no regular expression"},
    {"filter-expression-with-a-flag", "sources: [news]\nfilters: {exclude: [/x/i]}\n",
     "courant.yaml:2: filters.exclude: \"/x/i\" begins with a slash but does not end with one, as a /regular expression/ does; "
     "it "
     "is read in any case"},
    {"variable", "sources: [news]\n", "environment: QUALITY_THRESHOLD: \"abc\" is no number between 0 and 1",
     "QUALITY_THRESHOLD=abc"},
    {"variable-beats-nothing", "sources: [news]\ngenerate: {articles_per_run: 0}\n",
     "courant.yaml:2: generate.articles_per_run: \"0\" is no whole number between 1 and 1000", "ARTICLES_PER_RUN=3"},
    {"llm-scalar", "sources: [news]\nllm: oracle\n",
     "courant.yaml:2: llm: expected names of providers, each with its options indented below it"},
    {"llm-unknown", "sources: [news]\nllm:\n  oracl: {}\n",
     "courant.yaml:3: llm: unknown key \"oracl\" (did you mean \"oracle\"?)"},
    {"llm-unknown-key", "sources: [news]\nllm: {oracle: {modl: a}}\n",
     "courant.yaml:2: llm.oracle: unknown key \"modl\" (did you mean \"model\"?)"},
    {"llm-secret", "sources: [news]\nllm:\n  oracle:\n    key: x\n",
     "courant.yaml:4: llm.oracle.key: a secret does not belong in this file; set it in the environment as ORACLE_KEY"},
    {"provider-unknown", "sources: [news]\nenrich:\n  providers: [\"sybil\\n\"]\n",
     "courant.yaml:3: enrich.providers: \"sybil\\x0A\" is no provider that can enrich (there are: oracle, extractive)"},
    {"provider-cannot", "sources: [news]\ngenerate: {providers: oracle}\n",
     "courant.yaml:2: generate.providers: \"oracle\" is no provider that can generate (there are: extractive)"},
    {"provider-in-vain", "sources: [news]\nenrich: {providers: [extractive, oracle]}\n",
     "courant.yaml:2: enrich.providers: \"oracle\" is never asked, for extractive always answers: name it last"},
    {"provider-twice", "sources: [news]\nenrich: {providers: [oracle, oracle]}\n",
     "courant.yaml:2: enrich.providers: \"oracle\" is named twice"},
    {"budget", "sources: [news]\nbudget: {per_day: a lot}\n",
     "environment: MAX_COST_PER_RUN: \"-1\" is no number of dollars "
     "between 0 and 1000000\ncourant.yaml:2: budget.per_day: \"a lot\" is no number of dollars between 0 and 1000000",
     "MAX_COST_PER_RUN=-1"},
    {"deploy-to", "sources: [news]\ndeploy: {to: ftp}\n", "courant.yaml:2: deploy.to: \"ftp\" is none of: folder"},
    {"many", "titel: a\nsources:\n  - news: {limit: 0}\n  - news: {list: tpo}\nenrich: {threshold: 2}\n",
     "courant.yaml:1: unknown key \"titel\" (did you mean \"title\"?)\n"
     "courant.yaml:5: enrich.threshold: \"2\" is no number between 0 and 1\n"
     "environment: ARTICLES_PER_RUN: \"0\" is no whole number between 1 and 1000\n"
     "courant.yaml:3: sources[0].limit: \"0\" is no whole number between 1 and 500\n"
     "courant.yaml:4: sources[1].list: \"tpo\" is none of: top, new (did you mean \"top\"?)",
     "ARTICLES_PER_RUN=0"},
};

static void
test_error(const void *data)
{
  const Case *given = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Config) config = parse(given->text, given->variable, &error);
  g_assert_null(config);
  g_assert_cmpstr(error->message, ==, given->expected);
  g_assert_true(error_is(error, ERROR_CONFIG));
}

static void
test_digest(void)
{
  g_autoptr(Config) first = parse_well("sources: [news]\ntitle: a\n", NULL);
  g_autoptr(Config) layout = parse_well("# comment\ntitle: 'a'\nenrich:\nsources:\n- news: {limit: 30}\n", "HUGO_BASE_URL=");
  g_assert_cmpstr(first->sha256, ==, layout->sha256);
  static const char *const OTHERS[] = {"sources: [news]\ntitle: b\n",
                                       "sources: [news, news]\ntitle: a\n",
                                       "sources: [news: {limit: 31}]\ntitle: a\n",
                                       "sources: [news]\ntitle: a\nnetwork: {allow_private: [b]}\n",
                                       "sources: [news]\ntitle: a\nllm: {oracle: {model: pythia}}\n",
                                       "sources: [news]\ntitle: a\nenrich: {providers: [oracle]}\n",
                                       "sources: [news]\ntitle: a\nbudget: {per_day: 2}\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERS); i++) {
    g_autoptr(Config) other = parse_well(OTHERS[i], NULL);
    g_assert_cmpstr(first->sha256, !=, other->sha256);
  }
  g_autoptr(Config) variable = parse_well("sources: [news]\ntitle: a\n", "HUGO_BASE_URL=https://a.example/");
  g_assert_cmpstr(first->sha256, !=, variable->sha256);
}

/* What may be recorded of the environment: what an option names, and of a secret only that it is set. */
static void
test_recorded_environment(void)
{
  const char *const environment[] = {"PATH=/bin", "QUALITY_THRESHOLD=0.25", "PAPER_TOKEN=sesame", "ORACLE_KEY=poppy", NULL};
  g_auto(GStrv) recorded = config_environment(environment, SOURCES, PROVIDERS);
  g_autofree char *lines = g_strjoinv(" ", recorded);
  g_assert_cmpstr(lines, ==, "QUALITY_THRESHOLD=0.25 PAPER_TOKEN=(withheld) ORACLE_KEY=(withheld)");
  const char *const unset[] = {"PAPER_TOKEN=", NULL};
  g_auto(GStrv) empty = config_environment(unset, SOURCES, PROVIDERS);
  g_assert_cmpstr(empty[0], ==, "PAPER_TOKEN=");
}

static void
test_money_and_providers(void)
{
  g_autoptr(Config) config = parse_well("sources: [news]\n"
                                        "llm:\n  oracle:\n    model: pythia\n"
                                        "enrich: {providers: [oracle, extractive]}\n"
                                        "budget: {per_article: 0, per_run: 3, per_month: 12.345678}\n",
                                        "MAX_COST_PER_RUN=0.000001");
  g_assert_cmpstr(((const OracleOptions *) config_provider(config, "oracle")->values)->model, ==, "pythia");
  g_assert_cmpstr(config->enrich->providers[0], ==, "oracle");
  g_assert_cmpuint(g_strv_length(config->enrich->providers), ==, 2);
  g_assert_cmpint(config->budget->per_article_micros, ==, 0);
  g_assert_cmpint(config->budget->per_run_micros, ==, 1);
  g_assert_cmpint(config->budget->per_month_micros, ==, 12345678);
}

static void
test_template(void)
{
  g_autofree char *text = config_template(SOURCES, PROVIDERS);
  g_autoptr(Config) config = parse_well(text, NULL);
  assert_defaults(config);
  g_assert_cmpuint(config->sources->len, ==, 1);
  g_assert_true(((const ConfiguredSource *) config->sources->pdata[0])->section == &NEWS);
  g_assert_nonnull(strstr(
      text,
      "\n  - news:\n      # how many posts\n      # limit: 30\n      # which list (one of: top, new)\n      # list: top\n"));
  g_assert_nonnull(strstr(text, "\n  # - paper:\n  #     # address of the paper\n  #     url: https://example.org/feed.xml\n"));
}

/* Uncomments every line that shows an option or an entry. */
static char *
uncomment(const char *text)
{
  g_autoptr(GRegex) shown = g_regex_new("^( *)# (( {4})?[a-z_]+: .*|- [a-z]+:)$", G_REGEX_MULTILINE, 0, NULL);
  return g_regex_replace(shown, text, -1, 0, "\\1\\2", 0, NULL);
}

static void
test_template_uncommented(void)
{
  g_autofree char *text = config_template(SOURCES, PROVIDERS);
  g_autofree char *whole = uncomment(text);
  g_assert_null(strstr(whole, "\n# title"));
  g_autoptr(Config) config = parse_well(whole, NULL);
  assert_defaults(config);
  g_assert_cmpuint(config->sources->len, ==, 2);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/config/defaults", test_defaults);
  g_test_add_func("/config/everything", test_everything);
  g_test_add_func("/config/environment", test_environment);
  for (size_t i = 0; i < G_N_ELEMENTS(ERRORS); i++) {
    g_autofree char *path = g_strdup_printf("/config/error/%s", ERRORS[i].name);
    g_test_add_data_func(path, &ERRORS[i], test_error);
  }
  g_test_add_func("/config/digest", test_digest);
  g_test_add_func("/config/recorded-environment", test_recorded_environment);
  g_test_add_func("/config/money-and-providers", test_money_and_providers);
  g_test_add_func("/config/template", test_template);
  g_test_add_func("/config/template-uncommented", test_template_uncommented);
  return g_test_run();
}
