#include "scoring/features.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "base/url.h"
#include "text/sentences.h"
#include "text/tokens.h"

/* As much of a text is read as the labelled posts have of theirs, so that what was learned of them holds. */
enum { MAX_CHARS = 200, MAX_TOPIC_WORDS = 3, RAREST = 3 };

static const FeatureInfo INFOS[FEATURE_COUNT] = {
#define FEATURE(symbol, name, judged, more, less) [FEATURE_##symbol] = {name, judged, more, less},
#include "scoring/features.def"
#undef FEATURE
};

static const char *const I_WORDS[] = {"i", "i'm", "i've", "me", "mine", "my", "myself", NULL};
static const char *const WE_WORDS[] = {"our", "ours", "us", "we", "we're", "we've", NULL};
static const char *const YOU_WORDS[] = {"you", "you're", "your", "yours", NULL};

/* What is looked at more than once. @head: the title, or the first line of the text where there is none; @whole: title and
 * text, cut; both without addresses. @head_words, @words, @stems: (element-type utf8) */
typedef struct {
  char *head;
  char *whole;
  GPtrArray *head_words;
  GPtrArray *words;
  GPtrArray *stems;
} Reading;

static void
reading_clear(Reading *reading)
{
  g_free(reading->head);
  g_free(reading->whole);
  g_ptr_array_unref(reading->head_words);
  g_ptr_array_unref(reading->words);
  g_ptr_array_unref(reading->stems);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

/* 0 at @low, 1 at @high, logarithmic between them */
static double
logarithmic(double value, double low, double high)
{
  return log(CLAMP(value, low, high) / low) / log(high / low);
}

/* 0 for none to 1 for @most and more */
static double
share_of(double count, double most)
{
  return MIN(count, most) / most;
}

/* Returns: what of @text, valid, comes before its character @max_chars, in bytes */
static size_t
cut_length(const char *text, unsigned max_chars)
{
  const char *at = text;
  for (unsigned i = 0; i < max_chars && *at != '\0'; i++)
    at = g_utf8_next_char(at);
  return (size_t) (at - text);
}

/* Returns: (transfer full): @text with a space for each address in it */
static char *
without_addresses(const char *text)
{
  GString *plain = g_string_new(NULL);
  for (const char *at = text; *at != '\0';) {
    const char *next = strstr(at, "http");
    while (next != NULL && !g_str_has_prefix(next, "https://") && !g_str_has_prefix(next, "http://"))
      next = strstr(next + 1, "http");
    g_string_append_len(plain, at, next != NULL ? next - at : (gssize) strlen(at));
    if (next == NULL)
      break;
    g_string_append_c(plain, ' ');
    at = next + strcspn(next, " \t\r\n");
  }
  return g_string_free(plain, FALSE);
}

static Reading
read_post(const ScorePost *post)
{
  g_autofree char *title = g_strndup(post->title, cut_length(post->title, MAX_CHARS));
  unsigned left = MAX_CHARS - (unsigned) g_utf8_strlen(title, -1);
  g_autofree char *text = g_strndup(post->text, cut_length(post->text, left));
  g_autofree char *both = title[0] != '\0' ? g_strconcat(title, "\n", text, NULL) : g_strdup(text);
  Reading reading = {.whole = without_addresses(both), .stems = g_ptr_array_new_with_free_func(g_free)};
  reading.head = g_strndup(reading.whole, strcspn(reading.whole, "\n"));
  reading.head_words = tokens_words(reading.head);
  reading.words = tokens_words(reading.whole);
  for (guint i = 0; i < reading.words->len; i++) {
    char *stem = tokens_stem(reading.words->pdata[i], post->language);
    if (stem != NULL)
      g_ptr_array_add(reading.stems, stem);
  }
  return reading;
}

/* ---- where it comes from and what became of it */

static void
measure_source(double *values, const ScorePost *post)
{
  bool is_titled = post->title[0] != '\0';
  values[FEATURE_TITLED] = is_titled;
  values[FEATURE_HACKERNEWS] = g_str_has_prefix(post->source, "hackernews");
  values[FEATURE_GITHUB] = g_str_has_prefix(post->source, "github");
  values[FEATURE_ENGLISH] = post->language != NULL ? g_str_equal(post->language, "en") : NAN;
  values[FEATURE_SOURCES] = logarithmic(post->sources, 1, 8);
  values[FEATURE_EVIDENCE] = post->evidence >= 0 ? logarithmic((double) post->evidence, 100, 10000) : NAN;
}

static void
measure_reactions(double *values, const ScorePost *post)
{
  bool is_titled = post->title[0] != '\0';
  double applause = post->applause >= 0 ? logarithmic((double) post->applause + 1, 1, 10000) : NAN;
  double shares = post->shares >= 0 ? logarithmic((double) post->shares + 1, 1, 10000) : NAN;
  values[FEATURE_APPLAUSE] = applause;
  values[FEATURE_UNTITLED_APPLAUSE] = is_titled ? 0 : applause;
  values[FEATURE_UNTITLED_SHARES] = is_titled ? 0 : shares;
  bool is_known = post->replies >= 0 && post->applause >= 0;
  double replies = (double) post->replies;
  values[FEATURE_TALK] = is_known ? (replies + 1) / (replies + (double) post->applause + 2) : NAN;
}

static void
measure_link(Features *features, const ScorePost *post, const Gauge *gauge)
{
  static const FeatureName OF_KIND[] = {
      [DOMAIN_UNKNOWN] = FEATURE_COUNT,       [DOMAIN_OFFICIAL] = FEATURE_OFFICIAL,       [DOMAIN_FORGE] = FEATURE_FORGE,
      [DOMAIN_PRESS] = FEATURE_PRESS,         [DOMAIN_ENGINEERING] = FEATURE_ENGINEERING, [DOMAIN_HUB] = FEATURE_HUB,
      [DOMAIN_HOST] = FEATURE_HOST,           [DOMAIN_SHORTENER] = FEATURE_SHORTENER,     [DOMAIN_FARM] = FEATURE_FARM,
      [DOMAIN_LOOKALIKE] = FEATURE_LOOKALIKE,
  };
  double *values = features->values;
  for (size_t i = 1; i < G_N_ELEMENTS(OF_KIND); i++)
    values[OF_KIND[i]] = post->link != NULL ? 0 : NAN;
  values[FEATURE_LINK] = post->link != NULL ? post->link[0] != '\0' : NAN;
  values[FEATURE_DOMAIN_HISTORY] = values[FEATURE_SOURCE_HISTORY] = 0;
  features->source = g_strdup(post->source);
  if (post->link != NULL && post->link[0] != '\0') {
    DomainKind kind = domains_kind(gauge->domains, post->link);
    features->domain = url_domain(post->link);
    if (kind != DOMAIN_UNKNOWN)
      values[OF_KIND[kind]] = 1;
  }
  if (gauge->history != NULL) {
    values[FEATURE_DOMAIN_HISTORY] = history_mean(gauge->history, features->domain);
    values[FEATURE_SOURCE_HISTORY] = history_mean(gauge->history, features->source);
  }
}

/* ---- how it is written */

static bool
has_any(const GPtrArray *words, const char *const *list)
{
  for (guint i = 0; i < words->len; i++)
    if (g_strv_contains(list, words->pdata[i]))
      return true;
  return false;
}

/* "1.2", "v4.0.0" */
static bool
has_version(const GPtrArray *words)
{
  for (guint i = 0; i < words->len; i++) {
    const char *word = words->pdata[i];
    const char *digits = word + (*word == 'v');
    size_t before = strspn(digits, "0123456789");
    if (before > 0 && digits[before] == '.' && g_ascii_isdigit(digits[before + 1]))
      return true;
  }
  return false;
}

/* Names are words with a capital behind a small letter or a comma, and a space. */
static void
measure_letters(double *values, const char *head)
{
  double letters = 0;
  double capitals = 0;
  double names = 0;
  gunichar before = 0;
  gunichar last = 0;
  for (const char *at = head; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar letter = g_utf8_get_char(at);
    letters += g_unichar_isalpha(letter);
    capitals += g_unichar_isupper(letter);
    names += g_unichar_isupper(letter) && last == ' ' && (g_unichar_islower(before) || before == ',');
    before = last;
    last = letter;
  }
  values[FEATURE_CAPITALS] = letters > 0 ? share_of(capitals / letters, 0.5) : 0;
  values[FEATURE_NAMES] = share_of(names, 5);
}

static void
measure_head(double *values, const Reading *reading)
{
  const char *head = reading->head;
  const GPtrArray *words = reading->head_words;
  double chars = 0;
  for (guint i = 0; i < words->len; i++)
    chars += (double) g_utf8_strlen(words->pdata[i], -1);
  values[FEATURE_QUESTION] = strchr(head, '?') != NULL;
  values[FEATURE_EXCLAMATION] = strchr(head, '!') != NULL;
  values[FEATURE_QUOTE] = strchr(head, '"') != NULL || strstr(head, "“") != NULL;
  values[FEATURE_NUMBER] = strpbrk(head, "0123456789") != NULL;
  values[FEATURE_VERSION] = has_version(words);
  values[FEATURE_PERSONAL] = has_any(words, I_WORDS);
  values[FEATURE_WE] = has_any(words, WE_WORDS);
  values[FEATURE_YOU] = has_any(words, YOU_WORDS);
  values[FEATURE_ASK] = g_str_has_prefix(head, "Ask HN") || g_str_has_prefix(head, "Tell HN");
  values[FEATURE_WORDS] = share_of(words->len, 20);
  values[FEATURE_WORD_LENGTH] = words->len > 0 ? share_of(chars / words->len, 8) : 0;
  measure_letters(values, head);
}

static void
measure_text(double *values, const ScorePost *post, const Reading *reading)
{
  enum { FIRST_PICTURE = 0x2190 };
  double hashtags = 0;
  double pictures = 0;
  for (const char *at = reading->whole; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar letter = g_utf8_get_char(at);
    const char *next = g_utf8_next_char(at);
    next += *next == ' ';
    hashtags += letter == '#' && g_unichar_isalnum(g_utf8_get_char(next));
    pictures += letter > FIRST_PICTURE && !g_unichar_isalpha(letter);
  }
  int64_t length = post->length >= 0 ? post->length : g_utf8_strlen(post->title, -1) + g_utf8_strlen(post->text, -1);
  values[FEATURE_LENGTH] = logarithmic((double) length, 20, 2000);
  values[FEATURE_UNTITLED_LENGTH] = post->title[0] != '\0' ? 0 : values[FEATURE_LENGTH];
  values[FEATURE_HASHTAGS] = share_of(hashtags, 5);
  values[FEATURE_EMOJI] = share_of(pictures, 3);
  double small = reading->words->len - reading->stems->len;
  values[FEATURE_SMALL_WORDS] = reading->words->len > 0 ? small / reading->words->len : 0;
}

/* ---- what it is about */

static void
measure_rarity(double *values, const Reading *reading, const Background *background)
{
  double rarest[RAREST] = {0};
  double sum = 0;
  unsigned count = 0;
  g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
  double most = background_idf(background, "", NULL);
  for (guint i = 0; i < reading->stems->len; i++) {
    if (!g_hash_table_add(seen, reading->stems->pdata[i]))
      continue;
    double idf = background_idf(background, reading->stems->pdata[i], NULL);
    sum += idf;
    count++;
    for (size_t j = 0; j < RAREST; j++)
      if (idf > rarest[j]) {
        double held = rarest[j];
        rarest[j] = idf;
        idf = held;
      }
  }
  double top = 0;
  for (size_t j = 0; j < RAREST; j++)
    top += rarest[j];
  values[FEATURE_RARITY] = count > 0 && most > 0 ? sum / count / most : NAN;
  values[FEATURE_RAREST] = count > 0 && most > 0 ? top / MIN(count, RAREST) / most : NAN;
}

/* Whether a topic goes by the words from @first on; a name that is a word of its own as well is none here. */
static bool
begins_topic(const GPtrArray *words, guint first, const Background *background)
{
  g_autoptr(GString) name = g_string_new(NULL);
  if (!background_begins_topic(background, words->pdata[first]))
    return false;
  for (guint i = first; i < MIN(words->len, first + MAX_TOPIC_WORDS); i++) {
    g_string_append_printf(name, "%s%s", i > first ? " " : "", (const char *) words->pdata[i]);
    const NamedTopic *topic = background_topic(background, name->str);
    if (topic != NULL && !topic->is_ambiguous)
      return true;
  }
  return false;
}

static void
measure_topics(double *values, const Reading *reading, const Background *background)
{
  double topics = 0;
  for (guint i = 0; i < reading->words->len; i++)
    topics += begins_topic(reading->words, i, background);
  values[FEATURE_TOPICS] = share_of(topics, 3);
}

/* @found: (element-type utf8): adds @key where the vocabulary has it */
static void
note_key(GHashTable *found, const Vocabulary *vocabulary, char *key)
{
  if (vocabulary_find(vocabulary, key) != 0)
    g_hash_table_add(found, key);
  else
    g_free(key);
}

static void
measure_fields(double *values, const Reading *reading, const Vocabulary *vocabulary)
{
  g_autoptr(GHashTable) found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *before = NULL;
  for (guint i = 0; i < reading->words->len; i++) {
    char *key = vocabulary_key(reading->words->pdata[i]);
    if (before != NULL)
      note_key(found, vocabulary, g_strconcat(before, " ", key, NULL));
    g_free(before);
    before = g_strdup(key);
    note_key(found, vocabulary, key);
  }
  for (unsigned i = 0; i < vocabulary_count_fields(vocabulary); i++) {
    g_autofree char *name = g_strconcat("words:", vocabulary_field(vocabulary, i), NULL);
    FeatureName feature = feature_find(name);
    double count = 0;
    GHashTableIter all;
    g_hash_table_iter_init(&all, found);
    for (void *key; g_hash_table_iter_next(&all, &key, NULL);)
      count += vocabulary_find(vocabulary, key) >> i & 1;
    if (feature < FEATURE_COUNT)
      values[feature] = MIN(1, log1p(count) / log(4));
  }
}

/* ---- all of it */

/* Returns: the first eight hex digits of the SHA-256 of both, as a number */
static uint32_t
hash_texts(const ScorePost *post)
{
  enum { DIGITS = 8 };
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  digest_add(checksum, post->title);
  digest_add(checksum, post->text);
  g_autofree char *start = g_strndup(g_checksum_get_string(checksum), DIGITS);
  return (uint32_t) g_ascii_strtoull(start, NULL, 16);
}

const FeatureInfo *
feature_info(int feature)
{
  return &INFOS[feature];
}

FeatureName
feature_find(const char *name)
{
  for (int i = 0; i < FEATURE_COUNT; i++)
    if (g_str_equal(INFOS[i].name, name))
      return (FeatureName) i;
  return FEATURE_COUNT;
}

/* A post of a community that is about itself links nowhere; a feed's entry and a repository are the page itself. */
static const char *
find_link(const Item *item)
{
  if (item->canonical_url == NULL)
    return "";
  if (g_str_has_prefix(item->source, "feed") || g_str_has_prefix(item->source, "github"))
    return item->canonical_url;
  g_autofree char *own = url_domain(item->url);
  g_autofree char *linked = url_domain(item->canonical_url);
  return g_strcmp0(own, linked) != 0 ? item->canonical_url : "";
}

/* Adds up what is known; what no post has is cut. */
static void
add_count(int64_t *sum, int64_t count)
{
  enum { MOST = 1000000000 };
  if (count >= 0)
    *sum = MAX(*sum, 0) + MIN(count, MOST);
}

ScorePost
score_post_of(const Story *story, const GPtrArray *evidence)
{
  const Item *lead = story_lead(story);
  ScorePost post = {.source = "", .title = "", .text = "", .length = -1, .applause = -1, .shares = -1, .replies = -1};
  if (lead == NULL)
    return post;
  g_autoptr(GHashTable) sources = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < story->items->len; i++) {
    const Item *item = story->items->pdata[i];
    g_hash_table_add(sources, item->source);
    add_count(&post.applause, MAX(item->likes, item->score));
    add_count(&post.shares, item->shares);
    add_count(&post.replies, item->replies);
  }
  for (guint i = 0; i < evidence->len; i++)
    post.evidence += g_utf8_strlen(((const Evidence *) evidence->pdata[i])->text, -1);
  post.source = lead->source;
  post.title = sentences_title_length(lead->text, lead->title) > 0 ? "" : lead->title;
  post.text = lead->text;
  post.language = lead->language;
  post.sources = g_hash_table_size(sources);
  post.link = find_link(lead);
  return post;
}

Features
features_measure(const ScorePost *post, const Gauge *gauge)
{
  Features features = {.text_key = hash_texts(post)};
  g_auto(Reading) reading = read_post(post);
  measure_source(features.values, post);
  measure_reactions(features.values, post);
  measure_link(&features, post, gauge);
  measure_head(features.values, &reading);
  measure_text(features.values, post, &reading);
  if (post->language == NULL || g_str_equal(post->language, "en"))
    measure_rarity(features.values, &reading, gauge->background);
  else
    features.values[FEATURE_RARITY] = features.values[FEATURE_RAREST] = NAN;
  measure_topics(features.values, &reading, gauge->background);
  measure_fields(features.values, &reading, gauge->vocabulary);
  return features;
}

void
features_clear(Features *features)
{
  g_free(features->domain);
  g_free(features->source);
}
