#include "base/money.h"

#include <glib.h>

static void
test_costs_are_rounded_up(void)
{
  static const struct {
    int64_t input_tokens;
    int64_t input_price;
    int64_t output_tokens;
    int64_t output_price;
    int64_t micros;
  } CASES[] = {
      {0, 50000, 0, 400000, 0},
      {1000, 0, 1000, 0, 0},
      {1, 1, 0, 0, 1},
      {20, 50000, 0, 0, 1},
      {21, 50000, 0, 0, 2},
      {2000, 50000, 500, 400000, 300},
      {2000, 50000, 501, 400000, 301},
      {1000000, 1000000000000, 0, 0, 1000000000000},
      {INT64_MAX, 2, 0, 0, INT64_MAX},
      {INT64_MAX, 1, 1, 1, INT64_MAX},
      {0, 0, INT64_MAX, 2, INT64_MAX},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_test_message("case %zu", i);
    g_assert_cmpint(
        money_cost_micros(CASES[i].input_tokens, CASES[i].input_price, CASES[i].output_tokens, CASES[i].output_price), ==,
        CASES[i].micros);
  }
}

static void
test_texts_have_as_many_decimals_as_they_need(void)
{
  static const struct {
    int64_t micros;
    const char *text;
  } CASES[] = {
      {0, "$0.00"},
      {1, "$0.000001"},
      {12300, "$0.0123"},
      {50000, "$0.05"},
      {500000, "$0.50"},
      {1000000, "$1.00"},
      {20000000, "$20.00"},
      {1234567, "$1.234567"},
      {100000000, "$100.00"},
      {123000000, "$123.00"},
      {INT64_MAX, "$9223372036854.775807"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = money_text(CASES[i].micros);
    g_assert_cmpstr(text, ==, CASES[i].text);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/money/cost", test_costs_are_rounded_up);
  g_test_add_func("/money/text", test_texts_have_as_many_decimals_as_they_need);
  return g_test_run();
}
