#include "llm/llm.h"

#include "base/error.h"
#include "base/money.h"
#include "base/text.h"
#include "llm/price.h"

#include <string.h>

Llm *
llm_new(const ConfiguredProvider *configured, const char *prices, GError **error)
{
  const Provider *provider = provider_find(configured->section->name);
  ProviderTerms terms = provider->terms(configured->values);
  int64_t input_price = -1;
  int64_t output_price = -1;
  price_find(prices, terms.model, &input_price, &output_price);
  terms.input_price = terms.input_price >= 0 ? terms.input_price : input_price;
  terms.output_price = terms.output_price >= 0 ? terms.output_price : output_price;
  if (terms.input_price < 0 || terms.output_price < 0) {
    g_autofree char *model = text_printable(terms.model);
    error_set(
        error, ERROR_CONFIG,
        "llm.%s: nobody knows what the model \"%s\" costs: set input_price and output_price, in dollars a million tokens, 0 "
        "for a model that is free",
        provider->section.name, model);
    return NULL;
  }
  Llm *llm = g_new(Llm, 1);
  *llm = (Llm){.provider = provider, .options = configured->values, .terms = terms};
  return llm;
}

void
llm_free(Llm *llm)
{
  g_free(llm);
}

int64_t
llm_worst_micros(const Llm *llm)
{
  const ProviderTerms *terms = &llm->terms;
  int64_t call = money_cost_micros(PROMPT_MAX_BODY_BYTES, terms->input_price, terms->max_output_tokens, terms->output_price);
  return call < INT64_MAX / 2 ? 2 * call : INT64_MAX;
}

Request *
llm_request(const Llm *llm, const Prompt *prompt, const char *problem, unsigned lacks)
{
  g_autofree char *told = problem != NULL ? text_clean_line(problem, strnlen(problem, PROMPT_MAX_PROBLEM_BYTES)) : NULL;
  Request *request = llm->provider->request(llm->options, prompt, told, lacks);
  g_assert(strlen(request->body) <= PROMPT_MAX_BODY_BYTES);
  request->expense->provider = g_strdup(llm->provider->section.name);
  request->expense->purpose = g_strdup(problem != NULL ? "repair" : "score");
  request->expense->input_price = llm->terms.input_price;
  request->expense->output_price = llm->terms.output_price;
  return request;
}
