/* The configured sources and how they are. */
#include "app/workspace.h"
#include "base/text.h"
#include "base/time.h"
#include "sources/source.h"
#include "store/peers.h"

#include <stdio.h>
#include <string.h>

static json_t *
time_or_null(int64_t time_ms)
{
  if (time_ms == 0)
    return json_null();
  g_autofree char *text = time_format(time_ms);
  return json_string(text);
}

/* @store is NULL before the first run: nothing is known then. */
static json_t *
source_json(Store *store, const Source *source, const SourcePart *part, GError **error)
{
  g_autoptr(SourceState) state = store != NULL ? peers_source(store, part->key, error) : g_new0(SourceState, 1);
  if (state == NULL)
    return NULL;
  return json_pack("{ss ss ss so sI ss* ss* sb}", "key", part->key, "label", source->label, "origin", part->origin, "last_ok",
                   time_or_null(state->last_ok_ms), "failures", (json_int_t) state->failures, "last_error", state->last_error,
                   "moved_to", state->moved_to, "disabled", state->is_disabled);
}

static json_t *
sources_document(Store *store, const Config *config, GError **error)
{
  g_autoptr(json_t) list = json_array();
  for (guint i = 0; i < config->sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(config->sources, i);
    const Source *source = source_find(configured->section->name);
    g_autoptr(GPtrArray) parts = source->parts(configured->values);
    for (guint j = 0; j < parts->len; j++) {
      json_t *described = source_json(store, source, g_ptr_array_index(parts, j), error);
      if (described == NULL)
        return NULL;
      json_array_append_new(list, described);
    }
  }
  return json_pack("{ss sO}", "schema", "courant.sources/1", "sources", list);
}

static void
print_source(const json_t *source)
{
  const char *last_ok = json_read_text(source, "last_ok");
  const char *problem = json_read_text(source, "last_error");
  const char *moved_to = json_read_text(source, "moved_to");
  const char *key = json_read_text(source, "key");
  printf("%s (%s): ", key, json_read_text(source, "label"));
  if (json_is_true(json_object_get(source, "disabled")))
    printf("gone for good; remove it\n");
  else if (problem != NULL) {
    g_autofree char *prefix = g_strdup_printf("source %s: ", key);
    g_autofree char *message = text_printable(g_str_has_prefix(problem, prefix) ? problem + strlen(prefix) : problem);
    int64_t failures = json_read_int(source, "failures", 0);
    printf("failed %" G_GINT64_FORMAT " %s: %s\n", failures, failures == 1 ? "run" : "runs in a row", message);
  } else
    printf("%s%s\n", last_ok != NULL ? "well at " : "not asked yet", last_ok != NULL ? last_ok : "");
  if (moved_to != NULL) {
    g_autofree char *address = text_printable(moved_to);
    printf("  moved for good to %s; change the configuration\n", address);
  }
}

static void
print_sources(const json_t *document)
{
  size_t index = 0;
  json_t *source = NULL;
  json_array_foreach(json_object_get(document, "sources"), index, source) print_source(source);
}

static int
run_sources(Invocation *invocation)
{
  int status = EXIT_OK;
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, NULL, &workspace, NULL, &status))
    return status;
  GError *error = NULL;
  g_autoptr(Store) store = store_exists(workspace->data_folder) ? workspace_read_store(workspace, &error) : NULL;
  json_t *document = error == NULL ? sources_document(store, workspace->config, &error) : NULL;
  return document != NULL ? print_document(invocation, document, print_sources) : fail_with(invocation, error);
}

const Command sources_command = {
    .name = "sources",
    .usage = "",
    .summary = "show the configured sources and how they are",
    .examples = "  courant sources --json\n",
    .run = run_sources,
};
