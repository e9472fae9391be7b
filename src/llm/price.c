#include "llm/price.h"

#include <glib.h>
#include <string.h>

#define MAX_DOLLARS 1e6

/* A dollar a million tokens is a micro-dollar a token. */
#define PICOS_A_MICRO 1e6

static bool
read_price(const char *text, int64_t *ret_price)
{
  char *end;
  double dollars = g_ascii_strtod(text, &end);
  if (!g_ascii_isdigit(*text) || *end != '\0' || !(dollars <= MAX_DOLLARS))
    return false;
  *ret_price = (int64_t) (dollars * PICOS_A_MICRO + 0.5);
  return true;
}

bool
price_find(const char *table, const char *model, int64_t *ret_input_price, int64_t *ret_output_price)
{
  g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    g_auto(GStrv) fields = g_strsplit(*line, "\t", -1);
    int64_t input_price = 0;
    int64_t output_price = 0;
    if (**line == '#' || g_strv_length(fields) != 3 || !g_str_equal(fields[0], model))
      continue;
    if (!read_price(fields[1], &input_price) || !read_price(fields[2], &output_price))
      return false;
    *ret_input_price = input_price;
    *ret_output_price = output_price;
    return true;
  }
  return false;
}
