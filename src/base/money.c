#include "base/money.h"

#include <glib.h>
#include <string.h>

enum { PICOS_A_MICRO = 1000000, MICROS_A_DOLLAR = 1000000 };

int64_t
money_cost_micros(int64_t input_tokens, int64_t input_price, int64_t output_tokens, int64_t output_price)
{
  int64_t input;
  int64_t output;
  int64_t picos;
  if (__builtin_mul_overflow(input_tokens, input_price, &input) ||
      __builtin_mul_overflow(output_tokens, output_price, &output) || __builtin_add_overflow(input, output, &picos))
    return INT64_MAX;
  return picos / PICOS_A_MICRO + (picos % PICOS_A_MICRO > 0);
}

char *
money_text(int64_t micros)
{
  g_autofree char *text =
      g_strdup_printf("$%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT, micros / MICROS_A_DOLLAR, micros % MICROS_A_DOLLAR);
  size_t length = strlen(text);
  while (text[length - 1] == '0' && text[length - 3] != '.')
    length--;
  return g_strndup(text, length);
}
