/*
 * What a provider of language models is: a descriptor, all of it static. A provider builds requests and parses replies; it
 * opens nothing.
 *
 * Not every endpoint takes all that a request may say. The first that is asked says all; one that is refused with words that
 * name a parameter is asked again without it, in the same job, at no cost: a refusal is not billed and is no answer that could
 * be repaired. What was found out so is a set of #Lack, which the job returns when the endpoint then answered; the merge keeps
 * it in `knowledge`, by address and model, and the next run's snapshot begins with it.
 */
#pragma once

#include "llm/prompt.h"
#include "model/exchange.h"
#include "model/options.h"
#include "model/service.h"

/**
 * Lack: what an endpoint or its model does not take.
 * @LACKS_SCHEMA: an answer's JSON Schema as OpenAI or Anthropic want it said
 * @LACKS_JSON: the next best way to ask for JSON; then the prompt alone does
 * @LACKS_COMPLETION_TOKENS: max_completion_tokens; it is called max_tokens then
 * @LACKS_EFFORT: how long to reason
 */
typedef enum { LACKS_SCHEMA = 1, LACKS_JSON = 2, LACKS_COMPLETION_TOKENS = 4, LACKS_EFFORT = 8 } Lack;

/**
 * ProviderTerms: what a configured provider's calls are.
 * @base_url: borrowed from the options, as is @model
 * @input_price: pico-dollars a token, as the configuration says; -1 when it does not; the same for @output_price
 * @max_output_tokens: the most that may be answered
 */
typedef struct {
  const char *base_url;
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
 *   to the same prompt, at most %PROMPT_MAX_PROBLEM_BYTES; @lacks: what not to send; its body is no longer than
 *   %PROMPT_MAX_BODY_BYTES; (transfer full)
 * @probe: a request that tells whether the endpoint is there and the key good, and costs nothing; (transfer full)
 * @read_lacks: @lacks, and what more @reply, if it is a refusal, says is not taken
 * @read_answer: what was answered, the JSON text a prompt asks for; (transfer full) (nullable). Errors: the reply's own;
 *   REJECTED the model refused; BAD_DATA
 */
typedef struct {
  OptionSection section;
  ProviderTerms (*terms)(const void *options);
  bool (*check)(const void *options, GError **error);
  Service *(*service)(const void *options);
  Request *(*probe)(const void *options);
  Request *(*request)(const void *options, const Prompt *prompt, const char *problem, unsigned lacks);
  unsigned (*read_lacks)(const void *options, const Reply *reply, unsigned lacks);
  char *(*read_answer)(const Reply *reply, GError **error);
} Provider;

/** providers_all: Returns: (transfer none) (array zero-terminated=1): every provider, in the order of providers.def */
const Provider *const *providers_all(void);

/** provider_find: Returns: (transfer none) (nullable): the provider called @name */
const Provider *provider_find(const char *name);

#define PROVIDER(name) extern const Provider name##_provider;
#include "llm/providers.def"
#undef PROVIDER
