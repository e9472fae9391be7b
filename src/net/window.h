/*
 * A sliding window: at most so many requests, and tokens of a language model, in any span of its length. Each counts from the
 * latest moment at which its server can have received it, so that the server's own count finds no span with more. Pure: time
 * is passed in, any clock in milliseconds that never goes back.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Window Window;

/** WindowEntry: one request that counts. */
typedef struct WindowEntry WindowEntry;

/** window_new: Returns: (transfer full): without any limit */
Window *window_new(void);

/** window_free: with all its entries; NULL-safe. */
void window_free(Window *window);

/** window_limit: at most @requests and @tokens in any @window_ms; 0 for no limit. */
void window_limit(Window *window, int64_t requests, int64_t tokens, int64_t window_ms);

/** window_tighten: the host says that it allows less; -1 for unknown. What has no limit gets none. */
void window_tighten(Window *window, int64_t requests, int64_t tokens);

/** window_limits_requests: whether there is such a limit. */
bool window_limits_requests(const Window *window);

/** window_limits_tokens: whether there is such a limit. */
bool window_limits_tokens(const Window *window);

/** window_is_empty: whether nothing counts at @now_ms. */
bool window_is_empty(Window *window, int64_t now_ms);

/** window_opens_ms: Returns: when there is room for a request of @tokens, in the past if there is now; INT64_MAX while one
 * without a date must get it first. One that is larger than the limit has room when nothing else counts. */
int64_t window_opens_ms(Window *window, int64_t tokens, int64_t now_ms);

/** window_add: @tokens: it may take. Returns: (transfer none): held until window_release(); counts until it has a date */
WindowEntry *window_add(Window *window, int64_t tokens);

/** window_date: @entry was received at @received_ms at the latest; a date only ever moves back. */
void window_date(WindowEntry *entry, int64_t received_ms);

/** window_correct: @entry took @tokens. */
void window_correct(WindowEntry *entry, int64_t tokens);

/** window_release: @entry is not used any more; it counts as long as it has to. */
void window_release(WindowEntry *entry);

/** window_drop: @entry was never sent and counts no longer; it is not used any more. */
void window_drop(WindowEntry *entry);

/** Counted: what counts in a window. @received_ms: at the latest */
typedef struct {
  int64_t received_ms;
  int64_t tokens;
} Counted;

/** window_list: @latest_ms: stands for a date that is not known. Returns: (transfer full) (element-type Counted): what counts
 * at @now_ms, oldest first; of a window without limits, what does in the longest */
GArray *window_list(Window *window, int64_t now_ms, int64_t latest_ms);

/** window_restore: @counted is added. */
void window_restore(Window *window, const Counted *counted);

/** window_charge: @count requests more may have been sent till @now_ms, each of as many tokens as the largest that counts; when
 * nothing counts, none was. */
void window_charge(Window *window, int64_t count, int64_t now_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Window, window_free)
