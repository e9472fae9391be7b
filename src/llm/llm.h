/*
 * A language model as configured, ready to be asked. Thread: pure, but for llm_new() and llm_free().
 */
#pragma once

#include "llm/provider.h"
#include "model/config.h"

/** Llm: @options: borrowed; @terms: with the prices that count; @lacks: what was found out of the endpoint, a set of #Lack */
typedef struct {
  const Provider *provider;
  const void *options;
  ProviderTerms terms;
  unsigned lacks;
} Llm;

/**
 * llm_new:
 * @configured: borrowed for its life
 * @prices: as of price_find(), for what the configuration leaves open
 *
 * Returns: (transfer full) (nullable). Errors: CONFIG when nobody knows what its calls cost
 */
Llm *llm_new(const ConfiguredProvider *configured, const char *prices, GError **error);

/** llm_free: NULL-safe. */
void llm_free(Llm *llm);

/** llm_worst_micros: what a call and its repair cost at most. */
int64_t llm_worst_micros(const Llm *llm);

/**
 * llm_request:
 * @problem: (nullable): what was wrong with the first answer to @prompt; makes it the repair
 * @lacks: what not to send, a set of #Lack
 *
 * Returns: (transfer full)
 */
Request *llm_request(const Llm *llm, const Prompt *prompt, const char *problem, unsigned lacks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Llm, llm_free)
