#include "pipeline/profile.h"

#include "base/error.h"
#include "os/file.h"

#include <string.h>

/* A workspace and what ships with the program, both made anew. */
typedef struct {
  char *folder;
  char *datadir;
} Folders;

static void
write_text(const char *folder, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename(folder, file, NULL);
  g_autofree char *parent = g_path_get_dirname(path);
  g_assert_true(file_make_folder(parent, NULL));
  g_assert_true(file_write(path, text, strlen(text), NULL));
}

static void
folders_clear(Folders *folders)
{
  file_remove_tree(folders->folder, NULL);
  g_free(folders->folder);
  g_free(folders->datadir);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Folders, folders_clear)

static Folders
make_folders(void)
{
  char *folder = g_dir_make_tmp("courant-profile-XXXXXX", NULL);
  g_assert_nonnull(folder);
  char *datadir = g_build_filename(folder, "shipped", NULL);
  write_text(datadir, "data/profiles/developers.txt", "People who\n write software.\n");
  write_text(datadir, "data/profiles/science.txt", "Curious people.\n");
  return (Folders){folder, datadir};
}

static void
test_names(void)
{
  static const struct {
    const char *name;
    const char *words;
    const char *reason;
  } CASES[] = {
      {"", "", NULL},
      {"developers", "People who write software.", NULL},
      {"science", "My own.", NULL},
      {"sailors", "People at sea.", NULL},
      {"developer", NULL, "(did you mean \"developers\"?)"},
      {"nobody", NULL, "there is developers, empty, sailors, science; one of your own goes to"},
      {"empty", NULL, "says nothing"},
  };
  g_auto(Folders) folders = make_folders();
  write_text(folders.folder, "profiles/science.txt", "My own.");
  write_text(folders.folder, "profiles/sailors.txt", "People at\r\nsea.\r\n");
  write_text(folders.folder, "profiles/empty.txt", " \n");
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *words = profile_read(folders.folder, folders.datadir, CASES[i].name, &error);
    g_test_message("%s: %s", CASES[i].name, error != NULL ? error->message : words);
    g_assert_cmpstr(words, ==, CASES[i].words);
    if (words != NULL)
      continue;
    g_assert_true(error_is(error, ERROR_CONFIG));
    g_assert_nonnull(strstr(error->message, CASES[i].reason));
  }
}

/* What ships is whole, and short enough for a prompt. */
static void
test_shipped(void)
{
  static const char *const NAMES[] = {"business", "developers", "science", "security"};
  g_autofree char *datadir = g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    g_autofree char *words = profile_read("/nowhere", datadir, NAMES[i], NULL);
    g_assert_cmpuint(words != NULL ? strlen(words) : 0, >, 100);
    g_assert_cmpuint(strlen(words), <, 400);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/profile/names", test_names);
  g_test_add_func("/profile/shipped", test_shipped);
  return g_test_run();
}
