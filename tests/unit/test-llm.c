#include "llm/llm.h"

#include "base/error.h"
#include "llm/price.h"

#include <string.h>

#define TABLE "# model\tin\tout\nsmall\t0.05\t0.40\nodd\t1\tx\nhalf\t1\nlarge\t1000000\t0\nsmall\t9\t9\n"

static const struct {
  const char *model;
  const char *prices; /* dollars a million tokens as options, perhaps "" */
  int64_t input_price;
  int64_t output_price;
} CASES[] = {
    {"small", "", 50000, 400000},
    {"small", "input_price: 0.1, output_price: 0", 100000, 0},
    {"small", "output_price: 1", 50000, 1000000},
    {"large", "", INT64_C(1000000000000), 0},
    {"local", "input_price: 0, output_price: 0", 0, 0},
    {"local", "input_price: 0", -1, -1},
    {"local", "", -1, -1},
    {"odd", "", -1, -1},
    {"half", "", -1, -1},
    {"# model", "", -1, -1},
    {"", "", -1, -1},
};

/* The options of the provider with @text in the file. */
static ConfiguredProvider
configure(const char *text)
{
  const Provider *provider = provider_find("openai");
  g_autoptr(YamlNode) node = yaml_parse(text, strlen(text), "f", NULL);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  void *values = options_read(&provider->section, node, &(OptionReading){"f", "", NULL, problems});
  return (ConfiguredProvider){&provider->section, values};
}

static void
test_prices(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *text = g_strdup_printf("{model: '%s', %s}", CASES[i].model, CASES[i].prices);
    ConfiguredProvider configured = configure(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(Llm) llm = llm_new(&configured, TABLE, &error);
    g_test_message("%s", text);
    g_assert_cmpint(llm != NULL ? llm->terms.input_price : -1, ==, CASES[i].input_price);
    g_assert_cmpint(llm != NULL ? llm->terms.output_price : -1, ==, CASES[i].output_price);
    g_assert_true(llm != NULL || error_is(error, ERROR_CONFIG));
    options_free(configured.section, configured.values);
  }
}

/* Every line of the table that ships can be read. */
static void
test_shipped(void)
{
  g_autofree char *path = g_build_filename(g_getenv("G_TEST_SRCDIR"), "..", "..", "data", "prices.tsv", NULL);
  g_autofree char *table = NULL;
  g_assert_true(g_file_get_contents(path, &table, NULL, NULL));
  g_auto(GStrv) lines = g_strsplit(table, "\n", -1);
  int count = 0;
  for (char **line = lines; *line != NULL; line++) {
    int64_t input_price = -1;
    int64_t output_price = -1;
    g_autofree char *model = g_strndup(*line, strcspn(*line, "\t"));
    if (*model == '\0' || *model == '#')
      continue;
    g_assert_true(price_find(table, model, &input_price, &output_price));
    g_assert_cmpint(input_price, >, 0);
    g_assert_cmpint(output_price, >, input_price);
    count++;
  }
  g_assert_cmpint(count, >, 3);
}

static void
test_worst(void)
{
  ConfiguredProvider configured = configure("{model: small, max_output_tokens: 1000}");
  g_autoptr(Llm) llm = llm_new(&configured, TABLE, NULL);
  /* 12288 tokens at 0.05 micro-dollars and 1000 at 0.4, rounded up, and that twice */
  g_assert_cmpint(llm_worst_micros(llm), ==, 2 * 1015);
  options_free(configured.section, configured.values);
  ConfiguredProvider dear = configure("{model: large, max_output_tokens: 1000000, output_price: 1000000}");
  g_autoptr(Llm) dear_llm = llm_new(&dear, TABLE, NULL);
  g_assert_cmpint(llm_worst_micros(dear_llm), >, INT64_C(1000000) * 1000000);
  options_free(dear.section, dear.values);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/llm/prices", test_prices);
  g_test_add_func("/llm/shipped", test_shipped);
  g_test_add_func("/llm/worst", test_worst);
  return g_test_run();
}
