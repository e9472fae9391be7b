#include "llm/bounds.h"

#include "base/url.h"
#include "text/tokens.h"

#include <string.h>

enum { LEAST_WORDS = 12, LEAST_LETTERS = 8, MAX_HOST_BYTES = 253 };

/* Of all words of a text, so many in a hundred are small ones of its language; fewer are of a language it quotes. */
enum { OWN_PERCENT = 25, QUOTED_PERCENT = 12 };

/* Those with a list of small words, but English. */
static const char *const LANGUAGES[] = {"de", "fr", "es"};

/* Names that end so are hosts, though nobody can register them: RFC 6761, RFC 6762, RFC 7686, RFC 9476. */
static const char *const RESERVED[] = {"alt", "example", "internal", "invalid", "local", "localhost", "onion", "test", NULL};

struct Bounds {
  GHashTable *hosts;
  GHashTable *scripts;
  char *told;
};

static bool
is_label_character(gunichar character)
{
  return g_unichar_isalnum(character) || character == '-' || character == '_' || g_unichar_ismark(character);
}

/* The full stops that browsers take for one (UTS 46). */
static bool
is_dot(gunichar character)
{
  return character == '.' || character == 0x3002 || character == 0xFF0E || character == 0xFF61;
}

/* What is seen by nobody parts no name. */
static bool
is_invisible(gunichar character)
{
  return character == 0xAD || (character >= 0x200B && character <= 0x200D) || character == 0x2060 || character == 0xFEFF;
}

static bool
is_host(const char *name)
{
  const char *last = strrchr(name, '.');
  if (last == NULL || strlen(name) > MAX_HOST_BYTES)
    return false;
  if (g_strv_contains(RESERVED, last + 1))
    return true;
  if (g_hostname_is_ip_address(name))
    return true;
  g_autofree char *ascii = g_hostname_to_ascii(name);
  return ascii != NULL && url_ends_in_domain(ascii);
}

/* Calls @take for each word with a dot in it that may be a host, until it returns false. */
static void
each_host(const char *text, bool (*take)(char *host, void *data), void *data)
{
  GString *word = g_string_new(NULL);
  bool goes_on = true;
  for (const char *at = text; goes_on; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (is_label_character(character)) {
      g_string_append_unichar(word, g_unichar_tolower(character));
    } else if (is_dot(character)) {
      g_string_append_c(word, '.');
    } else if (character == '\0' || !is_invisible(character)) {
      const char *name = word->str + strspn(word->str, ".-_");
      name += g_str_has_prefix(name, "www.") ? strlen("www.") : 0;
      g_autofree char *host = g_strdup(name);
      for (size_t length = strlen(host); length > 0 && host[length - 1] == '.'; length--)
        host[length - 1] = '\0';
      goes_on = (!is_host(host) || take(g_steal_pointer(&host), data)) && character != '\0';
      g_string_truncate(word, 0);
    }
  }
  g_string_free(word, true);
}

static bool
add_host(char *host, void *data)
{
  g_hash_table_add(data, host);
  return true;
}

Bounds *
bounds_new(const char *told, const GPtrArray *urls)
{
  Bounds *bounds = g_new0(Bounds, 1);
  bounds->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  bounds->scripts = g_hash_table_new(NULL, NULL);
  bounds->told = g_strdup(told);
  each_host(told, add_host, bounds->hosts);
  for (guint i = 0; i < urls->len; i++) {
    g_autofree char *host = url_host(g_ptr_array_index(urls, i));
    each_host(host != NULL ? host : "", add_host, bounds->hosts);
  }
  for (const char *at = told; *at != '\0'; at = g_utf8_next_char(at))
    if (g_unichar_isalpha(g_utf8_get_char(at)))
      g_hash_table_add(bounds->scripts, GINT_TO_POINTER(g_unichar_get_script(g_utf8_get_char(at))));
  return bounds;
}

void
bounds_free(Bounds *bounds)
{
  if (bounds == NULL)
    return;
  g_hash_table_unref(bounds->hosts);
  g_hash_table_unref(bounds->scripts);
  g_free(bounds->told);
  g_free(bounds);
}

/* @found: the first host that is not known */
typedef struct {
  GHashTable *known;
  char *found;
} HostSearch;

static bool
is_known(char *host, void *data)
{
  HostSearch *search = data;
  if (g_hash_table_contains(search->known, host)) {
    g_free(host);
    return true;
  }
  search->found = host;
  return false;
}

char *
bounds_find_host(const Bounds *bounds, const char *text)
{
  HostSearch search = {.known = bounds->hosts};
  each_host(text, is_known, &search);
  return search.found;
}

/* How many of a hundred @words are small ones of @language and not of English, which has "die" and "son", too. */
static guint
percent_small(const GPtrArray *words, const char *language)
{
  guint small = 0;
  for (guint i = 0; i < words->len; i++)
    small += tokens_is_stop_word(words->pdata[i], language) && !tokens_is_stop_word(words->pdata[i], "en");
  return words->len > 0 ? small * 100 / words->len : 0;
}

static bool
is_in_foreign_script(const Bounds *bounds, const char *text)
{
  guint letters = 0;
  guint foreign = 0;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (!g_unichar_isalpha(character))
      continue;
    GUnicodeScript script = g_unichar_get_script(character);
    letters++;
    foreign += script != G_UNICODE_SCRIPT_LATIN && !g_hash_table_contains(bounds->scripts, GINT_TO_POINTER(script));
  }
  return letters >= LEAST_LETTERS && foreign * 2 > letters;
}

bool
bounds_is_foreign(const Bounds *bounds, const char *text)
{
  if (is_in_foreign_script(bounds, text))
    return true;
  g_autoptr(GPtrArray) words = tokens_words(text);
  g_autoptr(GPtrArray) told = tokens_words(bounds->told);
  for (size_t i = 0; i < G_N_ELEMENTS(LANGUAGES) && words->len >= LEAST_WORDS; i++)
    if (percent_small(words, LANGUAGES[i]) >= OWN_PERCENT && percent_small(told, LANGUAGES[i]) < QUOTED_PERCENT)
      return true;
  return false;
}
