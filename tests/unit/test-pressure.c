#include "client-harness.h"

#include "os/clock.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

/* Takes @count answers. Returns: how many of them ended well */
static int
take_all(Client *client, int count)
{
  int good = 0;
  for (int i = 0; i < count; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    good += ended->reply->error == NULL;
  }
  return good;
}

static void
submit_all(Client *client, const Server *server, const char *host, const char *path, int count)
{
  g_autofree char *url = make_url(server, host, path);
  for (int i = 0; i < count; i++)
    submit(client, REQUEST_ITEM, url, NULL);
}

static void
test_dead_host_is_not_asked_for_ever(void)
{
  enum { REQUESTS = 31, RETRIES = 10 };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  submit_all(client, server, "dead.localhost", "/status/500", REQUESTS);
  g_assert_cmpint(take_all(client, REQUESTS), ==, 0);
  g_assert_cmpint(server->requests, ==, REQUESTS + RETRIES);
  g_autofree char *url = make_url(server, "dead.localhost", "/status/500");
  g_autoptr(ClientAnswer) last = fetch(client, REQUEST_ITEM, url);
  assert_failed(last, ERROR_RETRY,
                "GET *: HTTP 500 after 1 try, and its host fails too often to be asked again; will be tried again next run");
  g_autofree char *other = make_url(server, "b.localhost", "/status/500");
  g_autoptr(ClientAnswer) apart = fetch(client, REQUEST_ITEM, other);
  g_assert_cmpuint(apart->tries->len, ==, 4);
}

static void
test_host_that_fails_now_and_then_loses_nothing(void)
{
  enum { REQUESTS = 300, EVERY = 10 };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  for (int i = 0; i < REQUESTS / EVERY; i++) {
    server->failures = 1;
    server->status = 500;
    server->retry_after = -1;
    submit_all(client, server, "a.localhost", "/flaky", EVERY);
    g_assert_cmpint(take_all(client, EVERY), ==, EVERY);
  }
  g_assert_cmpint(server->requests, ==, REQUESTS + REQUESTS / EVERY);
}

/* A host that asks for a wait is waited for, by all that would ask it, and nothing is given up. */
static void
test_storm_of_429_loses_nothing(void)
{
  enum { REQUESTS = 60 };
  g_autoptr(Server) server = server_new();
  g_autoptr(Client) client = make_client(&OPTIONS);
  server->failures = REQUESTS / 2;
  server->status = 429;
  server->retry_after = 0;
  submit_all(client, server, "a.localhost", "/flaky", REQUESTS);
  submit_all(client, server, "b.localhost", "/", REQUESTS);
  g_assert_cmpint(take_all(client, 2 * REQUESTS), ==, 2 * REQUESTS);
}

/* What goes out between two commits is never more than may be in flight. */
static void
test_one_move_sends_no_more_than_its_places(void)
{
  enum { REQUESTS = 40, PLACES = 4, HOSTS = 2 };
  g_autoptr(Server) server = server_new();
  ClientOptions options = OPTIONS;
  options.in_flight_per_host = PLACES;
  g_autoptr(Client) client = make_client(&options);
  submit_all(client, server, "a.localhost", "/", REQUESTS);
  submit_all(client, server, "b.localhost", "/", REQUESTS);
  for (int left = HOSTS * REQUESTS, moves = 1; left > 0; moves++) {
    client_perform(client);
    g_assert_cmpint(server->requests, <=, moves * HOSTS * PLACES);
    for (ClientAnswer *ended; (ended = client_take(client)) != NULL; left--)
      client_answer_free(ended);
    if (left > 0)
      client_wait(client, HOUR_MS);
  }
}

typedef struct {
  int listener;
  int port;
  int requests;
} Breaker;

static void
listen_breaker(Breaker *breaker)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  breaker->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(breaker->listener, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint(listen(breaker->listener, 4), ==, 0);
  g_assert_cmpint(getsockname(breaker->listener, (struct sockaddr *) &address, &length), ==, 0);
  breaker->port = ntohs(address.sin_port);
}

/* Whether somebody has connected; the kernel has by when connect() returns. */
static bool
is_asked(const Breaker *breaker)
{
  struct pollfd waiting = {.fd = breaker->listener, .events = POLLIN};
  return poll(&waiting, 1, 0) > 0;
}

/* A process killed between its first requests and the commit of what its windows count would ask as many again at once. */
static void
test_nothing_goes_out_before_its_window_can_be_kept(void)
{
  Breaker breaker = {0};
  listen_breaker(&breaker);
  g_autoptr(Client) client = make_client(&OPTIONS);
  g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d/", breaker.port);
  add_window(client, url, 5);
  submit(client, REQUEST_ITEM, url, NULL);
  client_perform(client);
  g_autoptr(GPtrArray) states = client_host_states(client);
  g_assert_cmpuint(states->len, ==, 1);
  g_assert_false(is_asked(&breaker));
  client_wait(client, HOUR_MS);
  client_perform(client);
  g_assert_true(is_asked(&breaker));
  close(breaker.listener);
}

/* Answers the first request of its first connection, and never another one. */
static void *
break_second_request(void *user)
{
  static const char OK[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  Breaker *breaker = user;
  for (;;) {
    int connection = accept4(breaker->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
      return NULL;
    char request[1024];
    while (recv(connection, request, sizeof request, 0) > 0) {
      if (++breaker->requests > 1)
        break;
      send(connection, OK, strlen(OK), MSG_NOSIGNAL);
    }
    close(connection);
  }
}

/* curl sends a request once more by itself when a connection used before breaks; the server may have charged for both. */
static void
test_nothing_is_sent_twice_unseen(void)
{
  Breaker breaker = {0};
  listen_breaker(&breaker);
  pthread_t thread;
  g_assert_cmpint(pthread_create(&thread, NULL, break_second_request, &breaker), ==, 0);
  ClientOptions options = OPTIONS;
  options.max_tries = 1;
  g_autoptr(Client) client = make_client(&options);
  g_autofree char *url = g_strdup_printf("http://127.0.0.1:%d/", breaker.port);
  g_autoptr(ClientAnswer) answered = fetch(client, REQUEST_LISTING, url);
  g_assert_no_error(answered->reply->error);
  g_autoptr(ClientAnswer) broken = fetch(client, REQUEST_LISTING, url);
  assert_failed(broken, ERROR_RETRY, "GET *: the connection broke before the whole reply had come after 1 try; *");
  shutdown(breaker.listener, SHUT_RDWR);
  pthread_join(thread, NULL);
  close(breaker.listener);
  g_assert_cmpint(breaker.requests, ==, 2);
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/pressure/dead-host-is-not-asked-for-ever", test_dead_host_is_not_asked_for_ever},
      {"/pressure/host-that-fails-now-and-then-loses-nothing", test_host_that_fails_now_and_then_loses_nothing},
      {"/pressure/storm-of-429-loses-nothing", test_storm_of_429_loses_nothing},
      {"/pressure/one-move-sends-no-more-than-its-places", test_one_move_sends_no_more_than_its_places},
      {"/pressure/nothing-goes-out-before-its-window-can-be-kept", test_nothing_goes_out_before_its_window_can_be_kept},
      {"/pressure/nothing-is-sent-twice-unseen", test_nothing_is_sent_twice_unseen},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
