#include "internet.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "folder.h"
#include "posts.h"
#include "script.h"
#include "service.h"
#include "world.h"

#include <errno.h>
#include <pthread.h>

static const char CONTROL_PREFIX[] = "/_sim/";

/* One lock for everything below it: a request holds it while its answer is decided, never while it waits or is sent. */
struct Internet {
  int64_t started_ms;
  FILE *log_file;
  pthread_mutex_t lock;
  World *world;
  Services *services;
  Folder *folder;
  Script *script;
  GString *log;
  json_t *bill;
  GHashTable *in_flight;
};

static bool
is_control(const Asked *asked)
{
  return g_str_has_prefix(asked->path, CONTROL_PREFIX);
}

static unsigned
count_in_flight(Internet *internet, const char *host, int change)
{
  unsigned count = (unsigned) ((int) GPOINTER_TO_UINT(g_hash_table_lookup(internet->in_flight, host)) + change);
  g_hash_table_replace(internet->in_flight, g_strdup(host), GUINT_TO_POINTER(count));
  return count;
}

/* A log holds no credential, and Reddit's feeds have theirs in the query. Returns: (transfer full) (nullable) */
static char *
query_to_log(const char *query)
{
  if (query == NULL)
    return NULL;
  g_autoptr(GRegex) secrets = g_regex_new("(^|&)feed=[^&]*", 0, 0, NULL);
  return g_regex_replace(secrets, query, -1, 0, "\\1feed=withheld", 0, NULL);
}

static void
set_optional(json_t *entry, const char *key, const char *value)
{
  if (value != NULL)
    json_object_set_new(entry, key, json_string(value));
}

/* Returns: (transfer full) */
static json_t *
digest_of(const GString *body)
{
  g_autofree char *digest = digest_sha256(body->str, body->len);
  return json_string(digest);
}

static void
add_to(json_t *sum, const char *key, int64_t number)
{
  json_object_set_new(sum, key, json_integer(json_read_int(sum, key, 0) + number));
}

static void
add_call(json_t *sum, const Bill *bill)
{
  add_to(sum, "calls", 1);
  add_to(sum, "tokens", bill->tokens);
  add_to(sum, "micros", bill->micros);
}

/* What a script made an error of was counted, but costs nothing. */
static void
charge(Internet *internet, const Answer *answer, json_t *entry)
{
  const Bill *bill = &answer->bill;
  if (bill->model == NULL)
    return;
  json_object_set_new(entry, "model", json_string(bill->model));
  json_object_set_new(entry, "tokens", json_integer(bill->tokens));
  if (answer->status / 100 != 2)
    return;
  json_object_set_new(entry, "billed_micros", json_integer(bill->micros));
  json_t *by_model = json_object_get(internet->bill, "by_model");
  if (json_object_get(by_model, bill->model) == NULL)
    json_object_set_new(by_model, bill->model, json_object());
  add_call(internet->bill, bill);
  add_call(json_object_get(by_model, bill->model), bill);
}

/* Returns: (transfer full) */
static json_t *
empty_bill(void)
{
  return json_pack("{s:i, s:i, s:i, s:{}}", "calls", 0, "tokens", 0, "micros", 0, "by_model");
}

static void
write_log(Internet *internet, const Asked *asked, int64_t now_ms, const Answer *answer, const char *fault)
{
  int64_t sent = answer->is_reset ? 0 : (int64_t) answer->body->len;
  if (answer->truncate_at >= 0)
    sent = MIN(sent, answer->truncate_at);
  g_autofree char *query = query_to_log(asked->query);
  g_autoptr(json_t) entry = json_object();
  json_object_set_new(entry, "at_ms", json_integer(now_ms - internet->started_ms));
  json_object_set_new(entry, "host", json_string(asked->host));
  json_object_set_new(entry, "method", json_string(asked->method));
  json_object_set_new(entry, "path", json_string(asked->path));
  set_optional(entry, "query", query);
  json_object_set_new(entry, "status", json_integer(answer->is_reset ? 0 : answer->status));
  json_object_set_new(entry, "bytes", answer->is_endless ? json_null() : json_integer(sent));
  json_object_set_new(entry, "in_flight", json_integer(count_in_flight(internet, asked->host, 1)));
  set_optional(entry, "user_agent", asked->user_agent);
  set_optional(entry, "if_none_match", asked->if_none_match);
  if (answer->is_authorized)
    json_object_set_new(entry, "authorized", json_true());
  set_optional(entry, "fault", fault);
  set_optional(entry, "counted", answer->counted);
  if (asked->body->len > 0)
    json_object_set_new(entry, "body_sha256", digest_of(asked->body));
  charge(internet, answer, entry);
  g_autofree char *line = json_dumps(entry, JSON_COMPACT);
  g_string_append_printf(internet->log, "%s\n", line);
  if (internet->log_file != NULL) {
    fprintf(internet->log_file, "%s\n", line);
    fflush(internet->log_file);
  }
}

static Answer *
answer_of_world(Internet *internet, const Asked *asked, int64_t now_ms)
{
  Answer *answer = services_answer(internet->services, internet->world, asked, now_ms);
  if (answer == NULL && strcmp(asked->method, "GET") == 0)
    answer = world_answer(internet->world, asked);
  if (answer != NULL)
    world_change(internet->world, asked, answer);
  return answer;
}

/* What a service counts and what the log tells is one instant: whoever reads the log can check the service's windows by it. */
static Answer *
answer_content(Internet *internet, const Asked *asked)
{
  int64_t now_ms = g_get_real_time() / 1000;
  Answer *answer = internet->folder != NULL ? folder_answer(internet->folder, asked) : answer_of_world(internet, asked, now_ms);
  if (answer == NULL)
    answer = answer_new(405, "text/plain; charset=utf-8", "only GET is served here\n");
  const char *fault = script_apply(internet->script, asked, answer);
  write_log(internet, asked, now_ms, answer, fault);
  return answer;
}

static unsigned
present_day(const Internet *internet)
{
  return internet->world != NULL ? world_day(internet->world) : 1;
}

static Answer *
answer_world(const Internet *internet)
{
  g_autoptr(json_t) days = json_array();
  for (unsigned day = 1; internet->world != NULL && day <= world_day_count(internet->world); day++)
    json_array_append_new(days,
                          json_pack("{s:i, s:I}", "day", (int) day, "now_ms", (json_int_t) world_day_ms(internet->world, day)));
  g_autoptr(json_t) world = json_pack("{s:i, s:O}", "day", (int) present_day(internet), "days", days);
  g_autofree char *text = json_dumps(world, JSON_COMPACT);
  return answer_new(200, "application/json", text);
}

static Answer *
answer_failure(const char *text)
{
  g_autofree char *line = g_strconcat(text, "\n", NULL);
  return answer_new(400, "text/plain; charset=utf-8", line);
}

static bool
set_day(Internet *internet, int64_t day, GError **error)
{
  unsigned last = internet->world != NULL ? world_day_count(internet->world) : 1;
  if (day < 1 || day > last) {
    error_set(error, ERROR_BAD_DATA, "the day must be from 1 to %u", last);
    return false;
  }
  if (internet->world != NULL)
    world_set_day(internet->world, (unsigned) day);
  return true;
}

static Answer *
change_day(Internet *internet, const char *query)
{
  int64_t day = query != NULL && g_str_has_prefix(query, "n=") ? g_ascii_strtoll(query + 2, NULL, 10) : 0;
  g_autoptr(GError) error = NULL;
  return set_day(internet, day, &error) ? answer_world(internet) : answer_failure(error->message);
}

static Answer *
change_script(Internet *internet, const GString *body)
{
  g_autoptr(GError) error = NULL;
  Script *script = script_parse(body->str, body->len, "script", &error);
  if (script == NULL)
    return answer_failure(error->message);
  script_free(internet->script);
  internet->script = script;
  return answer_new(200, "text/plain", "ok\n");
}

static Answer *
start_over(Internet *internet)
{
  g_string_truncate(internet->log, 0);
  json_decref(internet->bill);
  internet->bill = empty_bill();
  script_rewind(internet->script);
  return answer_new(200, "text/plain", "ok\n");
}

static Answer *
answer_workspace(const Internet *internet, unsigned port)
{
  g_autofree char *text = internet->world != NULL ? world_workspace(internet->world) : NULL;
  if (text == NULL)
    return answer_new(404, "text/plain", "there is no workspace for this\n");
  g_autofree char *number = g_strdup_printf("%u", port);
  Answer *answer = answer_new(200, "application/yaml; charset=utf-8", text);
  g_string_replace(answer->body, "%PORT%", number, 0);
  return answer;
}

static Answer *
answer_control(Internet *internet, const Asked *asked)
{
  g_autofree char *call = g_strconcat(asked->method, " ", asked->path + strlen(CONTROL_PREFIX), NULL);
  if (strcmp(call, "GET log") == 0)
    return answer_new(200, "application/x-ndjson", internet->log->str);
  if (strcmp(call, "GET bill") == 0)
    return answer_json(200, internet->bill);
  if (strcmp(call, "GET world") == 0)
    return answer_world(internet);
  if (strcmp(call, "GET workspace") == 0)
    return answer_workspace(internet, asked->port);
  if (strcmp(call, "POST day") == 0)
    return change_day(internet, asked->query);
  if (strcmp(call, "POST script") == 0)
    return change_script(internet, asked->body);
  if (strcmp(call, "POST reset") == 0)
    return start_over(internet);
  return answer_new(404, "text/plain",
                    "known: GET log, GET bill, GET world, GET workspace, POST day?n=N, POST script, POST reset\n");
}

static Script *
read_script(const char *path, GError **error)
{
  if (path == NULL)
    return script_parse("[]", 2, "script", error);
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr(GError) cause = NULL;
  if (!g_file_get_contents(path, &text, &length, &cause)) {
    error_set(error, ERROR_IO, "%s", cause->message);
    return NULL;
  }
  return script_parse(text, length, path, error);
}

static bool
open_world(Internet *internet, const InternetOptions *options, GError **error)
{
  internet->world = options->posts != NULL ? posts_open(options->posts, error) : world_open(options->world, error);
  if (internet->world != NULL)
    internet->services = services_new(world_services(internet->world), options->is_unlimited, error);
  return internet->services != NULL;
}

static bool
open_log(Internet *internet, const char *path, GError **error)
{
  if (path == NULL)
    return true;
  internet->log_file = fopen(path, "we");
  if (internet->log_file == NULL)
    error_set(error, ERROR_IO, "%s: %s", path, g_strerror(errno));
  return internet->log_file != NULL;
}

Internet *
internet_new(const InternetOptions *options, GError **error)
{
  g_autoptr(Internet) internet = g_new0(Internet, 1);
  pthread_mutex_init(&internet->lock, NULL);
  internet->started_ms = g_get_real_time() / 1000;
  internet->log = g_string_new(NULL);
  internet->bill = empty_bill();
  internet->in_flight = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  internet->script = read_script(options->script, error);
  if (internet->script == NULL || !open_log(internet, options->log, error))
    return NULL;
  if (options->folder != NULL)
    internet->folder = folder_open(options->folder, error);
  bool has_content = options->folder != NULL ? internet->folder != NULL : open_world(internet, options, error);
  if (!has_content || !set_day(internet, options->day, error))
    return NULL;
  return g_steal_pointer(&internet);
}

void
internet_free(Internet *internet)
{
  if (internet == NULL)
    return;
  services_free(internet->services);
  world_free(internet->world);
  folder_free(internet->folder);
  script_free(internet->script);
  g_hash_table_unref(internet->in_flight);
  g_string_free(internet->log, TRUE);
  json_decref(internet->bill);
  if (internet->log_file != NULL)
    fclose(internet->log_file);
  pthread_mutex_destroy(&internet->lock);
  g_free(internet);
}

Answer *
internet_ask(Internet *internet, const Asked *asked)
{
  pthread_mutex_lock(&internet->lock);
  Answer *answer = is_control(asked) ? answer_control(internet, asked) : answer_content(internet, asked);
  pthread_mutex_unlock(&internet->lock);
  return answer;
}

void
internet_end(Internet *internet, const Asked *asked)
{
  if (is_control(asked))
    return;
  pthread_mutex_lock(&internet->lock);
  count_in_flight(internet, asked->host, -1);
  pthread_mutex_unlock(&internet->lock);
}
