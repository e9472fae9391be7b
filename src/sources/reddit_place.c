#include "sources/reddit_place.h"

#include "base/url.h"

#include <string.h>

enum { MAX_ID_CHARS = 16, MAX_NAME_CHARS = 40 };

void
reddit_place_clear(RedditPlace *place)
{
  g_clear_pointer(&place->id, g_free);
  g_clear_pointer(&place->community, g_free);
  g_clear_pointer(&place->url, g_free);
}

/* Whether @text is of letters, digits and @others alone. */
static bool
is_word(const char *text, const char *others, size_t max_chars)
{
  size_t length = strlen(text);
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isalnum(*at) && strchr(others, *at) == NULL)
      return false;
  return length > 0 && length <= max_chars;
}

/* Returns: (transfer full) (nullable): @address (nullable) in canonical form; the site's own may come without the site */
static char *
read_address(const char *address)
{
  if (address == NULL || *address != '/')
    return address != NULL ? url_canonical(address, NULL) : NULL;
  g_autofree char *absolute = g_strconcat(REDDIT_SITE, address, NULL);
  return url_canonical(absolute, NULL);
}

bool
reddit_place_read(const char *address, RedditPlace *ret_place)
{
  g_autofree char *canonical = read_address(address);
  g_auto(Url) parts = {0};
  if (canonical == NULL || !url_parse(canonical, &parts, NULL))
    return false;
  g_auto(GStrv) pieces = g_strsplit(parts.path, "/", 8);
  if (g_strv_length(pieces) < 5 || !g_str_equal(pieces[3], "comments") || !is_word(pieces[4], "", MAX_ID_CHARS))
    return false;
  bool is_community = g_str_equal(pieces[1], "r") || g_str_equal(pieces[1], "user");
  if (!is_community || !is_word(pieces[2], "_-", MAX_NAME_CHARS))
    return false;
  const char *words = pieces[5] != NULL ? pieces[5] : "";
  ret_place->id = g_strdup(pieces[4]);
  ret_place->community = g_strconcat(pieces[1], "/", pieces[2], NULL);
  ret_place->url =
      g_strconcat(REDDIT_SITE "/", ret_place->community, "/comments/", pieces[4], "/", words, *words != '\0' ? "/" : "", NULL);
  return true;
}

bool
reddit_place_is_at(const char *address, const char *id)
{
  g_auto(RedditPlace) place = {0};
  return reddit_place_read(address, &place) && g_str_equal(place.id, id);
}

bool
reddit_place_find(const char *id, const char *page, RedditPlace *ret_place)
{
  if (id == NULL || !is_word(id, "", MAX_ID_CHARS))
    return false;
  if (reddit_place_is_at(page, id))
    return reddit_place_read(page, ret_place);
  *ret_place = (RedditPlace){.id = g_strdup(id), .url = g_strconcat(REDDIT_SITE "/comments/", id, "/", NULL)};
  return true;
}

char *
reddit_place_leave(const char *address, const char *id)
{
  g_autofree char *canonical = read_address(address);
  g_autofree char *domain = canonical != NULL ? url_domain(canonical) : NULL;
  g_auto(RedditPlace) place = {0};
  if (domain == NULL || g_str_equal(domain, "redd.it"))
    return NULL;
  bool is_reddit = g_str_equal(domain, "reddit.com");
  if (!reddit_place_read(canonical, &place))
    return is_reddit ? NULL : g_steal_pointer(&canonical);
  if (g_str_equal(place.id, id))
    return NULL;
  return is_reddit ? g_steal_pointer(&place.url) : g_steal_pointer(&canonical);
}
