/*
 * A workspace's configuration: courant.yaml, beaten by the environment.
 */
#pragma once

#include "model/options.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** SiteOptions, and so on: the sections of courant.yaml; the tables in config_sections.c say what each option means. */
typedef struct {
  char *title;
  char *language;
  char *interests;
} GeneralOptions;

/** @include and @exclude hold words, phrases and /regular expressions/. */
typedef struct {
  int64_t max_age_days;
  char **languages;
  char **include;
  char **exclude;
} FilterOptions;

/** BUILT_IN_PROVIDER: the provider that needs no network, and serves when all others fail. */
#define BUILT_IN_PROVIDER "extractive"

/** @providers: each is asked when those before it failed; the built-in one after all of them, named or not; @recall: of the
 * stories that score @threshold and more, what share a language model has to be asked about; @profile: perhaps "" */
typedef struct {
  char **providers;
  double threshold;
  double recall;
  char *profile;
} EnrichOptions;

typedef struct {
  char **providers;
  int64_t articles_per_run;
  bool review;
} GenerateOptions;

/** Caps on what language models may cost. */
typedef struct {
  int64_t per_article_micros;
  int64_t per_run_micros;
  int64_t per_day_micros;
  int64_t per_month_micros;
} BudgetOptions;

typedef struct {
  char *base_url;
} SiteOptions;

typedef struct {
  char *to;
  char *path;
} DeployOptions;

typedef struct {
  int64_t in_flight_per_host;
  char **allow_private;
  bool proxy_is_filter;
  char *ca_file;
  char *contact;
  int64_t deadline_ms;
} NetworkOptions;

/** ConfiguredSource: one entry of `sources`. @values is the struct of @section. */
typedef struct {
  const OptionSection *section;
  void *values;
} ConfiguredSource;

/** ConfiguredProvider: a provider of language models, configured or not: @values are then its defaults. */
typedef ConfiguredSource ConfiguredProvider;

/**
 * Config:
 * @sources: (element-type ConfiguredSource): in the order written
 * @providers: (element-type ConfiguredProvider): all there are, in the order of the input's sections
 * @sha256: of what it all means: equal for files that differ only in comments or layout
 */
typedef struct {
  GeneralOptions *general;
  FilterOptions *filters;
  EnrichOptions *enrich;
  GenerateOptions *generate;
  BudgetOptions *budget;
  SiteOptions *site;
  DeployOptions *deploy;
  NetworkOptions *network;
  GPtrArray *sources;
  GPtrArray *providers;
  char *sha256;
} Config;

/**
 * ConfigInput:
 * @text: courant.yaml, @length bytes
 * @file: its name for messages
 * @environment: (array zero-terminated=1) (nullable): NAME=value lines
 * @source_sections: (array zero-terminated=1): what may stand in `sources`
 * @provider_sections: (array zero-terminated=1): what may stand in `llm`
 */
typedef struct {
  const char *text;
  size_t length;
  const char *file;
  const char *const *environment;
  const OptionSection *const *source_sections;
  const OptionSection *const *provider_sections;
} ConfigInput;

/**
 * config_parse:
 *
 * `sources` is a list of one-key mappings `- name: {options}` (a bare `- name` takes all defaults), `llm` a mapping of
 * providers' names to their options.
 *
 * Returns: (transfer full) (nullable). Errors: CONFIG, every problem on a line of its own:
 *   `courant.yaml:2: sources[0]: unknown key "limt" (did you mean "limit"?)`
 */
Config *config_parse(const ConfigInput *input, GError **error);

/** config_environment: the lines of @environment that an option names, and no others; of a secret only that it is set.
 * Returns: (transfer full) (array zero-terminated=1) */
char **config_environment(const char *const *environment, const OptionSection *const *source_sections,
                          const OptionSection *const *provider_sections);

/** config_provider: Returns: (transfer none) (nullable): the provider called @name */
const ConfiguredProvider *config_provider(const Config *config, const char *name);

/** config_free: NULL-safe. */
void config_free(Config *config);

/** config_template: a commented courant.yaml for `init`, every option with its help and default. Returns: (transfer full) */
char *config_template(const OptionSection *const *source_sections, const OptionSection *const *provider_sections);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)
