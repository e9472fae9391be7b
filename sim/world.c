#include "world.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "script.h"

struct World {
  char *folder;
  GArray *days;
  json_t *without_validators;
  Script *rules;
};

static bool
read_days(World *world, const json_t *days, const char *name, GError **error)
{
  size_t index;
  json_t *day;
  json_array_foreach(days, index, day)
  {
    const char *text = json_string_value(day);
    g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601(text, NULL) : NULL;
    if (time == NULL) {
      error_set(error, ERROR_BAD_DATA, "%s: days: entry %zu is no time", name, index + 1);
      return false;
    }
    int64_t day_ms = g_date_time_to_unix(time) * 1000;
    g_array_append_val(world->days, day_ms);
  }
  if (world->days->len == 0)
    error_set(error, ERROR_BAD_DATA, "%s: days: expected a list of times", name);
  return world->days->len > 0;
}

World *
world_open(const char *folder, GError **error)
{
  g_autofree char *name = g_build_filename(folder, "world.json", NULL);
  json_error_t problem;
  g_autoptr(json_t) json = json_load_file(name, JSON_REJECT_DUPLICATES, &problem);
  if (json == NULL) {
    error_set(error, ERROR_IO, "%s:%d: %s", name, problem.line, problem.text);
    return NULL;
  }
  g_autoptr(World) world = g_new0(World, 1);
  world->folder = g_strdup(folder);
  world->days = g_array_new(FALSE, FALSE, sizeof(int64_t));
  world->without_validators = json_incref(json_object_get(json, "without_validators"));
  world->rules = script_new(json_object_get(json, "rules"), name, error);
  if (world->rules == NULL || !read_days(world, json_object_get(json, "days"), name, error))
    return NULL;
  return g_steal_pointer(&world);
}

void
world_free(World *world)
{
  if (world == NULL)
    return;
  script_free(world->rules);
  json_decref(world->without_validators);
  g_array_unref(world->days);
  g_free(world->folder);
  g_free(world);
}

unsigned
world_day_count(const World *world)
{
  return world->days->len;
}

int64_t
world_day_ms(const World *world, unsigned day)
{
  return g_array_index(world->days, int64_t, day - 1);
}

static bool
has_validators(const World *world, const char *host)
{
  size_t index;
  json_t *name;
  json_array_foreach(world->without_validators, index, name) if (g_strcmp0(json_string_value(name), host) == 0) return false;
  return true;
}

/* A 304 is given as the real servers do: If-None-Match decides where it is sent, else If-Modified-Since. */
static void
validate(Answer *answer, const Asked *asked, int64_t changed_ms)
{
  g_autofree char *digest = digest_sha256(answer->body->str, answer->body->len);
  g_autofree char *etag = g_strdup_printf("\"%.16s\"", digest);
  g_autoptr(GDateTime) changed = g_date_time_new_from_unix_utc(changed_ms / 1000);
  g_autofree char *last_modified = g_date_time_format(changed, "%a, %d %b %Y %H:%M:%S GMT");
  answer_set_header(answer, "ETag", etag);
  answer_set_header(answer, "Last-Modified", last_modified);
  bool is_same = asked->if_none_match != NULL ? strcmp(asked->if_none_match, etag) == 0
                                              : g_strcmp0(asked->if_modified_since, last_modified) == 0;
  if (!is_same)
    return;
  answer->status = 304;
  g_string_truncate(answer->body, 0);
}

static Answer *
find_file(const World *world, const Asked *asked, unsigned day, int64_t *ret_changed_ms)
{
  for (unsigned at = day; asked->host[0] != '\0'; at--) {
    g_autofree char *layer = at > 0 ? g_strdup_printf("day%u", at) : g_strdup("sites");
    g_autofree char *folder = g_build_filename(world->folder, layer, asked->host, NULL);
    g_autofree char *path = asked_file(asked, folder);
    Answer *answer = path != NULL ? answer_from_file(path, true) : NULL;
    if (answer != NULL) {
      *ret_changed_ms = world_day_ms(world, MAX(at, 1));
      return answer;
    }
    if (at == 0)
      break;
  }
  return NULL;
}

Answer *
world_answer(World *world, const Asked *asked, unsigned day)
{
  int64_t changed_ms = 0;
  g_autoptr(Answer) answer = find_file(world, asked, day, &changed_ms);
  if (answer == NULL) {
    answer = answer_new(404, "text/html; charset=utf-8", "<!DOCTYPE html>\n<title>Not found</title>\n<h1>Not found</h1>\n");
  } else {
    g_autofree char *port = g_strdup_printf("%u", asked->port);
    g_string_replace(answer->body, "%PORT%", port, 0);
    if (has_validators(world, asked->host))
      validate(answer, asked, changed_ms);
  }
  script_apply(world->rules, asked, answer);
  return g_steal_pointer(&answer);
}
