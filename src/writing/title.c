#include "writing/title.h"

#include "base/text.h"
#include "text/extract_words.h"

#include <string.h>

enum { MAX_ROUNDS = 8, MIN_SHOUTED_LETTERS = 8, SHOUTED_PERCENT = 85 };

/* What is hung on before a title; each alternative is bounded, for titles are strangers'. */
static const char FRONT[] = "^(?:"
                            "\\s+|>\\s+|\\.{3}\\s*|…\\s*"
                            "|(?:show|ask|tell|launch)\\s+hn\\s*[:–—-]\\s*"
                            "|(?:poll|breaking|breaking news|just in|tl;?dr)\\s*[:;]\\s*"
                            "|\\[[a-z]{1,12}\\](?=\\s)|\\(\\d{1,2}/\\d{0,2}\\)"
                            "|#\\w+\\s+(?=#)"
                            "|[\\w.-]{1,100}/(?=[\\w.-]{1,100}:\\s)"
                            ")";

/* What is hung on behind it: tags follow a sentence or each other, one alone may be part of what is said. */
static const char BACK[] =
    "(?:"
    "\\s*https?://.*"
    "|\\s\\[[a-z]{1,12}\\]"
    "|\\s\\((?:video|pdf|audio|podcast|thread|cross-?post[^()]{0,60}|x-?post[^()]{0,60}|\\d{1,2}/\\d{0,2})\\)"
    "|(?<=[.!?…)\"”])\\s*[#@]\\s?\\w[\\w.@-]{0,60}"
    "|\\s[#@]\\s?\\w[\\w.@-]{0,60}\\s[#@]\\s?\\w[\\w.@-]{0,60}"
    "|\\svia\\s@\\S{1,60}"
    "|[\\s|:;,·•–—-]+"
    ")$";

/* Emoji by their name. */
static const char NAMED_EMOJI[] = "(?<!\\S):[a-z]\\w{1,40}:(?!\\S)";

/* What makes a word within a sentence a hashtag; "C#" is none. */
static const char INNER_HASH[] = "(?<![\\w&#/(])#\\s?(?=\\p{L})";

static const char *const SEPARATORS[] = {" | ", " - ", " – ", " — ", " · ", " • ", " :: ", " » "};

/* Quotation marks that may stand around a whole title. */
static const char *const MARKS[][2] = {{"\"", "\""}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "’"}, {"'", "'"}, {"「", "」"}};

/* Acronyms with vowels, which no text may know. */
static const char *const ACRONYMS[] = {"AI",   "API", "APIS", "CEO", "CIA", "CPU", "CPUS", "CVE", "EU",   "FAQ",  "GPU",
                                       "GPUS", "GUI", "IBM",  "IDE", "IOS", "IP",  "NASA", "OS",  "RAM",  "RISC", "UI",
                                       "UK",   "UN",  "UNIX", "URL", "USA", "USB", "UTF",  "UX",  "WASM", NULL};

/* Returns: whether @pattern was found in @title and taken out */
static bool
take_out(char **title, const GRegex *pattern)
{
  g_autofree char *rest = g_regex_replace_literal(pattern, *title, -1, 0, "", 0, NULL);
  if (rest == NULL || strcmp(rest, *title) == 0)
    return false;
  g_free(*title);
  *title = g_steal_pointer(&rest);
  return true;
}

/* Emoji and the like, by Unicode's blocks of pictures; signs elsewhere may mean something. */
static bool
is_ornament(gunichar character)
{
  return (character >= 0x2600 && character <= 0x27BF) || (character >= 0x2B00 && character <= 0x2BFF) ||
         (character >= 0x1F000 && character <= 0x1FAFF) || (character >= 0x23E9 && character <= 0x23FA);
}

/* What joins or colours the emoji before it. */
static bool
is_modifier(gunichar character)
{
  return character == 0x200D || character == 0xFE0F || character == 0x20E3;
}

static void
take_ornaments(char **title)
{
  g_autoptr(GString) rest = g_string_new(NULL);
  bool was_ornament = false;
  for (const char *at = *title; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    was_ornament = is_ornament(character) || (was_ornament && is_modifier(character));
    if (!was_ornament)
      g_string_append_unichar(rest, character);
  }
  g_free(*title);
  *title = text_clean_line(rest->str, rest->len);
}

static bool
is_site(const char *name, const GPtrArray *sites)
{
  for (guint i = 0; i < sites->len; i++)
    if (words_are_same_name(name, sites->pdata[i]))
      return true;
  return false;
}

static bool
take_site(char **title, const GPtrArray *sites)
{
  char *last = NULL;
  size_t length = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(SEPARATORS); i++) {
    char *found = g_strrstr(*title, SEPARATORS[i]);
    if (found != NULL && found > last) {
      last = found;
      length = strlen(SEPARATORS[i]);
    }
  }
  if (last == NULL || !is_site(last + length, sites))
    return false;
  *last = '\0';
  return true;
}

/* Also takes a mark that is opened and never closed, as where a quotation was cut. */
static bool
take_marks(char **title)
{
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
    const char *open = MARKS[i][0];
    const char *close = MARKS[i][1];
    if (!g_str_has_prefix(*title, open))
      continue;
    const char *inner = *title + strlen(open);
    const char *closed = strstr(inner, close);
    bool is_nested = strcmp(open, close) != 0 && strstr(inner, open) != NULL;
    bool is_around = closed != NULL && closed > inner && closed[strlen(close)] == '\0' && !is_nested;
    if (!is_around && (closed != NULL || *open == '\''))
      return false;
    char *rest = is_around ? g_strndup(inner, (size_t) (closed - inner)) : g_strdup(inner);
    g_free(*title);
    *title = rest;
    return true;
  }
  return false;
}

/* The full stop of a sentence, not that of "U.S." or of an ellipsis. */
static bool
take_full_stop(char **title)
{
  size_t length = strlen(*title);
  if (g_str_has_suffix(*title, "。")) {
    (*title)[length - strlen("。")] = '\0';
    return true;
  }
  if (length < 2 || (*title)[length - 1] != '.')
    return false;
  const char *space = strrchr(*title, ' ');
  const char *word = space != NULL ? space + 1 : *title;
  if (strchr(word, '.') != *title + length - 1)
    return false;
  (*title)[length - 1] = '\0';
  return true;
}

char *
title_tidy(const char *title, const GPtrArray *sites)
{
  g_autoptr(GRegex) front = g_regex_new(FRONT, G_REGEX_CASELESS, 0, NULL);
  g_autoptr(GRegex) back = g_regex_new(BACK, G_REGEX_CASELESS | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  g_autoptr(GRegex) emoji = g_regex_new(NAMED_EMOJI, G_REGEX_CASELESS, 0, NULL);
  g_autoptr(GRegex) hash = g_regex_new(INNER_HASH, 0, 0, NULL);
  g_autofree char *tidy = g_strdup(title);
  take_ornaments(&tidy);
  take_out(&tidy, emoji);
  bool is_changed = true;
  for (int round = 0; is_changed && round < MAX_ROUNDS; round++) {
    is_changed = take_out(&tidy, front);
    is_changed |= take_out(&tidy, back);
    is_changed |= take_site(&tidy, sites);
    is_changed |= take_full_stop(&tidy);
    is_changed |= take_marks(&tidy);
  }
  take_out(&tidy, hash);
  g_autofree char *line = text_clean_line(tidy, strlen(tidy));
  return line[0] != '\0' ? g_steal_pointer(&line) : g_strdup(title);
}

bool
title_is_shouted(const char *title)
{
  int capitals = 0;
  int letters = 0;
  for (const char *at = title; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    capitals += g_unichar_isupper(character);
    letters += g_unichar_isupper(character) || g_unichar_islower(character);
  }
  return letters >= MIN_SHOUTED_LETTERS && strchr(title, ' ') != NULL && capitals * 100 >= letters * SHOUTED_PERCENT;
}

/* Returns: the first character of the next word from @at on, or the end; @ret_end (out): where that word ends */
static const char *
next_word(const char *at, const char **ret_end)
{
  while (*at != '\0' && !g_unichar_isalnum(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  const char *end = at;
  while (g_unichar_isalnum(g_utf8_get_char(end)))
    end = g_utf8_next_char(end);
  *ret_end = end;
  return at;
}

/* How a word is written: @written the most, @count ahead of all other ways (Boyer and Moore's majority vote). */
typedef struct {
  char *written;
  int count;
} Spelling;

static void
free_spelling(void *data)
{
  Spelling *spelling = data;
  g_free(spelling->written);
  g_free(spelling);
}

static void
vote(Spelling *spelling, const char *written)
{
  if (spelling->count == 0) {
    g_free(spelling->written);
    spelling->written = g_strdup(written);
  }
  spelling->count += strcmp(spelling->written, written) == 0 ? 1 : -1;
}

/* The first word of a line is written large whatever it is. */
static void
learn_line(GHashTable *spellings, const char *line)
{
  const char *end;
  next_word(line, &end);
  for (const char *word = next_word(end, &end); *word != '\0'; word = next_word(end, &end)) {
    g_autofree char *written = g_strndup(word, (size_t) (end - word));
    g_autofree char *folded = text_casefold(written, -1);
    Spelling *spelling = g_hash_table_lookup(spellings, folded);
    if (spelling != NULL)
      vote(spelling, written);
  }
}

/* Returns: (transfer full) (element-type utf8 Spelling): of the words of @title, as @texts write them where they do not shout
 */
static GHashTable *
learn_spellings(const char *title, const GPtrArray *texts)
{
  GHashTable *spellings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_spelling);
  const char *end = title;
  for (const char *word = next_word(end, &end); *word != '\0'; word = next_word(end, &end))
    g_hash_table_replace(spellings, text_casefold(word, end - word), g_new0(Spelling, 1));
  for (guint i = 0; i < texts->len; i++) {
    g_auto(GStrv) lines = g_strsplit(texts->pdata[i], "\n", -1);
    for (guint j = 0; lines[j] != NULL; j++)
      if (!title_is_shouted(lines[j]))
        learn_line(spellings, lines[j]);
  }
  return spellings;
}

/* A word without a vowel is spelt out: "HTTP". */
static bool
is_acronym(const char *word)
{
  return g_strv_contains(ACRONYMS, word) || (strlen(word) > 1 && strpbrk(word, "AEIOUY") == NULL && g_str_is_ascii(word));
}

/* Returns: (transfer full): the @word as it is mostly written */
static char *
spell(const GHashTable *spellings, const char *word)
{
  g_autofree char *folded = text_casefold(word, -1);
  const Spelling *spelling = g_hash_table_lookup((GHashTable *) spellings, folded);
  if (spelling != NULL && spelling->written != NULL)
    return g_strdup(spelling->written);
  return is_acronym(word) || strcmp(word, "I") == 0 ? g_strdup(word) : g_utf8_strdown(word, -1);
}

char *
title_unshout(const char *title, const GPtrArray *texts)
{
  g_autoptr(GHashTable) spellings = learn_spellings(title, texts);
  g_autoptr(GString) sentence = g_string_new(NULL);
  const char *end = title;
  bool is_first = true;
  for (const char *from = title; *from != '\0'; from = end) {
    const char *word = next_word(from, &end);
    g_string_append_len(sentence, from, word - from);
    g_autofree char *plain = g_strndup(word, (size_t) (end - word));
    g_autofree char *written = spell(spellings, plain);
    g_autofree char *small = g_utf8_strdown(written, -1);
    if (is_first && strcmp(written, small) == 0) {
      g_string_append_unichar(sentence, g_unichar_totitle(g_utf8_get_char(written)));
      g_string_append(sentence, *written != '\0' ? g_utf8_next_char(written) : "");
    } else {
      g_string_append(sentence, written);
    }
    is_first = false;
  }
  return g_strdup(sentence->str);
}
