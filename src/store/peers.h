/*
 * What is remembered of the other side: the health of each source, the limits of each host.
 */
#pragma once

#include "model/host.h"
#include "store/store.h"

/**
 * SourceState:
 * @last_ok_ms: now of the last run in which it answered; 0 for never
 * @failures: runs in a row in which it failed
 * @last_error: (nullable)
 * @moved_to: (nullable): where it says it lives now
 * @is_disabled: it said it is gone (410)
 * @memory: (nullable): what it wants to be handed in its next run
 */
typedef struct {
  char *key;
  int64_t last_ok_ms;
  int64_t failures;
  char *last_error;
  char *moved_to;
  bool is_disabled;
  char *memory;
} SourceState;

/** source_state_free: NULL-safe. */
void source_state_free(SourceState *state);

/** source_state_is_resting: whether it said less than a day before @now_ms that it is gone, and is not to be asked. */
bool source_state_is_resting(const SourceState *state, int64_t now_ms);

/** peers_source: Returns: (transfer full) (nullable): the state of source @key, one of a new source when nothing is known */
SourceState *peers_source(Store *store, const char *key, GError **error);

/** peers_save_source: replaces what is known. */
bool peers_save_source(Store *store, const SourceState *state, GError **error);

/** peers_each_host: calls @visit with each host, by name; it lives as long as the call. Returns: false on error */
bool peers_each_host(Store *store, void (*visit)(const HostState *host, void *data), void *data, GError **error);

/** peers_save_hosts: @states (element-type HostState) replace all that is known, in the transaction under way. */
bool peers_save_hosts(Store *store, const GPtrArray *states, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SourceState, source_state_free)
