#include "writing/brief_sources.h"

#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "text/sentences.h"

#include <stdbool.h>
#include <string.h>

/* What is gathered into @sources, and into the sources of @article. */
typedef struct {
  const Story *story;
  const GPtrArray *evidence;
  const char *(*find_community)(const char *source_key);
  Article *article;
  BriefSources *sources;
} Gathering;

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

/* Returns: where the word begins that ends at @end */
static char *
find_word(const char *line, char *end)
{
  while (end > line && end[-1] != ' ')
    end--;
  return end;
}

/* Cuts off the address in @sentence and what follows it, and hashtags behind the sentence or behind each other; one alone may
 * be a word of it. */
static void
cut_tail(char *sentence)
{
  static const char *const SCHEMES[] = {"http://", "https://"};
  for (size_t i = 0; i < G_N_ELEMENTS(SCHEMES); i++) {
    char *address = strstr(sentence, SCHEMES[i]);
    if (address != NULL)
      *address = '\0';
  }
  g_strchomp(sentence);
  char *end = sentence + strlen(sentence);
  guint tags = 0;
  for (char *word = find_word(sentence, end); word > sentence && *word == '#'; word = find_word(sentence, end)) {
    end = word - 1;
    tags++;
  }
  *end = '\0';
  if (tags == 1 && !sentence_has_end(sentence))
    *end = ' ';
}

/* A list's bullets and what was cut off part sentences as the end of a text does: they are no words of one quotation. */
static void
add_sentences(GPtrArray *sentences, const char *text)
{
  g_autofree char *line = text_clean_line(text, strlen(text));
  g_autoptr(GPtrArray) more = sentences_split(text);
  const char *at = NULL;
  for (guint i = 0; i < more->len; i++) {
    char *sentence = more->pdata[i];
    cut_tail(sentence);
    if (at != NULL ? !g_str_has_prefix(at + strspn(at, " "), sentence) : sentences->len > 0)
      g_ptr_array_add(sentences, g_strdup(""));
    const char *found = strstr(at != NULL ? at : line, sentence);
    at = found != NULL ? found + strlen(sentence) : "";
    g_ptr_array_add(sentences, g_strdup(sentence));
  }
}

/* Adds a source that says @text; what is at the same address as one before it is that source, saying more. */
static void
add_source(Gathering *gathering, const ArticleSource *source, const char *text)
{
  BriefSources *sources = gathering->sources;
  g_autofree char *canonical = url_canonical(source->url, NULL);
  if (canonical == NULL)
    return;
  int64_t known = brief_sources_find(sources, canonical);
  if (known >= 0) {
    add_sentences(sources->sentences->pdata[known], text);
    return;
  }
  g_autofree char *name = name_or_host(source->name, source->url);
  ArticleSource named = *source;
  named.name = name;
  int64_t index = article_add_source(gathering->article, &named);
  g_hash_table_insert(sources->indices, g_steal_pointer(&canonical), GSIZE_TO_POINTER((gsize) index + 1));
  GPtrArray *sentences = g_ptr_array_new_with_free_func(g_free);
  add_sentences(sentences, text);
  g_ptr_array_add(sources->sentences, sentences);
  guint mentions = 0;
  g_array_append_val(sources->mentions, mentions);
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
find_entry(const Gathering *gathering, const char *address)
{
  for (guint i = 0; address != NULL && i < gathering->story->items->len; i++) {
    const Item *item = gathering->story->items->pdata[i];
    if (gathering->find_community(item->source) == NULL && g_strcmp0(item->canonical_url, address) == 0)
      return item;
  }
  return NULL;
}

/* One page at two addresses is one source. Returns: whether @page says what an earlier one does, which now has its address too
 */
static bool
is_page_again(Gathering *gathering, GHashTable *texts, const Evidence *page, const char *address)
{
  const Evidence *earlier = g_hash_table_lookup(texts, page->text);
  int64_t index = earlier != NULL ? brief_sources_find(gathering->sources, earlier->url) : -1;
  if (index < 0) {
    g_hash_table_insert(texts, page->text, (Evidence *) page);
    return false;
  }
  if (address != NULL)
    g_hash_table_insert(gathering->sources->indices, g_strdup(address), GSIZE_TO_POINTER((gsize) index + 1));
  return true;
}

/* A page is called what it calls its site, else what its feed does; when it was published only its feed can say. */
static void
add_pages(Gathering *gathering)
{
  g_autoptr(GHashTable) texts = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < gathering->evidence->len; i++) {
    const Evidence *page = gathering->evidence->pdata[i];
    g_autofree char *address = url_canonical(page->url, NULL);
    if (is_page_again(gathering, texts, page, address))
      continue;
    const Item *entry = find_entry(gathering, address);
    bool has_name = page->site_name != NULL && page->site_name[0];
    g_autofree char *name = has_name || entry == NULL ? g_strdup(page->site_name) : site_name(entry);
    const ArticleSource source = {
        .kind = (char *) "page",
        .name = name,
        .title = page->title,
        .url = page->url,
        .time_ms = entry != NULL ? entry->published_ms : 0,
        .likes = -1,
        .replies = -1,
    };
    add_source(gathering, &source, page->text);
  }
}

static void
add_posts(Gathering *gathering)
{
  for (guint i = 0; i < gathering->story->items->len; i++) {
    const Item *item = gathering->story->items->pdata[i];
    if (gathering->find_community(item->source) != NULL)
      continue;
    g_autofree char *name = site_name(item);
    const ArticleSource source = {
        .kind = (char *) "post",
        .name = name,
        .title = item->title,
        .url = item->url,
        .time_ms = item->published_ms,
        .likes = -1,
        .replies = -1,
    };
    add_source(gathering, &source, item->text);
  }
}

/* Returns: (transfer full) (element-type utf8): the canonical addresses of the items themselves, as a set */
static GHashTable *
list_posts(const Story *story)
{
  GHashTable *posts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < story->items->len; i++) {
    char *own = url_canonical(((const Item *) story->items->pdata[i])->url, NULL);
    if (own != NULL)
      g_hash_table_add(posts, own);
  }
  return posts;
}

/* A link that a service lists because it is shared: nobody can answer it, and what it says is the page's. */
static bool
is_listed_link(const Item *item)
{
  return item->shares >= 0 && item->likes < 0 && item->replies < 0 && item->score < 0;
}

/* What posts link to is a source even where it could not be read. A post of the story, linked or its own page, is no such link.
 */
static void
add_unread_pages(Gathering *gathering)
{
  g_autoptr(GHashTable) posts = list_posts(gathering->story);
  for (guint i = 0; i < gathering->story->items->len; i++) {
    const Item *item = gathering->story->items->pdata[i];
    const ArticleSource source = {
        .kind = (char *) "page",
        .title = item->title,
        .url = item->canonical_url,
        .likes = -1,
        .replies = -1,
    };
    if (item->canonical_url != NULL && !g_hash_table_contains(posts, item->canonical_url))
      add_source(gathering, &source, is_listed_link(item) ? item->text : "");
  }
}

static void
add_discussions(Gathering *gathering)
{
  for (guint i = 0; i < gathering->story->items->len; i++) {
    const Item *item = gathering->story->items->pdata[i];
    const char *community = gathering->find_community(item->source);
    const ArticleSource source = {
        .kind = (char *) "discussion",
        .name = (char *) community,
        .title = item->title,
        .url = item->url,
        .time_ms = item->published_ms,
        .likes = item->score >= 0 ? item->score : item->likes,
        .replies = item->replies,
    };
    if (community != NULL && !is_listed_link(item))
      add_source(gathering, &source, item->text);
  }
}

static void
count_mentions(Gathering *gathering)
{
  for (guint i = 0; i < gathering->story->items->len; i++) {
    const Item *item = gathering->story->items->pdata[i];
    int64_t index = brief_sources_find(gathering->sources, item->canonical_url);
    if (index >= 0)
      g_array_index(gathering->sources->mentions, guint, index)++;
  }
}

static void
free_sentences(void *sentences)
{
  g_ptr_array_unref(sentences);
}

BriefSources *
brief_sources_new(const Story *story, const GPtrArray *evidence, const char *(*find_community)(const char *source_key),
                  Article *article)
{
  BriefSources *sources = g_new0(BriefSources, 1);
  sources->sentences = g_ptr_array_new_with_free_func(free_sentences);
  sources->mentions = g_array_new(FALSE, FALSE, sizeof(guint));
  sources->indices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Gathering gathering = {story, evidence, find_community, article, sources};
  add_pages(&gathering);
  add_posts(&gathering);
  add_unread_pages(&gathering);
  add_discussions(&gathering);
  count_mentions(&gathering);
  return sources;
}

void
brief_sources_free(BriefSources *sources)
{
  if (sources == NULL)
    return;
  g_ptr_array_unref(sources->sentences);
  g_array_unref(sources->mentions);
  g_hash_table_unref(sources->indices);
  g_free(sources);
}

int64_t
brief_sources_find(const BriefSources *sources, const char *url)
{
  g_autofree char *canonical = url != NULL ? url_canonical(url, NULL) : NULL;
  if (canonical == NULL)
    return -1;
  return (int64_t) GPOINTER_TO_SIZE(g_hash_table_lookup(sources->indices, canonical)) - 1;
}
