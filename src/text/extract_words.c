#include "text/extract_words.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Longer words of a class name nothing that is known. */
enum { MAX_WORD_BYTES = 24 };

/* Refusals are short; with a title that tells of one they may be longer. In characters. */
enum { MAX_REFUSAL_CHARS = 500, MAX_TITLED_REFUSAL_CHARS = 1500 };

/* Shorter texts begin another by chance. */
enum { MIN_ALIKE_BYTES = 15 };

/* Words of classes and ids that name what is not the text, sorted. */
static const char *const BOILERPLATE[] = {"ad",
                                          "ads",
                                          "advert",
                                          "advertisement",
                                          "advertising",
                                          "author",
                                          "bio",
                                          "breadcrumb",
                                          "breadcrumbs",
                                          "byline",
                                          "caption",
                                          "comment",
                                          "commentlist",
                                          "comments",
                                          "consent",
                                          "cookie",
                                          "cookies",
                                          "copyright",
                                          "dialog",
                                          "disqus",
                                          "dropdown",
                                          "footer",
                                          "gdpr",
                                          "login",
                                          "masthead",
                                          "menu",
                                          "meta",
                                          "modal",
                                          "mostread",
                                          "nav",
                                          "navbar",
                                          "navigation",
                                          "newsletter",
                                          "newsletters",
                                          "overlay",
                                          "pager",
                                          "pagination",
                                          "paywall",
                                          "popup",
                                          "promo",
                                          "promos",
                                          "promoted",
                                          "promotion",
                                          "pullquote",
                                          "recirc",
                                          "recirculation",
                                          "recommendations",
                                          "recommended",
                                          "regwall",
                                          "related",
                                          "share",
                                          "sharebar",
                                          "shares",
                                          "sharing",
                                          "sidebar",
                                          "signin",
                                          "signup",
                                          "social",
                                          "sponsor",
                                          "sponsored",
                                          "subscribe",
                                          "subscription",
                                          "tagcloud",
                                          "taglist",
                                          "tags",
                                          "toc",
                                          "toolbar",
                                          "trending",
                                          "upsell"};

/* Of them those that frames around the text have as well, for what stands beside it or may come up. */
static const char *const FRAMES[] = {"author", "dialog",     "menu",    "meta",  "modal",   "nav",
                                     "navbar", "navigation", "overlay", "popup", "sidebar", NULL};

/* What classes call text for machines that read aloud, and text that stands elsewhere on the page as well. */
static const char *const UNREAD[] = {"pull-quote",     "pullquote", "screen-reader", "sr-only", "visually-hidden",
                                     "visuallyhidden", NULL};

/* Words before a name that say where it is, or that it is not there: "with-sidebar". */
static const char *const NEGATIONS[] = {"has", "hide", "no", "with", "without", NULL};

/* Words that begin a class which tells what a text is about: "category-social". */
static const char *const TOPICS[] = {"category", "tag", "topic", NULL};

/* How short blocks begin that ask for something else than reading on; and what such blocks hold. */
static const char *const PROMPT_OPENINGS[] = {"advertisement",
                                              "already a member",
                                              "already a subscriber",
                                              "already have an account",
                                              "also read",
                                              "click here to",
                                              "continue reading",
                                              "enjoyed this",
                                              "filed under",
                                              "follow us",
                                              "get our",
                                              "join our",
                                              "leave a comment",
                                              "log in or",
                                              "log in to",
                                              "more on this",
                                              "most popular",
                                              "please share",
                                              "posted in",
                                              "read also",
                                              "read more",
                                              "read next",
                                              "recommended:",
                                              "related:",
                                              "related articles",
                                              "related stories",
                                              "see also",
                                              "share on",
                                              "share this",
                                              "sign in or",
                                              "sign in to",
                                              "sign up for",
                                              "sign up to",
                                              "skip to",
                                              "sponsored",
                                              "subscribe now",
                                              "subscribe to",
                                              "subscribers only",
                                              "tags:",
                                              "this article is for subscribers",
                                              "to continue reading",
                                              "topics:",
                                              "you might also",
                                              "you may also",
                                              "you have read",
                                              NULL};

static const char *const PROMPT_PHRASES[] = {"already a subscriber",
                                             "create a free account",
                                             "free trial",
                                             "log in to continue",
                                             "sign in to continue",
                                             "subscribe to continue",
                                             "subscribe to read",
                                             "to continue reading",
                                             "to our newsletter",
                                             "unlimited access",
                                             "unlock this article",
                                             "unsubscribe at any time",
                                             NULL};

/* How labels of buttons begin that allow or refuse tracking. */
static const char *const CONSENT_LABELS[] = {
    "accept",    "agree",    "allow",    "consent",    "continue without", "decline",        "deny",
    "got it",    "i accept", "i agree",  "i consent",  "manage",           "only necessary", "refuse",
    "reject",    "yes, i",   "ablehnen", "akzept",     "alle akzeptieren", "alle ablehnen",  "einverstanden",
    "zustimmen", "accepter", "refuser",  "tout ",      "j'accepte",        "aceptar",        "rechazar",
    "accetta",   "rifiuta",  "aceitar",  "accepteren", "akceptuj",         "zaakceptuj",     "принять",
    "согласен",  "同意",     NULL};

/* How words begin that consent walls are full of. */
static const char *const CONSENT_WORDS[] = {
    "advertis",   "consent",       "confidentialité", "cookie",     "datenschutz", "einwillig",  "legitimate interest",
    "partner",    "personal data", "personalis",      "personaliz", "preferences", "privacidad", "privacy",
    "publicidad", "publicité",     "traceurs",        "tracking",   "vendors",     "werbung",    NULL};

/* Titles, or whole texts, of what is no page. */
static const char *const REFUSAL_TITLES[] = {"403",
                                             "403 forbidden",
                                             "404",
                                             "404 error",
                                             "404 not found",
                                             "404 page not found",
                                             "410",
                                             "410 gone",
                                             "500",
                                             "500 internal server error",
                                             "502 bad gateway",
                                             "503 service unavailable",
                                             "access denied",
                                             "access to this page has been denied",
                                             "are you a robot",
                                             "attention required",
                                             "bad gateway",
                                             "before you continue",
                                             "error",
                                             "error 403",
                                             "error 404",
                                             "forbidden",
                                             "http 404",
                                             "internal server error",
                                             "just a moment",
                                             "loading",
                                             "log in",
                                             "login",
                                             "not found",
                                             "oops",
                                             "page introuvable",
                                             "page not found",
                                             "pagina non trovata",
                                             "please verify",
                                             "please wait",
                                             "página no encontrada",
                                             "robot check",
                                             "security check",
                                             "seite nicht gefunden",
                                             "service unavailable",
                                             "sign in",
                                             "sign up",
                                             "something went wrong",
                                             "verify you are human",
                                             NULL};

/* What short texts hold that stand in a page's place. */
static const char *const REFUSAL_PHRASES[] = {"404 not found",
                                              "access denied",
                                              "access to this page has been denied",
                                              "are you a robot",
                                              "before you continue",
                                              "can't be found",
                                              "can't find the page",
                                              "can't find that page",
                                              "checking your browser",
                                              "complete the captcha",
                                              "could not find the page",
                                              "couldn't find the page",
                                              "couldn't find that page",
                                              "enable cookies",
                                              "enable javascript",
                                              "internal server error",
                                              "javascript is disabled",
                                              "javascript is not enabled",
                                              "javascript is required",
                                              "javascript to run",
                                              "log in or sign up",
                                              "log in to continue",
                                              "log in to see",
                                              "log in to view",
                                              "must be logged in",
                                              "must log in",
                                              "not a robot",
                                              "page could not be found",
                                              "page does not exist",
                                              "page doesn't exist",
                                              "page introuvable",
                                              "page not found",
                                              "page you are looking for",
                                              "page you requested",
                                              "page you were looking for",
                                              "pagina non trovata",
                                              "please log in",
                                              "please sign in",
                                              "página no encontrada",
                                              "requires javascript",
                                              "seite nicht gefunden",
                                              "sign in to continue",
                                              "sign in to view",
                                              "solve the captcha",
                                              "unusual traffic",
                                              "verify you are human",
                                              "verifying you are human",
                                              "you have been blocked",
                                              NULL};

static bool
starts_with_any(const char *text, const char *const *openings)
{
  for (; *openings != NULL; openings++)
    if (g_str_has_prefix(text, *openings))
      return true;
  return false;
}

static bool
contains_any(const char *text, const char *const *phrases)
{
  for (; *phrases != NULL; phrases++)
    if (strstr(text, *phrases) != NULL)
      return true;
  return false;
}

/* Returns: (transfer full): @text in lower case, on one line, with plain apostrophes */
static char *
plain_words(const char *text)
{
  g_autofree char *lower = g_utf8_strdown(text, -1);
  GString *plain = g_string_sized_new(strlen(lower));
  for (const char *at = lower; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (g_unichar_isspace(character)) {
      if (plain->len > 0 && plain->str[plain->len - 1] != ' ')
        g_string_append_c(plain, ' ');
    } else
      g_string_append_unichar(plain, character == 0x2019 ? '\'' : character);
  }
  return g_strchomp(g_string_free(plain, FALSE));
}

/* Takes the next word of a class, parted by signs or by a capital after a small letter. Returns: where it ends */
static const char *
take_word(const char *at, const char *end, char word[MAX_WORD_BYTES])
{
  size_t length = 0;
  const char *start = at;
  for (; at < end && g_ascii_isalpha(*at); at++) {
    if (at > start && g_ascii_isupper(*at) && g_ascii_islower(at[-1]))
      break;
    if (length < MAX_WORD_BYTES - 1)
      word[length++] = g_ascii_tolower(*at);
  }
  word[length] = '\0';
  return at;
}

/* Whether the class between @at and @end names boilerplate. */
static bool
is_boilerplate_name(const char *at, const char *end, bool is_long)
{
  bool is_first = true;
  bool is_negated = false;
  while (at < end) {
    if (!g_ascii_isalpha(*at)) {
      at++;
      continue;
    }
    char word[MAX_WORD_BYTES];
    at = take_word(at, end, word);
    if (is_first && at < end && g_strv_contains(TOPICS, word))
      return false;
    bool is_exempt = is_negated || (is_long && g_strv_contains(FRAMES, word));
    if (!is_exempt && text_is_listed(word, BOILERPLATE, G_N_ELEMENTS(BOILERPLATE)))
      return true;
    is_negated = g_strv_contains(NEGATIONS, word);
    is_first = false;
  }
  return false;
}

bool
words_name_unread(const char *classes)
{
  return contains_any(classes, UNREAD);
}

bool
words_name_boilerplate(const char *names, bool is_long)
{
  for (const char *at = names; *at != '\0';) {
    const char *end = at + strcspn(at, " \t\n\r\f");
    if (is_boilerplate_name(at, end, is_long))
      return true;
    at = *end == '\0' ? end : end + 1;
  }
  return false;
}

bool
words_are_prompt(const char *text)
{
  g_autofree char *plain = plain_words(text);
  return starts_with_any(plain, PROMPT_OPENINGS) || contains_any(plain, PROMPT_PHRASES);
}

bool
words_are_consent(const char *label)
{
  g_autofree char *plain = plain_words(label);
  return starts_with_any(plain, CONSENT_LABELS);
}

bool
words_start_consent(const char *at)
{
  char first = g_ascii_tolower(*at);
  for (size_t i = 0; CONSENT_WORDS[i] != NULL; i++)
    if (first == *CONSENT_WORDS[i] && g_ascii_strncasecmp(at, CONSENT_WORDS[i], strlen(CONSENT_WORDS[i])) == 0)
      return true;
  return false;
}

/* Whether @title is a refusal's: all of it, or all before a sign where that is more than one word. */
static bool
is_refusal_title(const char *title)
{
  for (size_t i = 0; REFUSAL_TITLES[i] != NULL; i++) {
    if (!g_str_has_prefix(title, REFUSAL_TITLES[i]))
      continue;
    const char *rest = title + strlen(REFUSAL_TITLES[i]);
    rest += strspn(rest, " !.?…");
    bool is_telling = strpbrk(REFUSAL_TITLES[i], " 04") != NULL;
    if (*rest == '\0' || (is_telling && g_ascii_ispunct(*rest)))
      return true;
  }
  return false;
}

bool
words_are_refusal(const char *title, const char *text)
{
  glong chars = g_utf8_strlen(text, -1);
  if (chars > MAX_TITLED_REFUSAL_CHARS)
    return false;
  g_autofree char *plain_title = plain_words(title);
  g_autofree char *plain = plain_words(text);
  if (is_refusal_title(plain_title) || is_refusal_title(plain))
    return true;
  return chars <= MAX_REFUSAL_CHARS && contains_any(plain, REFUSAL_PHRASES);
}

/* Returns: (transfer full): the letters and digits of @text */
static char *
letters(const char *text)
{
  g_autofree char *folded = text_casefold(text, -1);
  GString *kept = g_string_sized_new(strlen(folded));
  for (const char *at = folded; *at != '\0'; at = g_utf8_next_char(at))
    if (g_unichar_isalnum(g_utf8_get_char(at)))
      g_string_append_len(kept, at, g_utf8_next_char(at) - at);
  return g_string_free(kept, FALSE);
}

static const char *
skip_article(const char *name)
{
  static const char ARTICLE[] = "the ";
  return g_ascii_strncasecmp(name, ARTICLE, strlen(ARTICLE)) == 0 ? name + strlen(ARTICLE) : name;
}

bool
words_are_same_name(const char *a, const char *b)
{
  g_autofree char *first = letters(skip_article(a));
  g_autofree char *second = letters(skip_article(b));
  return *first != '\0' && g_str_equal(first, second);
}

bool
words_are_alike(const char *a, const char *b)
{
  g_autofree char *first = letters(a);
  g_autofree char *second = letters(b);
  size_t common = MIN(strlen(first), strlen(second));
  if (common == 0)
    return false;
  return common >= MIN_ALIKE_BYTES ? strncmp(first, second, common) == 0 : g_str_equal(first, second);
}
