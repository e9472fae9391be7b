/*
 * GitHub: the search for repositories and READMEs, https://docs.github.com/en/rest. The search has a limit of its own; a
 * refusal has no Retry-After but tells when the limit ends.
 */
#include "service.h"

#include "base/json.h"

/* With a token, a minute and an hour: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */
static const int64_t LIMITS_WITH_TOKEN[] = {[WINDOW_REQUESTS] = 30, [WINDOW_CORE] = 5000};

static const char *const RESOURCES[] = {[WINDOW_REQUESTS] = "search", [WINDOW_CORE] = "core"};

static Answer *
refuse(unsigned status, const char *message)
{
  g_autofree char *code = g_strdup_printf("%u", status);
  g_autoptr(json_t) json =
      json_pack("{s:s, s:s, s:s}", "message", message, "documentation_url", "https://docs.github.com/rest", "status", code);
  return answer_json(status, json);
}

static gint
compare_stars(gconstpointer a, gconstpointer b)
{
  int64_t first = json_read_int(*(json_t *const *) a, "stargazers_count", 0);
  int64_t second = json_read_int(*(json_t *const *) b, "stargazers_count", 0);
  return (first < second) - (first > second);
}

/* Returns: (transfer full): @list, most stars first, or fewest */
static json_t *
sort_by_stars(const json_t *list, bool is_ascending)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new();
  for (size_t i = 0; i < json_array_size(list); i++)
    g_ptr_array_add(items, json_array_get(list, i));
  g_ptr_array_sort(items, compare_stars);
  json_t *sorted = json_array();
  for (guint i = 0; i < items->len; i++)
    json_array_append(sorted, items->pdata[is_ascending ? items->len - 1 - i : i]);
  return sorted;
}

static Answer *
answer_search(Call *call)
{
  g_autoptr(json_t) document = call_document(call, call->asked->host, "/search/repositories.json");
  const char *query = g_hash_table_lookup(call->parameters, "q");
  g_autoptr(json_t) found = query != NULL ? github_filter(json_object_get(document, "items"), query) : NULL;
  if (found == NULL)
    return refuse(422, "Validation Failed");
  bool is_ascending = g_strcmp0(g_hash_table_lookup(call->parameters, "order"), "asc") == 0;
  bool is_by_stars = g_strcmp0(g_hash_table_lookup(call->parameters, "sort"), "stars") == 0;
  g_autoptr(json_t) sorted = is_by_stars ? sort_by_stars(found, is_ascending) : json_incref(found);
  int64_t count = call_number(call, "per_page", 30, 1, 100);
  int64_t page = call_number(call, "page", 1, 1, INT32_MAX);
  g_autoptr(json_t) reply = json_pack("{s:i, s:b, s:o}", "total_count", (int) json_array_size(found), "incomplete_results",
                                      json_is_true(json_object_get(document, "incomplete_results")), "items",
                                      list_part(sorted, (page - 1) * count, count));
  return answer_json(200, reply);
}

static Answer *
answer_readme(Call *call)
{
  g_autofree char *name = g_strconcat(call->path, ".html", NULL);
  bool wants_html = call->asked->accept != NULL && strstr(call->asked->accept, "html") != NULL;
  Answer *answer = wants_html ? world_file(call->world, call->asked, call->asked->host, name, &call->changed_ms) : NULL;
  if (answer == NULL)
    return refuse(404, "Not Found");
  answer_set_header(answer, "Content-Type", "application/vnd.github.html; charset=utf-8");
  return answer;
}

static Answer *
answer_core(Call *call)
{
  g_auto(GStrv) segments = g_strsplit(call->path, "/", -1);
  bool is_readme = g_strv_length(segments) == 5 && strcmp(segments[1], "repos") == 0 && strcmp(segments[4], "readme") == 0;
  return is_readme ? answer_readme(call) : refuse(404, "Not Found");
}

static void
tell_quota(Answer *answer, const Quota *quota, const char *resource)
{
  if (quota->limit == 0)
    return;
  g_autofree char *limit = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit);
  g_autofree char *used = g_strdup_printf("%" G_GINT64_FORMAT, quota->used);
  g_autofree char *remaining = g_strdup_printf("%" G_GINT64_FORMAT, MAX(quota->limit - quota->used, 0));
  g_autofree char *reset = g_strdup_printf("%" G_GINT64_FORMAT, (quota->reset_ms + 999) / 1000);
  answer_set_header(answer, "x-ratelimit-limit", limit);
  answer_set_header(answer, "x-ratelimit-used", used);
  answer_set_header(answer, "x-ratelimit-remaining", remaining);
  answer_set_header(answer, "x-ratelimit-reset", reset);
  answer_set_header(answer, "x-ratelimit-resource", resource);
}

static Answer *
answer_github(Call *call)
{
  const char *token = call_bearer(call);
  if (call->asked->user_agent == NULL || call->asked->user_agent[0] == '\0')
    return refuse(403, "Request forbidden by administrative rules: a User-Agent header is needed");
  if (g_strcmp0(token, "wrong") == 0)
    return refuse(401, "Bad credentials");
  bool is_search = strcmp(call->path, "/search/repositories") == 0;
  WindowName resource = is_search ? WINDOW_REQUESTS : WINDOW_CORE;
  int64_t limit = call->windows[resource].limit;
  bool has_more = token != NULL && limit > 0;
  Quota quota = call_take(call, resource, has_more ? LIMITS_WITH_TOKEN[resource] : limit);
  Answer *answer = NULL;
  if (!quota.is_taken)
    answer = refuse(403, "API rate limit exceeded for 127.0.0.1.");
  else
    answer = is_search ? answer_search(call) : answer_core(call);
  answer->is_authorized = token != NULL;
  tell_quota(answer, &quota, RESOURCES[resource]);
  return answer;
}

const Protocol github_protocol = {.name = "github", .answer = answer_github};
