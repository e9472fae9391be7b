#include "app/sources_add.h"

#include "app/connect.h"
#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "model/config_edit.h"
#include "os/clock.h"
#include "os/file.h"
#include "sources/source.h"
#include "text/charset.h"
#include "threads/cancel.h"

#include <stdio.h>
#include <string.h>

enum { MAX_TRIED = 5, LONGEST_WAIT_MS = 500, DEADLINE_MS = 60 * 1000 };

/* What the user asked for. */
typedef struct {
  const Invocation *invocation;
  const Workspace *workspace;
  const char *address;
  Client *client;
} Search;

/* Returns: (transfer full) (nullable): the answer to a GET of @url */
static Reply *
fetch(const Search *search, RequestKind kind, const char *url, GError **error)
{
  g_autoptr(Request) request = request_new(kind, url);
  g_autoptr(ClientAnswer) answer = NULL;
  client_submit(search->client, request, NULL, NULL);
  for (;;) {
    client_perform(search->client);
    answer = client_take(search->client);
    if (answer != NULL || cancel_signal() != 0)
      break;
    client_wait(search->client, LONGEST_WAIT_MS);
  }
  if (answer == NULL) {
    is_stopped(error);
    return NULL;
  }
  if (answer->reply->error != NULL) {
    g_propagate_error(error, g_error_copy(answer->reply->error));
    return NULL;
  }
  return g_steal_pointer(&answer->reply);
}

/* Hands @reply to the feed source. Returns: (transfer full) (nullable): what it read. Errors: BAD_DATA when it is no feed */
static ItemBatch *
read_as_feed(const Reply *reply, GError **error)
{
  g_autoptr(FeedLink) self = feed_link_new(reply->url, "");
  g_autofree char *line = feed_entry_line(self);
  g_autoptr(YamlNode) root = yaml_parse(line, strlen(line), "feed", error);
  if (root == NULL)
    return NULL;
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const OptionReading reading = {.file = "feed", .path = "", .problems = problems};
  void *options = options_read(&feed_source.section, yaml_node_find(root, "feed"), &reading);
  g_autoptr(GPtrArray) replies = g_ptr_array_new();
  g_ptr_array_add(replies, (void *) reply);
  StepOutcome outcome = {0};
  if (problems->len == 0)
    feed_source.step(&(SourceInput){.key = "feed:", .subject = "", .options = options}, NULL, replies, &outcome);
  else
    error_set(error, ERROR_BAD_DATA, "%s", (const char *) problems->pdata[0]);
  options_free(&feed_source.section, options);
  if (outcome.error != NULL)
    g_propagate_error(error, outcome.error);
  return outcome.result;
}

static char *
read_site_name(const ItemBatch *batch)
{
  const Item *first = batch->items->len > 0 ? g_ptr_array_index(batch->items, 0) : NULL;
  g_autoptr(json_t) extra = first != NULL && first->extra != NULL ? json_loads(first->extra, 0, NULL) : NULL;
  const char *name = json_read_text(extra, "site_name");
  return g_strdup(name != NULL ? name : "");
}

/* Adds @reply, which @asked led to, to @found if it is a feed. Errors: why it is none */
static bool
keep_feed(const Reply *reply, const char *asked, json_t *found, GError **error)
{
  g_autoptr(ItemBatch) batch = read_as_feed(reply, error);
  if (batch == NULL)
    return false;
  if (batch->is_gone) {
    error_set(error, ERROR_REJECTED, "GET %s: gone for good (HTTP 410)", reply->url);
    return false;
  }
  g_autofree char *title = read_site_name(batch);
  g_autoptr(FeedLink) feed = feed_link_new(reply->is_moved ? reply->url : asked, title);
  g_autofree char *line = feed_entry_line(feed);
  json_array_append_new(found, json_pack("{ss ss ss sI}", "url", feed->url, "title", title, "line", line, "entries",
                                         (json_int_t) batch->items->len));
  return true;
}

/* The feeds that the page @reply announces are asked for, too, for pages announce what is long gone. */
static bool
keep_announced(const Search *search, const Reply *page, json_t *found, GError **error)
{
  g_autofree char *type = reply_header(page, "content-type");
  g_autofree char *charset = charset_parameter(type);
  g_autoptr(GPtrArray) links = discover_feeds(page->body, page->body_length, charset, page->url);
  g_autofree char *origin = url_origin(search->address);
  for (guint i = 0; i < links->len && i < MAX_TRIED; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    g_autofree char *own_origin = url_origin(link->url);
    bool is_own = g_strcmp0(origin, own_origin) == 0;
    g_autoptr(GError) problem = NULL;
    g_autoptr(Reply) reply = fetch(search, is_own ? REQUEST_LISTING : REQUEST_FEED, link->url, &problem);
    if (reply != NULL && keep_feed(reply, link->url, found, &problem))
      continue;
    g_assert(problem != NULL);
    if (error_is(problem, ERROR_CANCELLED)) {
      g_propagate_error(error, g_steal_pointer(&problem));
      return false;
    }
    log_line(&search->invocation->log, LOG_WARNING, "%s", problem->message);
  }
  return true;
}

static json_t *
find_feeds(const Search *search, GError **error)
{
  g_autoptr(Reply) reply = fetch(search, REQUEST_LISTING, search->address, error);
  if (reply == NULL)
    return NULL;
  g_autoptr(json_t) found = json_array();
  g_autoptr(GError) problem = NULL;
  if (!keep_feed(reply, search->address, found, &problem) && !keep_announced(search, reply, found, error))
    return NULL;
  if (json_array_size(found) > 0)
    return g_steal_pointer(&found);
  error_set(error, ERROR_BAD_DATA, "%s is no feed and announces none that could be read (%s)", search->address,
            problem->message);
  return NULL;
}

/* Adds @line to courant.yaml. */
static bool
write_source(const Search *search, const char *line, GError **error)
{
  const char *text = search->workspace->config_text;
  g_autoptr(GPtrArray) entries = g_ptr_array_new();
  g_ptr_array_add(entries, (char *) line);
  g_autofree char *changed = config_add_sources(text, strlen(text), CONFIG_FILE, entries, error);
  if (changed != NULL && workspace_write_config(search->invocation, search->invocation->folder, changed, error))
    return true;
  g_autofree char *printable = text_printable(line);
  g_prefix_error(error, "\"- %s\" was not added: ", printable);
  return false;
}

static void
print_found(const json_t *document)
{
  size_t index = 0;
  json_t *feed = NULL;
  bool is_written = json_is_true(json_object_get(document, "written"));
  json_array_foreach(json_object_get(document, "found"), index, feed)
  {
    g_autofree char *line = text_printable(json_read_text(feed, "line"));
    printf("  - %s  # %" G_GINT64_FORMAT " entries%s\n", line, json_read_int(feed, "entries", 0),
           is_written && index == 0 ? ", added" : "");
  }
  if (!is_written)
    printf("Add a line to sources in %s, or run this again with --write to add the first.\n", CONFIG_FILE);
}

/* What earlier runs learnt of the limits of hosts counts here too. */
static bool
restore_hosts(const Workspace *workspace, Client *client, GError **error)
{
  if (!store_exists(workspace->data_folder))
    return true;
  g_autoptr(Store) store = workspace_read_store(workspace, error);
  return store != NULL && connect_restore(client, store, error);
}

static int
refuse_address(const Invocation *invocation, const char *address, GError *error)
{
  g_autoptr(GError) owned = error;
  const char *hint = strstr(address, "://") == NULL ? "; begin it with https://" : "";
  g_autofree char *problem = g_strconcat(owned->message, hint, NULL);
  return fail_usage(invocation, problem);
}

int
sources_add(const Invocation *invocation, const Workspace *workspace, const char *address, bool is_written)
{
  GError *error = NULL;
  g_auto(Url) url = {0};
  if (!url_parse(address, &url, &error))
    return refuse_address(invocation, address, error);
  const Workers workers = {.requests = 1, .per_host = 1};
  g_autoptr(Client) client = connect_client(invocation, workspace->config, &workers, true, &error);
  if (client == NULL || !restore_hosts(workspace, client, &error))
    return fail_with(invocation, error);
  client_set_deadline(client, clock_monotonic_ms() + DEADLINE_MS);
  const Search search = {.invocation = invocation, .workspace = workspace, .address = address, .client = client};
  g_autoptr(json_t) found = find_feeds(&search, &error);
  const char *first = json_read_text(json_array_get(found, 0), "line");
  if (found == NULL || (is_written && !write_source(&search, first, &error)))
    return fail_with(invocation, error);
  json_t *document = json_pack("{ss sO sb}", "schema", "courant.sources/1", "found", found, "written", is_written);
  return print_document(invocation, document, print_found);
}
