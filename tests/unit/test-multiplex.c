/*
 * HTTP/2 and TLS, by nghttpx before the test's own server; skipped where it or openssl is not installed.
 */
#include "client-harness.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* @folder: with the certificates; ca.pem is the authority of both servers' */
typedef struct {
  char *folder;
  Server *server;
  GPid pid;
  int port;
} Front;

static char *
find_in(const Front *front, const char *name)
{
  return g_build_filename(front->folder, name, NULL);
}

static void
run_in(const Front *front, const char *command)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) arguments = NULL;
  int status = 0;
  g_shell_parse_argv(command, NULL, &arguments, &error);
  g_assert_no_error(error);
  g_spawn_sync(front->folder, arguments, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
               &status, &error);
  g_assert_no_error(error);
  g_assert_cmpint(status, ==, 0);
}

static void
make_certificates(const Front *front)
{
  static const char *const COMMANDS[] = {
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -subj /CN=Ours",
      "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out request -subj /CN=localhost",
      "openssl x509 -req -in request -CA ca.pem -CAkey ca.key -CAcreateserial -out certificate.pem -extfile names",
  };
  g_autofree char *names = find_in(front, "names");
  g_assert_true(g_file_set_contents(names, "subjectAltName=DNS:a.localhost,DNS:b.localhost\n", -1, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS(COMMANDS); i++)
    run_in(front, COMMANDS[i]);
}

static int
find_free_port(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(probe, (struct sockaddr *) &address, sizeof address), ==, 0);
  g_assert_cmpint(getsockname(probe, (struct sockaddr *) &address, &length), ==, 0);
  close(probe);
  return ntohs(address.sin_port);
}

/* Till it answers; each try waits for the kernel's answer and no longer. From another address: a socket that tries long enough
 * would meet itself. */
static void
await_front(const Front *front)
{
  const struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t) front->port)};
  int status = -1;
  while (status != 0) {
    g_assert_cmpint(waitpid(front->pid, NULL, WNOHANG), ==, 0);
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(probe, (const struct sockaddr *) &own, sizeof own), ==, 0);
    status = connect(probe, (struct sockaddr *) &address, sizeof address);
    close(probe);
  }
}

static Front *
front_new(void)
{
  g_autofree char *nghttpx = g_find_program_in_path("nghttpx");
  g_autofree char *openssl = g_find_program_in_path("openssl");
  if (nghttpx == NULL || openssl == NULL) {
    g_test_skip("nghttpx (nghttp2-proxy) or openssl is not installed");
    return NULL;
  }
  Front *front = g_new0(Front, 1);
  front->folder = g_dir_make_tmp("courant-XXXXXX", NULL);
  front->server = server_new();
  front->port = find_free_port();
  make_certificates(front);
  g_autofree char *frontend = g_strdup_printf("--frontend=127.0.0.1,%d", front->port);
  g_autofree char *backend = g_strdup_printf("--backend=127.0.0.1,%d", front->server->port);
  char *arguments[] = {
      nghttpx,   frontend,          backend, "--conf=/dev/null", "--workers=1", "--no-ocsp", "--log-level=FATAL",
      "key.pem", "certificate.pem", NULL};
  g_autoptr(GError) error = NULL;
  g_spawn_async(front->folder, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &front->pid,
                &error);
  g_assert_no_error(error);
  await_front(front);
  return front;
}

static void
front_free(Front *front)
{
  if (front == NULL)
    return;
  kill(front->pid, SIGKILL);
  waitpid(front->pid, NULL, 0);
  server_free(front->server);
  g_autoptr(GDir) folder = g_dir_open(front->folder, 0, NULL);
  for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder)) {
    g_autofree char *path = find_in(front, name);
    g_unlink(path);
  }
  g_rmdir(front->folder);
  g_free(front->folder);
  g_free(front);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Front, front_free)

static Client *
make_front_client(const Front *front, int64_t places)
{
  g_autofree char *ca_file = find_in(front, "ca.pem");
  ClientOptions options = OPTIONS;
  options.ca_file = ca_file;
  options.in_flight = places;
  options.in_flight_per_host = places;
  return make_client(&options);
}

/* Returns: how many connections of this process to the front are open */
static int
count_connections(const Front *front)
{
  g_autofree char *table = NULL;
  g_assert_true(g_file_get_contents("/proc/self/net/tcp", &table, NULL, NULL));
  g_autofree char *remote = g_strdup_printf(" 0100007F:%04X 01 ", (unsigned) front->port);
  int count = 0;
  for (const char *at = strstr(table, remote); at != NULL; at = strstr(at + 1, remote))
    count++;
  return count;
}

static void
fetch_many(Client *client, const Front *front, const char *host, int count)
{
  g_autofree char *url = g_strdup_printf("https://%s:%d/", host, front->port);
  for (int i = 0; i < count; i++)
    submit(client, REQUEST_ITEM, url, NULL);
  for (int i = 0; i < count; i++) {
    g_autoptr(ClientAnswer) ended = await(client);
    g_assert_no_error(ended->reply->error);
  }
}

static void
test_one_connection_carries_all(void)
{
  enum { REQUESTS = 50, PLACES = 32 };
  g_autoptr(Front) front = front_new();
  if (front == NULL)
    return;
  g_autoptr(Client) client = make_front_client(front, PLACES);
  fetch_many(client, front, "a.localhost", REQUESTS);
  g_assert_cmpint(count_connections(front), ==, 1);
  fetch_many(client, front, "a.localhost", REQUESTS);
  g_assert_cmpint(count_connections(front), ==, 1);
  fetch_many(client, front, "b.localhost", REQUESTS);
  g_assert_cmpint(count_connections(front), ==, 2);
  g_assert_cmpint(front->server->requests, ==, 3 * REQUESTS);
}

static void
test_certificates_are_checked(void)
{
  g_autoptr(Front) front = front_new();
  if (front == NULL)
    return;
  g_autoptr(Client) client = make_front_client(front, 1);
  g_autofree char *other_name = g_strdup_printf("https://c.localhost:%d/", front->port);
  g_autoptr(ClientAnswer) misnamed = fetch(client, REQUEST_LISTING, other_name);
  assert_failed(misnamed, ERROR_REJECTED, "*: its TLS certificate cannot be verified");
  g_autoptr(Client) stranger = make_client(&OPTIONS);
  g_autofree char *url = g_strdup_printf("https://a.localhost:%d/", front->port);
  g_autoptr(ClientAnswer) unknown = fetch(stranger, REQUEST_LISTING, url);
  assert_failed(unknown, ERROR_REJECTED, "*: its TLS certificate cannot be verified");
  g_assert_cmpint(front->server->requests, ==, 0);
}

int
main(int argc, char **argv)
{
  static const Test TESTS[] = {
      {"/multiplex/one-connection-carries-all", test_one_connection_carries_all},
      {"/multiplex/certificates-are-checked", test_certificates_are_checked},
      {NULL, NULL},
  };
  return run_tests(argc, argv, TESTS);
}
