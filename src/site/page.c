#include "site/page.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/time.h"
#include "base/url.h"

#include <string.h>

static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

/*
 * relativeURLs stays off and the feed is a format of our own, since Hugo rewrites links, in a format named RSS always, by
 * looking for ` href=/` anywhere in the page, and so would falsify quoted text: the theme makes its links itself.
 * `data/` is the store's folder, which Hugo must neither read nor watch; no `resources/` shall litter the workspace.
 */
static const char HUGO_CONFIG[] =
    "{"
    "\"theme\": \"theme\", \"timeZone\": \"UTC\", \"buildFuture\": true, \"paginate\": 30,"
    "\"disableHugoGeneratorInject\": true,"
    "\"disableKinds\": [\"section\", \"taxonomy\", \"term\"],"
    "\"outputs\": {\"home\": [\"HTML\", \"feed\"]},"
    "\"outputFormats\": {\"feed\": {\"mediaType\": \"application/rss+xml\", \"baseName\": \"index\"}},"
    "\"dataDir\": \"data/hugo\","
    "\"caches\": {\"assets\": {\"dir\": \":cacheDir/assets\"}, \"images\": {\"dir\": \":cacheDir/images\"}},"
    "\"security\": {\"enableInlineShortcodes\": false, \"exec\": {\"allow\": [\"none\"], \"osEnv\": [\"none\"]},"
    "              \"funcs\": {\"getenv\": [\"none\"]}, \"http\": {\"methods\": [\"none\"], \"urls\": [\"none\"]}},"
    "\"markup\": {\"goldmark\": {\"renderer\": {\"unsafe\": false}, \"extensions\": {\"linkify\": false}},"
    "            \"highlight\": {\"codeFences\": false}}"
    "}";

static bool
is_address(const char *text)
{
  g_auto(Url) url = {0};
  return text != NULL && url_parse(text, &url, NULL);
}

static void
set_time(json_t *object, const char *key, int64_t time_ms)
{
  g_autofree char *text = time_format(time_ms);
  json_object_set_new(object, key, json_string(text));
}

static json_t *
source_to_json(const ArticleSource *source)
{
  json_t *object = json_pack("{s:s, s:s, s:s}", "kind", source->kind, "name", source->name, "title", source->title);
  g_assert(object != NULL);
  if (is_address(source->url))
    json_object_set_new(object, "url", json_string(source->url));
  if (source->time_ms > 0)
    set_time(object, "time", source->time_ms);
  return object;
}

static json_t *
params_to_json(const Article *article)
{
  g_autofree char *uuid = digest_uuid(article->story_id);
  g_autofree char *feed_id = g_strconcat("urn:uuid:", uuid, NULL);
  json_t *sources = json_array();
  for (guint i = 0; i < article->sources->len; i++)
    json_array_append_new(sources, source_to_json(article->sources->pdata[i]));
  json_t *params = json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:o}", "story_id", article->story_id, "feed_id", feed_id, "kind",
                             article->kind, "teaser", article->teaser, "revision", (json_int_t) article->revision, "score",
                             article->score, "sources", sources);
  g_assert(params != NULL);
  return params;
}

static char *
front_matter(const Article *article)
{
  g_autoptr(json_t) object =
      json_pack("{s:s, s:s, s:o}", "title", article->headline, "slug", article->slug, "params", params_to_json(article));
  g_assert(object != NULL);
  set_time(object, "date", article->published_ms);
  set_time(object, "lastmod", article->updated_ms);
  return json_write(object);
}

static void
append_time(GString *html, int64_t time_ms)
{
  g_autofree char *machine = time_format(time_ms);
  g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(machine, NULL);
  g_string_append_printf(html, ", <time datetime=\"%s\">%d %s %d</time>", machine, g_date_time_get_day_of_month(time),
                         MONTHS[g_date_time_get_month(time) - 1], g_date_time_get_year(time));
}

static void
append_quotation(GString *html, const Quotation *quotation, const ArticleSource *source)
{
  g_autofree char *text = page_escape(quotation->text);
  g_autofree char *name = page_escape(source->name);
  if (is_address(source->url)) {
    g_autofree char *url = page_escape(source->url);
    g_string_append_printf(html,
                           "<figure>\n<blockquote cite=\"%s\"><p dir=\"auto\">%s</p></blockquote>\n"
                           "<figcaption><a href=\"%s\"><bdi>%s</bdi></a>",
                           url, text, url, name);
  } else {
    g_string_append_printf(html, "<figure>\n<blockquote><p dir=\"auto\">%s</p></blockquote>\n<figcaption><bdi>%s</bdi>", text,
                           name);
  }
  if (source->time_ms > 0)
    append_time(html, source->time_ms);
  g_string_append(html, "</figcaption>\n</figure>\n");
}

char *
page_escape(const char *text)
{
  GString *escaped = g_string_new(NULL);
  for (const char *rest = text; *rest != '\0';) {
    size_t plain = strcspn(rest, "&<>\"'{}");
    g_string_append_len(escaped, rest, (gssize) plain);
    rest += plain;
    if (*rest != '\0')
      g_string_append_printf(escaped, "&#%d;", *rest++);
  }
  return g_string_free(escaped, FALSE);
}

char *
page_render(const Article *article, const PageSetting *setting)
{
  (void) setting;
  g_autofree char *front = front_matter(article);
  GString *page = g_string_new(front);
  g_string_append_c(page, '\n');
  for (guint i = 0; i < article->quotations->len; i++) {
    const Quotation *quotation = article->quotations->pdata[i];
    g_assert(quotation->source >= 0 && quotation->source < article->sources->len);
    append_quotation(page, quotation, article->sources->pdata[quotation->source]);
  }
  return g_string_free(page, FALSE);
}

char *
page_hugo_config(const SiteSettings *settings)
{
  g_autoptr(json_t) config = json_loads(HUGO_CONFIG, 0, NULL);
  g_assert(config != NULL);
  g_autofree char *base_url = g_strconcat(settings->base_url, "/", NULL);
  json_object_set_new(config, "baseURL", json_string(base_url));
  json_object_set_new(config, "title", json_string(settings->title));
  json_object_set_new(config, "languageCode", json_string(settings->language));
  return json_write(config);
}
