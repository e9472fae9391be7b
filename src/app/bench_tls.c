/* Collecting over TLS and HTTP/2: nghttpx stands before the simulated internet. */
#include "app/bench.h"
#include "os/process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PER_HOST = 64, OPENSSL_TIMEOUT_MS = 10 * 1000 };

/* The files of a server's identity, and of the authority that vouches for it. */
typedef struct {
  char *authority;
  char *authority_key;
  char *certificate;
  char *key;
} Identity;

static void
identity_clear(Identity *identity)
{
  g_free(identity->authority);
  g_free(identity->authority_key);
  g_free(identity->certificate);
  g_free(identity->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Identity, identity_clear)

/* Makes a key and a certificate; one that @authority (nullable) and its key sign. */
static bool
make_certificate(const char *name, const char *key, const char *certificate, const Identity *authority, GError **error)
{
  g_auto(GStrv) hosts = world_hosts();
  g_autofree char *names = g_strjoinv(",DNS:", hosts);
  g_autofree char *extension = g_strconcat("subjectAltName=DNS:", names, NULL);
  const char *const argv[] = {"openssl",
                              "req",
                              "-x509",
                              "-newkey",
                              "ec",
                              "-pkeyopt",
                              "ec_paramgen_curve:P-256",
                              "-nodes",
                              "-days",
                              "2",
                              "-subj",
                              name,
                              "-keyout",
                              key,
                              "-out",
                              certificate,
                              authority != NULL ? "-addext" : NULL,
                              extension,
                              "-addext",
                              "basicConstraints=CA:FALSE",
                              "-CA",
                              authority != NULL ? authority->authority : NULL,
                              "-CAkey",
                              authority != NULL ? authority->authority_key : NULL,
                              NULL};
  const ProcessSpec spec = {.argv = argv, .timeout_ms = OPENSSL_TIMEOUT_MS};
  return process_run(&spec, NULL, error);
}

static bool
make_identity(Bench *bench, Identity *identity, GError **error)
{
  *identity = (Identity){
      .authority = g_build_filename(bench->folder, "authority.pem", NULL),
      .authority_key = g_build_filename(bench->folder, "authority.key", NULL),
      .certificate = g_build_filename(bench->folder, "server.pem", NULL),
      .key = g_build_filename(bench->folder, "server.key", NULL),
  };
  return make_certificate("/CN=Bench authority", identity->authority_key, identity->authority, NULL, error) &&
         make_certificate("/CN=Bench", identity->key, identity->certificate, identity, error);
}

/* Returns: a port that was free a moment ago; 0 when there is none */
static unsigned
find_free_port(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool is_bound = listener >= 0 && bind(listener, (struct sockaddr *) &address, size) == 0 &&
                  getsockname(listener, (struct sockaddr *) &address, &size) == 0;
  if (listener >= 0)
    close(listener);
  return is_bound ? ntohs(address.sin_port) : 0;
}

static ChildServer *
start_proxy(Bench *bench, const Identity *identity, unsigned behind, GError **error)
{
  g_autofree char *frontend = g_strdup_printf("--frontend=127.0.0.1,%u", find_free_port());
  g_autofree char *backend = g_strdup_printf("--backend=127.0.0.1,%u", behind);
  const char *const argv[] = {"nghttpx",
                              "--conf=/dev/null",
                              "--single-process",
                              "--log-level=NOTICE",
                              "--accesslog-file=/dev/null",
                              frontend,
                              backend,
                              identity->key,
                              identity->certificate,
                              NULL};
  return child_serve(argv, (const char *const *) bench->environment, error);
}

/* What it takes to start courant and end it: to load its libraries, most of all. */
static bool
measure_start(Bench *bench, double *ret_cpu_seconds, GError **error)
{
  const char *const argv[] = {bench->courant, "version", NULL};
  g_auto(ChildEnd) end = {0};
  if (!child_run(argv, (const char *const *) bench->environment, &end, error))
    return false;
  *ret_cpu_seconds = end.cpu_seconds;
  return true;
}

static bool
measure(Bench *bench, BenchInternet *internet, const WorldReader *reader, GError **error)
{
  g_autoptr(GArray) seconds = series_new();
  g_autoptr(GArray) cpu_ms = series_new();
  for (int i = 0; i < bench->rounds * BENCH_SHORT_TAKES; i++) {
    g_auto(BenchTake) take = {0};
    double start_seconds = 0;
    if (!bench_collect(bench, reader, 0, &take, error) || !bench_internet_expect(internet, WORLD_REQUESTS, error) ||
        !measure_start(bench, &start_seconds, error))
      return false;
    series_add(seconds, take.seconds);
    series_add(cpu_ms, (take.cpu_seconds - start_seconds) * 1000);
  }
  bench_add(bench, &(BenchRow){.name = "collection over TLS and HTTP/2, unlimited",
                               .unit = "s",
                               .values = seconds,
                               .bound = 0.30,
                               .sense = SENSE_AT_MOST,
                               .must = 0.45});
  bench_add(bench, &(BenchRow){.name = "collection over TLS and HTTP/2, processor time beyond a bare start",
                               .unit = "ms",
                               .values = cpu_ms,
                               .sense = SENSE_AT_MOST,
                               .must = 60});
  return true;
}

bool
bench_tls(Bench *bench, GError **error)
{
  g_auto(Identity) identity = {0};
  if (!make_identity(bench, &identity, error))
    return false;
  g_autoptr(BenchInternet) internet = bench_internet_start(bench, WORLD_LATENCY_MS, NULL, error);
  g_autoptr(ChildServer) proxy = internet != NULL ? start_proxy(bench, &identity, internet->server->port, error) : NULL;
  if (proxy == NULL)
    return false;
  const WorldReader reader = {.scheme = "https",
                              .port = proxy->port,
                              .sources = WORLD_COMMUNITIES,
                              .per_host = PER_HOST,
                              .ca_file = identity.authority};
  return measure(bench, internet, &reader, error);
}
