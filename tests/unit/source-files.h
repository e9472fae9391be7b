/*
 * Files of a case folder.
 */
#pragma once

#include "base/json.h"

/* Returns: (transfer full) (nullable): the file's bytes, NULL when there is none; @ret_length: (out) (optional) */
static inline char *
read_file(const char *folder, const char *name, size_t *ret_length)
{
  g_autofree char *path = g_build_filename(folder, name, NULL);
  char *text = NULL;
  return g_file_get_contents(path, &text, ret_length, NULL) ? text : NULL;
}

/* Returns: (transfer full): the object in the file, an empty one when there is none */
static inline json_t *
read_object(const char *folder, const char *name)
{
  size_t length = 0;
  g_autofree char *text = read_file(folder, name, &length);
  g_autoptr(GError) error = NULL;
  json_t *object = text != NULL ? json_parse(text, length, NULL, &error) : json_object();
  g_assert_no_error(error);
  g_assert_true(json_is_object(object));
  return object;
}
