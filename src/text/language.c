#include "text/language.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

char *
language_primary(const char *tag)
{
  if (tag == NULL)
    return NULL;
  size_t length = strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  bool is_language = (length == 2 || length == 3) && strchr("-_", tag[length]) != NULL;
  return is_language ? g_ascii_strdown(tag, (gssize) length) : NULL;
}
