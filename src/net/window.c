#include "net/window.h"

/* What is kept of a service that is not configured now, for when it is. */
enum { LONGEST_WINDOW_MS = 60 * 60 * 1000 };

/* @entries: (element-type WindowEntry): by date; @tokens: of them all */
struct Window {
  GSequence *entries;
  int64_t tokens;
  int64_t max_requests;
  int64_t max_tokens;
  int64_t window_ms;
};

/* @at: (nullable): its place; NULL when it counts no longer. @received_ms: INT64_MAX while not known */
struct WindowEntry {
  Window *window;
  GSequenceIter *at;
  int64_t received_ms;
  int64_t tokens;
  bool is_held;
};

static int
compare_entries(const void *a, const void *b, void *user)
{
  (void) user;
  const WindowEntry *first = a;
  const WindowEntry *second = b;
  return (first->received_ms > second->received_ms) - (first->received_ms < second->received_ms);
}

static WindowEntry *
first_entry(const Window *window)
{
  GSequenceIter *first = g_sequence_get_begin_iter(window->entries);
  return g_sequence_iter_is_end(first) ? NULL : g_sequence_get(first);
}

static int64_t
leaves_ms(const WindowEntry *entry)
{
  const Window *window = entry->window;
  int64_t window_ms = window->window_ms > 0 ? window->window_ms : LONGEST_WINDOW_MS;
  return entry->received_ms == INT64_MAX ? INT64_MAX : entry->received_ms + window_ms;
}

static void
remove_entry(WindowEntry *entry)
{
  entry->window->tokens -= entry->tokens;
  g_sequence_remove(entry->at);
  entry->at = NULL;
  if (!entry->is_held)
    g_free(entry);
}

static void
forget(Window *window, int64_t now_ms)
{
  WindowEntry *entry;
  while ((entry = first_entry(window)) != NULL && leaves_ms(entry) <= now_ms)
    remove_entry(entry);
}

static WindowEntry *
insert(Window *window, const WindowEntry *model)
{
  WindowEntry *entry = g_memdup2(model, sizeof *model);
  entry->window = window;
  entry->at = g_sequence_insert_sorted(window->entries, entry, compare_entries, NULL);
  window->tokens += entry->tokens;
  return entry;
}

Window *
window_new(void)
{
  Window *window = g_new0(Window, 1);
  window->entries = g_sequence_new(NULL);
  return window;
}

void
window_free(Window *window)
{
  if (window == NULL)
    return;
  WindowEntry *entry;
  while ((entry = first_entry(window)) != NULL) {
    entry->is_held = false;
    remove_entry(entry);
  }
  g_sequence_free(window->entries);
  g_free(window);
}

void
window_limit(Window *window, int64_t requests, int64_t tokens, int64_t window_ms)
{
  g_assert(window_ms > 0);
  window->max_requests = requests;
  window->max_tokens = tokens;
  window->window_ms = window_ms;
}

void
window_tighten(Window *window, int64_t requests, int64_t tokens)
{
  if (requests > 0)
    window->max_requests = MIN(window->max_requests, requests);
  if (tokens > 0)
    window->max_tokens = MIN(window->max_tokens, tokens);
}

bool
window_limits_requests(const Window *window)
{
  return window->max_requests > 0;
}

bool
window_limits_tokens(const Window *window)
{
  return window->max_tokens > 0;
}

bool
window_is_empty(Window *window, int64_t now_ms)
{
  forget(window, now_ms);
  return first_entry(window) == NULL;
}

int64_t
window_opens_ms(Window *window, int64_t tokens, int64_t now_ms)
{
  forget(window, now_ms);
  int64_t opens_ms = INT64_MIN;
  int64_t too_many = g_sequence_get_length(window->entries) - window->max_requests;
  if (window_limits_requests(window) && too_many >= 0)
    opens_ms = leaves_ms(g_sequence_get(g_sequence_get_iter_at_pos(window->entries, (int) too_many)));
  if (!window_limits_tokens(window))
    return opens_ms;
  int64_t left_over = window->tokens + MIN(tokens, window->max_tokens) - window->max_tokens;
  GSequenceIter *oldest = g_sequence_get_begin_iter(window->entries);
  for (; left_over > 0; oldest = g_sequence_iter_next(oldest)) {
    const WindowEntry *entry = g_sequence_get(oldest);
    left_over -= entry->tokens;
    opens_ms = MAX(opens_ms, leaves_ms(entry));
  }
  return opens_ms;
}

WindowEntry *
window_add(Window *window, int64_t tokens)
{
  return insert(window, &(WindowEntry){.received_ms = INT64_MAX, .tokens = tokens, .is_held = true});
}

void
window_date(WindowEntry *entry, int64_t received_ms)
{
  if (entry->at == NULL || received_ms >= entry->received_ms)
    return;
  entry->received_ms = received_ms;
  g_sequence_sort_changed(entry->at, compare_entries, NULL);
}

void
window_correct(WindowEntry *entry, int64_t tokens)
{
  if (entry->at != NULL)
    entry->window->tokens += tokens - entry->tokens;
  entry->tokens = tokens;
}

void
window_release(WindowEntry *entry)
{
  entry->is_held = false;
  if (entry->at == NULL)
    g_free(entry);
}

void
window_drop(WindowEntry *entry)
{
  entry->is_held = false;
  if (entry->at != NULL)
    remove_entry(entry);
  else
    g_free(entry);
}

GArray *
window_list(Window *window, int64_t now_ms, int64_t latest_ms)
{
  forget(window, now_ms);
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Counted));
  GSequenceIter *at = g_sequence_get_begin_iter(window->entries);
  for (; !g_sequence_iter_is_end(at); at = g_sequence_iter_next(at)) {
    const WindowEntry *entry = g_sequence_get(at);
    Counted counted = {MIN(entry->received_ms, latest_ms), entry->tokens};
    g_array_append_val(list, counted);
  }
  return list;
}

void
window_restore(Window *window, const Counted *counted)
{
  insert(window, &(WindowEntry){.received_ms = counted->received_ms, .tokens = counted->tokens});
}

void
window_charge(Window *window, int64_t count, int64_t now_ms)
{
  forget(window, now_ms);
  Counted charge = {.received_ms = now_ms + 1};
  GSequenceIter *at = g_sequence_get_begin_iter(window->entries);
  if (g_sequence_iter_is_end(at))
    return;
  for (; !g_sequence_iter_is_end(at); at = g_sequence_iter_next(at))
    charge.tokens = MAX(charge.tokens, ((const WindowEntry *) g_sequence_get(at))->tokens);
  if (window_limits_requests(window))
    count = MIN(count, window->max_requests);
  for (int64_t i = 0; i < count; i++)
    window_restore(window, &charge);
}
