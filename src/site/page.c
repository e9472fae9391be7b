#include "site/page.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/time.h"
#include "base/url.h"

#include <string.h>

static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

static const char MORE_HEADING[] =
    "<section class=\"known\" aria-labelledby=\"known\">\n<h2 id=\"known\">What else is known</h2>\n";

/*
 * relativeURLs stays off and the feeds are formats of our own, since Hugo rewrites links, in a format named RSS always, by
 * looking for ` href=/` anywhere in the page, and so would falsify quoted text: the theme makes its links itself. JSON is plain
 * text to Hugo, for jsonify escapes it; XML is not, so that Hugo escapes it. `data/` is the store's folder, which Hugo must
 * neither read nor watch; no `resources/` shall litter the workspace.
 */
static const char HUGO_CONFIG[] =
    "{"
    "\"theme\": \"theme\", \"timeZone\": \"UTC\", \"buildFuture\": true, \"paginate\": 30,"
    "\"disableHugoGeneratorInject\": true,"
    "\"disableKinds\": [\"section\"], \"taxonomies\": {\"topic\": \"topics\"}, \"enableRobotsTXT\": true,"
    "\"outputs\": {\"home\": [\"HTML\", \"feed\", \"atom\", \"jsonfeed\", \"search\"], \"taxonomy\": [\"HTML\"],"
    "             \"term\": [\"HTML\", \"feed\", \"atom\", \"jsonfeed\"]},"
    "\"mediaTypes\": {\"application/atom+xml\": {\"suffixes\": [\"xml\"]}, \"application/feed+json\": {\"suffixes\": "
    "[\"json\"]}},"
    "\"outputFormats\": {\"feed\": {\"mediaType\": \"application/rss+xml\", \"baseName\": \"index\"},"
    "                   \"atom\": {\"mediaType\": \"application/atom+xml\", \"baseName\": \"atom\"},"
    "                   \"jsonfeed\": {\"mediaType\": \"application/feed+json\", \"baseName\": \"feed\", \"isPlainText\": "
    "true},"
    "                   \"search\": {\"mediaType\": \"application/json\", \"baseName\": \"search\", \"isPlainText\": true}},"
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
  if (source->likes >= 0)
    json_object_set_new(object, "likes", json_integer(source->likes));
  if (source->replies >= 0)
    json_object_set_new(object, "replies", json_integer(source->replies));
  return object;
}

static bool
is_shared(const Topic *topic, const PageSetting *setting)
{
  return setting->shared_topics != NULL && g_hash_table_contains(setting->shared_topics, topic->slug);
}

static json_t *
topic_to_json(const Topic *topic, const PageSetting *setting)
{
  json_t *object = json_pack("{s:s}", "label", topic->label);
  g_assert(object != NULL);
  if (is_shared(topic, setting))
    json_object_set_new(object, "slug", json_string(topic->slug));
  return object;
}

static json_t *
params_to_json(const Article *article, const PageSetting *setting)
{
  g_autofree char *uuid = digest_uuid(setting->told_as != NULL ? setting->told_as : article->story_id);
  g_autofree char *feed_id = g_strconcat("urn:uuid:", uuid, NULL);
  json_t *sources = json_array();
  for (guint i = 0; i < article->sources->len; i++)
    json_array_append_new(sources, source_to_json(article->sources->pdata[i]));
  json_t *topics = json_array();
  for (guint i = 0; i < article->topics->len; i++)
    json_array_append_new(topics, topic_to_json(article->topics->pdata[i], setting));
  json_t *params = json_pack("{s:s, s:s, s:s, s:s, s:I, s:f, s:o, s:o}", "story_id", article->story_id, "feed_id", feed_id,
                             "kind", article->kind, "teaser", article->teaser, "revision", (json_int_t) article->revision,
                             "score", article->score, "sources", sources, "topics", topics);
  g_assert(params != NULL);
  if (setting->cover != NULL)
    json_object_set_new(params, "cover", json_string(setting->cover));
  return params;
}

static json_t *
shared_slugs(const Article *article, const PageSetting *setting)
{
  json_t *slugs = json_array();
  for (guint i = 0; i < article->topics->len; i++) {
    const Topic *topic = article->topics->pdata[i];
    if (is_shared(topic, setting))
      json_array_append_new(slugs, json_string(topic->slug));
  }
  return slugs;
}

static json_t *
alias_addresses(const GPtrArray *slugs)
{
  json_t *addresses = json_array();
  for (guint i = 0; i < slugs->len; i++)
    json_array_append_new(addresses, json_sprintf("/posts/%s/", (const char *) slugs->pdata[i]));
  return addresses;
}

static char *
front_matter(const Article *article, const PageSetting *setting)
{
  g_autoptr(json_t) object = json_pack("{s:s, s:s, s:o, s:o}", "title", article->headline, "slug", article->slug, "topics",
                                       shared_slugs(article, setting), "params", params_to_json(article, setting));
  g_assert(object != NULL);
  set_time(object, "date", article->published_ms);
  set_time(object, "lastmod", article->updated_ms);
  if (setting->aliases != NULL)
    json_object_set_new(object, "aliases", alias_addresses(setting->aliases));
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
  g_autofree char *front = front_matter(article, setting);
  GString *page = g_string_new(front);
  g_string_append_c(page, '\n');
  bool is_below_heading = false;
  for (guint i = 0; i < article->quotations->len; i++) {
    const Quotation *quotation = article->quotations->pdata[i];
    g_assert(quotation->source >= 0 && quotation->source < article->sources->len);
    const Quotation *before = i > 0 ? article->quotations->pdata[i - 1] : quotation;
    if (before->part != quotation->part && !is_below_heading) {
      g_string_append(page, MORE_HEADING);
      is_below_heading = true;
    }
    append_quotation(page, quotation, article->sources->pdata[quotation->source]);
  }
  if (is_below_heading)
    g_string_append(page, "</section>\n");
  return g_string_free(page, FALSE);
}

static json_t *
topic_labels(const GPtrArray *topics)
{
  json_t *labels = json_object();
  for (guint i = 0; topics != NULL && i < topics->len; i++) {
    const Topic *topic = topics->pdata[i];
    json_object_set_new(labels, topic->slug, json_string(topic->label));
  }
  return labels;
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
  json_object_set_new(config, "params", json_pack("{s:o}", "topics", topic_labels(settings->topics)));
  return json_write(config);
}
