#include "net/robots.h"

#include <glib.h>
#include <string.h>

/* Which group of rules counts: one that names the product beats the one for all. */
typedef enum { GROUP_NONE, GROUP_ALL, GROUP_NAMED } Group;

/* The longest pattern that matches, of each kind of group. -1: none */
typedef struct {
  long allow;
  long disallow;
} Longest;

/* Brings a path or pattern to one form (RFC 9309, 2.2.2): unreserved characters decoded, all that is not ASCII encoded, hex
   digits upper case. Of a path also "*" and "$", which in a pattern are no characters of the path. */
static char *
normalise(const char *text, size_t length, bool is_pattern)
{
  GString *out = g_string_sized_new(length);
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char) text[i];
    bool is_escape = byte == '%' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) && g_ascii_isxdigit(text[i + 2]);
    if (is_escape) {
      byte = (unsigned char) (g_ascii_xdigit_value(text[i + 1]) * 16 + g_ascii_xdigit_value(text[i + 2]));
      i += 2;
    }
    bool is_unreserved = g_ascii_isalnum(byte) || (byte != '\0' && strchr("-._~", byte) != NULL);
    bool is_mark = byte == '*' || byte == '$';
    bool is_plain = is_escape ? is_unreserved : byte > ' ' && byte < 0x7f && (is_pattern || !is_mark);
    if (is_plain)
      g_string_append_c(out, (char) byte);
    else
      g_string_append_printf(out, "%%%02X", byte);
  }
  return g_string_free(out, FALSE);
}

/* Each part between two "*" is looked for once, from the left, so the time is linear in the path. */
static bool
matches(const char *pattern, const char *path)
{
  size_t length = strlen(pattern);
  bool is_anchored = length > 0 && pattern[length - 1] == '$';
  const char *end = pattern + length - (is_anchored ? 1 : 0);
  const char *part = pattern;
  const char *rest = path;
  const char *path_end = path + strlen(path);
  for (bool is_first = true;; is_first = false) {
    const char *star = memchr(part, '*', (size_t) (end - part));
    size_t part_length = (size_t) ((star != NULL ? star : end) - part);
    size_t rest_length = (size_t) (path_end - rest);
    if (part_length > rest_length)
      return false;
    bool is_last = star == NULL && is_anchored;
    if (is_last && is_first && part_length != rest_length)
      return false;
    const char *found = rest;
    if (is_last)
      found = rest + rest_length - part_length;
    else if (!is_first)
      found = memmem(rest, rest_length, part, part_length);
    if (found == NULL || memcmp(found, part, part_length) != 0)
      return false;
    if (star == NULL)
      return true;
    rest = found + part_length;
    part = star + 1;
  }
}

/* Splits "name: value # comment" and trims both. Returns false for a line that is no rule. */
static bool
split_line(char *line, char **ret_name, char **ret_value)
{
  char *comment = strchr(line, '#');
  if (comment != NULL)
    *comment = '\0';
  char *colon = strchr(line, ':');
  if (colon == NULL)
    return false;
  *colon = '\0';
  *ret_name = g_strstrip(line);
  *ret_value = g_strstrip(colon + 1);
  return true;
}

static Group
group_of(const char *agent, const char *token)
{
  if (strcmp(agent, "*") == 0)
    return GROUP_ALL;
  size_t length = strspn(agent, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
  return length == strlen(token) && g_ascii_strncasecmp(agent, token, length) == 0 ? GROUP_NAMED : GROUP_NONE;
}

static void
apply_rule(const char *value, const char *path, long *ret_longest)
{
  g_autofree char *pattern = normalise(value, strlen(value), true);
  long length = (long) strlen(pattern);
  if (length > *ret_longest && length > 0 && matches(pattern, path))
    *ret_longest = length;
}

/* The next line of [*@at, @end), ended by CR, LF or both. Returns NULL when there is none. */
static char *
next_line(const char **at, const char *end)
{
  if (*at >= end)
    return NULL;
  const char *stop = *at;
  while (stop < end && *stop != '\n' && *stop != '\r')
    stop++;
  char *line = g_strndup(*at, (size_t) (stop - *at));
  *at = stop + 1;
  return line;
}

bool
robots_allows(const char *text, size_t length, const char *token, const char *path)
{
  g_autofree char *target = normalise(path, strlen(path), false);
  Longest longest[] = {[GROUP_ALL] = {-1, -1}, [GROUP_NAMED] = {-1, -1}};
  bool is_listed[GROUP_NAMED + 1] = {false}; /* groups the rules at hand are for */
  bool is_naming = false;                    /* among the user-agent lines that begin a group */
  bool has_named = false;
  const char *at = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
  const char *end = text + length;
  for (char *line = next_line(&at, end); line != NULL; line = next_line(&at, end)) {
    g_autofree char *owned = line;
    char *name;
    char *value;
    if (!split_line(line, &name, &value))
      continue;
    bool is_allow = g_ascii_strcasecmp(name, "allow") == 0;
    if (g_ascii_strcasecmp(name, "user-agent") == 0) {
      if (!is_naming)
        memset(is_listed, 0, sizeof is_listed);
      Group group = group_of(value, token);
      is_listed[group] = true;
      has_named = has_named || group == GROUP_NAMED;
      is_naming = true;
    } else if (is_allow || g_ascii_strcasecmp(name, "disallow") == 0) {
      is_naming = false;
      for (Group group = GROUP_ALL; group <= GROUP_NAMED; group++)
        if (is_listed[group])
          apply_rule(value, target, is_allow ? &longest[group].allow : &longest[group].disallow);
    }
  }
  const Longest *result = &longest[has_named ? GROUP_NAMED : GROUP_ALL];
  return result->allow >= result->disallow;
}
