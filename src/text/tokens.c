#include "text/tokens.h"

#include "base/text.h"

#include <libstemmer.h>
#include <stdbool.h>
#include <string.h>
#include <uniwbrk.h>

/* Words that say nothing of what a text is about, casefolded, in the order of bytes. */
static const char *const ENGLISH[] = {
    "a",     "about", "above",  "after",   "again",  "all",    "also",    "am",      "an",    "and",    "any",     "are",
    "as",    "at",    "be",     "been",    "before", "being",  "below",   "between", "both",  "but",    "by",      "can",
    "can't", "could", "did",    "didn't",  "do",     "does",   "doesn't", "doing",   "don't", "down",   "during",  "each",
    "few",   "for",   "from",   "further", "had",    "has",    "have",    "having",  "he",    "her",    "here",    "hers",
    "him",   "his",   "how",    "i",       "i'm",    "i've",   "if",      "in",      "into",  "is",     "isn't",   "it",
    "it's",  "its",   "itself", "just",    "may",    "me",     "might",   "more",    "most",  "must",   "my",      "no",
    "nor",   "not",   "now",    "of",      "off",    "on",     "once",    "only",    "or",    "other",  "our",     "ours",
    "out",   "over",  "own",    "same",    "she",    "should", "so",      "some",    "such",  "than",   "that",    "that's",
    "the",   "their", "theirs", "them",    "then",   "there",  "these",   "they",    "this",  "those",  "through", "to",
    "too",   "under", "until",  "up",      "very",   "was",    "we",      "were",    "what",  "when",   "where",   "which",
    "while", "who",   "whom",   "why",     "will",   "with",   "won't",   "would",   "you",   "you're", "your",    "yours",
};

static const char *const FRENCH[] = {
    "ai",      "ainsi",   "alors",   "après",   "as",        "au",       "aucun",   "aucune",   "aussi",  "autre",    "autres",
    "aux",     "avait",   "avant",   "avec",    "avez",      "avoir",    "avons",   "beaucoup", "bien",   "car",      "ce",
    "ceci",    "cela",    "celle",   "celles",  "celui",     "ces",      "cet",     "cette",    "ceux",   "chaque",   "chez",
    "ci",      "comme",   "comment", "dans",    "de",        "depuis",   "des",     "donc",     "dont",   "du",       "elle",
    "elles",   "en",      "encore",  "entre",   "est",       "et",       "eu",      "eux",      "fait",   "faut",     "fois",
    "font",    "hors",    "il",      "ils",     "je",        "jusque",   "la",      "le",       "les",    "leur",     "leurs",
    "lors",    "lorsque", "lui",     "là",      "ma",        "mais",     "me",      "mes",      "moi",    "moins",    "mon",
    "même",    "mêmes",   "ne",      "ni",      "non",       "nos",      "notre",   "nous",     "on",     "ont",      "ou",
    "où",      "par",     "parce",   "pas",     "peu",       "peut",     "peuvent", "plus",     "pour",   "pourquoi", "quand",
    "que",     "quel",    "quelle",  "quelles", "quelque",   "quelques", "quels",   "qui",      "quoi",   "sa",       "sans",
    "se",      "selon",   "sera",    "ses",     "seulement", "si",       "son",     "sont",     "sous",   "sur",      "ta",
    "tandis",  "te",      "tes",     "toi",     "ton",       "tous",     "tout",    "toute",    "toutes", "trop",     "très",
    "tu",      "un",      "une",     "vers",    "voici",     "voilà",    "vos",     "votre",    "vous",   "y",        "à",
    "étaient", "était",   "été",     "être",
};

static const char *const GERMAN[] = {
    "aber",    "alle",    "allem",   "allen",     "aller",   "alles",  "als",    "also",   "am",       "an",     "ander",
    "andere",  "anderem", "anderen", "anderer",   "anderes", "auch",   "auf",    "aus",    "ausser",   "bei",    "beim",
    "bin",     "bis",     "bist",    "da",        "damit",   "dann",   "das",    "dass",   "dein",     "deine",  "deinem",
    "deinen",  "deiner",  "dem",     "den",       "denn",    "der",    "deren",  "des",    "dessen",   "dich",   "die",
    "dies",    "diese",   "diesem",  "diesen",    "dieser",  "dieses", "dir",    "doch",   "dort",     "du",     "durch",
    "ein",     "eine",    "einem",   "einen",     "einer",   "eines",  "er",     "es",     "etwas",    "euch",   "euer",
    "eure",    "für",     "gegen",   "gegenüber", "habe",    "haben",  "hat",    "hatte",  "hatten",   "hier",   "hin",
    "hinter",  "ich",     "ihm",     "ihn",       "ihnen",   "ihr",    "ihre",   "ihrem",  "ihren",    "ihrer",  "im",
    "in",      "ins",     "ist",     "ja",        "jede",    "jedem",  "jeden",  "jeder",  "jedes",    "jetzt",  "kann",
    "kein",    "keine",   "keinem",  "keinen",    "keiner",  "können", "könnte", "man",    "mehr",     "mein",   "meine",
    "meinem",  "meinen",  "meiner",  "mich",      "mir",     "mit",    "muss",   "musste", "müssen",   "nach",   "nicht",
    "nichts",  "noch",    "nun",     "nur",       "ob",      "oder",   "ohne",   "schon",  "sehr",     "sein",   "seine",
    "seinem",  "seinen",  "seiner",  "seit",      "selbst",  "sich",   "sie",    "sind",   "so",       "solche", "soll",
    "sollen",  "sollte",  "sondern", "sowie",     "um",      "und",    "uns",    "unser",  "unsere",   "unter",  "viel",
    "viele",   "vom",     "von",     "vor",       "war",     "waren",  "warum",  "was",    "weil",     "weiter", "welche",
    "welcher", "welches", "wenn",    "wer",       "werde",   "werden", "wie",    "wieder", "will",     "wir",    "wird",
    "wo",      "wurde",   "wurden",  "würde",     "zu",      "zum",    "zur",    "zwar",   "zwischen", "über",
};

static const char *const SPANISH[] = {
    "a",       "además",  "ahora",    "al",     "algo",  "algunas", "alguno", "algunos", "algún",    "ante",    "antes",
    "aquel",   "aquella", "aquellos", "aquí",   "así",   "aunque",  "bajo",   "bien",    "cada",     "casi",    "como",
    "con",     "contra",  "cual",     "cuando", "cuál",  "cuándo",  "cómo",   "de",      "del",      "desde",   "después",
    "donde",   "dos",     "durante",  "dónde",  "e",     "el",      "ella",   "ellas",   "ellos",    "en",      "entonces",
    "entre",   "era",     "eran",     "es",     "esa",   "esas",    "ese",    "eso",     "esos",     "esta",    "estaba",
    "estamos", "estar",   "estas",    "este",   "esto",  "estos",   "está",   "están",   "fue",      "fueron",  "ha",
    "haber",   "había",   "habían",   "hace",   "hacia", "han",     "has",    "hasta",   "hay",      "he",      "hemos",
    "la",      "las",     "le",       "les",    "lo",    "los",     "me",     "mi",      "mientras", "mis",     "mucho",
    "muchos",  "muy",     "más",      "mí",     "nada",  "ni",      "no",     "nos",     "nosotros", "nuestra", "nuestro",
    "o",       "os",      "otra",     "otras",  "otro",  "otros",   "para",   "pero",    "poco",     "por",     "porque",
    "pues",    "que",     "quien",    "quién",  "qué",   "se",      "sea",    "según",   "ser",      "será",    "si",
    "sido",    "siempre", "sin",      "sino",   "sobre", "solo",    "son",    "soy",     "su",       "sus",     "sí",
    "sólo",    "también", "tan",      "tanto",  "te",    "tiene",   "tienen", "toda",    "todas",    "todo",    "todos",
    "tras",    "tu",      "tus",      "u",      "un",    "una",     "unas",   "uno",     "unos",     "usted",   "ustedes",
    "y",       "ya",      "yo",
};

typedef struct {
  const char *language;
  const char *const *words;
  size_t count;
} StopWords;

static const StopWords STOP_WORDS[] = {
    {"en", ENGLISH, G_N_ELEMENTS(ENGLISH)},
    {"de", GERMAN, G_N_ELEMENTS(GERMAN)},
    {"es", SPANISH, G_N_ELEMENTS(SPANISH)},
    {"fr", FRENCH, G_N_ELEMENTS(FRENCH)},
};

/* What French puts before a vowel, without its own vowel. */
static const char *const ELISIONS[] = {"c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", NULL};

/* Returns: the end of the word from @start to @end with what belongs to its name: "C++", "F#" */
static const char *
take_suffix(const char *start, const char *end)
{
  const char *suffix_end = end;
  if (g_str_has_prefix(end, "++"))
    suffix_end = end + strlen("++");
  else if (*end == '#' && end == start + 1)
    suffix_end = end + strlen("#");
  gunichar next = g_utf8_get_char(suffix_end);
  bool is_name = g_ascii_isalpha(end[-1]) && !g_unichar_isalpha(next) && next != '+' && next != '#';
  return is_name ? suffix_end : end;
}

/* Returns: the start of the word at @start, with the full stop that begins its name: ".NET" */
static const char *
take_prefix(const char *text, const char *start)
{
  if (start == text || start[-1] != '.' || !g_ascii_isalpha(*start))
    return start;
  const char *stop = start - 1;
  if (stop == text)
    return stop;
  gunichar before = g_utf8_get_char(g_utf8_prev_char(stop));
  GUnicodeType type = g_unichar_type(before);
  bool is_opening = type == G_UNICODE_OPEN_PUNCTUATION || type == G_UNICODE_INITIAL_PUNCTUATION;
  return is_opening || g_unichar_isspace(before) || before == '"' || before == '\'' || before == '/' ? stop : start;
}

static bool
holds_alphanumeric(const char *start, const char *end)
{
  for (const char *at = start; at < end; at = g_utf8_next_char(at))
    if (g_unichar_isalnum(g_utf8_get_char(at)))
      return true;
  return false;
}

/* Both apostrophes are in use; words are equal whichever was typed. */
static char *
unify_apostrophes(const char *text)
{
  g_auto(GStrv) parts = g_strsplit(text, "’", -1);
  return g_strjoinv("'", parts);
}

/* Whether the text is one word that no rule cuts, as most are that are looked up one by one. */
static bool
is_ascii_word(const char *text)
{
  const char *at = text;
  while (g_ascii_isalpha(*at))
    at++;
  return at > text && *at == '\0';
}

GPtrArray *
tokens_words(const char *text)
{
  GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
  if (is_ascii_word(text)) {
    g_ptr_array_add(words, g_ascii_strdown(text, -1));
    return words;
  }
  g_autofree char *unified = unify_apostrophes(text);
  size_t length = strlen(unified);
  g_autofree char *is_break = g_malloc(length + 1);
  u8_wordbreaks((const uint8_t *) unified, length, is_break);
  const char *start = unified;
  for (size_t i = 1; i <= length; i++) {
    if (i < length && !is_break[i])
      continue;
    const char *end = unified + i;
    if (holds_alphanumeric(start, end)) {
      const char *from = take_prefix(unified, start);
      g_ptr_array_add(words, text_casefold(from, take_suffix(start, end) - from));
    }
    start = end;
  }
  return words;
}

bool
tokens_is_stop_word(const char *word, const char *language)
{
  const StopWords *list = &STOP_WORDS[0];
  for (size_t i = 0; i < G_N_ELEMENTS(STOP_WORDS); i++)
    if (g_strcmp0(language, STOP_WORDS[i].language) == 0)
      list = &STOP_WORDS[i];
  return text_is_listed(word, list->words, list->count);
}

/* Returns: @word without the article or pronoun that French writes together with it */
static const char *
skip_elision(const char *word)
{
  const char *apostrophe = strchr(word, '\'');
  if (apostrophe == NULL || apostrophe[1] == '\0')
    return word;
  g_autofree char *elision = g_strndup(word, (size_t) (apostrophe - word));
  return g_strv_contains(ELISIONS, elision) ? apostrophe + 1 : word;
}

/* The stemmer that a thread used last, which the next text in the same language takes too. */
typedef struct {
  char *language;
  struct sb_stemmer *stemmer;
} KeptStemmer;

static void
free_kept(void *data)
{
  KeptStemmer *kept = data;
  g_free(kept->language);
  sb_stemmer_delete(kept->stemmer);
  g_free(kept);
}

/* Returns: (transfer none): of English where there is none of @language */
static struct sb_stemmer *
find_stemmer(const char *language)
{
  static GPrivate of_thread = G_PRIVATE_INIT(free_kept);
  const KeptStemmer *known = g_private_get(&of_thread);
  if (known != NULL && g_strcmp0(known->language, language) == 0)
    return known->stemmer;
  KeptStemmer *kept = g_new(KeptStemmer, 1);
  kept->language = g_strdup(language);
  kept->stemmer = language != NULL ? sb_stemmer_new(language, NULL) : NULL;
  if (kept->stemmer == NULL)
    kept->stemmer = sb_stemmer_new("en", NULL);
  g_private_replace(&of_thread, kept);
  /* cppcheck-suppress memleak ; the thread keeps it */
  return kept->stemmer;
}

/* Names such as "node.js" and "c++" have no endings to take away. */
static char *
make_stem(struct sb_stemmer *stemmer, const char *word)
{
  if (strpbrk(word, ".+#") != NULL)
    return g_strdup(word);
  const sb_symbol *stem = sb_stemmer_stem(stemmer, (const sb_symbol *) word, (int) strlen(word));
  return g_strndup((const char *) stem, (size_t) sb_stemmer_length(stemmer));
}

char *
tokens_stem(const char *word, const char *language)
{
  const char *core = g_strcmp0(language, "fr") == 0 ? skip_elision(word) : word;
  return tokens_is_stop_word(core, language) ? NULL : make_stem(find_stemmer(language), core);
}

GPtrArray *
tokens_stems(const char *text, const char *language)
{
  g_autoptr(GPtrArray) words = tokens_words(text);
  GPtrArray *stems = g_ptr_array_new_full(words->len, g_free);
  for (unsigned i = 0; i < words->len; i++) {
    char *stem = tokens_stem(words->pdata[i], language);
    if (stem != NULL)
      g_ptr_array_add(stems, stem);
  }
  return stems;
}
