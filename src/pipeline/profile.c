#include "pipeline/profile.h"

#include "base/error.h"
#include "base/text.h"
#include "os/file.h"

#include <string.h>

static const char SUFFIX[] = ".txt";

static void
list_names(const char *folder, GPtrArray *names)
{
  g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
  const char *file;
  while (listing != NULL && (file = g_dir_read_name(listing)) != NULL) {
    g_autofree char *name = g_strndup(file, strcspn(file, "."));
    if (*name != '\0' && g_str_equal(file + strlen(name), SUFFIX) &&
        !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
      g_ptr_array_add(names, g_steal_pointer(&name));
  }
}

static int
compare_names(const void *a, const void *b)
{
  return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void
refuse(const char *own_folder, const char *shipped_folder, const char *name, GError **error)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
  list_names(own_folder, names);
  list_names(shipped_folder, names);
  g_ptr_array_sort(names, compare_names);
  g_ptr_array_add(names, NULL);
  g_autofree char *known = g_strjoinv(", ", (char **) names->pdata);
  g_autofree char *printable = text_printable(known);
  const char *nearest = text_nearest(name, (const char *const *) names->pdata);
  g_autofree char *hint = nearest != NULL ? g_strdup_printf(" (did you mean \"%s\"?)", nearest) : g_strdup("");
  error_set(error, ERROR_CONFIG,
            "enrich.profile: nobody knows the profile \"%s\"%s; there is %s; one of your own goes to %s/%s.txt", name, hint,
            printable, own_folder, name);
}

char *
profile_read(const char *folder, const char *datadir, const char *name, GError **error)
{
  if (*name == '\0')
    return g_strdup("");
  g_autofree char *own_folder = g_build_filename(folder, "profiles", NULL);
  g_autofree char *shipped_folder = g_build_filename(datadir, "data", "profiles", NULL);
  g_autofree char *file = g_strconcat(name, SUFFIX, NULL);
  g_autofree char *own = g_build_filename(own_folder, file, NULL);
  g_autofree char *shipped = g_build_filename(shipped_folder, file, NULL);
  const char *path = g_file_test(own, G_FILE_TEST_EXISTS) ? own : shipped;
  if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
    refuse(own_folder, shipped_folder, name, error);
    return NULL;
  }
  size_t length = 0;
  g_autofree char *text = file_read(path, PROFILE_MAX_BYTES, &length, error);
  if (text == NULL)
    return NULL;
  g_autofree char *words = text_clean_line(text, length);
  if (*words == '\0') {
    error_set(error, ERROR_CONFIG, "enrich.profile: %s says nothing", path);
    return NULL;
  }
  return g_steal_pointer(&words);
}
