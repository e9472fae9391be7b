#include "base/error.h"
#include "os/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *folder;
} Fixture;

static void
set_up(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  fixture->folder = g_dir_make_tmp("courant-file-XXXXXX", NULL);
  g_assert_nonnull(fixture->folder);
}

static void
tear_down(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_assert_true(file_remove_tree(fixture->folder, NULL));
  g_free(fixture->folder);
}

static char *
below(const Fixture *fixture, const char *name)
{
  return g_build_filename(fixture->folder, name, NULL);
}

static void
put(const Fixture *fixture, const char *name, const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = below(fixture, name);
  g_autofree char *folder = g_path_get_dirname(path);
  file_make_folder(folder, &error);
  file_write(path, text, strlen(text), &error);
  g_assert_no_error(error);
}

static void
assert_holds(const Fixture *fixture, const char *name, const char *expected)
{
  g_autofree char *path = below(fixture, name);
  g_autofree char *text = file_read(path, 1024, NULL, NULL);
  g_assert_cmpstr(text, ==, expected);
}

/* Takes @error; its message is the format, filled with the fixture's folder. */
static void
assert_io_error(const Fixture *fixture, GError **error, const char *prefix, const char *suffix)
{
  g_assert_true(error_is(*error, ERROR_IO));
  g_autofree char *expected = g_strdup_printf("%s%s%s", prefix, fixture->folder, suffix);
  g_assert_cmpstr((*error)->message, ==, expected);
  g_clear_error(error);
}

static void
test_read(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  size_t length = 0;
  g_autofree char *path = below(fixture, "a");
  g_assert_true(file_write(path, "one\0two", 7, &error));
  g_autofree char *text = file_read(path, 7, &length, &error);
  g_assert_cmpuint(length, ==, 7);
  g_assert_true(memcmp(text, "one\0two", 7) == 0);
  g_assert_null(file_read(path, 6, &length, &error));
  assert_io_error(fixture, &error, "cannot read ", "/a: larger than 6 bytes");
  g_assert_cmpuint(length, ==, 7);
  g_autofree char *absent = below(fixture, "b");
  g_assert_null(file_read(absent, 6, NULL, &error));
  assert_io_error(fixture, &error, "cannot read ", "/b: No such file or directory");
  g_assert_null(file_read(fixture->folder, 6, NULL, &error));
  assert_io_error(fixture, &error, "cannot read ", ": Is a directory");
}

static void
test_read_large(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  enum { BYTES = 100000 };
  g_autofree char *large = g_malloc(BYTES);
  memset(large, 'x', BYTES);
  g_autofree char *path = below(fixture, "large");
  g_assert_true(file_write(path, large, BYTES, &error));
  size_t length = 0;
  g_autofree char *text = file_read(path, BYTES, &length, &error);
  g_assert_cmpuint(length, ==, BYTES);
  g_assert_true(memcmp(text, large, BYTES) == 0);
}

static void
test_write(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = below(fixture, "a");
  mode_t old_mask = umask(027);
  put(fixture, "a", "first");
  umask(old_mask);
  struct stat first, second, third;
  g_assert_cmpint(stat(path, &first), ==, 0);
  g_assert_cmpint(first.st_mode & 07777, ==, 0640);
  put(fixture, "a", "first");
  g_assert_cmpint(stat(path, &second), ==, 0);
  g_assert_cmpuint(second.st_ino, ==, first.st_ino);
  put(fixture, "a", "other");
  g_assert_cmpint(stat(path, &third), ==, 0);
  g_assert_cmpuint(third.st_ino, !=, first.st_ino);
  assert_holds(fixture, "a", "other");
  put(fixture, "a", "");
  assert_holds(fixture, "a", "");
  g_autoptr(GPtrArray) names = file_list_tree(fixture->folder, &error);
  g_assert_cmpuint(names->len, ==, 1);
}

/* What is for its owner alone stays so when it is written anew, over a leftover too. */
static void
test_write_keeps_mode(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autofree char *path = below(fixture, "a");
  put(fixture, "a", "first");
  for (mode_t mode = 0600; mode <= 0666; mode += 066) {
    g_assert_cmpint(chmod(path, mode), ==, 0);
    put(fixture, ".a.new", "left behind");
    put(fixture, "a", mode == 0600 ? "second" : "third");
    struct stat status;
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, mode);
  }
}

static void
test_write_over_leftover(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  put(fixture, ".a.new", "half of a longer text that a killed process left");
  put(fixture, "a", "whole");
  assert_holds(fixture, "a", "whole");
  assert_holds(fixture, ".a.new", NULL);
}

static void
test_write_fails(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *absent = below(fixture, "absent/a");
  g_assert_false(file_write(absent, "x", 1, &error));
  assert_io_error(fixture, &error, "cannot write ", "/absent/a: No such file or directory");
  put(fixture, "folder/a", "kept");
  g_autofree char *folder = below(fixture, "folder");
  g_assert_false(file_write(folder, "x", 1, &error));
  assert_io_error(fixture, &error, "cannot write ", "/folder: Is a directory");
  assert_holds(fixture, ".folder.new", NULL);
  assert_holds(fixture, "folder/a", "kept");
}

/* A link of the temporary file's name must not lead the text elsewhere. */
static void
test_write_link_not_followed(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  put(fixture, "victim", "kept");
  g_autofree char *link = below(fixture, ".a.new");
  g_autofree char *path = below(fixture, "a");
  g_assert_cmpint(symlink("victim", link), ==, 0);
  g_assert_false(file_write(path, "x", 1, &error));
  assert_holds(fixture, "victim", "kept");
}

/* A limit on file size stands for a full disk: the write begins and ends half-way. */
static void
test_write_ends_half_way(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  put(fixture, "a", "old");
  g_autofree char *path = below(fixture, "a");
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit old_limit;
  g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old_limit), ==, 0);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &(struct rlimit){.rlim_cur = 5, .rlim_max = old_limit.rlim_max}), ==, 0);
  bool is_written = file_write(path, "too long", 8, &error);
  g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old_limit), ==, 0);
  g_assert_false(is_written);
  assert_io_error(fixture, &error, "cannot write ", "/a: File too large");
  assert_holds(fixture, "a", "old");
  assert_holds(fixture, ".a.new", NULL);
}

static void
test_make_folder(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = below(fixture, "a/b/c");
  g_assert_true(file_make_folder(folder, &error));
  g_assert_true(file_make_folder(folder, &error));
  g_assert_true(g_file_test(folder, G_FILE_TEST_IS_DIR));
  put(fixture, "file", "");
  g_autofree char *under_file = below(fixture, "file/a");
  g_assert_false(file_make_folder(under_file, &error));
  assert_io_error(fixture, &error, "cannot make folder ", "/file/a: Not a directory");
}

static void
test_remove_tree(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  put(fixture, "outside/kept", "kept");
  put(fixture, "tree/a/b", "x");
  g_autofree char *tree = below(fixture, "tree");
  g_autofree char *link = below(fixture, "tree/a/link");
  g_assert_cmpint(symlink("../../outside", link), ==, 0);
  g_assert_true(file_remove_tree(tree, &error));
  g_assert_false(g_file_test(tree, G_FILE_TEST_EXISTS));
  g_assert_true(file_remove_tree(tree, &error));
  g_assert_cmpint(symlink("outside", tree), ==, 0);
  g_assert_true(file_remove_tree(tree, &error));
  g_assert_false(g_file_test(tree, G_FILE_TEST_IS_SYMLINK));
  assert_holds(fixture, "outside/kept", "kept");
  g_autofree char *file = below(fixture, "outside/kept");
  g_assert_true(file_remove_tree(file, &error));
  assert_holds(fixture, "outside/kept", NULL);
  g_assert_no_error(error);
}

static void
test_list_tree(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  static const char *const NAMES[] = {"B", "a", "a-b", "a.d/c", "a.d/é", "b/c/d"};
  for (size_t i = G_N_ELEMENTS(NAMES); i-- > 0;) {
    g_autofree char *name = g_strdup_printf("tree/%s", NAMES[i]);
    put(fixture, name, NAMES[i]);
  }
  g_autofree char *inside = below(fixture, "tree/link");
  g_autofree char *folder_link = below(fixture, "linked");
  g_assert_cmpint(symlink("a.d", inside), ==, 0);
  g_assert_cmpint(symlink("tree", folder_link), ==, 0);
  static const char *const SPELLINGS[] = {"tree", "tree/", "linked", "./tree//"};
  for (size_t spelling = 0; spelling < G_N_ELEMENTS(SPELLINGS); spelling++) {
    g_autofree char *folder = g_strdup_printf("%s/%s", fixture->folder, SPELLINGS[spelling]);
    g_autoptr(GPtrArray) names = file_list_tree(folder, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(names->len, ==, G_N_ELEMENTS(NAMES));
    for (guint i = 0; i < names->len; i++)
      g_assert_cmpstr(names->pdata[i], ==, NAMES[i]);
  }
  g_autofree char *absent = below(fixture, "absent");
  g_autoptr(GPtrArray) none = file_list_tree(absent, &error);
  g_assert_cmpuint(none->len, ==, 0);
}

static void
assert_tree_differs(const Fixture *fixture, const char *before)
{
  g_autofree char *tree = below(fixture, "tree");
  g_autofree char *after = file_tree_sha256(tree, NULL);
  g_assert_cmpstr(after, !=, before);
}

static void
test_tree_sha256(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *tree = below(fixture, "tree");
  g_autofree char *nothing = file_tree_sha256(tree, &error);
  /* SHA-256 of the empty text, FIPS 180-4 */
  g_assert_cmpstr(nothing, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  put(fixture, "tree/a", "1");
  put(fixture, "tree/b", "2");
  put(fixture, "copy/b", "2");
  put(fixture, "copy/a", "1");
  g_autofree char *copy = below(fixture, "copy");
  g_autofree char *first = file_tree_sha256(tree, &error);
  g_autofree char *second = file_tree_sha256(copy, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(first, ==, second);
  put(fixture, "tree/b", "3");
  assert_tree_differs(fixture, first);
  put(fixture, "tree/b", "2");
  put(fixture, "tree/c", "");
  assert_tree_differs(fixture, first);
}

static void
test_swap(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *fresh = below(fixture, "fresh");
  g_autofree char *live = below(fixture, "live");
  put(fixture, "fresh/a", "1");
  g_assert_true(file_swap(fresh, live, &error));
  assert_holds(fixture, "live/a", "1");
  g_assert_false(g_file_test(fresh, G_FILE_TEST_EXISTS));
  put(fixture, "fresh/a", "2");
  g_assert_true(file_swap(fresh, live, &error));
  assert_holds(fixture, "live/a", "2");
  assert_holds(fixture, "fresh/a", "1");
}

static void
test_swap_fails(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *fresh = below(fixture, "fresh");
  g_autofree char *live = below(fixture, "live");
  g_assert_false(file_swap(fresh, live, &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_assert_true(g_str_has_suffix(error->message, "/fresh: No such file or directory"));
  g_clear_error(&error);
  put(fixture, "fresh/a", "1");
  g_assert_cmpint(symlink("fresh", live), ==, 0);
  g_assert_false(file_swap(fresh, live, &error));
  g_assert_true(g_str_has_suffix(error->message, "/live: it is no folder"));
  g_clear_error(&error);
  g_assert_false(file_swap(fresh, "/proc/sys", &error));
  g_assert_true(error_is(error, ERROR_IO));
  g_assert_true(g_str_has_suffix(error->message, "; it seems to be a mount point: deploy to a folder below the mount"));
  g_assert_null(strchr(error->message, '\n'));
  assert_holds(fixture, "fresh/a", "1");
}

static void
test_lock(Fixture *fixture, G_GNUC_UNUSED const void *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = below(fixture, "lock");
  int held = file_lock(path, &error);
  g_assert_cmpint(held, >=, 0);
  g_assert_cmpint(file_lock(path, &error), ==, -1);
  g_assert_true(error_is(error, ERROR_BUSY));
  g_assert_true(g_str_has_prefix(error->message, "another process holds /") && g_str_has_suffix(error->message, "/lock"));
  g_clear_error(&error);
  close(held);
  held = file_lock(path, &error);
  g_assert_cmpint(held, >=, 0);
  close(held);
  g_autofree char *absent = below(fixture, "absent/lock");
  g_assert_cmpint(file_lock(absent, &error), ==, -1);
  assert_io_error(fixture, &error, "cannot lock ", "/absent/lock: No such file or directory");
}

static void
add(const char *path, void (*test)(Fixture *, const void *))
{
  g_test_add_vtable(path, sizeof(Fixture), NULL, (GTestFixtureFunc) set_up, (GTestFixtureFunc) test,
                    (GTestFixtureFunc) tear_down);
}

static void
test_many_are_written_as_each_would_be(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp("courant-file-XXXXXX", NULL);
  g_autofree char *first = g_build_filename(folder, "first", NULL);
  g_autofree char *second = g_build_filename(folder, "second", NULL);
  g_autofree char *absent = g_build_filename(folder, "absent", "third", NULL);
  g_assert_true(file_write(first, "old", 3, NULL) && chmod(first, 0600) == 0);
  const FileText files[] = {{first, "one", 3}, {second, "", 0}, {absent, "x", 1}};
  g_assert_true(file_write_many(folder, files, 2, &error));
  g_assert_no_error(error);
  g_autofree char *text = file_read(first, 100, NULL, NULL);
  g_assert_cmpstr(text, ==, "one");
  struct stat status;
  g_assert_true(stat(first, &status) == 0 && (status.st_mode & 0777) == 0600);
  g_autoptr(GPtrArray) names = file_list_tree(folder, NULL);
  g_assert_cmpuint(names->len, ==, 2);

  const FileText failing[] = {{first, "two", 3}, {absent, "x", 1}};
  g_assert_false(file_write_many(folder, failing, 2, &error));
  g_assert_nonnull(strstr(error->message, absent));
  g_autofree char *kept = file_read(first, 100, NULL, NULL);
  g_assert_cmpstr(kept, ==, "one");
  g_autoptr(GPtrArray) left = file_list_tree(folder, NULL);
  g_assert_cmpuint(left->len, ==, 2);
  g_assert_true(file_write_many(folder, NULL, 0, NULL));
  g_assert_true(file_remove_tree(folder, NULL));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  add("/file/read", test_read);
  add("/file/read-large", test_read_large);
  add("/file/write", test_write);
  add("/file/write-keeps-mode", test_write_keeps_mode);
  add("/file/write-over-leftover", test_write_over_leftover);
  add("/file/write-fails", test_write_fails);
  add("/file/write-link-not-followed", test_write_link_not_followed);
  add("/file/write-ends-half-way", test_write_ends_half_way);
  add("/file/make-folder", test_make_folder);
  add("/file/remove-tree", test_remove_tree);
  add("/file/list-tree", test_list_tree);
  add("/file/tree-sha256", test_tree_sha256);
  add("/file/swap", test_swap);
  add("/file/swap-fails", test_swap_fails);
  add("/file/lock", test_lock);
  g_test_add_func("/file/write-many", test_many_are_written_as_each_would_be);
  return g_test_run();
}
