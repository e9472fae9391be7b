/*
 * What a provider of language models is: a descriptor, all of it static. A provider builds requests and parses replies; it
 * opens nothing.
 */
#pragma once

#include "llm/prompt.h"
#include "model/exchange.h"
#include "model/options.h"
#include "model/service.h"

/**
 * ProviderTerms: what a configured provider's calls are.
 * @model: borrowed from the options
 * @input_price: pico-dollars a token, as the configuration says; -1 when it does not; the same for @output_price
 * @max_output_tokens: the most that may be answered
 */
typedef struct {
  const char *model;
  int64_t input_price;
  int64_t output_price;
  int64_t max_output_tokens;
} ProviderTerms;

/**
 * Provider:
 * @section: its name in courant.yaml and its option table
 * @terms: of its calls
 * @check: whether it can be asked at all: says which setting is missing. Errors: CONFIG
 * @service: how its host wants to be asked; (transfer full)
 * @request: a call with an expense that lacks purpose and prices; @problem (nullable) is what was wrong with the first answer
 *   to the same prompt, at most %PROMPT_MAX_PROBLEM_BYTES; its body is no longer than %PROMPT_MAX_BODY_BYTES; (transfer full)
 * @read_answer: what was answered, the JSON text a prompt asks for; (transfer full) (nullable). Errors: the reply's own;
 *   REJECTED the model refused; BAD_DATA
 */
typedef struct {
  OptionSection section;
  ProviderTerms (*terms)(const void *options);
  bool (*check)(const void *options, GError **error);
  Service *(*service)(const void *options);
  Request *(*request)(const void *options, const Prompt *prompt, const char *problem);
  char *(*read_answer)(const Reply *reply, GError **error);
} Provider;

/** providers_all: Returns: (transfer none) (array zero-terminated=1): every provider, in the order of providers.def */
const Provider *const *providers_all(void);

/** provider_find: Returns: (transfer none) (nullable): the provider called @name */
const Provider *provider_find(const char *name);

#define PROVIDER(name) extern const Provider name##_provider;
#include "llm/providers.def"
#undef PROVIDER
