#include "app/workspace.h"

#include "base/error.h"
#include "llm/provider.h"
#include "model/config_edit.h"
#include "os/file.h"
#include "pipeline/profile.h"
#include "sources/source.h"

#include <stdlib.h>
#include <string.h>

const OptionSection **
workspace_source_sections(void)
{
  GPtrArray *sections = g_ptr_array_new();
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    g_ptr_array_add(sections, (void *) &(*source)->section);
  g_ptr_array_add(sections, NULL);
  return (const OptionSection **) g_ptr_array_free(sections, false);
}

const OptionSection **
workspace_provider_sections(void)
{
  GPtrArray *sections = g_ptr_array_new();
  for (const Provider *const *provider = providers_all(); *provider != NULL; provider++)
    g_ptr_array_add(sections, (void *) &(*provider)->section);
  g_ptr_array_add(sections, NULL);
  return (const OptionSection **) g_ptr_array_free(sections, false);
}

/* The key of a part names its job, its state and its items: two of one key would be one. */
static bool
check_keys(const Config *config, GError **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
    for (guint j = 0; j < parts->len; j++) {
      const char *key = ((const SourcePart *) g_ptr_array_index(parts, j))->key;
      if (g_hash_table_add(seen, g_strdup(key)))
        continue;
      error_set(error, ERROR_CONFIG, "%s: sources[%u]: %s is configured twice", CONFIG_FILE, i, key);
      return false;
    }
  }
  return true;
}

/* @environment: what beats the file now; the workspace keeps what may be recorded of it */
static Workspace *
read_config(const Invocation *invocation, char *config_text, const char *const *environment, GError **error)
{
  g_autoptr(Workspace) workspace = g_new0(Workspace, 1);
  workspace->data_folder = g_build_filename(invocation->folder, "data", NULL);
  workspace->config_text = config_text;
  g_autofree const OptionSection **sections = workspace_source_sections();
  g_autofree const OptionSection **providers = workspace_provider_sections();
  workspace->environment = config_environment(environment, sections, providers);
  const ConfigInput input = {.text = config_text,
                             .length = strlen(config_text),
                             .file = CONFIG_FILE,
                             .environment = environment,
                             .source_sections = sections,
                             .provider_sections = providers};
  workspace->config = config_parse(&input, error);
  return workspace->config != NULL && check_keys(workspace->config, error) ? g_steal_pointer(&workspace) : NULL;
}

Workspace *
workspace_from(const Invocation *invocation, char *config_text, char **environment, GError **error)
{
  g_auto(GStrv) owned = environment;
  return read_config(invocation, config_text, (const char *const *) owned, error);
}

Workspace *
workspace_open(const Invocation *invocation, GError **error)
{
  g_autofree char *path = g_build_filename(invocation->folder, CONFIG_FILE, NULL);
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
    error_set(error, ERROR_CONFIG, "no %s in %s: run \"courant init\" there, or name the workspace with -C", CONFIG_FILE,
              invocation->folder);
    return NULL;
  }
  size_t length = 0;
  char *text = file_read(path, CONFIG_MAX_BYTES, &length, error);
  if (text == NULL)
    return NULL;
  if (strlen(text) != length) {
    error_set(error, ERROR_CONFIG, "%s: holds a NUL byte after %zu bytes; it is no text", path, strlen(text));
    g_free(text);
    return NULL;
  }
  g_autoptr(Workspace) workspace = read_config(invocation, text, invocation->environment, error);
  g_autofree char *readers =
      workspace != NULL ? profile_read(invocation->folder, invocation->datadir, workspace->config->enrich->profile, error)
                        : NULL;
  return readers != NULL ? g_steal_pointer(&workspace) : NULL;
}

bool
workspace_write_config(const Invocation *invocation, const char *folder, const char *text, GError **error)
{
  g_autoptr(Workspace) workspace = read_config(invocation, g_strdup(text), invocation->environment, error);
  if (workspace == NULL || !file_make_folder(folder, error))
    return false;
  g_autofree char *path = g_build_filename(folder, CONFIG_FILE, NULL);
  g_autofree char *behind_links = realpath(path, NULL);
  return file_write(behind_links != NULL ? behind_links : path, text, strlen(text), error);
}

void
workspace_free(Workspace *workspace)
{
  if (workspace == NULL)
    return;
  g_free(workspace->data_folder);
  g_free(workspace->config_text);
  g_strfreev(workspace->environment);
  config_free(workspace->config);
  g_free(workspace);
}

Store *
workspace_read_store(const Workspace *workspace, GError **error)
{
  return store_open(workspace->data_folder, STORE_READ, error);
}

/* A JSON text is YAML too. */
char *
feed_entry_line(const FeedLink *feed)
{
  g_autoptr(json_t) url = json_string(feed->url);
  g_autoptr(json_t) title = json_string(feed->title);
  g_autofree char *url_text = json_write(url);
  g_autofree char *title_text = json_write(title);
  return *feed->title != '\0' ? g_strdup_printf("feed: {url: %s, title: %s}", url_text, title_text)
                              : g_strdup_printf("feed: {url: %s}", url_text);
}

char *
workspace_slug(const char *word)
{
  static const char FOLDER[] = "posts/";
  const char *found = g_strrstr(word, FOLDER);
  const char *slug = found != NULL ? found + strlen(FOLDER) : word;
  return g_strndup(slug, strcspn(slug, "/?#"));
}

char *
workspace_page_url(const Workspace *workspace, const char *slug)
{
  const char *base = workspace->config->site->base_url;
  return g_strconcat(base, g_str_has_suffix(base, "/") ? "" : "/", "posts/", slug, "/", NULL);
}

bool
workspace_begin(Invocation *invocation, const GOptionEntry *own, Workspace **ret_workspace, Store **ret_store, int *ret_exit)
{
  if (!invocation_parse(invocation, own, ret_exit))
    return false;
  GError *error = NULL;
  g_autoptr(Workspace) workspace = workspace_open(invocation, &error);
  g_autoptr(Store) store = workspace != NULL && ret_store != NULL ? workspace_read_store(workspace, &error) : NULL;
  if (error != NULL) {
    *ret_exit = fail_with(invocation, error);
    return false;
  }
  *ret_workspace = g_steal_pointer(&workspace);
  if (ret_store != NULL)
    *ret_store = g_steal_pointer(&store);
  return true;
}
