#include "world.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "script.h"

/* @folder: (nullable), @files: (nullable): one of them holds its files */
struct World {
  char *folder;
  GHashTable *files;
  GArray *days;
  unsigned day;
  json_t *services;
  json_t *without_validators;
  Script *rules;
};

/* Returns: (transfer full) (nullable): the bytes of the file @name */
static char *
read_file(const World *world, const char *name, gsize *ret_length)
{
  if (world->files != NULL) {
    const char *text = g_hash_table_lookup(world->files, name);
    *ret_length = text != NULL ? strlen(text) : 0;
    return g_strdup(text);
  }
  g_autofree char *path = g_build_filename(world->folder, name, NULL);
  char *bytes = NULL;
  return g_file_get_contents(path, &bytes, ret_length, NULL) ? bytes : NULL;
}

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

/* Takes @world. */
static World *
read_settings(World *world, GError **error)
{
  g_autoptr(World) owned = world;
  g_autofree char *name = g_build_filename(world->folder != NULL ? world->folder : "", "world.json", NULL);
  gsize length = 0;
  g_autofree char *text = read_file(world, "world.json", &length);
  if (text == NULL) {
    error_set(error, ERROR_IO, "%s: cannot be read", name);
    return NULL;
  }
  json_error_t problem;
  g_autoptr(json_t) json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
  if (json == NULL) {
    error_set(error, ERROR_BAD_DATA, "%s:%d: %s", name, problem.line, problem.text);
    return NULL;
  }
  world->day = 1;
  world->days = g_array_new(FALSE, FALSE, sizeof(int64_t));
  world->services = json_incref(json_object_get(json, "services"));
  world->without_validators = json_incref(json_object_get(json, "without_validators"));
  world->rules = script_new(json_object_get(json, "rules"), name, error);
  if (world->rules == NULL || !read_days(world, json_object_get(json, "days"), name, error))
    return NULL;
  return g_steal_pointer(&owned);
}

World *
world_open(const char *folder, GError **error)
{
  World *world = g_new0(World, 1);
  world->folder = g_strdup(folder);
  return read_settings(world, error);
}

World *
world_of_files(GHashTable *files, GError **error)
{
  World *world = g_new0(World, 1);
  world->files = files;
  return read_settings(world, error);
}

void
world_free(World *world)
{
  if (world == NULL)
    return;
  script_free(world->rules);
  json_decref(world->without_validators);
  json_decref(world->services);
  g_clear_pointer(&world->days, g_array_unref);
  g_clear_pointer(&world->files, g_hash_table_unref);
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

unsigned
world_day(const World *world)
{
  return world->day;
}

void
world_set_day(World *world, unsigned day)
{
  world->day = day;
}

const json_t *
world_services(const World *world)
{
  return world->services;
}

char *
world_workspace(const World *world)
{
  gsize length;
  return read_file(world, "courant.yaml", &length);
}

Answer *
world_file(const World *world, const Asked *asked, const char *host, const char *path, int64_t *ret_changed_ms)
{
  for (unsigned at = world->day; host[0] != '\0'; at--) {
    g_autofree char *layer = at > 0 ? g_strdup_printf("day%u", at) : g_strdup("sites");
    g_autofree char *folder = g_build_filename(layer, host, NULL);
    g_autofree char *name = path_below(folder, path);
    gsize length = 0;
    g_autofree char *bytes = name != NULL ? read_file(world, name, &length) : NULL;
    if (bytes != NULL) {
      Answer *answer = answer_from_file(name, bytes, length, true);
      g_autofree char *port = g_strdup_printf("%u", asked->port);
      g_string_replace(answer->body, "%PORT%", port, 0);
      *ret_changed_ms = world_day_ms(world, MAX(at, 1));
      return answer;
    }
    if (at == 0)
      break;
  }
  return NULL;
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
void
world_validate(const World *world, const Asked *asked, int64_t changed_ms, Answer *answer)
{
  if (!has_validators(world, asked->host))
    return;
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

Answer *
world_answer(const World *world, const Asked *asked)
{
  int64_t changed_ms = 0;
  g_autofree char *path = asked_path(asked);
  Answer *answer = world_file(world, asked, asked->host, path, &changed_ms);
  if (answer == NULL)
    return answer_new(404, "text/html; charset=utf-8", "<!DOCTYPE html>\n<title>Not found</title>\n<h1>Not found</h1>\n");
  world_validate(world, asked, changed_ms, answer);
  return answer;
}

void
world_change(World *world, const Asked *asked, Answer *answer)
{
  script_apply(world->rules, asked, answer);
}
