#include "folder.h"

#include "base/error.h"
#include "base/json.h"
#include "service.h"

static const char API_PREFIX[] = "/hn/v0/";
static const char ITEMS_FOLDER[] = "hackernews/";

/* @files: relative names, sorted; @items: id to recorded bytes; @ids: in the order of the files */
struct Folder {
  char *path;
  GPtrArray *files;
  GHashTable *items;
  json_t *ids;
};

static bool
list_files(Folder *folder, const char *below, GError **error)
{
  g_autofree char *path = g_build_filename(folder->path, below, NULL);
  g_autoptr(GError) cause = NULL;
  g_autoptr(GDir) handle = g_dir_open(path, 0, &cause);
  if (handle == NULL) {
    error_set(error, ERROR_IO, "%s", cause->message);
    return false;
  }
  const char *name;
  while ((name = g_dir_read_name(handle)) != NULL) {
    g_autofree char *relative = below[0] != '\0' ? g_strconcat(below, "/", name, NULL) : g_strdup(name);
    g_autofree char *full = g_build_filename(folder->path, relative, NULL);
    if (!g_file_test(full, G_FILE_TEST_IS_DIR))
      g_ptr_array_add(folder->files, g_steal_pointer(&relative));
    else if (!list_files(folder, relative, error))
      return false;
  }
  return true;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* Whatever is no item (a user, a list, null, broken JSON) is left out: the API answers null for an id it does not have. */
static void
add_item(Folder *folder, const char *text)
{
  g_autoptr(json_t) json = json_loads(text, JSON_DECODE_ANY, NULL);
  const json_t *id = json_object_get(json, "id");
  if (!json_is_integer(id) || !json_is_string(json_object_get(json, "type")))
    return;
  char *name = g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(id));
  if (!g_hash_table_contains(folder->items, name))
    json_array_append(folder->ids, (json_t *) id);
  g_hash_table_replace(folder->items, name, g_strdup(text));
}

static void
add_items(Folder *folder, const char *name)
{
  g_autofree char *path = g_build_filename(folder->path, name, NULL);
  g_autofree char *text = NULL;
  if (!g_str_has_prefix(name, ITEMS_FOLDER) || !g_file_get_contents(path, &text, NULL, NULL))
    return;
  if (!g_str_has_suffix(name, ".jsonl")) {
    add_item(folder, text);
    return;
  }
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    add_item(folder, *line);
}

Folder *
folder_open(const char *path, GError **error)
{
  g_autoptr(Folder) folder = g_new0(Folder, 1);
  folder->path = g_strdup(path);
  folder->files = g_ptr_array_new_with_free_func(g_free);
  folder->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  folder->ids = json_array();
  if (!list_files(folder, "", error))
    return NULL;
  g_ptr_array_sort(folder->files, compare_names);
  for (guint i = 0; i < folder->files->len; i++)
    add_items(folder, folder->files->pdata[i]);
  return g_steal_pointer(&folder);
}

void
folder_free(Folder *folder)
{
  if (folder == NULL)
    return;
  json_decref(folder->ids);
  g_hash_table_unref(folder->items);
  g_ptr_array_unref(folder->files);
  g_free(folder->path);
  g_free(folder);
}

static Answer *
answer_index(const Folder *folder)
{
  g_autoptr(json_t) names = json_array();
  for (guint i = 0; i < folder->files->len; i++)
    json_array_append_new(names, json_string(folder->files->pdata[i]));
  return answer_json(200, names);
}

static Answer *
answer_api(const Folder *folder, const char *call)
{
  if (g_str_has_suffix(call, "stories.json"))
    return answer_json(200, folder->ids);
  if (!g_str_has_prefix(call, "item/") || !g_str_has_suffix(call, ".json"))
    return NULL;
  g_autofree char *id = g_strndup(call + strlen("item/"), strlen(call) - strlen("item/") - strlen(".json"));
  const char *item = g_hash_table_lookup(folder->items, id);
  return answer_new(200, "application/json; charset=utf-8", item != NULL ? item : "null");
}

/* The file that @path names or goes on below of: any recorded reply so is a whole service, at the address of its file. */
static Answer *
answer_file(const Folder *folder, const char *path)
{
  g_autofree char *name = path_below(folder->path, path);
  while (name != NULL && strlen(name) > strlen(folder->path)) {
    g_autofree char *bytes = NULL;
    gsize length = 0;
    if (g_file_get_contents(name, &bytes, &length, NULL))
      return answer_from_file(name, bytes, length, false);
    *strrchr(name, '/') = '\0';
  }
  return NULL;
}

Answer *
folder_answer(const Folder *folder, const Asked *asked)
{
  if (strcmp(asked->method, "POST") == 0 && g_str_has_suffix(asked->path, reddit_www_protocol.post_path))
    return reddit_token(asked, NULL);
  if (strcmp(asked->method, "GET") != 0)
    return NULL;
  g_autofree char *path = asked_path(asked);
  Answer *answer = NULL;
  if (g_str_has_prefix(asked->path, API_PREFIX))
    answer = answer_api(folder, asked->path + strlen(API_PREFIX));
  else if (strcmp(asked->path, "/index.json") == 0)
    answer = answer_index(folder);
  else
    answer = answer_file(folder, path);
  return answer != NULL ? answer : answer_new(404, "text/plain", "not found\n");
}
