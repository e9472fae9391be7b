#include "base/json.h"

#include "base/error.h"

#include <glib.h>
#include <string.h>

#define BROKEN "\xEF\xBF\xBD"

typedef struct {
  const char *input;
  const char *expected;
  bool is_repaired;
} JsonCase;

static const JsonCase ACCEPTED[] = {
    {"{\"b\": 1, \"a\": [true, null, 1.5, \"x\"]}", "{\"a\":[true,null,1.5,\"x\"],\"b\":1}", false},
    {"\xEF\xBB\xBF[1]", "[1]", false},
    {" \"alone\" ", "\"alone\"", false},
    {"{\"a\":1,\"a\":2}", "{\"a\":2}", false},
    {"[\"\\uD83D\\uDE00 \\\\u0000 \\\"\"]", "[\"\U0001F600 \\\\u0000 \\\"\"]", false},
    {"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]", false},
    {"[\"a\\u0000b\"]", "[\"a" BROKEN "b\"]", true},
    {"{\"a\\u0000b\":\"\\\\\\u0000\"}", "{\"a" BROKEN "b\":\"\\\\" BROKEN "\"}", true},
    {"[\"\\uD83Dx\\uDE00\"]", "[\"" BROKEN "x" BROKEN "\"]", true},
    {"[\"\\ud83d\\ud83d\\ude00\"]", "[\"" BROKEN "\U0001F600\"]", true},
    {"[\"\\ud83d\"]", "[\"" BROKEN "\"]", true},
    {"[\"a\xFF\xE2\x82\"]", "[\"a" BROKEN BROKEN BROKEN "\"]", true},
    {"[\"\xED\xA0\x80 \xC0\xAF\"]", "[\"" BROKEN BROKEN BROKEN " " BROKEN BROKEN "\"]", true},
    {"[9223372036854775808]", "[9.2233720368547758e18]", true},
    {"{\"a\":-100000000000000000000,\"b\":7}", "{\"a\":-1e20,\"b\":7}", true},
    {"[1e999,-1.5E+999]", "[1.7976931348623157e308,-1.7976931348623157e308]", true},
    {"[\"1e999 and 99999999999999999999\",\"\\u0000\"]", "[\"1e999 and 99999999999999999999\",\"" BROKEN "\"]", true},
};

static void
test_accepted(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ACCEPTED); i++) {
    g_autoptr(GError) error = NULL;
    bool is_repaired = !ACCEPTED[i].is_repaired;
    g_autoptr(json_t) value = json_parse(ACCEPTED[i].input, strlen(ACCEPTED[i].input), &is_repaired, &error);
    g_assert_no_error(error);
    g_autofree char *text = json_write(value);
    g_assert_cmpstr(text, ==, ACCEPTED[i].expected);
    g_assert_cmpint(is_repaired, ==, ACCEPTED[i].is_repaired);
    g_autoptr(json_t) again = json_parse(text, strlen(text), NULL, &error);
    g_assert_true(json_equal(value, again));
  }
}

static void
test_refused(void)
{
  static const struct {
    const char *input;
    size_t length;
    const char *place;
  } CASES[] = {
      {"", 0, "line 1 column 0: "},
      {"{\"a\":\n 1,\n 2}", 12, "line 3 column 2: "},
      {"[\"a\0b\"]", 7, "line 1 column 4: "},
      {"{\n}\0more", 8, "line 2 column 2: a NUL byte"},
      {"[\"\\uD800\\u\"]", 12, "line 1 column "},
      {"[\"\xFF\",]", 6, "line 1 column "},
      {"[012345678901234567890123]", 26, "line 1 column "},
      {"[1.e999]", 8, "line 1 column "},
      {"[1e999e1]", 9, "line 1 column "},
      {"[-]", 3, "line 1 column "},
      {"[\"\\", 3, "line 1 column "},
      {"<html>\x1b[2J", 10, "line 1 column "},
      {"\xFF", 1, "line 1 column "},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) value = json_parse(CASES[i].input, CASES[i].length, NULL, &error);
    g_assert_null(value);
    g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
    g_assert_true(g_str_has_prefix(error->message, CASES[i].place));
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    g_assert_null(strchr(error->message, '\x1b'));
  }
}

static void
test_depth(void)
{
  for (int depth = 1000; depth < 200000; depth *= 100) {
    g_autofree char *text = g_strnfill((gsize) depth * 2, ']');
    memset(text, '[', (size_t) depth);
    g_autoptr(json_t) value = json_parse(text, (size_t) depth * 2, NULL, NULL);
    g_assert_cmpint(value != NULL, ==, depth <= 2048);
  }
}

static void
test_read(void)
{
  const char *text =
      "{\"text\":\"x\",\"int\":-7,\"real\":-7.9,\"decimal\":\"12\",\"long\":\"9007199254740993\",\"fraction\":\"12.9\","
      "\"word\":\"12 apples\",\"hex\":\"0x10\",\"empty\":\"\",\"huge\":1e300,\"beyond\":\"99999999999999999999\","
      "\"null\":null,\"bool\":true,\"sign\":\"-\"}";
  static const struct {
    const char *key;
    int64_t expected;
  } CASES[] = {
      {"int", -7},      {"real", -7},    {"decimal", 12}, {"long", 9007199254740993},
      {"fraction", 12}, {"word", -99},   {"hex", -99},    {"empty", -99},
      {"huge", -99},    {"beyond", -99}, {"null", -99},   {"bool", -99},
      {"absent", -99},  {"text", -99},   {"sign", -99},
  };
  g_autoptr(json_t) object = json_parse(text, strlen(text), NULL, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++)
    g_assert_cmpint(json_read_int(object, CASES[i].key, -99), ==, CASES[i].expected);
  g_assert_cmpstr(json_read_text(object, "text"), ==, "x");
  g_assert_null(json_read_text(object, "int"));
  g_assert_null(json_read_text(object, "absent"));
  g_autoptr(json_t) list = json_array();
  g_assert_null(json_read_text(list, "text"));
  g_assert_cmpint(json_read_int(NULL, "text", 3), ==, 3);
}

static void
test_write_is_stable(void)
{
  g_autoptr(json_t) one = json_pack("{s:i, s:f, s:[s]}", "z", 1, "a", 0.1, "ü", "\n\u2028");
  g_autoptr(json_t) other = json_pack("{s:[s], s:f, s:i}", "ü", "\n\u2028", "a", 0.1, "z", 1);
  g_autofree char *text = json_write(one);
  g_autofree char *same = json_write(other);
  g_assert_cmpstr(text, ==, same);
  g_autoptr(json_t) back = json_parse(text, strlen(text), NULL, NULL);
  g_assert_true(json_equal(one, back));
}

static void
test_mending_is_linear(void)
{
  static const char *const PIECES[] = {"\"\xFF\",", "99999999999999999999,", "\"\\ud800\\u0000\",", "9", "\"\xF0\x90\","};
  for (size_t i = 0; i < G_N_ELEMENTS(PIECES); i++) {
    g_autoptr(GString) text = g_string_new("[");
    while (text->len < 1024 * 1024)
      g_string_append(text, PIECES[i]);
    g_string_append(text, "1]");
    g_test_timer_start();
    g_autoptr(json_t) value = json_parse(text->str, text->len, NULL, NULL);
    g_test_message("piece %zu: %.0f ms", i, g_test_timer_elapsed() * 1000);
    g_assert_nonnull(value);
    g_assert_cmpfloat(g_test_timer_last(), <, 5.0);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/json/accepted", test_accepted);
  g_test_add_func("/json/refused", test_refused);
  g_test_add_func("/json/depth", test_depth);
  g_test_add_func("/json/read", test_read);
  g_test_add_func("/json/write-is-stable", test_write_is_stable);
  g_test_add_func("/json/mending-is-linear", test_mending_is_linear);
  return g_test_run();
}
