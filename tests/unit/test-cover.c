#include "site/cover.h"

#include "base/error.h"
#include "threads/pool.h"

#include <cairo.h>
#include <pango/pangocairo.h>
#include <semaphore.h>
#include <string.h>

enum { THREADS = 4, MAX_PNG_BYTES = 64 * 1024, BLANK_LEFT = 60, BLANK_ABOVE = 126, BLANK_BELOW = 466 };

#define TITLE     "The Courant"
#define PILE      "\u030d\u0311\u0312\u0313\u033f\u0301\u0300\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a\u030b\u030c"
#define LONG_WORD "averyveryverylongwordwithoutanybreakaveryveryverylongwordwithoutanybreakaveryverylongword"

/* What people and villains write. */
static const struct {
  const char *name;
  Cover cover;
} CASES[] = {
    {"one-word", {TITLE, "Weekend", "zig", "0123456789abcdef"}},
    {"two-lines", {TITLE, "How a missing semicolon took down a power grid", "sqlite", "11223344556677aa"}},
    {"no-topic", {TITLE, "How a missing semicolon took down a power grid", NULL, "11223344556677aa"}},
    {"empty", {"", "", "", ""}},
    {"long", {TITLE, "words and more words " LONG_WORD " and " LONG_WORD " and " LONG_WORD " and " LONG_WORD, "c", "ab"}},
    {"japanese", {TITLE, "新しい日本語フォントが公開され、読みやすさが大幅に改善されました", "フォント", "0f0f0f0f11111111"}},
    {"arabic", {"جريدة التيار", "إصدار جديد من نظام لينكس يدعم اللغة العربية", "لينكس", "77aa77aa99bb99bb"}},
    {"emoji", {TITLE, "🎉 Rust 🦀 ships with 👩‍💻 and ❤️", "🦀", "5a5a5a5a3c3c3c3c"}},
    {"markup", {"<b>The</b> & C", "<span foreground=\"red\">x</span> &amp; {{< y >}}", "</script>", "ffffffffffffffff"}},
    {"broken-bytes", {"\xff\xfe", "a\xc3(b \xf0\x9f and \xed\xa0\x80", "\x80", "\xff"}},
    {"controls", {"a\nb\r\nc", "\x1b[31mred\x07 \u202eevil\u2029next\nline\ttab", "\u2066x", "0"}},
    {"piled-marks", {"Z" PILE PILE PILE, "Z" PILE PILE PILE " and Z" PILE PILE, "Z" PILE PILE, "1"}},
    {"widest", {TITLE, "\ufdfd\ufdfd\ufdfd\ufdfd\ufdfd\ufdfd\ufdfd\ufdfd \U00012031\U00012031\U00012031", "\ufdfd", "2"}},
    {"no-width", {"\u200b", "\u200b\u200d\u2060\ufeff", "\u200b", "3"}},
};

static GBytes *
draw(const Cover *cover)
{
  g_autoptr(GError) error = NULL;
  GBytes *png = cover_draw(cover, &error);
  g_assert_no_error(error);
  g_assert_nonnull(png);
  return png;
}

static guint32
number_at(const guint8 *bytes, size_t place)
{
  return (guint32) bytes[place] << 24 | (guint32) bytes[place + 1] << 16 | (guint32) bytes[place + 2] << 8 | bytes[place + 3];
}

/* Neither a time nor a text is in the file. */
static void
check_format(GBytes *png)
{
  size_t length = 0;
  const guint8 *bytes = g_bytes_get_data(png, &length);
  g_assert_cmpuint(length, <, MAX_PNG_BYTES);
  g_assert_true(memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0);
  g_assert_true(memcmp(bytes + 12, "IHDR", 4) == 0);
  g_assert_cmpuint(number_at(bytes, 16), ==, COVER_WIDTH);
  g_assert_cmpuint(number_at(bytes, 20), ==, COVER_HEIGHT);
  for (size_t place = 8; place < length; place += 12 + number_at(bytes, place)) {
    const char *kind = (const char *) bytes + place + 4;
    g_assert_true(strncmp(kind, "tIME", 4) != 0 && strncmp(kind + 1, "EXt", 3) != 0 && strncmp(kind + 1, "TXt", 3) != 0);
  }
}

typedef struct {
  const guint8 *bytes;
  size_t place;
} Reading;

static cairo_status_t
read_bytes(void *data, unsigned char *bytes, unsigned length)
{
  Reading *reading = data;
  memcpy(bytes, reading->bytes + reading->place, length);
  reading->place += length;
  return CAIRO_STATUS_SUCCESS;
}

static bool
is_blank(const guint32 *pixels, int x_from, int x_to, int y_from, int y_to)
{
  for (int y = y_from; y < y_to; y++)
    for (int x = x_from; x < x_to; x++)
      if (pixels[y * COVER_WIDTH + x] != pixels[0])
        return false;
  return true;
}

/* Whatever the headline, it stays off the margins, the rules and the ornament. */
static void
check_margins(GBytes *png)
{
  Reading reading = {.bytes = g_bytes_get_data(png, NULL)};
  cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_bytes, &reading);
  g_assert_cmpint(cairo_surface_status(surface), ==, CAIRO_STATUS_SUCCESS);
  const guint32 *pixels = (const void *) cairo_image_surface_get_data(surface);
  g_assert_true(is_blank(pixels, 0, BLANK_LEFT, 0, BLANK_BELOW));
  g_assert_true(is_blank(pixels, COVER_WIDTH - BLANK_LEFT, COVER_WIDTH, 0, BLANK_BELOW));
  g_assert_true(is_blank(pixels, 0, COVER_WIDTH, BLANK_ABOVE - 2, BLANK_ABOVE));
  g_assert_false(is_blank(pixels, 0, COVER_WIDTH, BLANK_BELOW, COVER_HEIGHT));
  cairo_surface_destroy(surface);
}

static void
test_case(gconstpointer data)
{
  const Cover *cover = data;
  g_autoptr(GBytes) png = draw(cover);
  g_autoptr(GBytes) again = draw(cover);
  g_assert_true(g_bytes_equal(png, again));
  check_format(png);
  check_margins(png);
}

/* Whatever is drawn is seen, and is in the name. */
static void
test_parts(void)
{
  const Cover covers[] = {
      {TITLE, "Headline", "topic", "a1"},       {"Other", "Headline", "topic", "a1"}, {TITLE, "Other", "topic", "a1"},
      {TITLE, "Headline", "other topic", "a1"}, {TITLE, "Headline", NULL, "a1"},      {TITLE, "Headline", "topic", "a2"},
  };
  g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) pictures = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(covers); i++) {
    g_assert_true(g_hash_table_add(names, cover_name(&covers[i])));
    g_assert_true(g_hash_table_add(pictures, draw(&covers[i])));
  }
}

static void
test_name(void)
{
  g_autofree char *name = cover_name(&(Cover){TITLE, "Headline", "topic", "0183e501c27edd21"});
  g_autofree char *again = cover_name(&(Cover){TITLE, "Headline", "topic", "0183e501c27edd21"});
  g_assert_cmpstr(name, ==, again);
  g_assert_true(g_regex_match_simple("^0183e501c27edd21-[0-9a-f]{8}\\.png$", name, 0, 0));
}

/* ---- on several threads at once */

typedef struct {
  const Cover *cover;
  GBytes *png;
} Task;

static void
work(void *data)
{
  Task *task = data;
  task->png = cover_draw(task->cover, NULL);
}

static void
wake(void *data)
{
  sem_post(data);
}

static void
test_threads(void)
{
  Task tasks[2 * G_N_ELEMENTS(CASES)] = {0};
  sem_t worked;
  g_assert_cmpint(sem_init(&worked, 0, 0), ==, 0);
  Pool *pool = pool_new(&(PoolSpec){.threads = THREADS, .work = work, .wake = wake, .wake_data = &worked}, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(tasks); i++) {
    tasks[i].cover = &CASES[i % G_N_ELEMENTS(CASES)].cover;
    pool_submit(pool, &tasks[i]);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(tasks); i++) {
    while (sem_wait(&worked) != 0)
      ;
    g_assert_nonnull(pool_take(pool));
  }
  pool_free(pool);
  for (size_t i = 0; i < G_N_ELEMENTS(tasks); i++) {
    g_autoptr(GBytes) alone = draw(tasks[i].cover);
    g_assert_true(g_bytes_equal(tasks[i].png, alone));
    g_bytes_unref(tasks[i].png);
  }
  sem_destroy(&worked);
}

int
main(int argc, char **argv)
{
  error_quark();
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cover/threads", test_threads);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strconcat("/cover/", CASES[i].name, NULL);
    g_test_add_data_func(path, &CASES[i].cover, test_case);
  }
  g_test_add_func("/cover/parts", test_parts);
  g_test_add_func("/cover/name", test_name);
  int status = g_test_run();
  /* A thread gives up its fonts when it ends, but this one. */
  pango_cairo_font_map_set_default(NULL);
  return status;
}
