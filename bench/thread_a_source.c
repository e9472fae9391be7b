/*
 * What courant bench compares with: a thread a source, each asking one thing after another over one connection it keeps.
 * usage: thread_a_source PORT: asks the world of courant bench at 127.0.0.1:PORT, and prints how long that took.
 */
#include "base/json.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

enum { HACKERNEWS = 30, SUBREDDITS = 8 };

/* @headers: (nullable): borrowed */
typedef struct {
  CURL *curl;
  const char *port;
  struct curl_slist *headers;
} Asker;

static size_t
keep(char *bytes, size_t size, size_t count, void *data)
{
  g_string_append_len(data, bytes, (gssize) (size * count));
  return size * count;
}

/* Returns: (transfer full): what is answered; there is no other end than a good one */
static json_t *
ask(const Asker *asker, const char *host, const char *path, const char *form)
{
  g_autofree char *url = g_strdup_printf("http://%s.localhost:%s%s", host, asker->port, path);
  g_autoptr(GString) body = g_string_new(NULL);
  curl_easy_setopt(asker->curl, CURLOPT_URL, url);
  curl_easy_setopt(asker->curl, CURLOPT_WRITEFUNCTION, keep);
  curl_easy_setopt(asker->curl, CURLOPT_WRITEDATA, body);
  curl_easy_setopt(asker->curl, CURLOPT_HTTPHEADER, asker->headers);
  curl_easy_setopt(asker->curl, CURLOPT_HTTPGET, 1L);
  if (form != NULL)
    curl_easy_setopt(asker->curl, CURLOPT_POSTFIELDS, form);
  CURLcode code = curl_easy_perform(asker->curl);
  long status = 0;
  curl_easy_getinfo(asker->curl, CURLINFO_RESPONSE_CODE, &status);
  if (code != CURLE_OK || status != 200)
    g_error("%s: %s, HTTP %ld", url, curl_easy_strerror(code), status);
  json_t *reply = json_parse(body->str, body->len, NULL, NULL);
  if (reply == NULL)
    g_error("%s: is no JSON", url);
  return reply;
}

static void
ask_mastodon(Asker *asker)
{
  static const char *const HOSTS[] = {"m1", "m2"};
  for (size_t i = 0; i < G_N_ELEMENTS(HOSTS); i++) {
    json_decref(ask(asker, HOSTS[i], "/api/v1/trends/statuses?limit=20", NULL));
    json_decref(ask(asker, HOSTS[i], "/api/v1/trends/links?limit=20", NULL));
  }
}

static void
ask_reddit(Asker *asker)
{
  curl_easy_setopt(asker->curl, CURLOPT_USERPWD, "bench:bench");
  g_autoptr(json_t) token = ask(asker, "www.reddit", "/api/v1/access_token", "grant_type=client_credentials");
  curl_easy_setopt(asker->curl, CURLOPT_USERPWD, NULL);
  g_autofree char *header = g_strconcat("Authorization: Bearer ", json_read_text(token, "access_token"), NULL);
  asker->headers = curl_slist_append(NULL, header);
  for (int i = 1; i <= SUBREDDITS; i++) {
    g_autofree char *path = g_strdup_printf("/r/r%d/hot?limit=20", i);
    json_decref(ask(asker, "oauth.reddit", path, NULL));
  }
  curl_slist_free_all(asker->headers);
}

static void
ask_hackernews(Asker *asker)
{
  json_decref(ask(asker, "hn", "/v0/topstories.json", NULL));
  for (int i = 1; i <= HACKERNEWS; i++) {
    g_autofree char *path = g_strdup_printf("/v0/item/%d.json", i);
    json_decref(ask(asker, "hn", path, NULL));
  }
}

static void
ask_github(Asker *asker)
{
  json_decref(ask(asker, "api.github", "/search/repositories?q=created:%3E2026-02-23&per_page=20", NULL));
  json_decref(ask(asker, "api.github", "/search/repositories?q=pushed:%3E2026-02-23&per_page=20", NULL));
}

typedef struct {
  void (*ask)(Asker *asker);
  const char *port;
  pthread_t thread;
} Worker;

static void *
work(void *data)
{
  const Worker *worker = data;
  Asker asker = {.curl = curl_easy_init(), .port = worker->port};
  curl_easy_setopt(asker.curl, CURLOPT_USERAGENT, "thread_a_source/1");
  curl_easy_setopt(asker.curl, CURLOPT_NOSIGNAL, 1L);
  worker->ask(&asker);
  curl_easy_cleanup(asker.curl);
  return NULL;
}

int
main(int argc, char **argv)
{
  if (argc != 2)
    g_error("usage: thread_a_source PORT");
  Worker workers[] = {{.ask = ask_mastodon}, {.ask = ask_reddit}, {.ask = ask_hackernews}, {.ask = ask_github}};
  json_object_seed(0);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int64_t began_us = g_get_monotonic_time();
  for (size_t i = 0; i < G_N_ELEMENTS(workers); i++) {
    workers[i].port = argv[1];
    if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
      g_error("cannot start a thread");
  }
  for (size_t i = 0; i < G_N_ELEMENTS(workers); i++)
    pthread_join(workers[i].thread, NULL);
  printf("{\"seconds\": %.6f}\n", (double) (g_get_monotonic_time() - began_us) / 1e6);
  curl_global_cleanup();
  return 0;
}
