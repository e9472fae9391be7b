#include "sources/mastodon.h"

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "sources/reading.h"
#include "text/html.h"
#include "text/language.h"
#include "text/sentences.h"

#include <string.h>

static bool
is_address(const char *text)
{
  return (g_str_has_prefix(text, "http://") || g_str_has_prefix(text, "https://")) && strchr(text, ' ') == NULL;
}

char *
mastodon_first_sentence(const char *text)
{
  g_autoptr(GPtrArray) sentences = sentences_split(text);
  for (unsigned i = 0; i < sentences->len; i++)
    if (!is_address(sentences->pdata[i]))
      return reading_title(g_strdup(sentences->pdata[i]));
  return NULL;
}

static char *
read_address(const json_t *object, const char *key)
{
  const char *text = json_read_text(object, key);
  return text != NULL ? url_canonical(text, NULL) : NULL;
}

/* Returns: (transfer full) (nullable): the name that a status has on all instances */
static char *
read_uri(const json_t *status)
{
  const char *text = json_read_text(status, "uri");
  g_autofree char *uri = text != NULL ? text_clean_line(text, strlen(text)) : NULL;
  return uri != NULL && *uri != '\0' ? g_steal_pointer(&uri) : NULL;
}

/* Returns: (transfer full) (nullable): where a reader opens @status */
static char *
read_page(const json_t *status)
{
  char *page = read_address(status, "url");
  return page != NULL ? page : read_address(status, "uri");
}

/* An instance leaves out its own name; with it the author is called the same everywhere. Returns: (transfer full) (nullable) */
static char *
read_handle(const json_t *status, const char *instance)
{
  g_autofree char *handle = reading_line(json_object_get(status, "account"), "acct");
  if (handle == NULL || strchr(handle, '@') != NULL)
    return g_steal_pointer(&handle);
  g_autofree char *host = url_host(instance);
  return reading_title(g_strconcat(handle, "@", host, NULL));
}

static void
append_paragraph(GString *text, const char *paragraph)
{
  if (*paragraph != '\0')
    g_string_append_printf(text, "%s%s", text->len > 0 ? "\n\n" : "", paragraph);
}

/* Plain text, as some servers give it, keeps its lines. Returns: (transfer full): perhaps "" */
static char *
read_content(const json_t *status, const char *page, GPtrArray *links)
{
  const char *content = json_read_text(status, "content");
  bool is_markup = content != NULL && strpbrk(content, "<&") != NULL;
  return is_markup ? reading_html(content, page, links) : reading_plain(content);
}

/* Instances add "RE: address" to a quote for those that know none. Returns: (transfer full): the content without it */
static char *
read_words(const json_t *status, const char *page, GPtrArray *links)
{
  g_autofree char *content = read_content(status, page, links);
  if (!json_is_object(json_object_get(status, "quote")))
    return g_steal_pointer(&content);
  g_auto(GStrv) paragraphs = g_strsplit(content, "\n\n", -1);
  GString *words = g_string_new(NULL);
  for (char **paragraph = paragraphs; *paragraph != NULL; paragraph++)
    if (!g_str_has_prefix(*paragraph, "RE: ") || !is_address(*paragraph + strlen("RE: ")))
      append_paragraph(words, *paragraph);
  return g_string_free(words, FALSE);
}

/* Words by which people ask machines to leave them alone. */
static bool
has_opt_out_tag(const char *html)
{
  static const char *const TAGS[] = {"#nobot", "#noindex", "#nosearch"};
  if (html == NULL)
    return false;
  g_autofree char *line = html_to_line(html, strlen(html));
  g_autofree char *folded = text_casefold(line, -1);
  for (size_t i = 0; i < G_N_ELEMENTS(TAGS); i++)
    if (strstr(folded, TAGS[i]) != NULL)
      return true;
  return false;
}

/* Whether @account says such words in its bio or in the table beside it. */
static bool
says_opt_out(const json_t *account)
{
  const json_t *fields = json_object_get(account, "fields");
  for (size_t i = 0; i < MIN(json_array_size(fields), MASTODON_MAX_PARTS); i++)
    if (has_opt_out_tag(json_read_text(json_array_get(fields, i), "value")))
      return true;
  return has_opt_out_tag(json_read_text(account, "note"));
}

static bool
is_opted_out(const json_t *status)
{
  const json_t *account = json_object_get(status, "account");
  return reading_flag(account, "noindex") || json_is_false(json_object_get(account, "discoverable")) ||
         g_strcmp0(json_read_text(status, "visibility"), "public") != 0 || says_opt_out(account);
}

/* Threads, in which people answer themselves, are no replies. */
static bool
is_reply(const json_t *status)
{
  const json_t *answered = json_object_get(status, "in_reply_to_account_id");
  const json_t *author = json_object_get(json_object_get(status, "account"), "id");
  return answered != NULL && !json_is_null(answered) && !json_equal(answered, author);
}

/* Returns: (transfer none) (nullable): the status that @status quotes; Akkoma and Fedibird have it in the quote's place */
static const json_t *
find_quoted(const json_t *status)
{
  const json_t *quote = json_object_get(status, "quote");
  const char *state = json_read_text(quote, "state");
  const json_t *quoted = state != NULL ? json_object_get(quote, "quoted_status") : quote;
  bool is_shown = state == NULL || g_str_equal(state, "accepted");
  return is_shown && json_is_object(json_object_get(quoted, "account")) ? quoted : NULL;
}

/* The votes are left out: they change every hour. */
static void
append_options(GString *text, const json_t *status)
{
  g_autoptr(GString) list = g_string_new(NULL);
  const json_t *options = json_object_get(json_object_get(status, "poll"), "options");
  for (size_t i = 0; i < MIN(json_array_size(options), MASTODON_MAX_PARTS); i++) {
    g_autofree char *title = reading_line(json_array_get(options, i), "title");
    if (title != NULL)
      g_string_append_printf(list, "%s- %s", list->len > 0 ? "\n" : "", title);
  }
  append_paragraph(text, list->str);
}

static void
append_quotation(GString *text, const json_t *quoted, const char *instance)
{
  g_autofree char *handle = read_handle(quoted, instance);
  g_autofree char *paragraphs = read_words(quoted, instance, NULL);
  g_autofree char *words = text_clean_line(paragraphs, strlen(paragraphs));
  if (handle == NULL || *words == '\0')
    return;
  g_autofree char *quotation = g_strconcat("Quoting @", handle, ": ", words, NULL);
  append_paragraph(text, quotation);
}

static char *
make_person(const char *name, const char *host)
{
  g_autofree char *folded = text_casefold(name, -1);
  return g_strconcat("@", folded, "@", host, NULL);
}

static char *
make_tag(const char *name)
{
  g_autofree char *folded = text_casefold(name, -1);
  return g_strconcat("#", folded, NULL);
}

/* Returns: (transfer full) (element-type utf8): the addresses of the people and tags that @status names, and their names */
static GHashTable *
collect_named(const json_t *status)
{
  GHashTable *named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  const json_t *mentions = json_object_get(status, "mentions");
  for (size_t i = 0; i < MIN(json_array_size(mentions), MASTODON_MAX_PARTS); i++) {
    const json_t *mention = json_array_get(mentions, i);
    char *address = read_address(mention, "url");
    g_autofree char *name = reading_line(mention, "username");
    if (address == NULL)
      continue;
    g_autofree char *host = url_host(address);
    g_hash_table_add(named, address);
    if (name != NULL)
      g_hash_table_add(named, make_person(name, host));
  }
  const json_t *tags = json_object_get(status, "tags");
  for (size_t i = 0; i < MIN(json_array_size(tags), MASTODON_MAX_PARTS); i++) {
    char *address = read_address(json_array_get(tags, i), "url");
    g_autofree char *name = reading_line(json_array_get(tags, i), "name");
    if (address != NULL)
      g_hash_table_add(named, address);
    if (name != NULL)
      g_hash_table_add(named, make_tag(name));
  }
  return named;
}

/* Whether @link is the page of somebody or of a tag in @named: a server links its own page of a tag, and either of two pages of
 * a person. */
static bool
is_of_named(const char *link, GHashTable *named)
{
  g_autofree char *canonical = url_canonical(link, NULL);
  g_auto(Url) url = {0};
  if (canonical == NULL || g_hash_table_contains(named, canonical) || !url_parse(canonical, &url, NULL))
    return true;
  if (g_str_has_suffix(url.path, "/"))
    url.path[strlen(url.path) - 1] = '\0';
  g_autofree char *folder = g_path_get_dirname(url.path);
  g_autofree char *escaped = g_path_get_basename(url.path);
  g_autofree char *raw = g_uri_unescape_string(escaped, NULL);
  g_autofree char *name = raw != NULL ? text_clean_line(raw, strlen(raw)) : g_strdup("");
  if (g_str_has_suffix(folder, "/tags") || g_str_has_suffix(folder, "/tag")) {
    g_autofree char *tag = make_tag(name);
    return g_hash_table_contains(named, tag);
  }
  g_autofree char *person = make_person(name + (*name == '@'), url.host);
  return g_hash_table_contains(named, person);
}

/* Adds the addresses @found in the content, but for those of whom and what it names and of @quoted_page (nullable). */
static void
add_links(Item *item, const json_t *status, const char *quoted_page, const GPtrArray *found)
{
  g_autoptr(GHashTable) named = collect_named(status);
  if (quoted_page != NULL)
    g_hash_table_add(named, g_strdup(quoted_page));
  for (unsigned i = 0; i < MIN(found->len, (unsigned) MASTODON_MAX_PARTS); i++)
    if (!is_of_named(found->pdata[i], named))
      item_add_link(item, found->pdata[i]);
}

/* Returns: (transfer full): the content warning, else the first thing that @status says; @words are its own; perhaps "" */
static char *
make_title(const json_t *status, const char *words, const char *text)
{
  char *title = reading_line(status, "spoiler_text");
  if (title == NULL)
    title = mastodon_first_sentence(words);
  if (title == NULL)
    title = reading_line(json_object_get(status, "card"), "title");
  if (title == NULL)
    title = reading_line(json_array_get(json_object_get(json_object_get(status, "poll"), "options"), 0), "title");
  if (title == NULL)
    title = reading_line(json_array_get(json_object_get(status, "media_attachments"), 0), "description");
  return title != NULL ? title : reading_title(text_clean_line(text, strlen(text)));
}

static void
set_extra(json_t *extra, const char *key, char *text)
{
  if (text != NULL)
    json_object_set_new(extra, key, json_string(text));
  g_free(text);
}

/* Returns: (transfer full) (nullable): the host of the instance that the author is at, else that of @instance */
static char *
read_host(const json_t *status, const char *instance)
{
  const char *uri = json_read_text(status, "uri");
  char *host = uri != NULL ? url_host(uri) : NULL;
  return host != NULL ? host : url_host(instance);
}

static char *
make_extra(const json_t *status, const char *instance)
{
  g_autoptr(json_t) extra = json_object();
  const json_t *card = json_object_get(status, "card");
  int64_t edited_ms = reading_time(status, "edited_at");
  if (edited_ms > 0)
    set_extra(extra, "edited_at", time_format(edited_ms));
  set_extra(extra, "content_warning", reading_line(status, "spoiler_text"));
  set_extra(extra, "card_title", reading_line(card, "title"));
  set_extra(extra, "card_provider", reading_line(card, "provider_name"));
  set_extra(extra, "site_name", read_host(status, instance));
  return json_write(extra);
}

/* Of who does not want to be found no word is kept, also not as a quotation. */
static void
read_contents(Item *item, const json_t *status, const char *instance)
{
  const json_t *quoted = find_quoted(status);
  bool is_quotable = quoted != NULL && !is_opted_out(quoted);
  g_autofree char *quoted_page = quoted != NULL ? read_page(quoted) : NULL;
  g_autofree char *card_page = read_address(json_object_get(status, "card"), "url");
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
  g_autofree char *words = read_words(status, item->url, links);
  GString *text = g_string_new(words);
  append_options(text, status);
  if (is_quotable)
    append_quotation(text, quoted, instance);
  reading_set(&item->text, reading_text(g_string_free(text, FALSE)));
  reading_set(&item->title, make_title(status, words, item->text));
  add_links(item, status, quoted_page, links);
  if (card_page != NULL)
    item_add_link(item, card_page);
  if (is_quotable && quoted_page != NULL)
    item_add_link(item, quoted_page);
  const char *first = item->links->len > 0 ? item->links->pdata[0] : item->url;
  item->canonical_url = g_strdup(card_page != NULL ? card_page : first);
}

static Item *
make_item(const json_t *status, const char *id, const char *page, const char *instance)
{
  Item *item = item_new();
  reading_set(&item->id, g_strdup(id));
  reading_set(&item->url, g_strdup(page));
  read_contents(item, status, instance);
  char *name = reading_line(json_object_get(status, "account"), "display_name");
  reading_set(&item->author, name != NULL ? name : read_handle(status, instance));
  item->language = language_primary(json_read_text(status, "language"));
  item->published_ms = reading_time(status, "created_at");
  item->extra = make_extra(status, instance);
  item->likes = reading_count(status, "favourites_count");
  item->shares = reading_count(status, "reblogs_count");
  item->replies = reading_count(status, "replies_count");
  return item;
}

Item *
mastodon_read_status(const json_t *entry, const char *instance, ItemBatch *batch, GError **error)
{
  const json_t *boosted = json_object_get(entry, "reblog");
  const json_t *status = json_is_object(boosted) ? boosted : entry;
  if (!json_is_object(status)) {
    error_set(error, ERROR_BAD_DATA, "expected a status, got %s", reading_json_kind(status));
    return NULL;
  }
  if (!json_is_object(json_object_get(status, "account"))) {
    error_set(error, ERROR_BAD_DATA, "has no account");
    return NULL;
  }
  g_autofree char *uri = read_uri(status);
  g_autofree char *id = uri != NULL ? reading_id("mastodon:", uri) : g_strdup("");
  g_autofree char *page = read_page(status);
  bool is_hidden = is_opted_out(status);
  if (is_hidden || is_reply(status)) {
    item_batch_drop(batch, id, page != NULL ? page : "", is_hidden ? DROP_OPTED_OUT : DROP_NO_STORY, NULL);
    return NULL;
  }
  if (uri == NULL || page == NULL) {
    error_set(error, ERROR_BAD_DATA, "has no %s", uri == NULL ? "uri" : "http or https address");
    return NULL;
  }
  g_autoptr(Item) item = make_item(status, id, page, instance);
  if (*item->title != '\0')
    return g_steal_pointer(&item);
  if (json_is_string(json_object_get(status, "content")))
    item_batch_drop(batch, id, page, DROP_NO_STORY, "no words");
  else
    error_set(error, ERROR_BAD_DATA, "has no content");
  return NULL;
}
