#include "model/config_sections.h"

#include "model/pattern.h"

#include <string.h>

enum { MAX_DOLLARS = 1000 * 1000, MAX_PROFILE_NAME = 40 };

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

static const char *
check_profile(const char *text)
{
  bool is_name = strlen(text) <= MAX_PROFILE_NAME && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
  return is_name ? NULL : "is no name such as \"developers\"";
}

static const Option ENRICH_OPTIONS[] = {
    {.name = "providers",
     .type = OPTION_TEXTS,
     .fallback = BUILT_IN_PROVIDER,
     .offset = offsetof(EnrichOptions, providers),
     .help =
         "who reads and scores stories, of openai and anthropic: each in turn, at last the built-in one, which costs nothing"},
    {.name = "threshold",
     .type = OPTION_NUMBER,
     .fallback = "0.5",
     .offset = offsetof(EnrichOptions, threshold),
     .max = 1,
     .environment = "QUALITY_THRESHOLD",
     .help = "stories that score less get no article"},
    {.name = "recall",
     .type = OPTION_NUMBER,
     .fallback = "0.95",
     .offset = offsetof(EnrichOptions, recall),
     .max = 1,
     .help = "of the stories worth an article, what share a language model is asked about; calls that are hardly worth it are "
             "spared"
             " once it has scored 200; 1 spares none"},
    {.name = "profile",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(EnrichOptions, profile),
     .check = check_profile,
     .help = "whom the site is for, beside interests: business, developers, science, security, or NAME for profiles/NAME.txt"},
    {0},
};

static const Option GENERATE_OPTIONS[] = {
    {.name = "providers",
     .type = OPTION_TEXTS,
     .fallback = BUILT_IN_PROVIDER,
     .offset = offsetof(GenerateOptions, providers),
     .help = "who writes articles; so far only extractive"},
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

static const Option BUDGET_OPTIONS[] = {
    {.name = "per_article",
     .type = OPTION_MONEY,
     .fallback = "0.05",
     .offset = offsetof(BudgetOptions, per_article_micros),
     .max = MAX_DOLLARS,
     .environment = "MAX_COST_PER_ARTICLE",
     .help = "the most that language models may cost, in dollars: for one article or story"},
    {.name = "per_run",
     .type = OPTION_MONEY,
     .fallback = "0.50",
     .offset = offsetof(BudgetOptions, per_run_micros),
     .max = MAX_DOLLARS,
     .environment = "MAX_COST_PER_RUN",
     .help = "for a run"},
    {.name = "per_day",
     .type = OPTION_MONEY,
     .fallback = "1.00",
     .offset = offsetof(BudgetOptions, per_day_micros),
     .max = MAX_DOLLARS,
     .help = "for all runs of a day, UTC"},
    {.name = "per_month",
     .type = OPTION_MONEY,
     .fallback = "20",
     .offset = offsetof(BudgetOptions, per_month_micros),
     .max = MAX_DOLLARS,
     .help = "for all runs of a month, UTC"},
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
     .help = "certificate authorities to trust beside the system's, a PEM file"},
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

const ConfigSection config_sections[] = {
    {{NULL, GENERAL_OPTIONS, sizeof(GeneralOptions)}, offsetof(Config, general)},
    {{"filters", FILTER_OPTIONS, sizeof(FilterOptions)}, offsetof(Config, filters)},
    {{"enrich", ENRICH_OPTIONS, sizeof(EnrichOptions)}, offsetof(Config, enrich)},
    {{"generate", GENERATE_OPTIONS, sizeof(GenerateOptions)}, offsetof(Config, generate)},
    {{"budget", BUDGET_OPTIONS, sizeof(BudgetOptions)}, offsetof(Config, budget)},
    {{"site", SITE_OPTIONS, sizeof(SiteOptions)}, offsetof(Config, site)},
    {{"deploy", DEPLOY_OPTIONS, sizeof(DeployOptions)}, offsetof(Config, deploy)},
    {{"network", NETWORK_OPTIONS, sizeof(NetworkOptions)}, offsetof(Config, network)},
    {{0}, 0},
};
