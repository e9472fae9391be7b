#include "model/exchange.h"

#include "base/error.h"

#include <glib.h>
#include <string.h>

static Request *
make_request(const char *url, const char *auth, const char *const *headers)
{
  Request *request = request_new(REQUEST_LISTING, url);
  request->auth = g_strdup(auth);
  if (headers != NULL) {
    request->headers = g_ptr_array_new_with_free_func(g_free);
    for (; *headers != NULL; headers++)
      g_ptr_array_add(request->headers, g_strdup(*headers));
  }
  return request;
}

static void
test_kind_names(void)
{
  static const char *const NAMES[] = {"listing", "item", "feed", "page", "robots"};
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
    g_assert_cmpstr(request_kind_name((RequestKind) i), ==, NAMES[i]);
}

static void
test_hash_tells_requests_apart(void)
{
  static const char *const ACCEPT[] = {"Accept: a", NULL};
  static const char *const TWO[] = {"Accept: a", "X: b", NULL};
  static const char *const JOINED[] = {"Accept: aX: b", NULL};
  static const char *const NONE[] = {NULL};
  g_autoptr(GPtrArray) requests = g_ptr_array_new_with_free_func((GDestroyNotify) request_free);
  g_ptr_array_add(requests, make_request("https://a.example/", NULL, NULL));
  g_ptr_array_add(requests, make_request("https://a.example/b", NULL, NULL));
  g_ptr_array_add(requests, make_request("https://a.example/", "", NULL));
  g_ptr_array_add(requests, make_request("https://a.example/", "reddit", NULL));
  g_ptr_array_add(requests, make_request("https://a.example/", NULL, ACCEPT));
  g_ptr_array_add(requests, make_request("https://a.example/", NULL, TWO));
  g_ptr_array_add(requests, make_request("https://a.example/", NULL, JOINED));
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < requests->len; i++) {
    char *hash = request_sha256(requests->pdata[i]);
    g_assert_cmpuint(strspn(hash, "0123456789abcdef"), ==, 64);
    g_assert_true(g_hash_table_add(seen, hash));
  }
  /* no headers are no headers; the kind counts only as far as it is trusted */
  static const struct {
    RequestKind kind;
    bool is_same;
  } KINDS[] = {
      {REQUEST_LISTING, true}, {REQUEST_ITEM, true}, {REQUEST_FEED, false}, {REQUEST_PAGE, false}, {REQUEST_ROBOTS, false}};
  for (size_t i = 0; i < G_N_ELEMENTS(KINDS); i++) {
    g_autoptr(Request) same = make_request("https://a.example/", NULL, NONE);
    same->kind = KINDS[i].kind;
    g_autofree char *hash = request_sha256(same);
    g_assert_cmpint(g_hash_table_contains(seen, hash), ==, KINDS[i].is_same);
  }
}

static void
test_reply_header(void)
{
  g_autoptr(Reply) reply = reply_new();
  g_assert_null(reply_header(reply, "etag"));
  reply->headers = g_strdup("content-type: text/html; charset=x\netag:  \"a:b\" \nempty:\netag: second\nlast: z");
  static const char *const CASES[][2] = {{"content-type", "text/html; charset=x"},
                                         {"etag", "\"a:b\""},
                                         {"empty", ""},
                                         {"last", "z"},
                                         {"content", NULL},
                                         {"tag", NULL},
                                         {"second", NULL}};
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *value = reply_header(reply, CASES[i][0]);
    g_assert_cmpstr(value, ==, CASES[i][1]);
  }
}

static void
test_reply_copy(void)
{
  g_autoptr(Reply) reply = reply_new();
  reply->status = 200;
  reply->is_moved = true;
  reply->url = g_strdup("https://a.example/");
  reply->headers = g_strdup("etag: x");
  reply->body = g_memdup2("a\0b", 4);
  reply->body_length = 3;
  reply->answered_ms = 5;
  error_set(&reply->error, ERROR_RETRY, "text");
  g_autoptr(Reply) copy = reply_copy(reply);
  g_assert_cmpint(copy->status, ==, 200);
  g_assert_true(copy->is_moved);
  g_assert_cmpint(copy->answered_ms, ==, 5);
  g_assert_cmpuint(copy->body_length, ==, 3);
  g_assert_true(memcmp(copy->body, "a\0b", 4) == 0);
  g_assert_error(copy->error, COURANT_ERROR, ERROR_RETRY);
  const void *pairs[][2] = {
      {copy->url, reply->url}, {copy->headers, reply->headers}, {copy->body, reply->body}, {copy->error, reply->error}};
  for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++)
    g_assert_true(pairs[i][0] != pairs[i][1]);
  g_assert_cmpstr(copy->url, ==, reply->url);
  g_assert_cmpstr(copy->headers, ==, reply->headers);

  g_autoptr(Reply) empty = reply_new();
  g_autoptr(Reply) empty_copy = reply_copy(empty);
  g_assert_null(empty_copy->body);
  g_assert_null(empty_copy->error);
}

static void
count_free(void *result)
{
  ++*(int *) result;
}

static void
test_step_outcome(void)
{
  int free_count = 0;
  StepOutcome outcome = {0};
  step_ask(&outcome, request_new(REQUEST_PAGE, "https://a.example/"));
  step_ask(&outcome, request_new(REQUEST_PAGE, "https://b.example/"));
  g_assert_cmpuint(outcome.requests->len, ==, 2);
  const Request *second = outcome.requests->pdata[1];
  g_assert_cmpstr(second->url, ==, "https://b.example/");
  outcome.result = &free_count;
  error_set(&outcome.error, ERROR_RETRY, "text");
  step_outcome_clear(&outcome, count_free);
  g_assert_cmpint(free_count, ==, 1);
  g_assert_true(outcome.requests == NULL && outcome.result == NULL && outcome.error == NULL);
  outcome.result = &free_count;
  step_outcome_clear(&outcome, NULL);
  g_assert_cmpint(free_count, ==, 1);
  g_assert_null(outcome.result);
}

static void
test_free_takes_null(void)
{
  request_free(NULL);
  reply_free(NULL);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/exchange/kind-names", test_kind_names);
  g_test_add_func("/exchange/hash-tells-requests-apart", test_hash_tells_requests_apart);
  g_test_add_func("/exchange/reply-header", test_reply_header);
  g_test_add_func("/exchange/reply-copy", test_reply_copy);
  g_test_add_func("/exchange/step-outcome", test_step_outcome);
  g_test_add_func("/exchange/free-takes-null", test_free_takes_null);
  return g_test_run();
}
