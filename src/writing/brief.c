#include "writing/brief.h"

#include "base/text.h"
#include "base/url.h"
#include "text/sentences.h"
#include "text/tokens.h"
#include "writing/brief_sources.h"
#include "writing/headline.h"

#include <stdbool.h>
#include <string.h>

enum {
  MAX_QUOTATIONS = 3, /* in each part */
  MAX_STATEMENTS = 2, /* of one source */
  MAX_QUOTED_SENTENCES = 3,
  MAX_QUOTED_WORDS = 60,
  MAX_QUOTED_CHARS = 400,
  MIN_FRESH_STEMS = 3,
  MIN_TELLING_WORDS = 4,
  MAX_GREETING_WORDS = 8,
  MAX_HEADLINE_CHARS = 120,
  MAX_TEASER_CHARS = 200,
};

/*
 * What is being written.
 * @said: (element-type utf8): the stems of the headline and of all that was quoted, as a set
 */
typedef struct {
  const Summary *summary;
  Article *article;
  BriefSources *sources;
  GHashTable *said;
} Brief;

/* Neighbouring sentences of a source. */
typedef struct {
  int64_t source;
  guint first;
  guint count;
} Passage;

/* Whether @sentence tells anything, which a word or two and greetings do not. */
static bool
is_telling(const char *sentence)
{
  static const char *const GREETINGS[] = {"hi", "hello", "hey", "dear", NULL};
  g_autoptr(GPtrArray) words = tokens_words(sentence);
  if (words->len < MIN_TELLING_WORDS)
    return false;
  return words->len > MAX_GREETING_WORDS || !g_strv_contains(GREETINGS, words->pdata[0]);
}

/* Whether @sentence tells something and ends. */
static bool
is_quotable(const char *sentence)
{
  return sentence_has_end(sentence) && is_telling(sentence);
}

static const GPtrArray *
sentences_of(const Brief *brief, int64_t source)
{
  return brief->sources->sentences->pdata[source];
}

/* Returns: how many different stems of @text were not said yet; @ret_all (out): of how many */
static guint
count_fresh(const GHashTable *said, const char *text, guint *ret_all)
{
  g_autoptr(GPtrArray) stems = tokens_stems(text, NULL);
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  guint fresh = 0;
  for (guint i = 0; i < stems->len; i++)
    if (g_hash_table_add(seen, stems->pdata[i]) && !g_hash_table_contains((GHashTable *) said, stems->pdata[i]))
      fresh++;
  *ret_all = g_hash_table_size(seen);
  return fresh;
}

/* Whether @text says the headline again but says more, which is enough for what happened. */
static bool
adds_something(const GHashTable *said, const char *text)
{
  guint all;
  guint fresh = count_fresh(said, text, &all);
  return fresh * 3 > all;
}

/* Whether @text is something else than what was said. */
static bool
adds_much(const GHashTable *said, const char *text)
{
  guint all;
  guint fresh = count_fresh(said, text, &all);
  return fresh >= MIN_FRESH_STEMS && fresh * 2 >= all;
}

static void
say(GHashTable *said, const char *text)
{
  g_autoptr(GPtrArray) stems = tokens_stems(text, NULL);
  for (guint i = 0; i < stems->len; i++)
    g_hash_table_add(said, g_strdup(stems->pdata[i]));
}

/* Returns: the place among @sentences of what begins @text, which may have more at its end; their number when there is none */
static guint
find_sentence(const GPtrArray *sentences, const char *text)
{
  for (guint i = 0; i < sentences->len; i++)
    if (g_str_has_prefix(text, sentences->pdata[i]) && is_quotable(sentences->pdata[i]))
      return i;
  return sentences->len;
}

/* Marks the statements of @source that are something else than what was said, the @limit most telling ones. */
static void
pick_statements(const Brief *brief, int64_t source, guint limit, bool *is_picked)
{
  const GPtrArray *sentences = sentences_of(brief, source);
  for (guint i = 0; i < brief->summary->statements->len && limit > 0; i++) {
    const Statement *statement = brief->summary->statements->pdata[i];
    if (brief_sources_find(brief->sources, statement->url) != source || !adds_much(brief->said, statement->text))
      continue;
    guint place = find_sentence(sentences, statement->text);
    if (place < sentences->len) {
      is_picked[place] = true;
      limit--;
    }
  }
}

static guint
find_first(const GPtrArray *sentences, bool (*is_wanted)(const char *sentence))
{
  guint first = 0;
  while (first < sentences->len && !is_wanted(sentences->pdata[first]))
    first++;
  return first;
}

/* Marks how a source begins: bylines, datelines and headings stand before the first sentence. What happened is told even by
 * words that end nowhere, where there are no others. */
static void
pick_opening(const GPtrArray *sentences, Part part, bool *is_picked)
{
  guint first = find_first(sentences, is_quotable);
  if (first == sentences->len && part == PART_NEWS)
    first = find_first(sentences, is_telling);
  for (guint i = first; i < sentences->len && i < first + MAX_QUOTED_SENTENCES; i++) {
    const char *sentence = sentences->pdata[i];
    if (i > first && (!sentence_has_end(sentence) || sentence_terminator(sentence) == '?'))
      break;
    is_picked[i] = true;
  }
}

static bool
is_said(const GHashTable *said, const char *sentence)
{
  guint all;
  return count_fresh(said, sentence, &all) == 0;
}

/* A sentence that leans on the one before it is quoted with that one, or after it, or not at all. */
static void
prop_up(const Brief *brief, const GPtrArray *sentences, bool *is_picked)
{
  for (guint i = 0; i < sentences->len; i++) {
    if (!is_picked[i] || !sentence_is_leaning(sentences->pdata[i]) || (i > 0 && is_picked[i - 1]))
      continue;
    const char *before = i > 0 ? sentences->pdata[i - 1] : "";
    if (is_quotable(before) && is_said(brief->said, before))
      continue;
    bool has_support = is_quotable(before) && !sentence_is_leaning(before);
    is_picked[has_support ? i - 1 : i] = has_support;
  }
}

/* Returns: how many picked sentences from @first on are one quotation, which is only cut where a single one is too long */
static guint
measure_passage(const GPtrArray *sentences, const bool *is_picked, guint first)
{
  guint words = 0;
  glong chars = -1;
  guint count = 0;
  while (count < MAX_QUOTED_SENTENCES && first + count < sentences->len && is_picked[first + count]) {
    words += sentence_count_words(sentences->pdata[first + count]);
    chars += 1 + g_utf8_strlen(sentences->pdata[first + count], -1);
    if (count > 0 && (words > MAX_QUOTED_WORDS || chars > MAX_QUOTED_CHARS))
      break;
    count++;
  }
  return count;
}

/* Returns: (transfer full): the sentences of @passage, as they stand there */
static char *
read_passage(const Brief *brief, const Passage *passage)
{
  const GPtrArray *sentences = sentences_of(brief, passage->source);
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = passage->first; i < passage->first + passage->count; i++)
    g_string_append_printf(text, "%s%s", i > passage->first ? " " : "", (const char *) sentences->pdata[i]);
  return text_truncate(text->str, MAX_QUOTED_CHARS);
}

/* Whether the sentence at @first only repeats what was said, mostly the headline, and the next does not lean on it. */
static bool
is_repeated(const Brief *brief, const GPtrArray *sentences, const bool *is_picked, guint first)
{
  bool has_next = first + 1 < sentences->len && is_picked[first + 1];
  return has_next && is_said(brief->said, sentences->pdata[first]) && !sentence_is_leaning(sentences->pdata[first + 1]);
}

/* Quotes what is picked of @source, @limit quotations at most. Returns: how many it were */
static guint
quote_picked(Brief *brief, int64_t source, Part part, guint limit, const bool *is_picked)
{
  const GPtrArray *sentences = sentences_of(brief, source);
  guint quoted = 0;
  guint count;
  for (guint first = 0; first < sentences->len && quoted < limit; first += count) {
    count = 1;
    if (!is_picked[first] || is_repeated(brief, sentences, is_picked, first))
      continue;
    count = measure_passage(sentences, is_picked, first);
    g_autofree char *text = read_passage(brief, &(Passage){source, first, count});
    bool is_first = brief->article->quotations->len == 0;
    if (is_first ? !adds_something(brief->said, text) : !adds_much(brief->said, text))
      continue;
    article_add_quotation(brief->article, part, text, source);
    say(brief->said, text);
    quoted++;
  }
  return quoted;
}

/* Quotes the most telling statements of @source. Returns: how many quotations it were, @limit at most */
static guint
quote_statements(Brief *brief, int64_t source, Part part, guint limit)
{
  const GPtrArray *sentences = sentences_of(brief, source);
  g_autofree bool *is_picked = g_new0(bool, sentences->len + 1);
  pick_statements(brief, source, MAX_STATEMENTS, is_picked);
  prop_up(brief, sentences, is_picked);
  return quote_picked(brief, source, part, limit, is_picked);
}

/* Quotes how @source begins. Returns: how many quotations it were, 1 at most */
static guint
quote_opening(Brief *brief, int64_t source, Part part)
{
  const GPtrArray *sentences = sentences_of(brief, source);
  g_autofree bool *is_picked = g_new0(bool, sentences->len + 1);
  pick_opening(sentences, part, is_picked);
  return quote_picked(brief, source, part, 1, is_picked);
}

/* What happened is told as its source begins to tell it, for there it says what the rest is about, and by what is most telling
 * of the rest. */
static void
quote_primary(Brief *brief, int64_t source)
{
  guint quoted = quote_opening(brief, source, PART_NEWS);
  quote_statements(brief, source, PART_NEWS, MAX_QUOTATIONS - quoted);
}

/* Returns: the source that says anything and that most of the story's items are about, -1 when none says anything */
static int64_t
find_primary(const Brief *brief)
{
  int64_t primary = -1;
  guint most = 0;
  for (guint i = 0; i < brief->article->sources->len; i++) {
    guint mentions = g_array_index(brief->sources->mentions, guint, i);
    if (sentences_of(brief, i)->len > 0 && (primary < 0 || mentions > most)) {
      primary = i;
      most = mentions;
    }
  }
  return primary;
}

/* The others tell in the order of their most telling statements; where nothing is known of those, in their own. */
static void
quote_others(Brief *brief, int64_t primary)
{
  const GPtrArray *statements = brief->summary->statements;
  bool has_statements = statements->len > 0;
  guint candidates = has_statements ? statements->len : brief->article->sources->len;
  g_autofree bool *is_done = g_new0(bool, brief->article->sources->len + 1);
  guint quoted = 0;
  for (guint i = 0; i < candidates && quoted < MAX_QUOTATIONS; i++) {
    int64_t source = i;
    if (has_statements)
      source = brief_sources_find(brief->sources, ((const Statement *) statements->pdata[i])->url);
    if (source < 0 || source == primary || is_done[source])
      continue;
    is_done[source] = true;
    quoted += has_statements ? quote_statements(brief, source, PART_MORE, MAX_QUOTATIONS - quoted)
                             : quote_opening(brief, source, PART_MORE);
  }
}

/* Returns: (transfer full): the clearest title, else the first words of a source, else its name */
static char *
write_headline(const Story *story, const GPtrArray *evidence, const Article *article,
               const char *(*find_community)(const char *source_key))
{
  g_autoptr(GPtrArray) sites = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < article->sources->len; i++) {
    const ArticleSource *source = article->sources->pdata[i];
    g_autofree char *domain = url_domain(source->url);
    g_ptr_array_add(sites, g_strdup(source->name));
    if (domain == NULL)
      continue;
    g_ptr_array_add(sites, g_strndup(domain, strcspn(domain, ".")));
    g_ptr_array_add(sites, g_steal_pointer(&domain));
  }
  return headline_choose(story, evidence, sites, find_community);
}

/* Returns: (transfer full): the first sentences that do not repeat the headline, "" when there are none */
static char *
write_teaser(const Article *article)
{
  if (article->quotations->len == 0)
    return g_strdup("");
  g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  say(said, article->headline);
  g_autoptr(GPtrArray) sentences = sentences_split(((const Quotation *) article->quotations->pdata[0])->text);
  guint first = 0;
  while (first < sentences->len && !adds_something(said, sentences->pdata[first]))
    first++;
  g_autoptr(GString) teaser = g_string_new(first < sentences->len ? sentences->pdata[first] : "");
  const char *second = first + 1 < sentences->len ? sentences->pdata[first + 1] : "";
  if (*second != '\0' && g_utf8_strlen(teaser->str, -1) + 1 + g_utf8_strlen(second, -1) <= MAX_TEASER_CHARS)
    g_string_append_printf(teaser, " %s", second);
  return text_truncate(teaser->str, MAX_TEASER_CHARS);
}

static void
set_text(char **text, char *value)
{
  g_free(*text);
  *text = value;
}

Article *
brief_write(const Story *story, const GPtrArray *evidence, const Summary *summary,
            const char *(*find_community)(const char *source_key))
{
  g_autoptr(Article) article = article_new();
  g_autoptr(BriefSources) sources = brief_sources_new(story, evidence, find_community, article);
  g_autoptr(GHashTable) said = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  Brief brief = {summary, article, sources, said};
  set_text(&article->story_id, g_strdup(story->id));
  set_text(&article->kind, g_strdup("brief"));
  set_text(&article->headline, write_headline(story, evidence, article, find_community));
  say(said, article->headline);
  int64_t primary = find_primary(&brief);
  if (primary >= 0) {
    quote_primary(&brief, primary);
    quote_others(&brief, primary);
  }
  if (article->headline[0] == '\0' && article->quotations->len > 0)
    set_text(&article->headline, text_truncate(((const Quotation *) article->quotations->pdata[0])->text, MAX_HEADLINE_CHARS));
  if (article->headline[0] == '\0' && article->sources->len > 0)
    set_text(&article->headline, g_strdup(((const ArticleSource *) article->sources->pdata[0])->name));
  set_text(&article->teaser, write_teaser(article));
  for (guint i = 0; i < summary->topics->len; i++)
    topics_add(article->topics, topic_copy(summary->topics->pdata[i]));
  return g_steal_pointer(&article);
}
