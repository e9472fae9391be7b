#include "model/article.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>

enum { MAX_SLUG_BYTES = 60, SLUG_ID_DIGITS = 6 };

/* By #Part, as in documents. */
static const char *const PART_NAMES[] = {"news", "more"};

static void
quotation_free(Quotation *quotation)
{
  g_free(quotation->text);
  g_free(quotation);
}

static void
source_free(ArticleSource *source)
{
  g_free(source->kind);
  g_free(source->name);
  g_free(source->title);
  g_free(source->url);
  g_free(source);
}

/* Reads the text at @key of @object, which stands at @place. */
static bool
take_text(const json_t *object, const char *place, const char *key, char **ret_text, GError **error)
{
  const char *text = json_read_text(object, key);
  if (text == NULL) {
    error_set(error, ERROR_BAD_DATA, "article document: %s%s: is no text", place, key);
    return false;
  }
  g_free(*ret_text);
  *ret_text = g_strdup(text);
  return true;
}

static bool
take_integer(const json_t *object, const char *place, const char *key, int64_t *ret_integer, GError **error)
{
  const json_t *value = json_object_get(object, key);
  if (!json_is_integer(value)) {
    error_set(error, ERROR_BAD_DATA, "article document: %s%s: is no integer", place, key);
    return false;
  }
  *ret_integer = json_integer_value(value);
  return true;
}

/* -1 where the document, of an earlier version or another kind of source, does not tell. */
static int64_t
read_count(const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  return json_is_integer(value) ? json_integer_value(value) : -1;
}

static bool
take_topic(Article *article, const json_t *object, const char *place, GError **error)
{
  g_autofree char *label = NULL;
  if (!take_text(object, place, "label", &label, error))
    return false;
  topics_add(article->topics, topic_new(label));
  return true;
}

static bool
take_source(Article *article, const json_t *object, const char *place, GError **error)
{
  ArticleSource *source = g_new0(ArticleSource, 1);
  g_ptr_array_add(article->sources, source);
  source->likes = read_count(object, "likes");
  source->replies = read_count(object, "replies");
  return take_text(object, place, "kind", &source->kind, error) && take_text(object, place, "name", &source->name, error) &&
         take_text(object, place, "title", &source->title, error) && take_text(object, place, "url", &source->url, error) &&
         take_integer(object, place, "time_ms", &source->time_ms, error);
}

static bool
take_quotation(Article *article, const json_t *object, const char *place, GError **error)
{
  Quotation *quotation = g_new0(Quotation, 1);
  g_ptr_array_add(article->quotations, quotation);
  quotation->part = g_strcmp0(json_read_text(object, "part"), PART_NAMES[PART_MORE]) == 0 ? PART_MORE : PART_NEWS;
  if (!take_text(object, place, "text", &quotation->text, error) ||
      !take_integer(object, place, "source", &quotation->source, error))
    return false;
  if (quotation->source >= 0 && quotation->source < (int64_t) article->sources->len)
    return true;
  error_set(error, ERROR_BAD_DATA, "article document: %ssource: there is no source %" G_GINT64_FORMAT, place,
            quotation->source);
  return false;
}

typedef bool (*TakePart)(Article *article, const json_t *object, const char *place, GError **error);

static bool
take_parts(Article *article, const json_t *document, const char *key, TakePart take, GError **error)
{
  const json_t *parts = json_object_get(document, key);
  if (!json_is_array(parts)) {
    error_set(error, ERROR_BAD_DATA, "article document: %s: is no list", key);
    return false;
  }
  size_t i;
  const json_t *part;
  json_array_foreach(parts, i, part)
  {
    g_autofree char *place = g_strdup_printf("%s[%zu].", key, i);
    if (!take(article, part, place, error))
      return false;
  }
  return true;
}

Article *
article_new(void)
{
  Article *article = g_new0(Article, 1);
  article->story_id = g_strdup("");
  article->slug = g_strdup("");
  article->kind = g_strdup("");
  article->headline = g_strdup("");
  article->teaser = g_strdup("");
  article->topics = topics_new();
  article->quotations = g_ptr_array_new_with_free_func((GDestroyNotify) quotation_free);
  article->sources = g_ptr_array_new_with_free_func((GDestroyNotify) source_free);
  return article;
}

void
article_free(Article *article)
{
  if (article == NULL)
    return;
  g_free(article->story_id);
  g_free(article->slug);
  g_free(article->kind);
  g_free(article->headline);
  g_free(article->teaser);
  g_ptr_array_unref(article->topics);
  g_ptr_array_unref(article->quotations);
  g_ptr_array_unref(article->sources);
  g_free(article);
}

void
article_add_quotation(Article *article, Part part, const char *text, int64_t source)
{
  Quotation *quotation = g_new0(Quotation, 1);
  *quotation = (Quotation){.part = part, .text = g_strdup(text), .source = source};
  g_ptr_array_add(article->quotations, quotation);
}

int64_t
article_add_source(Article *article, const ArticleSource *source)
{
  ArticleSource *copy = g_new0(ArticleSource, 1);
  *copy = (ArticleSource){
      .kind = g_strdup(source->kind),
      .name = g_strdup(source->name),
      .title = g_strdup(source->title),
      .url = g_strdup(source->url),
      .time_ms = source->time_ms,
      .likes = source->likes,
      .replies = source->replies,
  };
  g_ptr_array_add(article->sources, copy);
  return (int64_t) article->sources->len - 1;
}

static void
append(json_t *list, json_t *part)
{
  int status = json_array_append_new(list, part);
  g_assert(status == 0);
}

static json_t *
topics_to_json(const Article *article)
{
  json_t *topics = json_array();
  for (guint i = 0; i < article->topics->len; i++)
    append(topics, json_pack("{s:s}", "label", ((const Topic *) article->topics->pdata[i])->label));
  return topics;
}

static json_t *
quotations_to_json(const Article *article)
{
  json_t *quotations = json_array();
  for (guint i = 0; i < article->quotations->len; i++) {
    const Quotation *quotation = article->quotations->pdata[i];
    append(quotations, json_pack("{s:s, s:s, s:I}", "part", PART_NAMES[quotation->part], "text", quotation->text, "source",
                                 (json_int_t) quotation->source));
  }
  return quotations;
}

static json_t *
sources_to_json(const Article *article, bool has_engagement)
{
  json_t *sources = json_array();
  for (guint i = 0; i < article->sources->len; i++) {
    const ArticleSource *source = article->sources->pdata[i];
    json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I}", "kind", source->kind, "name", source->name, "title", source->title,
                               "url", source->url, "time_ms", (json_int_t) source->time_ms);
    if (has_engagement && source->likes >= 0)
      json_object_set_new(object, "likes", json_integer(source->likes));
    if (has_engagement && source->replies >= 0)
      json_object_set_new(object, "replies", json_integer(source->replies));
    append(sources, object);
  }
  return sources;
}

static char *
write_document(const Article *article, bool has_engagement)
{
  g_autoptr(json_t) document = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "kind", article->kind, "headline", article->headline,
                                         "teaser", article->teaser, "topics", topics_to_json(article), "quotations",
                                         quotations_to_json(article), "sources", sources_to_json(article, has_engagement));
  g_assert(document != NULL);
  return json_write(document);
}

char *
article_document(const Article *article)
{
  return write_document(article, true);
}

Article *
article_from_document(const char *json, GError **error)
{
  g_autoptr(json_t) document = json_parse(json, strlen(json), NULL, error);
  if (document == NULL) {
    g_prefix_error(error, "article document: ");
    return NULL;
  }
  g_autoptr(Article) article = article_new();
  if (!take_text(document, "", "kind", &article->kind, error) ||
      !take_text(document, "", "headline", &article->headline, error) ||
      !take_text(document, "", "teaser", &article->teaser, error) ||
      (json_object_get(document, "topics") != NULL && !take_parts(article, document, "topics", take_topic, error)) ||
      !take_parts(article, document, "sources", take_source, error) ||
      !take_parts(article, document, "quotations", take_quotation, error))
    return NULL;
  return g_steal_pointer(&article);
}

bool
article_says_same(const Article *article, const char *document)
{
  g_autoptr(Article) other = article_from_document(document, NULL);
  if (other == NULL)
    return false;
  g_autofree char *own_words = write_document(article, false);
  g_autofree char *other_words = write_document(other, false);
  return strcmp(own_words, other_words) == 0;
}

char *
article_slug(const char *headline, const char *story_id)
{
  g_autofree char *slug = text_slug(headline, MAX_SLUG_BYTES);
  return g_strdup_printf("%s%s%.*s", slug, *slug != '\0' ? "-" : "", SLUG_ID_DIGITS, story_id);
}
