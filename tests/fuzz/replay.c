/*
 * Runs a fuzz target over files: `fuzz-html FOLDER...`. A fault in it ends the program, as under libFuzzer.
 */
#include "fuzz.h"

#include <glib.h>

static int
replay(const char *path)
{
  g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
  if (folder == NULL) {
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    /* a copy of just that size: a sanitiser sees a step beyond it */
    g_autofree uint8_t *input = g_memdup2(bytes, MAX(length, 1));
    (void) LLVMFuzzerTestOneInput(input, length);
    return 1;
  }
  int count = 0;
  for (const char *name; (name = g_dir_read_name(folder)) != NULL;) {
    g_autofree char *inner = g_build_filename(path, name, NULL);
    count += replay(inner);
  }
  return count;
}

int
main(int argc, char **argv)
{
  int count = 0;
  for (int i = 1; i < argc; i++)
    count += replay(argv[i]);
  g_print("%d inputs\n", count);
  return count > 0 ? 0 : 1;
}
