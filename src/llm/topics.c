#include "llm/topics.h"

#include "base/text.h"
#include "llm/phrases.h"
#include "model/topic.h"
#include "text/sentences.h"

#include <math.h>
#include <string.h>

/* What is read of one post or page: what a text is about stands at its beginning. */
enum { MAX_TEXT_BYTES = 4096, MAX_SOURCES = 12 };

/* What is said so often is no slip. */
enum { REPEATED = 3 };

static const double TITLE_WEIGHT = 3;
static const double PAGE_TITLE_WEIGHT = 2;
static const double TEXT_WEIGHT = 1;

/* A phrase is a topic from this score on, and from this share of the first one's. */
static const double MIN_SCORE = 9;
static const double MIN_SHARE = 0.3;

/* Common words score less than this and make no phrase. */
static const double MIN_IDF = 4.5;
static const double MIN_WORD_IDF = 7;
static const double MIN_NAME_IDF = 7.5;

/* Words that are rare in the background, and yet make no topic. */
static const char *const NO_TOPIC_WORDS[] = {
    "able",       "across",      "actual",      "afternoon",    "against",      "ago",       "almost",      "along",
    "already",    "always",      "among",       "announced",    "announcement", "announces", "announcing",  "another",
    "answer",     "answers",     "anyone",      "anything",     "april",        "around",    "article",     "articles",
    "ask",        "asked",       "asks",        "august",       "author",       "away",      "back",        "behind",
    "best",       "better",      "big",         "billion",      "bit",          "blog",      "bunch",       "bytes",
    "came",       "case",        "cases",       "centuries",    "century",      "certain",   "come",        "comes",
    "comment",    "comments",    "couple",      "day",          "days",         "december",  "different",   "dollars",
    "dozen",      "dozens",      "earlier",     "early",        "edit",         "eight",     "eighteen",    "eighty",
    "either",     "eleven",      "end",         "ends",         "enough",       "entire",    "euros",       "even",
    "evening",    "every",       "everybody",   "everyone",     "everything",   "example",   "examples",    "fact",
    "far",        "february",    "fifteen",     "fifth",        "fifty",        "first",     "five",        "folks",
    "forty",      "four",        "fourteen",    "fourth",       "free",         "friday",    "full",        "gb",
    "get",        "gets",        "getting",     "ghz",          "gigabytes",    "give",      "given",       "gives",
    "giving",     "gmt",         "go",          "goes",         "going",        "gone",      "good",        "got",
    "great",      "guide",       "guy",         "half",         "happened",     "happens",   "hello",       "hn",
    "home",       "hour",        "hours",       "however",      "hundred",      "hundreds",  "idea",        "ideas",
    "introduces", "introducing", "january",     "july",         "june",         "kb",        "keep",        "keeps",
    "kept",       "kilobytes",   "kind",        "kinds",        "know",         "known",     "knows",       "last",
    "late",       "later",       "latest",      "launch",       "least",        "less",      "let",         "lets",
    "life",       "like",        "likely",      "lines",        "link",         "links",     "look",        "looking",
    "looks",      "lot",         "lots",        "made",         "make",         "makes",     "making",      "man",
    "many",       "march",       "mb",          "megabytes",    "men",          "mhz",       "microsecond", "microseconds",
    "million",    "millions",    "millisecond", "milliseconds", "minute",       "minutes",   "monday",      "month",
    "months",     "morning",     "ms",          "much",         "name",         "names",     "nanoseconds", "near",
    "need",       "needed",      "needs",       "neither",      "never",        "new",       "news",        "next",
    "nineteen",   "ninety",      "nobody",      "nothing",      "november",     "number",    "numbers",     "october",
    "often",      "ok",          "okay",        "old",          "one",          "others",    "page",        "pages",
    "part",       "parts",       "pdf",         "people",       "percent",      "person",    "place",       "places",
    "please",     "pm",          "possible",    "post",         "posts",        "quarter",   "question",    "questions",
    "quite",      "rather",      "read",        "readers",      "reading",      "real",      "really",      "reason",
    "recent",     "release",     "released",    "releases",     "rest",         "run",       "runs",        "said",
    "saturday",   "say",         "says",        "second",       "seconds",      "see",       "seen",        "sees",
    "september",  "seven",       "seventeen",   "seventy",      "several",      "show",      "side",        "sides",
    "similar",    "since",       "site",        "six",          "sixteen",      "sixty",     "small",       "somebody",
    "someone",    "something",   "sometimes",   "sort",         "spent",        "start",     "starts",      "still",
    "stories",    "story",       "stuff",       "sunday",       "take",         "taken",     "takes",       "taking",
    "tb",         "tell",        "tells",       "ten",          "thank",        "thanks",    "thing",       "things",
    "think",      "third",       "thirteen",    "thirty",       "thought",      "thousand",  "thousands",   "thread",
    "three",      "thursday",    "time",        "times",        "tl",           "tldr",      "today",       "together",
    "told",       "tomorrow",    "tonight",     "took",         "toward",       "towards",   "tuesday",     "twelve",
    "twenty",     "two",         "update",      "updates",      "upon",         "us",        "use",         "used",
    "uses",       "using",       "usually",     "utc",          "various",      "version",   "versions",    "video",
    "want",       "wanted",      "wants",       "way",          "ways",         "website",   "wednesday",   "week",
    "weekend",    "weeks",       "well",        "went",         "whole",        "within",    "without",     "woman",
    "women",      "work",        "working",     "works",        "world",        "write",     "writes",      "written",
    "year",       "years",       "yes",         "yesterday",    "yet",          NULL};

/* A phrase that may be a topic; @is_forbidden: it is none, and no part of it is. */
typedef struct {
  const Phrase *phrase;
  double score;
  guint order;
  bool is_forbidden;
} Candidate;

static void
add_title(Phrases *phrases, unsigned source, const char *title, double weight)
{
  phrases_add(phrases, &(PhraseLine){.text = title, .source = source, .weight = weight, .is_title = true});
}

static void
add_text(Phrases *phrases, unsigned source, const char *text)
{
  size_t length = strlen(text);
  const char *end = length > MAX_TEXT_BYTES ? g_utf8_find_prev_char(text, text + MAX_TEXT_BYTES) : text + length;
  g_autofree char *beginning = g_strndup(text, (size_t) (end - text));
  g_autoptr(GPtrArray) sentences = sentences_split(beginning);
  for (guint i = 0; i < sentences->len; i++)
    phrases_add(phrases, &(PhraseLine){.text = sentences->pdata[i], .source = source, .weight = TEXT_WEIGHT});
}

static void
ban(GHashTable *banned, const char *name)
{
  if (name != NULL)
    g_hash_table_add(banned, text_casefold(name, -1));
}

/* The first words of a post that are its title too are said once. */
static void
read_sources(Phrases *phrases, GHashTable *banned, const Story *story, const GPtrArray *evidence)
{
  for (guint i = 0; i < MIN(story->items->len, MAX_SOURCES); i++) {
    const Item *item = story->items->pdata[i];
    ban(banned, item->author);
    ban(banned, strchr(item->source, ':') != NULL ? strchr(item->source, ':') + 1 : NULL);
    add_title(phrases, i, item->title, TITLE_WEIGHT);
    add_text(phrases, i, item->text + sentences_title_length(item->text, item->title));
  }
  for (guint i = 0; i < MIN(evidence->len, MAX_SOURCES); i++) {
    const Evidence *page = evidence->pdata[i];
    ban(banned, page->site_name);
    add_title(phrases, MAX_SOURCES + i, page->title != NULL ? page->title : "", PAGE_TITLE_WEIGHT);
    add_text(phrases, MAX_SOURCES + i, page->text);
  }
}

static bool
is_named_topic(const Phrase *phrase)
{
  if (phrase->hashtags > 0)
    return true;
  if (phrase->is_unsure)
    return phrase->titles > 0 && phrase->count >= REPEATED && !g_unichar_isupper(g_utf8_get_char(phrase->label));
  return phrase->titles > 0 || phrase->count >= REPEATED;
}

/* Whether it ends as nouns do that one files things under: in the plural, or as a made noun does. */
static bool
is_noun(const char *label)
{
  static const char *const ENDINGS[] = {"age", "ance", "ence", "er", "ics", "ion", "ism", "ity", "ment", "ness", "or", "ware"};
  size_t length = strlen(label);
  if (length > 4 && label[length - 1] == 's' && strchr("sui", label[length - 2]) == NULL)
    return true;
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++)
    if (g_str_has_suffix(label, ENDINGS[i]))
      return true;
  return false;
}

/* Whether a word of @label begins as names do, acronyms aside. */
static bool
has_capital_word(const char *label)
{
  for (const char *word = label; word != NULL; word = strchr(word, ' ')) {
    word += *word == ' ';
    if (g_unichar_isupper(g_utf8_get_char(word)) && g_unichar_islower(g_utf8_get_char(g_utf8_next_char(word))))
      return true;
  }
  return false;
}

/* Whether it mostly has capitals where they tell something. */
static bool
is_name(const Phrase *phrase)
{
  return phrase->as_name * 2 > phrase->in_prose;
}

/* Whether a word before the last ends as verbs and plurals do, which makes no noun phrase: "blames software". */
static bool
has_inflected_modifier(const char *label)
{
  for (const char *space = strchr(label, ' '); space != NULL; space = strchr(space + 1, ' ')) {
    if (space - label < 4)
      continue;
    bool is_plural = space[-1] == 's' && strchr("sui", space[-2]) == NULL;
    if (is_plural || memcmp(space - 2, "ed", 2) == 0 || memcmp(space - 3, "ing", 3) == 0)
      return true;
  }
  return false;
}

/* Whether a word that is in no dictionary of ours is still no name of a thing: "revoked", "wherever". */
static bool
is_no_noun(const char *label)
{
  static const char *const ENDINGS[] = {"ed", "ever", "ing", "ly"};
  for (size_t i = 0; i < G_N_ELEMENTS(ENDINGS); i++)
    if (g_str_has_suffix(label, ENDINGS[i]))
      return true;
  return false;
}

static bool
is_name_topic(const Phrase *phrase, bool is_english)
{
  bool is_repeated = phrase->count >= REPEATED;
  if (phrase->length > 1)
    return phrase->titles > 0 || is_repeated;
  return phrase->titles > 0 && (is_english ? phrase->idf >= MIN_NAME_IDF : is_repeated);
}

/* Whether a phrase without a name is one that people would file something under: the name of something, or words that are said
 * again and again and are rare elsewhere; of common nouns rather none than a poor one. */
static bool
is_phrase_topic(const Phrase *phrase, bool is_english)
{
  if (phrase->in_prose == 0 || phrase->count < 2)
    return false;
  if (is_name(phrase))
    return is_name_topic(phrase, is_english);
  if (!is_english || phrase->count < REPEATED)
    return false;
  if (phrase->length == 1 && phrase->is_unknown)
    return phrase->titles > 0 && !is_no_noun(phrase->label);
  if (!is_noun(phrase->label) || has_capital_word(phrase->label) || has_inflected_modifier(phrase->label))
    return false;
  if (phrase->length == 1)
    return phrase->titles > 0 && phrase->sources > 1 && phrase->idf >= MIN_WORD_IDF;
  return phrase->idf >= MIN_IDF;
}

static double
score_phrase(const Phrase *phrase)
{
  double kind = phrase->is_named ? 1.5 : phrase->length > 1 ? 1.2 : phrase->as_name > 0 ? 1.0 : 0.7;
  return log1p(phrase->weight) * phrase->idf * kind;
}

/* Whether it holds a sign that joins two, or a word that makes no topic, a name nothing but such words. */
static bool
is_idle(const Phrase *phrase)
{
  g_autofree char *folded = text_casefold(phrase->label, -1);
  g_auto(GStrv) words = g_strsplit_set(folded, " -", -1);
  unsigned idle = 0;
  for (size_t i = 0; words[i] != NULL; i++)
    idle += g_strv_contains(NO_TOPIC_WORDS, words[i]) ? 1 : 0;
  unsigned allowed = is_name(phrase) ? g_strv_length(words) - 1 : 0;
  return idle > allowed || strchr(phrase->label, '/') != NULL;
}

static bool
is_forbidden(const Phrase *phrase, const Background *background, GHashTable *banned)
{
  if (phrase->is_named)
    return false;
  g_autofree char *folded = text_casefold(phrase->label, -1);
  return is_idle(phrase) || g_hash_table_contains(banned, folded) || background_topic(background, folded) != NULL;
}

static int
compare_candidates(const void *a, const void *b)
{
  const Candidate *left = a;
  const Candidate *right = b;
  if (left->score != right->score)
    return left->score > right->score ? -1 : 1;
  return (left->order > right->order) - (left->order < right->order);
}

/* Returns: (transfer full): @label as words between spaces */
static char *
pad_words(const char *label)
{
  g_autofree char *folded = text_casefold(label, -1);
  return g_strdup_printf(" %s ", g_strdelimit(folded, "-", ' '));
}

/* Whether the words of the one stand in the other. */
static bool
is_part(const char *part, const char *whole)
{
  g_autofree char *part_words = pad_words(part);
  g_autofree char *whole_words = pad_words(whole);
  return strstr(whole_words, part_words) != NULL;
}

/* Whether a longer phrase is said nearly as often as the @i-th of @candidates, which is only a part of it then. */
static bool
is_fragment(const GArray *candidates, guint i)
{
  const Phrase *phrase = g_array_index(candidates, Candidate, i).phrase;
  for (guint j = 0; j < candidates->len; j++) {
    const Phrase *longer = g_array_index(candidates, Candidate, j).phrase;
    if (longer->length > phrase->length && longer->count * 2 >= phrase->count && !phrase->is_named &&
        is_part(phrase->label, longer->label))
      return true;
  }
  return false;
}

/* Whether half of the words of @label stand in @topic. */
static bool
is_half_said(const char *label, const char *topic)
{
  g_autofree char *whole = pad_words(topic);
  g_autofree char *folded = text_casefold(label, -1);
  g_auto(GStrv) words = g_strsplit_set(folded, " -", -1);
  unsigned said = 0;
  for (size_t i = 0; words[i] != NULL; i++) {
    g_autofree char *word = pad_words(words[i]);
    said += strstr(whole, word) != NULL;
  }
  return said * 2 >= g_strv_length(words);
}

/* Whether @topics say what @phrase does; of two that have a name one is often a part of the other's. */
static bool
says_again(const GPtrArray *topics, const Phrase *phrase)
{
  for (guint i = 0; i < topics->len; i++) {
    const char *label = ((const Topic *) topics->pdata[i])->label;
    if (is_part(phrase->label, label) || is_part(label, phrase->label) ||
        (!phrase->is_named && is_half_said(phrase->label, label)))
      return true;
  }
  return false;
}

/* Returns: (transfer full) (element-type Candidate): the best first */
static GArray *
find_candidates(const GPtrArray *phrases, const Background *background, GHashTable *banned, bool is_english)
{
  enum { MAX_CANDIDATES = 40 };
  GArray *candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
  for (guint i = 0; i < phrases->len; i++) {
    const Phrase *phrase = phrases->pdata[i];
    bool is_topic = phrase->is_named ? is_named_topic(phrase) : is_phrase_topic(phrase, is_english);
    Candidate candidate = {.phrase = phrase, .score = is_topic ? score_phrase(phrase) : 0, .order = i};
    if (candidate.score < MIN_SCORE)
      continue;
    candidate.is_forbidden = is_forbidden(phrase, background, banned);
    g_array_append_val(candidates, candidate);
  }
  g_array_sort(candidates, compare_candidates);
  g_array_set_size(candidates, MIN(candidates->len, MAX_CANDIDATES));
  return candidates;
}

GPtrArray *
topics_find(const Story *story, const GPtrArray *evidence, const Background *background, const char *language)
{
  bool is_english = language == NULL || g_str_equal(language, "en");
  g_autoptr(Phrases) phrases = phrases_new(background, language);
  g_autoptr(GHashTable) banned = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  read_sources(phrases, banned, story, evidence);
  g_autoptr(GPtrArray) all = phrases_all(phrases);
  g_autoptr(GArray) candidates = find_candidates(all, background, banned, is_english);
  GPtrArray *topics = topics_new();
  double best = 0;
  for (guint i = 0; i < candidates->len && topics->len < TOPICS_MAX; i++) {
    const Candidate *candidate = &g_array_index(candidates, Candidate, i);
    if (candidate->is_forbidden || is_fragment(candidates, i))
      continue;
    best = MAX(best, candidate->score);
    if (candidate->score >= best * MIN_SHARE && !says_again(topics, candidate->phrase))
      topics_add(topics, topic_new(candidate->phrase->label));
  }
  return topics;
}
