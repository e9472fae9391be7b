#include "writing/brief.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "text/sentences.h"
#include "text/tokens.h"

enum {
  MAX_QUOTATIONS = 4,
  MAX_QUOTED_SENTENCES = 3,
  MAX_QUOTED_WORDS = 60,
  MAX_QUOTED_CHARS = 400,
  MAX_HEADLINE_CHARS = 120,
  MAX_TEASER_CHARS = 200,
};

/*
 * What is being written.
 * @texts: (element-type utf8): for each source of the article what it says, "" for what could not be read
 * @urls: (element-type utf8): canonical addresses of the sources, as a set
 */
typedef struct {
  const Story *story;
  const GPtrArray *evidence;
  const char *(*find_community)(const char *source_key);
  Article *article;
  GPtrArray *texts;
  GHashTable *urls;
} Brief;

/* Returns: (transfer full): @name where there is one, else the host of @url without "www." */
static char *
name_or_host(const char *name, const char *url)
{
  if (name != NULL && name[0])
    return g_strdup(name);
  g_autofree char *host = url_host(url);
  if (host == NULL)
    return g_strdup(url);
  return g_strdup(g_str_has_prefix(host, "www.") ? host + strlen("www.") : host);
}

/* Adds a source unless its page is among the sources already. */
static void
add_source(Brief *brief, const ArticleSource *source, const char *text)
{
  char *canonical = url_canonical(source->url, NULL);
  if (canonical == NULL || !g_hash_table_add(brief->urls, canonical))
    return;
  g_autofree char *name = name_or_host(source->name, source->url);
  ArticleSource named = *source;
  named.name = name;
  article_add_source(brief->article, &named);
  g_ptr_array_add(brief->texts, (char *) text);
}

/* Returns: (transfer full) (nullable): what the site that an item came from calls itself */
static char *
site_name(const Item *item)
{
  g_autoptr(json_t) extra = item->extra != NULL ? json_loads(item->extra, 0, NULL) : NULL;
  return g_strdup(json_read_text(extra, "site_name"));
}

/* Returns: (transfer none) (nullable): the entry of a feed that is the page at @address */
static const Item *
find_entry(const Brief *brief, const char *address)
{
  for (guint i = 0; address != NULL && i < brief->story->items->len; i++) {
    const Item *item = brief->story->items->pdata[i];
    if (brief->find_community(item->source) == NULL && g_strcmp0(item->canonical_url, address) == 0)
      return item;
  }
  return NULL;
}

/* A page is called what it calls its site, else what its feed does; when it was published only its feed can say. */
static void
add_pages(Brief *brief)
{
  for (guint i = 0; i < brief->evidence->len; i++) {
    const Evidence *page = brief->evidence->pdata[i];
    g_autofree char *address = url_canonical(page->url, NULL);
    const Item *entry = find_entry(brief, address);
    bool has_name = page->site_name != NULL && page->site_name[0];
    g_autofree char *name = has_name || entry == NULL ? g_strdup(page->site_name) : site_name(entry);
    ArticleSource source = {"page", name, page->title, page->url, entry != NULL ? entry->published_ms : 0};
    add_source(brief, &source, page->text);
  }
}

static void
add_posts(Brief *brief)
{
  for (guint i = 0; i < brief->story->items->len; i++) {
    const Item *item = brief->story->items->pdata[i];
    g_autofree char *name = site_name(item);
    ArticleSource source = {"post", name, item->title, item->url, item->published_ms};
    if (brief->find_community(item->source) == NULL)
      add_source(brief, &source, item->text);
  }
}

/* What posts link to is a source even where it could not be read. A post that is its own page is no such link. */
static void
add_unread_pages(Brief *brief)
{
  for (guint i = 0; i < brief->story->items->len; i++) {
    const Item *item = brief->story->items->pdata[i];
    g_autofree char *own = url_canonical(item->url, NULL);
    ArticleSource source = {"page", NULL, item->title, item->canonical_url, 0};
    if (item->canonical_url && g_strcmp0(own, item->canonical_url) != 0)
      add_source(brief, &source, "");
  }
}

static void
add_discussions(Brief *brief)
{
  for (guint i = 0; i < brief->story->items->len; i++) {
    const Item *item = brief->story->items->pdata[i];
    const char *community = brief->find_community(item->source);
    ArticleSource source = {"discussion", (char *) community, item->title, item->url, item->published_ms};
    if (community != NULL)
      add_source(brief, &source, item->text);
  }
}

/* Returns: (transfer full): the words of @text alone, so that two ways to write them are equal */
static char *
normalise(const char *text)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  g_ptr_array_add(words, NULL);
  return g_strjoinv(" ", (char **) words->pdata);
}

static guint
count_words(const char *text)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  return words->len;
}

static bool
ends_sentence(const char *line)
{
  static const char ENDS[] = ".!?\u2026\u3002\uff01\uff1f";
  static const char CLOSERS[] = "\"')]\u2019\u201d\u00bb";
  const char *last = line + strlen(line);
  do
    last = g_utf8_find_prev_char(line, last);
  while (last != NULL && g_utf8_strchr(CLOSERS, -1, g_utf8_get_char(last)) != NULL);
  return last != NULL && g_utf8_strchr(ENDS, -1, g_utf8_get_char(last)) != NULL;
}

/* Bylines, datelines and headings stand before the first sentence, without an end of their own. */
static guint
find_opening(const GPtrArray *sentences, const char *title)
{
  g_autofree char *known = normalise(title);
  for (guint i = 0; i < sentences->len; i++) {
    g_autofree char *said = normalise(sentences->pdata[i]);
    if (ends_sentence(sentences->pdata[i]) && said[0] != '\0' && strcmp(said, known) != 0)
      return i;
  }
  return 0;
}

/* Returns: (transfer full): the first sentences of @text, as they stand there; "" where they only repeat @title */
static char *
quote_opening(const char *text, const char *title)
{
  g_autoptr(GPtrArray) sentences = sentences_split(text);
  g_autofree char *known = normalise(title);
  g_autoptr(GString) quotation = g_string_new(NULL);
  guint words = 0;
  guint first = find_opening(sentences, title);
  for (guint i = first; i < sentences->len && i < first + MAX_QUOTED_SENTENCES; i++) {
    const char *sentence = sentences->pdata[i];
    words += count_words(sentence);
    if (i > first && (words > MAX_QUOTED_WORDS || !ends_sentence(sentence)))
      break;
    g_string_append_printf(quotation, "%s%s", i > first ? " " : "", sentence);
  }
  g_autofree char *said = normalise(quotation->str);
  return strcmp(said, known) == 0 ? g_strdup("") : text_truncate(quotation->str, MAX_QUOTED_CHARS);
}

/* Two sources that begin with the same words, one perhaps saying more, are quoted once. */
static bool
is_quoted(const GPtrArray *quoted, const char *words)
{
  for (guint i = 0; i < quoted->len; i++)
    if (g_str_has_prefix(quoted->pdata[i], words) || g_str_has_prefix(words, quoted->pdata[i]))
      return true;
  return false;
}

static void
add_quotations(Brief *brief)
{
  g_autoptr(GPtrArray) quoted = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < brief->texts->len && quoted->len < MAX_QUOTATIONS; i++) {
    const ArticleSource *source = brief->article->sources->pdata[i];
    g_autofree char *quotation = quote_opening(brief->texts->pdata[i], source->title);
    g_autofree char *words = normalise(quotation);
    if (words[0] == '\0' || is_quoted(quoted, words))
      continue;
    article_add_quotation(brief->article, PART_NEWS, quotation, i);
    g_ptr_array_add(quoted, g_steal_pointer(&words));
  }
}

static bool
is_shouted(const char *title)
{
  g_autofree char *upper = g_utf8_strup(title, -1);
  g_autofree char *lower = g_utf8_strdown(title, -1);
  return strcmp(title, upper) == 0 && strcmp(title, lower) != 0;
}

/* Returns: (transfer none) (nullable): the feed entry that is the page the lead links to, else the lead */
static const Item *
find_primary(const Brief *brief)
{
  const Item *lead = story_lead(brief->story);
  const Item *entry = lead != NULL ? find_entry(brief, lead->canonical_url) : NULL;
  return entry != NULL && entry->title[0] ? entry : lead;
}

/* Returns: (transfer full) (element-type utf8): titles that could head the brief, borrowed, the best first */
static GPtrArray *
list_titles(const Brief *brief)
{
  GPtrArray *titles = g_ptr_array_new();
  const Item *primary = find_primary(brief);
  if (primary != NULL)
    g_ptr_array_add(titles, primary->title);
  const Item *lead = story_lead(brief->story);
  if (lead != NULL)
    g_ptr_array_add(titles, lead->title);
  for (guint i = 0; i < brief->story->items->len; i++)
    g_ptr_array_add(titles, ((const Item *) brief->story->items->pdata[i])->title);
  for (guint i = 0; i < brief->evidence->len; i++)
    g_ptr_array_add(titles, ((const Evidence *) brief->evidence->pdata[i])->title);
  return titles;
}

/* Returns: (transfer full): the best title that is not shouted, else the best, else the first words of a source, else a name */
static char *
write_headline(const Brief *brief)
{
  g_autoptr(GPtrArray) titles = list_titles(brief);
  const char *best = NULL;
  for (guint i = 0; i < titles->len; i++) {
    const char *title = titles->pdata[i];
    if (title[0] && (best == NULL || (is_shouted(best) && !is_shouted(title))))
      best = title;
  }
  if (best != NULL)
    return g_strdup(best);
  const Article *article = brief->article;
  if (article->quotations->len > 0)
    return text_truncate(((const Quotation *) article->quotations->pdata[0])->text, MAX_HEADLINE_CHARS);
  return g_strdup(article->sources->len > 0 ? ((const ArticleSource *) article->sources->pdata[0])->name : "");
}

Article *
brief_write(const Story *story, const GPtrArray *evidence, const char *(*find_community)(const char *source_key))
{
  g_autoptr(Article) article = article_new();
  g_autoptr(GPtrArray) texts = g_ptr_array_new();
  g_autoptr(GHashTable) urls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Brief brief = {story, evidence, find_community, article, texts, urls};
  add_pages(&brief);
  add_posts(&brief);
  add_unread_pages(&brief);
  add_discussions(&brief);
  add_quotations(&brief);

  g_free(article->story_id);
  article->story_id = g_strdup(story->id);
  g_free(article->kind);
  article->kind = g_strdup("brief");
  g_free(article->headline);
  article->headline = write_headline(&brief);
  g_free(article->teaser);
  const char *opening = article->headline;
  if (article->quotations->len > 0)
    opening = ((const Quotation *) article->quotations->pdata[0])->text;
  article->teaser = text_truncate(opening, MAX_TEASER_CHARS);
  return g_steal_pointer(&article);
}
