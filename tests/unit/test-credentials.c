#include "client-harness.h"

#include "net/call.h"
#include "os/clock.h"

#include <string.h>

static const char USER_AGENT[] = "linux:courant:1 (by /u/someone)";
static const char TOKEN[] = "{\"access_token\": \"t1\", \"token_type\": \"bearer\", \"expires_in\": 3600}";
static const char SECOND_TOKEN[] = "{\"access_token\": \"t2\", \"token_type\": \"Bearer\", \"expires_in\": 3600}";

/* Of the addresses of a.localhost that begin with @path; tokens come from b.localhost. */
static void
add_service(Client *client, const Server *server, const char *path, CredentialKind credential)
{
  static const char *const SECRETS[] = {[CREDENTIAL_BEARER] = "s3cret-of-mine",
                                        [CREDENTIAL_API_KEY] = "s3cret-of-mine",
                                        [CREDENTIAL_QUERY] = "feed=s3cret-of-mine",
                                        [CREDENTIAL_CLIENT] = "s3cret/"};
  g_autoptr(Service) service = service_new(make_url(server, "a.localhost", path));
  service->user_agent = g_strdup(USER_AGENT);
  service->auth = g_strdup("mine");
  service->credential = credential;
  service->secret = g_strdup(SECRETS[credential]);
  service->client_id = g_strdup("id");
  service->token_url = make_url(server, "b.localhost", "/token");
  add_service_to(client, service);
}

static void
test_credentials_as_sent(void)
{
  static const struct {
    CredentialKind credential;
    const char *path;
    const char *log;
  } CASES[] = {
      {CREDENTIAL_BEARER, "/list?q=1", "GET /list?q=1|linux:courant:1 (by /u/someone)|Bearer s3cret-of-mine|"},
      {CREDENTIAL_API_KEY, "/list?q=1", "GET /list?q=1|linux:courant:1 (by /u/someone)|x-api-key s3cret-of-mine|"},
      {CREDENTIAL_QUERY, "/list?user=me", "GET /list?user=me&feed=s3cret-of-mine|linux:courant:1 (by /u/someone)|-|"},
      {CREDENTIAL_QUERY, "/list#part", "GET /list?feed=s3cret-of-mine|linux:courant:1 (by /u/someone)|-|"},
  };
  g_autoptr(Server) server = server_new();
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Client) client = make_client(&OPTIONS);
    add_service(client, server, "/", CASES[i].credential);
    g_autofree char *url = make_url(server, "a.localhost", CASES[i].path);
    g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
    g_assert_no_error(ended->reply->error);
    g_assert_cmpstr(ended->reply->url, ==, url);
    assert_log(server, &CASES[i].log, 1);
    /* not asked for: not sent, but the name is */
    g_autoptr(ClientAnswer) open = fetch(client, REQUEST_LISTING, url);
    g_assert_no_error(open->reply->error);
    g_autofree char *log = server_take_log(server);
    g_assert_null(strstr(log, "s3cret"));
    g_assert_nonnull(strstr(log, USER_AGENT));
  }
}

static void
test_credentials_stay_with_their_service(void)
{
  static const struct {
    const char *host;
    const char *path;
    const char *auth;
    RequestKind kind;
  } CASES[] = {
      {"a.localhost", "/other/list", "mine", REQUEST_LISTING}, {"b.localhost", "/own/list", "mine", REQUEST_LISTING},
      {"a.localhost", "/own/list", "yours", REQUEST_LISTING},  {"a.localhost", "/own/list", "", REQUEST_ITEM},
      {"a.localhost", "/own/list", "mine", REQUEST_PAGE},      {"a.localhost", "/own/../list", "mine", REQUEST_LISTING},
  };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_open_client(server, OPTIONS);
  add_service(client, server, "/own/", CREDENTIAL_BEARER);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *url = make_url(server, CASES[i].host, CASES[i].path);
    g_autoptr(Request) request = request_new(CASES[i].kind, url);
    request->auth = g_strdup(CASES[i].auth);
    client_submit(client, request, NULL, NULL);
    g_autoptr(ClientAnswer) ended = await(client);
    assert_failed(ended, ERROR_CONFIG, "GET http://*: no credential named \"*\"");
  }
  g_assert_cmpint(server->requests, ==, 0);
}

static void
test_credentials_that_none_can_be(void)
{
  static const struct {
    CredentialKind credential;
    const char *secret;
  } CASES[] = {
      {CREDENTIAL_BEARER, ""},
      {CREDENTIAL_BEARER, "with space"},
      {CREDENTIAL_BEARER, "of\r\nTwo: lines"},
      {CREDENTIAL_API_KEY, "of\r\nTwo: lines"},
      {CREDENTIAL_BEARER, "s3cr\xc3\xa9t"},
      {CREDENTIAL_QUERY, "feed=of two"},
      {CREDENTIAL_QUERY, "feed="},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Client) client = make_client(&OPTIONS);
    g_autoptr(Service) service = service_new(g_strdup("http://a.localhost/"));
    service->auth = g_strdup("mine");
    service->credential = CASES[i].credential;
    service->secret = g_strdup(CASES[i].secret);
    add_service_to(client, service);
    g_autoptr(ClientAnswer) ended = fetch_with(client, "http://a.localhost/", "mine");
    assert_failed(ended, ERROR_CONFIG, "*: the credential \"mine\" is empty or holds *");
    g_assert_cmpint(ended->tries->len, ==, 0);
  }
}

static void
assert_hidden(const ClientAnswer *ended)
{
  const Reply *reply = ended->reply;
  g_assert_null(strstr(reply->url, "s3cret"));
  if (reply->error != NULL)
    g_assert_null(strstr(reply->error->message, "s3cret"));
  if (reply->headers != NULL)
    g_assert_null(strstr(reply->headers, "s3cret"));
  if (reply->body != NULL)
    g_assert_null(strstr(reply->body, "s3cret"));
}

/* However a request ends and whatever its answer repeats. */
static void
test_secrets_are_never_told(void)
{
  static const struct {
    Canned canned;
    const char *pattern;
  } CASES[] = {
      {{"/x", 404, NULL, "?feed=s3cret-of-mine", 0}, "GET http://a.localhost:*/x?q=1: HTTP 404"},
      {{"/x", 401, NULL, "", 0}, "*: HTTP 401"},
      {{"/x", 500, NULL, "", 0}, "*: HTTP 500 after 4 tries; *"},
      {{"/x", 302, "Location: /y?feed=s3cret-of-mine", "", 0},
       "*/x?q=1: HTTP 302 and no redirect is followed with a credential"},
      {{"/x", 200, "Link: <http://a.localhost/x?feed=s3cret-of-mine&user=me>; rel=\"next\"",
        "<link>/x?user=me&amp;feed=s3cret-of-mine</link> s3cret-of-mines3cret-of-mine by me", 0},
       NULL},
  };
  g_autoptr(Server) server = server_new();
  for (CredentialKind credential = CREDENTIAL_BEARER; credential <= CREDENTIAL_QUERY; credential++)
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
      const Canned canned[] = {CASES[i].canned, {NULL, 0, NULL, NULL, 0}};
      server_can(server, canned);
      g_autoptr(Client) client = make_client(&OPTIONS);
      add_service(client, server, "/", credential);
      g_autofree char *url = make_url(server, "a.localhost", "/x?q=1");
      g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
      assert_hidden(ended);
      g_assert_cmpstr(ended->reply->url, ==, url);
      if (CASES[i].pattern != NULL) {
        assert_failed(ended, (ErrorCode) ended->reply->error->code, CASES[i].pattern);
        continue;
      }
      g_assert_cmpstr(ended->reply->body, ==,
                      "<link>/x?user=me&amp;feed=xxxxxxxxxxxxxx</link> xxxxxxxxxxxxxxxxxxxxxxxxxxxx by me");
    }
}

/* A key that is as short as a word would hide words. */
static void
test_short_keys_hide_nothing(void)
{
  static const Canned CANNED[] = {{"/x", 200, NULL, "a key", 0}, {NULL, 0, NULL, NULL, 0}};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autoptr(Service) service = service_new(make_url(server, "a.localhost", "/"));
  service->auth = g_strdup("mine");
  service->secret = g_strdup("key");
  add_service_to(client, service);
  g_autofree char *url = make_url(server, "a.localhost", "/x");
  g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
  g_assert_cmpstr(ended->reply->body, ==, "a key");
}

/* Of what is added to the address, the token in whatever spelling, and no word of the text besides. */
static void
test_nothing_but_the_token_is_hidden(void)
{
  static const struct {
    const char *secret;
    const char *body;
    const char *expected;
  } CASES[] = {
      {"feed=0123456789abcdef", "?user=programming&amp;feed=0123456789abcdef by programming",
       "?user=programming&amp;feed=xxxxxxxxxxxxxxxx by programming"},
      {"feed=pw", "PW,pw feed=pw p", "PW,xx feed=xx p"},
      {"feed=a%2Fb+c", "a/b+c a%2fb%2Bc a%2Fb+c %61/b+c a/b", "xxxxx xxxxxxxxx xxxxxxx xxxxxxx a/b"},
      {"feed=50%", "50% 50%25 50%2", "xxx xxxxx xxx2"},
      {"feed=/q", "%2fq %3zq %", "xxxx %3zq %"},
      {"feed", "a feed", "a xxxx"},
  };
  g_autoptr(Server) server = server_new();
  g_autofree char *url = make_url(server, "a.localhost", "/x");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Canned canned[] = {{"/x", 200, NULL, CASES[i].body, 0}, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    g_autoptr(Client) client = make_client(&OPTIONS);
    g_autoptr(Service) service = service_new(g_strdup(url));
    service->auth = g_strdup("mine");
    service->credential = CREDENTIAL_QUERY;
    service->secret = g_strdup(CASES[i].secret);
    add_service_to(client, service);
    g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
    g_assert_no_error(ended->reply->error);
    g_assert_cmpstr(ended->reply->body, ==, CASES[i].expected);
  }
}

static const char ASKS[] = "POST /token|linux:courant:1 (by /u/someone)|Basic aWQ6czNjcmV0JTJG|grant_type=client_credentials";

static void
take_all(Client *client, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    g_assert_no_error(ended->reply->error);
  }
}

/* Three requests wait for one token, which serves the next as well. */
static void
test_token_is_asked_for_once(void)
{
  static const Canned CANNED[] = {{"/token", 200, NULL, TOKEN, 0}, {NULL, 0, NULL, NULL, 0}};
  static const char *const LOG[] = {ASKS, "GET /list|linux:courant:1*|Bearer t1|", "GET /list|*|Bearer t1|",
                                    "GET /list|*|Bearer t1|", "GET /list|*|Bearer t1|"};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  ClientOptions options = OPTIONS;
  options.in_flight = options.in_flight_per_host = 1;
  g_autoptr(Client) client = make_client(&options);
  add_service(client, server, "/", CREDENTIAL_CLIENT);
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  for (int i = 0; i < 3; i++)
    submit_with(client, url, "mine");
  take_all(client, 3);
  submit_with(client, url, "mine");
  take_all(client, 1);
  assert_log(server, LOG, G_N_ELEMENTS(LOG));
}

/* One that ends within the minute is used for what waited for it. */
static void
test_token_that_ends_soon(void)
{
  static const char *const LIVES[] = {"60", "0", "-1", "\"59\""};
  for (size_t i = 0; i < G_N_ELEMENTS(LIVES); i++) {
    g_autofree char *body =
        g_strdup_printf("{\"access_token\": \"t1\", \"token_type\": \"bearer\", \"expires_in\": %s}", LIVES[i]);
    const Canned canned[] = {{"/token", 200, NULL, body, 0}, {NULL, 0, NULL, NULL, 0}};
    static const char *const LOG[] = {ASKS, "GET /list|*|Bearer t1|", "GET /list|*|Bearer t1|", ASKS, "GET /list|*|Bearer t1|"};
    g_autoptr(Server) server = server_new();
    server_can(server, canned);
    g_autoptr(Client) client = make_client(&OPTIONS);
    add_service(client, server, "/", CREDENTIAL_CLIENT);
    g_autofree char *url = make_url(server, "a.localhost", "/list");
    submit_with(client, url, "mine");
    submit_with(client, url, "mine");
    take_all(client, 2);
    submit_with(client, url, "mine");
    take_all(client, 1);
    assert_log(server, LOG, G_N_ELEMENTS(LOG));
  }
}

static void
test_refused_token_is_renewed(void)
{
  static const Canned CANNED[] = {
      {"/token", 200, NULL, TOKEN, 1},
      {"/token", 200, NULL, SECOND_TOKEN, 0},
      {"/list", 401, NULL, "", 1},
      {NULL, 0, NULL, NULL, 0},
  };
  static const char *const LOG[] = {ASKS, "GET /list|*|Bearer t1|", ASKS, "GET /list|*|Bearer t2|", "GET /list|*|Bearer t2|"};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_client(&OPTIONS);
  add_service(client, server, "/", CREDENTIAL_CLIENT);
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
  g_assert_no_error(ended->reply->error);
  g_assert_cmpint(ended->tries->len, ==, 2);
  submit_with(client, url, "mine");
  take_all(client, 1);
  assert_log(server, LOG, G_N_ELEMENTS(LOG));
}

/* Two requests under way learn of it; one new token is for both. */
static void
test_refused_token_is_renewed_once(void)
{
  static const Canned CANNED[] = {
      {"/token", 200, NULL, TOKEN, 1},
      {"/token", 200, NULL, SECOND_TOKEN, 0},
      {"/list", 401, NULL, "", 2},
      {NULL, 0, NULL, NULL, 0},
  };
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_client(&OPTIONS);
  add_service(client, server, "/", CREDENTIAL_CLIENT);
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  submit_with(client, url, "mine");
  submit_with(client, url, "mine");
  take_all(client, 2);
  g_autofree char *log = server_take_log(server);
  g_auto(GStrv) parts = g_strsplit(log, "POST /token", -1);
  g_assert_cmpuint(g_strv_length(parts), ==, 1 + 2);
}

/* A refusal that comes late says nothing of the token that others got meanwhile. */
static void
test_late_refusal_spares_the_new_token(void)
{
  g_autoptr(Services) services = services_new();
  Service service = {.prefix = "http://a.localhost/"};
  g_assert_nonnull(services_add(services, &service, "a test", NULL));
  g_autoptr(Request) request = request_new(REQUEST_LISTING, "http://a.localhost/list");
  Call *call = call_new(request, NULL, NULL);
  g_assert_true(call_aim(call, services, request->url, ""));
  call->token = g_strdup("t1");
  call->service->token = g_strdup("t2");
  g_assert_true(call_drops_token(call));
  g_assert_cmpstr(call->service->token, ==, "t2");
  g_assert_false(call_drops_token(call));
  call_free(call);
}

static void
test_token_refused_again(void)
{
  static const Canned CANNED[] = {{"/token", 200, NULL, TOKEN, 0}, {"/list", 401, NULL, "", 0}, {NULL, 0, NULL, NULL, 0}};
  static const char *const LOG[] = {ASKS, "GET /list|*|Bearer t1|", ASKS, "GET /list|*|Bearer t1|"};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_client(&OPTIONS);
  add_service(client, server, "/", CREDENTIAL_CLIENT);
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
  assert_failed(ended, ERROR_REJECTED, "*/list: HTTP 401");
  assert_log(server, LOG, G_N_ELEMENTS(LOG));
}

static void
test_tokens_that_do_not_come(void)
{
  g_autofree char *long_body = g_strnfill(70000, ' ');
  const struct {
    Canned canned;
    ErrorCode code;
    int requests;
    const char *pattern;
  } CASES[] = {
      {{"/token", 401, NULL, "", 0}, ERROR_CONFIG, 1, "token: HTTP 401: the client id or secret is not accepted"},
      {{"/token", 403, NULL, "", 0}, ERROR_CONFIG, 1, "token: HTTP 403: the client id or secret is not accepted"},
      {{"/token", 400, NULL, "", 0}, ERROR_REJECTED, 1, "token: HTTP 400"},
      {{"/token", 302, "Location: /token2", "", 0}, ERROR_REJECTED, 1, "token: HTTP 302 and no redirect is followed *"},
      {{"/token", 500, NULL, "", 0}, ERROR_RETRY, 4, "token: HTTP 500 after 4 tries; will be tried again next run"},
      {{"/token", 429, NULL, "", 0}, ERROR_THROTTLED, 4, "token: HTTP 429 after 4 tries; *"},
      {{"/token", 429, "Retry-After: 7200", "", 0},
       ERROR_THROTTLED,
       1,
       "token: HTTP 429, and no turn before this stage's deadline; *"},
      {{"/token", 200, NULL, "", 0}, ERROR_REJECTED, 1, "token: the reply holds no bearer token"},
      {{"/token", 200, NULL, "{\"error\": 401}", 0}, ERROR_REJECTED, 1, "token: the reply holds no bearer token"},
      {{"/token", 200, NULL, "[{\"access_token\": \"t\"}]", 0}, ERROR_REJECTED, 1, "token: the reply holds no *"},
      {{"/token", 200, NULL, "{\"access_token\": \"\"}", 0}, ERROR_REJECTED, 1, "token: the reply holds no *"},
      {{"/token", 200, NULL, "{\"access_token\": \"t\\r\\nHost: b\"}", 0}, ERROR_REJECTED, 1, "token: the reply holds no *"},
      {{"/token", 200, NULL, "{\"access_token\": \"t\", \"token_type\": \"mac\"}", 0}, ERROR_REJECTED, 1, "token: the reply *"},
      {{"/token", 200, NULL, long_body, 0}, ERROR_REJECTED, 1, "token: its body is longer than 64 KB"},
  };
  g_autoptr(Server) server = server_new();
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    const Canned canned[] = {CASES[i].canned, {NULL, 0, NULL, NULL, 0}};
    server_can(server, canned);
    g_autoptr(Client) client = make_client(&OPTIONS);
    client_set_deadline(client, clock_monotonic_ms() + HOUR_MS);
    add_service(client, server, "/", CREDENTIAL_CLIENT);
    submit_with(client, url, "mine");
    submit_with(client, url, "mine");
    g_autofree char *pattern = g_strconcat("GET ", url, ": ", CASES[i].pattern, NULL);
    int requests = server->requests;
    for (int waiting = 0; waiting < 2; waiting++) {
      g_autoptr(ClientAnswer) ended = await(client);
      assert_failed(ended, CASES[i].code, pattern);
      assert_hidden(ended);
      g_assert_cmpint(ended->reply->status, ==, 0);
      g_assert_cmpint(ended->tries->len, ==, 0);
    }
    g_assert_cmpint(server->requests - requests, ==, CASES[i].requests);
    /* nothing is left behind: the next asks anew */
    static const Canned GOOD[] = {{"/token", 200, NULL, TOKEN, 0}, {NULL, 0, NULL, NULL, 0}};
    server_can(server, GOOD);
    submit_with(client, url, "mine");
    g_autoptr(ClientAnswer) later = await(client);
    bool is_paused = later->reply->error != NULL && CASES[i].canned.headers != NULL && CASES[i].canned.status == 429;
    g_assert_true(is_paused || later->reply->error == NULL);
  }
}

/* A configured address that is none, and clients that go before their tokens came. */
static void
test_waiting_ends_in_any_case(void)
{
  g_autoptr(Server) server = server_new();
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autoptr(Service) service = service_new(g_strdup(url));
  service->auth = g_strdup("mine");
  service->credential = CREDENTIAL_CLIENT;
  service->secret = g_strdup("s3cret");
  service->token_url = g_strdup("http://id:s3cret@b.localhost/token");
  add_service_to(client, service);
  g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
  assert_failed(ended, ERROR_CONFIG, "*/list: token: its address is no http or https address without user information");
  assert_hidden(ended);
  g_free(service->token_url);
  service->token_url = make_url(server, "b.localhost", "/stall");
  g_autoptr(Client) second = make_client(&OPTIONS);
  add_service_to(second, service);
  for (int i = 0; i < 3; i++)
    submit_with(second, url, "mine");
  client_perform(second);
  client_set_deadline(second, clock_monotonic_ms());
  for (int i = 0; i < 3; i++) {
    g_autoptr(ClientAnswer) cut_off = await(second);
    assert_failed(cut_off, ERROR_RETRY, "*: token: cut off at this stage's deadline; *");
  }
  client_set_deadline(second, INT64_MAX);
  submit_with(second, url, "mine");
  client_perform(second);
}

/* The host of the tokens has limits of its own, and they are kept. */
static void
test_token_passes_the_limits_of_its_host(void)
{
  static const Canned CANNED[] = {{"/token", 200, NULL, TOKEN, 0}, {"/list", 401, NULL, "", 0}, {NULL, 0, NULL, NULL, 0}};
  g_autoptr(Server) server = server_new();
  server_can(server, CANNED);
  g_autoptr(Client) client = make_client(&OPTIONS);
  client_set_deadline(client, clock_monotonic_ms() + HOUR_MS / 2);
  add_service(client, server, "/", CREDENTIAL_CLIENT);
  g_autofree char *prefix = make_url(server, "b.localhost", "/");
  add_window(client, prefix, 1);
  g_autofree char *url = make_url(server, "a.localhost", "/list");
  g_autoptr(ClientAnswer) ended = fetch_with(client, url, "mine");
  assert_failed(ended, ERROR_THROTTLED, "*/list: token: no turn before this stage's deadline; *");
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/credentials/as-sent", test_credentials_as_sent},
      {"/credentials/stay-with-their-service", test_credentials_stay_with_their_service},
      {"/credentials/that-none-can-be", test_credentials_that_none_can_be},
      {"/credentials/secrets-are-never-told", test_secrets_are_never_told},
      {"/credentials/short-keys-hide-nothing", test_short_keys_hide_nothing},
      {"/credentials/nothing-but-the-token-is-hidden", test_nothing_but_the_token_is_hidden},
      {"/credentials/token-is-asked-for-once", test_token_is_asked_for_once},
      {"/credentials/token-that-ends-soon", test_token_that_ends_soon},
      {"/credentials/refused-token-is-renewed", test_refused_token_is_renewed},
      {"/credentials/refused-token-is-renewed-once", test_refused_token_is_renewed_once},
      {"/credentials/late-refusal-spares-the-new-token", test_late_refusal_spares_the_new_token},
      {"/credentials/token-refused-again", test_token_refused_again},
      {"/credentials/tokens-that-do-not-come", test_tokens_that_do_not_come},
      {"/credentials/waiting-ends-in-any-case", test_waiting_ends_in_any_case},
      {"/credentials/token-passes-the-limits-of-its-host", test_token_passes_the_limits_of_its_host},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
