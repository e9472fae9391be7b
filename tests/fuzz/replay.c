/* Runs a fuzz target over every file of its corpus, as one test case each: what fuzzing found once stays found. */
#include "fuzz.h"

#include <glib.h>

static void
replay_file(gconstpointer path)
{
  g_autofree char *content = NULL;
  size_t size = 0;
  g_autoptr(GError) error = NULL;
  g_file_get_contents(path, &content, &size, &error);
  g_assert_no_error(error);
  LLVMFuzzerTestOneInput((const uint8_t *) content, size);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_assert(argc == 2);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) corpus = g_dir_open(argv[1], 0, &error);
  g_assert_no_error(error);
  const char *name = NULL;
  while ((name = g_dir_read_name(corpus)) != NULL) {
    g_autofree char *test = g_strconcat("/", name, NULL);
    g_test_add_data_func_full(test, g_build_filename(argv[1], name, NULL), replay_file, g_free);
  }
  return g_test_run();
}
