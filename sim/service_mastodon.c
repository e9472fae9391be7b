/*
 * Mastodon: https://docs.joinmastodon.org/methods/trends/, /methods/timelines/, /api/rate-limits/. Only its API is limited, not
 * its pages, and a refusal has no Retry-After.
 */
#include "service.h"

#include "base/json.h"
#include "base/time.h"

static const struct {
  const char *path;
  int64_t fallback;
  int64_t most;
} LISTS[] = {
    {"/api/v1/trends/statuses", 20, 40},
    {"/api/v1/trends/links", 10, 20},
    {"/api/v1/timelines/public", 20, 40},
};

static Answer *
refuse(unsigned status, const char *reason)
{
  g_autoptr(json_t) json = json_pack("{s:s}", "error", reason);
  return answer_json(status, json);
}

static Answer *
answer_list(Call *call)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LISTS); i++) {
    if (strcmp(call->path, LISTS[i].path) != 0)
      continue;
    g_autofree char *name = g_strconcat(call->path, ".json", NULL);
    g_autoptr(json_t) list = call_document(call, call->asked->host, name);
    if (list == NULL)
      break;
    int64_t limit = call_number(call, "limit", LISTS[i].fallback, 1, LISTS[i].most);
    g_autoptr(json_t) part = list_part(list, call_number(call, "offset", 0, 0, INT32_MAX), limit);
    return answer_json(200, part);
  }
  return refuse(404, "Record not found");
}

static void
tell_quota(Answer *answer, const Quota *quota)
{
  if (quota->limit == 0)
    return;
  g_autofree char *limit = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit);
  g_autofree char *remaining = g_strdup_printf("%" G_GINT64_FORMAT, quota->limit - quota->used);
  g_autofree char *reset = time_format(quota->reset_ms);
  answer_set_header(answer, "X-RateLimit-Limit", limit);
  answer_set_header(answer, "X-RateLimit-Remaining", remaining);
  answer_set_header(answer, "X-RateLimit-Reset", reset);
}

static Answer *
answer_mastodon(Call *call)
{
  if (!g_str_has_prefix(call->path, "/api/"))
    return NULL;
  const char *token = call_bearer(call);
  bool is_wrong = g_strcmp0(token, "wrong") == 0;
  Quota quota = call_take(call, WINDOW_REQUESTS, call->windows[WINDOW_REQUESTS].limit);
  Answer *answer = NULL;
  if (!quota.is_taken)
    answer = refuse(429, "Too many requests");
  else if (is_wrong)
    answer = refuse(401, "The access token is invalid");
  else
    answer = answer_list(call);
  answer->is_authorized = token != NULL && !is_wrong;
  tell_quota(answer, &quota);
  return answer;
}

const Protocol mastodon_protocol = {.name = "mastodon", .answer = answer_mastodon};
