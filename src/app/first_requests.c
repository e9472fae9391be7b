#include "app/first_requests.h"

#include "base/url.h"
#include "net/services.h"
#include "sources/source.h"
#include "store/peers.h"

/* What a source brings beyond `limit`, as the help of that option says. */
static const struct {
  const Source *source;
  int64_t times;
  int64_t more;
} BEYOND_LIMIT[] = {
    {&github_source, 2, 0},
    {&mastodon_source, 1, 20},
};

/* @store: (nullable); @found (element-type FirstRequest) */
typedef struct {
  Store *store;
  int64_t now_ms;
  GPtrArray *found;
} Search;

void
first_request_free(FirstRequest *first)
{
  if (first == NULL)
    return;
  g_free(first->key);
  g_free(first->host);
  request_free(first->request);
  g_free(first);
}

static int64_t
read_limit(const ConfiguredSource *configured)
{
  const Option *option = configured->section->options;
  while (option->name != NULL && !g_str_equal(option->name, "limit"))
    option++;
  return option->name != NULL ? *(const int64_t *) (const void *) ((const char *) configured->values + option->offset) : 0;
}

/* Without a client all subreddits are one part, joined by "+". */
static int64_t
count_lists(const Source *source, const SourcePart *part)
{
  int64_t lists = 1;
  for (const char *at = part->subject; source == &reddit_source && *at != '\0'; at++)
    lists += *at == '+';
  return lists;
}

static int64_t
most_posts(const ConfiguredSource *configured, const Source *source, const SourcePart *part)
{
  int64_t posts = read_limit(configured) * count_lists(source, part);
  for (size_t i = 0; i < G_N_ELEMENTS(BEYOND_LIMIT); i++)
    if (BEYOND_LIMIT[i].source == source)
      posts = posts * BEYOND_LIMIT[i].times + BEYOND_LIMIT[i].more;
  return posts;
}

/* A step without replies says what it wants to know first. Returns: (transfer full) (nullable) */
static Request *
ask_step(const ConfiguredSource *configured, const SourcePart *part, const SourceState *state, int64_t now_ms)
{
  const SourceInput input = {.key = part->key,
                             .subject = part->subject,
                             .options = configured->values,
                             .moved_to = state->moved_to,
                             .memory = state->memory,
                             .now_ms = now_ms};
  g_autoptr(GPtrArray) no_replies = g_ptr_array_new();
  StepOutcome outcome = {0};
  source_find(configured->section->name)->step(&input, NULL, no_replies, &outcome);
  bool has_request = outcome.requests != NULL && outcome.requests->len > 0;
  const Request *first = has_request ? g_ptr_array_index(outcome.requests, 0) : NULL;
  Request *request = first != NULL ? request_copy_to(first, first->url) : NULL;
  step_outcome_clear(&outcome, NULL);
  return request;
}

static bool
add_part(const Search *search, const ConfiguredSource *configured, const SourcePart *part, GError **error)
{
  g_autoptr(SourceState) state = search->store != NULL ? peers_source(search->store, part->key, error) : g_new0(SourceState, 1);
  if (state == NULL)
    return false;
  Request *request = ask_step(configured, part, state, search->now_ms);
  g_auto(Url) url = {0};
  if (request == NULL)
    return true;
  FirstRequest *first = g_new0(FirstRequest, 1);
  first->key = g_strdup(part->key);
  first->request = request;
  first->host = url_parse(request->url, &url, NULL) ? services_host(&url) : g_strdup("");
  first->most_posts = most_posts(configured, source_find(configured->section->name), part);
  first->is_gone = source_state_is_resting(state, search->now_ms);
  g_ptr_array_add(search->found, first);
  return true;
}

GPtrArray *
first_requests_find(const Config *config, Store *store, int64_t now_ms, GError **error)
{
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify) first_request_free);
  const Search search = {.store = store, .now_ms = now_ms, .found = found};
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
    for (guint j = 0; j < parts->len; j++)
      if (!add_part(&search, configured, g_ptr_array_index(parts, j), error))
        return NULL;
  }
  return g_steal_pointer(&found);
}
