/*
 * The providers of language models that a stage asks, one after the other.
 */
#pragma once

#include "llm/llm.h"
#include "llm/schema.h"
#include "model/config.h"
#include "net/client.h"
#include "pipeline/stage.h"

/**
 * chain_open:
 * @datadir: holds `data/`
 * @names: (array zero-terminated=1): as the configuration has them
 *
 * Returns: (transfer full) (element-type Llm) (nullable): those of @names that are not built in, perhaps none; borrowing from
 * @config. Errors: CONFIG nobody knows what a model costs; IO
 */
GPtrArray *chain_open(const Config *config, const char *datadir, char *const *names, GError **error);

/** chain_check: that all that @stages (ended by one without a name) will ask can be asked: no key is missing, every price is
 * known. A replay needs no keys. Errors: as chain_open(), CONFIG a key is not set */
bool chain_check(const Config *config, const char *datadir, const Stage *stages, GError **error);

/** chain_add_services: the limits and keys of those that any stage names. Errors: CONFIG */
bool chain_add_services(Client *client, const Config *config, GError **error);

/** chain_worst_micros: what a call and its repair cost at most, by the dearest of @llms (element-type Llm). */
int64_t chain_worst_micros(const GPtrArray *llms);

/**
 * Opinion: what came of asking.
 * @verdict: (nullable): of the first that gave one that holds
 * @provider: (nullable): the last that was asked, static
 * @failure: (nullable): of the first that gave none; %ERROR_BUDGET when there was no money for it
 * @lacks: (nullable): what was found out of each that was asked and answered, a set of #Lack in the order of the providers
 */
typedef struct {
  Verdict *verdict;
  const char *provider;
  GError *failure;
  unsigned *lacks;
} Opinion;

/** chain_recall: what earlier runs found out of the endpoints of @llms (element-type Llm). Errors: DATABASE */
bool chain_recall(const GPtrArray *llms, Store *store, GError **error);

/** chain_learn: takes what @opinion found out to @llms, once the work is over. */
void chain_learn(const GPtrArray *llms, const Opinion *opinion);

/** chain_remember: keeps what is known of @llms, where that is more than before; part of the merge's transaction. Errors:
 * DATABASE */
bool chain_remember(const GPtrArray *llms, Store *store, int64_t run_id, GError **error);

/** opinion_clear: frees what @opinion holds. */
void opinion_clear(Opinion *opinion);

/** CHAIN_MAX_CALLS: so often a step asks: less than %STEP_MAX_ROUNDS by what it asks before. */
enum { CHAIN_MAX_CALLS = STEP_MAX_ROUNDS - 2 };

/**
 * Consultation: a step's to its providers, all borrowed.
 * @llms: (element-type Llm): each is asked once, and once more when its answer does not hold, until one does
 * @replies: (element-type Reply): to what the step asked so far; those from @first on are theirs, %CHAIN_MAX_CALLS
 *   of them at most
 */

typedef struct {
  const GPtrArray *llms;
  const Prompt *prompt;
  const GPtrArray *replies;
  guint first;
} Consultation;

/**
 * chain_ask:
 * @outcome: takes the next request
 * @ret_opinion: zeroed; to be cleared
 *
 * A part of a step. Thread: pure.
 *
 * Returns: false when it asked for more
 */
bool chain_ask(const Consultation *consultation, StepOutcome *outcome, Opinion *ret_opinion);
