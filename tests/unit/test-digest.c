#include "base/digest.h"

#include <glib.h>
#include <string.h>

static void
test_sha256(void)
{
  /* FIPS 180-2 appendix B.1, and the digest of nothing */
  g_autofree char *abc = digest_sha256("abc", 3);
  g_assert_cmpstr(abc, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_autofree char *nothing = digest_sha256(NULL, 0);
  g_assert_cmpstr(nothing, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static char *
digest_fields(const char *const *fields, size_t count)
{
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  for (size_t i = 0; i < count; i++)
    digest_add(checksum, fields[i]);
  return g_strdup(g_checksum_get_string(checksum));
}

static void
test_lists_do_not_collide(void)
{
  static const struct {
    const char *fields[3];
    size_t count;
  } LISTS[] = {
      {{"abc"}, 1},       {{"ab", "c"}, 2}, {{"a", "bc"}, 2}, {{"abc", ""}, 2},  {{"", "abc"}, 2},     {{"abc", NULL}, 2},
      {{NULL, "abc"}, 2}, {{""}, 1},        {{NULL}, 1},      {{NULL, NULL}, 2}, {{"-"}, 1},           {{"1:a", "b"}, 2},
      {{"a", "1:b"}, 2},  {{"a1:b"}, 1},    {{"a", "b"}, 2},  {{"a:b"}, 1},      {{"a", "b", "c"}, 3}, {{"ab", "c", ""}, 3},
      {{"", "", ""}, 3},  {{"", ""}, 2},    {{"0:"}, 1},      {{"0:", ""}, 2},
  };
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(LISTS); i++)
    g_assert_true(g_hash_table_add(seen, digest_fields(LISTS[i].fields, LISTS[i].count)));
  g_autofree char *again = digest_fields(LISTS[1].fields, LISTS[1].count);
  g_assert_true(g_hash_table_contains(seen, again));
}

static void
test_uuid(void)
{
  /* made by Python: uuid.uuid5(uuid.NAMESPACE_URL, name) */
  static const char *const CASES[][2] = {
      {"http://www.example.com/", "fcde3c85-2270-590f-9e7c-ee003d65e0e2"},
      {"", "1b4db7eb-4057-5ddf-91e0-36dec72071f5"},
      {"0123456789abcdef", "9e3e8ffd-ed27-5254-a635-33cb38146d4b"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *uuid = digest_uuid(CASES[i][0]);
    g_assert_cmpstr(uuid, ==, CASES[i][1]);
    g_assert_true(g_uuid_string_is_valid(uuid));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/digest/sha256", test_sha256);
  g_test_add_func("/digest/lists-do-not-collide", test_lists_do_not_collide);
  g_test_add_func("/digest/uuid", test_uuid);
  return g_test_run();
}
