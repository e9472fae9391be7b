/* The configured sources and how they are. */
#include "app/sources_add.h"
#include "app/workspace.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"
#include "sources/opml.h"
#include "sources/source.h"
#include "store/drops.h"
#include "store/peers.h"

#include <stdio.h>
#include <string.h>

/* No service of ours has a longer one. */
enum { LONGEST_WINDOW_MS = 3600 * 1000 };

static json_t *
time_or_null(int64_t time_ms)
{
  if (time_ms == 0)
    return json_null();
  g_autofree char *text = time_format(time_ms);
  return json_string(text);
}

static const char *
judge_health(const SourceState *state)
{
  if (state->is_disabled)
    return "gone";
  if (state->failures > 0)
    return "failing";
  return state->last_ok_ms > 0 ? "well" : "new";
}

/* What the source left out of its last run, by reason. */
static json_t *
dropped_json(Store *store, const char *key, GError **error)
{
  json_t *dropped = json_object();
  g_autoptr(GPtrArray) counts = store != NULL ? drops_counts(store, key, error) : g_ptr_array_new();
  for (guint i = 0; counts != NULL && i < counts->len; i++) {
    const DropCount *count = g_ptr_array_index(counts, i);
    json_object_set_new(dropped, count->reason, json_integer(count->count));
  }
  if (counts == NULL)
    g_clear_pointer(&dropped, json_decref);
  return dropped;
}

/* @store is NULL before the first run: nothing is known then. */
static json_t *
source_json(Store *store, const Source *source, const SourcePart *part, GError **error)
{
  g_autoptr(SourceState) state = store != NULL ? peers_source(store, part->key, error) : g_new0(SourceState, 1);
  json_t *dropped = state != NULL ? dropped_json(store, part->key, error) : NULL;
  if (dropped == NULL)
    return NULL;
  return json_pack("{ss ss ss ss so sI ss* ss* sb so}", "key", part->key, "label", source->label, "origin", part->origin,
                   "health", judge_health(state), "last_ok", time_or_null(state->last_ok_ms), "failures",
                   (json_int_t) state->failures, "last_error", state->last_error, "moved_to", state->moved_to, "disabled",
                   state->is_disabled, "dropped", dropped);
}

/* A pause, a period or a send that is over limits nothing any more. */
static void
add_limit(const HostState *host, void *limits)
{
  int64_t now_ms = clock_now_ms();
  g_autoptr(json_t) window = json_loads(host->window, 0, NULL);
  json_int_t sent = 0;
  size_t index = 0;
  json_t *sent_ms = NULL;
  json_array_foreach(window, index, sent_ms) sent += json_integer_value(sent_ms) > now_ms - LONGEST_WINDOW_MS;
  json_t *limit = json_pack("{ss sI so}", "host", host->host, "sent", sent, "paused_until",
                            time_or_null(host->paused_until_ms > now_ms ? host->paused_until_ms : 0));
  if (host->allowed >= 0)
    json_object_set_new(limit, "allowed", json_integer(host->allowed));
  if (host->reset_ms > now_ms) {
    json_object_set_new(limit, "reset", time_or_null(host->reset_ms));
    if (host->remaining >= 0)
      json_object_set_new(limit, "remaining", json_integer(host->remaining));
  }
  json_array_append_new(limits, limit);
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
  g_autoptr(json_t) limits = json_array();
  if (store != NULL && !peers_each_host(store, add_limit, limits, error))
    return NULL;
  return json_pack("{ss sO sO}", "schema", "courant.sources/1", "sources", list, "limits", limits);
}

static void
print_dropped(const json_t *dropped)
{
  const char *separator = "  left out: ";
  const char *reason = NULL;
  json_t *count = NULL;
  json_object_foreach((json_t *) dropped, reason, count)
  {
    g_autofree char *words = g_strdelimit(g_strdup(reason), "_", ' ');
    printf("%s%" JSON_INTEGER_FORMAT " %s", separator, json_integer_value(count), words);
    separator = ", ";
  }
  if (json_object_size(dropped) > 0)
    printf("\n");
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
  print_dropped(json_object_get(source, "dropped"));
}

static void
print_limit(const json_t *limit)
{
  const char *paused = json_read_text(limit, "paused_until");
  const char *reset = json_read_text(limit, "reset");
  int64_t remaining = json_read_int(limit, "remaining", -1);
  printf("%s: %" G_GINT64_FORMAT " sent in its window", json_read_text(limit, "host"), json_read_int(limit, "sent", 0));
  if (remaining >= 0)
    printf(", %" G_GINT64_FORMAT " left", remaining);
  if (remaining >= 0 && json_object_get(limit, "allowed") != NULL)
    printf(" of %" G_GINT64_FORMAT, json_read_int(limit, "allowed", 0));
  if (reset != NULL)
    printf(" until %s", reset);
  printf("%s%s\n", paused != NULL ? ", paused until " : "", paused != NULL ? paused : "");
}

static void
print_sources(const json_t *document)
{
  size_t index = 0;
  json_t *source = NULL;
  json_array_foreach(json_object_get(document, "sources"), index, source) print_source(source);
  const json_t *limits = json_object_get(document, "limits");
  if (json_array_size(limits) > 0)
    printf("Limits of hosts, as last seen:\n");
  json_t *limit = NULL;
  json_array_foreach(limits, index, limit) print_limit(limit);
}

/* The feeds among the sources as an OPML list. */
static int
print_opml(const Invocation *invocation, const Workspace *workspace)
{
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify) feed_link_free);
  const GPtrArray *sources = workspace->config->sources;
  for (guint i = 0; i < sources->len; i++) {
    const ConfiguredSource *configured = g_ptr_array_index(sources, i);
    g_autoptr(GPtrArray) parts = source_find(configured->section->name)->parts(configured->values);
    const SourcePart *part = g_ptr_array_index(parts, 0);
    if (configured->section == &feed_source.section)
      g_ptr_array_add(links, feed_link_new(part->origin, part->title != NULL ? part->title : ""));
  }
  g_autofree char *text = opml_write(links, workspace->config->general->title);
  printf("%s", text);
  return end_output(invocation);
}

static int
list_sources(const Invocation *invocation, const Workspace *workspace)
{
  GError *error = NULL;
  g_autoptr(Store) store = store_exists(workspace->data_folder) ? workspace_read_store(workspace, &error) : NULL;
  json_t *document = error == NULL ? sources_document(store, workspace->config, &error) : NULL;
  return document != NULL ? print_document(invocation, document, print_sources) : fail_with(invocation, error);
}

static int
run_sources(Invocation *invocation)
{
  int status = EXIT_OK;
  gboolean is_opml = false;
  gboolean is_written = false;
  const GOptionEntry own[] = {
      {"opml", 0, 0, G_OPTION_ARG_NONE, &is_opml, "Print the feeds as an OPML list for other readers", NULL},
      {"write", 0, 0, G_OPTION_ARG_NONE, &is_written, "With add: put the first feed found into courant.yaml", NULL},
      {0},
  };
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  char *const *words = invocation->arguments;
  if (words[0] != NULL && (!g_str_equal(words[0], "add") || words[1] == NULL))
    return fail_usage(invocation, "after \"sources\" comes nothing, or \"add\" and an address");
  if (is_written && words[0] == NULL)
    return fail_usage(invocation, "--write belongs to \"sources add\"");
  if (is_opml && words[0] != NULL)
    return fail_usage(invocation, "--opml does not go with \"sources add\"");
  if (words[0] != NULL)
    return sources_add(invocation, workspace, words[1], is_written);
  return is_opml ? print_opml(invocation, workspace) : list_sources(invocation, workspace);
}

const Command sources_command = {
    .name = "sources",
    .usage = "[add URL]",
    .summary = "show the configured sources and how they are, or find the feed of a page",
    .examples = "  courant sources --json\n"
                "  courant sources --opml >subscriptions.opml\n"
                "  courant sources add https://example.org/ --write\n",
    .max_arguments = 2,
    .run = run_sources,
};
