#include "net/robots.h"

#include <glib.h>
#include <string.h>

/* Which group of rules counts: one that names the product beats the one for all. */
typedef enum { GROUP_NONE, GROUP_ALL, GROUP_NAMED } Group;

/* The length of the longest pattern that matches, 0 for none. */
typedef struct {
  size_t allow;
  size_t disallow;
} Longest;

/*
 * What is known of a file read so far.
 * @is_listed: the groups that the rules at hand are for
 * @is_naming: among the user-agent lines that begin a group
 */
typedef struct {
  const char *token;
  const char *path;
  bool is_listed[GROUP_NAMED + 1];
  bool is_naming;
  bool has_named;
  Longest longest[GROUP_NAMED + 1];
} Reading;

/* Brings a path or pattern to one form (RFC 9309, 2.2.2): unreserved characters decoded, all that is not ASCII encoded, hex
   digits upper case. Also "*" and "$", but where they are marks of a pattern: the one anywhere, the other at its end. */
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
    bool is_mark = is_pattern && (byte == '*' || (byte == '$' && i + 1 == length));
    bool is_kept = byte > ' ' && byte < 0x7f && strchr("%*$", byte) == NULL;
    bool is_plain = is_escape ? is_unreserved : is_kept || is_mark;
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
read_agent(Reading *reading, const char *agent)
{
  if (!reading->is_naming)
    memset(reading->is_listed, 0, sizeof reading->is_listed);
  Group group = group_of(agent, reading->token);
  reading->is_listed[group] = true;
  reading->has_named = reading->has_named || group == GROUP_NAMED;
  reading->is_naming = true;
}

static void
read_rule(Reading *reading, const char *value, bool is_allow)
{
  reading->is_naming = false;
  g_autofree char *pattern = normalise(value, strlen(value), true);
  size_t length = strlen(pattern);
  for (Group group = GROUP_ALL; group <= GROUP_NAMED; group++) {
    Longest *longest = &reading->longest[group];
    size_t *best = is_allow ? &longest->allow : &longest->disallow;
    if (reading->is_listed[group] && length > *best && matches(pattern, reading->path))
      *best = length;
  }
}

static void
read_line(Reading *reading, char *line)
{
  char *name;
  char *value;
  if (!split_line(line, &name, &value))
    return;
  if (g_ascii_strcasecmp(name, "user-agent") == 0)
    read_agent(reading, value);
  else if (g_ascii_strcasecmp(name, "allow") == 0)
    read_rule(reading, value, true);
  else if (g_ascii_strcasecmp(name, "disallow") == 0)
    read_rule(reading, value, false);
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

/* How much of the file is read: what is beyond the cap and the line it cuts is not. */
static size_t
cap_length(const char *text, size_t length)
{
  if (length <= ROBOTS_MAX_BYTES)
    return length;
  size_t capped = ROBOTS_MAX_BYTES;
  while (capped > 0 && text[capped - 1] != '\n' && text[capped - 1] != '\r')
    capped--;
  return capped;
}

bool
robots_allows(const char *text, size_t length, const char *token, const char *path)
{
  if (strcmp(path, "/robots.txt") == 0)
    return true;
  g_autofree char *target = normalise(path, strlen(path), false);
  Reading reading = {.token = token, .path = target};
  const char *at = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text;
  const char *end = text + cap_length(text, length);
  for (char *line = next_line(&at, end); line != NULL; line = next_line(&at, end)) {
    g_autofree char *owned = line;
    read_line(&reading, owned);
  }
  const Longest *longest = &reading.longest[reading.has_named ? GROUP_NAMED : GROUP_ALL];
  return longest->allow >= longest->disallow;
}
