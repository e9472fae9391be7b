#include "writing/headline.h"

#include "base/text.h"
#include "base/url.h"
#include "text/sentences.h"
#include "text/tokens.h"
#include "writing/title.h"

#include <string.h>

enum { MAX_HEADLINE_CHARS = 120, MAX_TITLES = 64, MAX_AGREEMENT = 4, MIN_SENTENCE_WORDS = 5 };

/*
 * A title that could head the brief.
 * @text: tidied
 * @words: " word word ", casefolded, to look phrases up in
 * @count: of words
 * @stems: (element-type utf8): as a set
 * @agreement: how many of its stems other titles have too
 */
typedef struct {
  char *text;
  char *words;
  guint count;
  GHashTable *stems;
  guint agreement;
  bool is_of_page;
  bool is_of_lead;
  bool is_first_words;
  bool is_repository;
  bool has_others;
} Title;

/* What happens, in the present or in the past: enough of the commonest to tell a statement from a name. */
static const char *const VERBS[] = {
    "is",       "are",      "was",      "were",     "has",     "have",     "had",      "will",      "can",     "could",
    "may",      "does",     "says",     "said",     "gets",    "got",      "goes",     "went",      "makes",   "made",
    "takes",    "took",     "gives",    "gave",     "wins",    "won",      "loses",    "lost",      "finds",   "found",
    "keeps",    "kept",     "brings",   "brought",  "comes",   "came",     "sees",     "shows",     "adds",    "drops",
    "ends",     "begins",   "starts",   "stops",    "ships",   "opens",    "closes",   "fixes",     "breaks",  "broke",
    "cuts",     "runs",     "ran",      "uses",     "needs",   "wants",    "plans",    "moves",     "joins",   "leaves",
    "left",     "buys",     "bought",   "sells",    "sold",    "builds",   "built",    "writes",    "wrote",   "reads",
    "holds",    "held",     "reaches",  "replaces", "removes", "returns",  "releases", "announces", "reports", "publishes",
    "launches", "supports", "switches", "blocks",   "bans",    "sues",     "hits",     "falls",     "rises",   "grows",
    "beats",    "throws",   "turns",    "becomes",  "became",  "helps",    "teaches",  "checks",    "tells",   "works",
    "fails",    "answers",  "fires",    "lets",     "raises",  "suspends", "crosses",  "withdraws", "deletes", "arrests",
    "rejects",  "approves", "votes",    "warns",    "shrinks", "doubles",  NULL,
};

static const char *const PERSONAL[] = {"i",    "i'm",    "i've", "i'd",   "i'll",  "me",  "my",
                                       "mine", "myself", "we",   "we're", "we've", "our", NULL};

static const char *const BAITS[] = {"you won't believe",  "you will not believe", "this one",
                                    "what happened next", "what happens next",    "here's why",
                                    "here's how",         "here's what",          "the reason why",
                                    "you need to know",   "you should know",      "everything you need",
                                    "one weird",          "blow your mind",       "blew my mind",
                                    "mind blowing",       "game changer",         "must read",
                                    "nobody talks about", "no one talks about",   "changed my life",
                                    "so far from",        "wait until you",       NULL};

static const char *const EXPLAINERS[] = {" how ", " why ", " what ", " when ", " where ", " who ", " which ", NULL};

static bool
holds_any(const char *words, const char *const *phrases)
{
  for (; *phrases != NULL; phrases++) {
    size_t length = strlen(*phrases);
    for (const char *at = strstr(words, *phrases); at != NULL; at = strstr(at + 1, *phrases))
      if (at[-1] == ' ' && at[length] == ' ')
        return true;
  }
  return false;
}

static bool
is_of_page(const Title *title)
{
  return title->is_of_page;
}

static bool
is_of_lead(const Title *title)
{
  return title->is_of_lead;
}

static bool
is_first_words(const Title *title)
{
  return title->is_first_words;
}

static bool
is_repository(const Title *title)
{
  return title->is_repository;
}

static bool
is_of_good_length(const Title *title)
{
  return title->count >= 5 && title->count <= 14;
}

static bool
is_scant(const Title *title)
{
  return title->count < 3;
}

static bool
is_long(const Title *title)
{
  return title->count > 18 || g_utf8_strlen(title->text, -1) > MAX_HEADLINE_CHARS;
}

/* Of two and more words in -ed one may be no verb, as in "embedded"; that is near enough. */
static bool
has_verb(const Title *title)
{
  return holds_any(title->words, VERBS) || strstr(title->words, "ed ") != NULL;
}

/* The first word is written large whatever it is. */
static bool
has_name_or_number(const Title *title)
{
  const char *at = strchr(title->text, ' ');
  for (; at != NULL && *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (g_unichar_isupper(character) || g_unichar_isdigit(character))
      return true;
  }
  return false;
}

static bool
is_question(const Title *title)
{
  return g_str_has_suffix(title->text, "?") || g_str_has_suffix(title->text, "？");
}

static bool
is_explainer(const Title *title)
{
  for (const char *const *start = EXPLAINERS; *start != NULL; start++)
    if (g_str_has_prefix(title->words, *start))
      return true;
  return false;
}

static bool
is_personal(const Title *title)
{
  return holds_any(title->words, PERSONAL);
}

static bool
is_bait(const Title *title)
{
  return holds_any(title->words, BAITS);
}

static bool
is_exclaimed(const Title *title)
{
  return g_str_has_suffix(title->text, "!");
}

static bool
is_shouted(const Title *title)
{
  return title_is_shouted(title->text);
}

static bool
is_odd(const Title *title)
{
  return title->has_others && title->agreement == 0;
}

/* What speaks for a title and against it. The clearest is the one with the most points, of equals the first. */
static const struct {
  const char *reason;
  int points;
  bool (*holds)(const Title *title);
} REASONS[] = {
    {"of a page or a feed, not of a post about it", 2, is_of_page},
    {"of the post that leads, or of the page it links to", 1, is_of_lead},
    {"5 to 14 words", 2, is_of_good_length},
    {"has a verb", 2, has_verb},
    {"has a name or a number", 1, has_name_or_number},
    {"a name, not what happened to it", -4, is_scant},
    {"takes a second look to read", -2, is_long},
    {"first words of a post that has no title", -3, is_first_words},
    {"a repository's name and description, no title", -2, is_repository},
    {"asks", -3, is_question},
    {"explains rather than tells", -1, is_explainer},
    {"speaks of who writes it", -5, is_personal},
    {"baits", -4, is_bait},
    {"exclaims", -2, is_exclaimed},
    {"shouts", -6, is_shouted},
    {"says nothing that another one says", -3, is_odd},
};

static int
count_points(const Title *title)
{
  int points = MIN((int) title->agreement, MAX_AGREEMENT);
  for (size_t i = 0; i < G_N_ELEMENTS(REASONS); i++)
    points += REASONS[i].holds(title) ? REASONS[i].points : 0;
  return points;
}

static void
free_title(void *data)
{
  Title *title = data;
  g_free(title->text);
  g_free(title->words);
  g_hash_table_unref(title->stems);
  g_free(title);
}

/* Returns: (transfer none) (nullable): @text tidied, the last of @titles now */
static Title *
add_title(GPtrArray *titles, const char *text, const GPtrArray *sites)
{
  if (text == NULL || text[0] == '\0' || titles->len >= MAX_TITLES)
    return NULL;
  Title *title = g_new0(Title, 1);
  title->text = title_tidy(text, sites);
  title->is_repository = strcspn(text, "/") < strcspn(text, " ") && strcspn(text, ":") + 1 == strcspn(text, " ");
  g_autoptr(GPtrArray) words = tokens_words(title->text);
  title->count = words->len;
  g_ptr_array_add(words, NULL);
  g_autofree char *joined = g_strjoinv(" ", (char **) words->pdata);
  title->words = g_strdup_printf(" %s ", joined);
  title->stems = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GPtrArray) stems = tokens_stems(title->text, NULL);
  for (guint i = 0; i < stems->len; i++)
    g_hash_table_add(title->stems, g_strdup(stems->pdata[i]));
  g_ptr_array_add(titles, title);
  return title;
}

/* A post that begins with "Wow." may go on with what is to be wondered at. */
static void
add_second_sentence(GPtrArray *titles, const Item *item, const GPtrArray *sites)
{
  g_autofree char *opening = text_truncate(item->text, 2 * ITEM_MAX_TITLE_CHARS);
  g_autoptr(GPtrArray) sentences = sentences_split(opening);
  g_autofree char *second = sentences->len > 1 ? text_truncate(sentences->pdata[1], ITEM_MAX_TITLE_CHARS) : NULL;
  Title *title = add_title(titles, second, sites);
  if (title != NULL)
    title->is_first_words = true;
}

/* @about: (nullable): canonical address of the page that the story is about, most likely */
static void
add_item(GPtrArray *titles, const Item *item, const GPtrArray *sites, bool is_of_page, const char *about)
{
  Title *title = add_title(titles, item->title, sites);
  if (title == NULL)
    return;
  title->is_of_page = is_of_page;
  title->is_of_lead = is_of_page && about != NULL && g_strcmp0(item->canonical_url, about) == 0;
  title->is_first_words = !is_of_page && sentences_title_length(item->text, item->title) > 0;
  if (title->is_first_words && is_scant(title))
    add_second_sentence(titles, item, sites);
}

static void
add_page(GPtrArray *titles, const Evidence *page, const GPtrArray *sites, const char *about)
{
  Title *title = add_title(titles, page->title, sites);
  if (title == NULL)
    return;
  g_autofree char *address = url_canonical(page->url, NULL);
  title->is_of_page = true;
  title->is_of_lead = address != NULL && g_strcmp0(address, about) == 0;
}

/* Returns: (transfer full) (element-type Title): in the order in which they win when equal: the lead's, the others', the pages'
 */
static GPtrArray *
list_titles(const Story *story, const GPtrArray *evidence, const GPtrArray *sites,
            const char *(*find_community)(const char *source_key))
{
  GPtrArray *titles = g_ptr_array_new_with_free_func(free_title);
  const Item *lead = story_lead(story);
  const char *about = lead != NULL ? lead->canonical_url : NULL;
  if (lead != NULL)
    add_item(titles, lead, sites, find_community(lead->source) == NULL, about);
  for (guint i = 0; i < titles->len; i++)
    ((Title *) titles->pdata[i])->is_of_lead = true;
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    if (item != lead)
      add_item(titles, item, sites, find_community(item->source) == NULL, about);
  }
  for (guint i = 0; i < evidence->len; i++)
    add_page(titles, evidence->pdata[i], sites, about);
  return titles;
}

/* Titles that say the very same are one voice. */
static void
compare_titles(GPtrArray *titles)
{
  g_autoptr(GHashTable) voices = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < titles->len; i++) {
    Title *title = titles->pdata[i];
    if (!g_hash_table_add(voices, title->words))
      continue;
    GHashTableIter iterator;
    void *stem;
    g_hash_table_iter_init(&iterator, title->stems);
    while (g_hash_table_iter_next(&iterator, &stem, NULL))
      g_hash_table_replace(counts, stem, GINT_TO_POINTER(GPOINTER_TO_INT(g_hash_table_lookup(counts, stem)) + 1));
  }
  for (guint i = 0; i < titles->len; i++) {
    Title *title = titles->pdata[i];
    title->has_others = g_hash_table_size(voices) > 1;
    GHashTableIter iterator;
    void *stem;
    g_hash_table_iter_init(&iterator, title->stems);
    while (g_hash_table_iter_next(&iterator, &stem, NULL))
      title->agreement += GPOINTER_TO_INT(g_hash_table_lookup(counts, stem)) > 1;
  }
}

/* Returns: (transfer full): @title as a sentence, its words written as the story's texts and titles write them */
static char *
unshout(const char *title, const Story *story, const GPtrArray *evidence)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new();
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    g_ptr_array_add(texts, item->text);
    g_ptr_array_add(texts, item->title);
  }
  for (guint i = 0; i < evidence->len; i++)
    g_ptr_array_add(texts, ((const Evidence *) evidence->pdata[i])->text);
  return title_unshout(title, texts);
}

/* Returns: (transfer full): @headline, or as much of it as may be, whole sentences rather than words */
static char *
shorten(const char *headline)
{
  if (g_utf8_strlen(headline, -1) > MAX_HEADLINE_CHARS) {
    g_autoptr(GPtrArray) sentences = sentences_split(headline);
    const char *first = sentences->pdata[0];
    if (sentence_count_words(first) >= MIN_SENTENCE_WORDS && g_utf8_strlen(first, -1) <= MAX_HEADLINE_CHARS)
      return g_str_has_suffix(first, ".") ? g_strndup(first, strlen(first) - 1) : g_strdup(first);
  }
  return text_truncate(headline, MAX_HEADLINE_CHARS);
}

char *
headline_choose(const Story *story, const GPtrArray *evidence, const GPtrArray *sites,
                const char *(*find_community)(const char *source_key))
{
  g_autoptr(GPtrArray) titles = list_titles(story, evidence, sites, find_community);
  if (titles->len == 0)
    return g_strdup("");
  compare_titles(titles);
  const Title *best = titles->pdata[0];
  for (guint i = 1; i < titles->len; i++)
    if (count_points(titles->pdata[i]) > count_points(best))
      best = titles->pdata[i];
  g_autofree char *headline = title_is_shouted(best->text) ? unshout(best->text, story, evidence) : g_strdup(best->text);
  return shorten(headline);
}
