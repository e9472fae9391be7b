#include "model/options.h"

#include <string.h>

typedef struct {
  char *name;
  char *url;
  char *order;
  int64_t limit;
  double share;
  bool is_eager;
  int64_t wait_ms;
  char **words;
  int64_t free_number;
} Values;

static const char *const ORDERS[] = {"newest", "oldest", NULL};

static const Option OPTIONS[] = {
    {.name = "name", .type = OPTION_TEXT, .fallback = "nobody", .offset = offsetof(Values, name), .help = "who"},
    {.name = "url",
     .type = OPTION_URL,
     .fallback = "https://example.org/",
     .offset = offsetof(Values, url),
     .environment = "TEST_URL",
     .help = "where"},
    {.name = "order",
     .type = OPTION_CHOICE,
     .fallback = "newest",
     .offset = offsetof(Values, order),
     .choices = ORDERS,
     .help = "which first"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "30",
     .offset = offsetof(Values, limit),
     .min = 1,
     .max = 500,
     .environment = "TEST_LIMIT",
     .help = "how many"},
    {.name = "share",
     .type = OPTION_NUMBER,
     .fallback = "0.5",
     .offset = offsetof(Values, share),
     .max = 1,
     .help = "how much"},
    {.name = "eager", .type = OPTION_BOOL, .fallback = "false", .offset = offsetof(Values, is_eager), .help = "how soon"},
    {.name = "wait",
     .type = OPTION_SECONDS,
     .fallback = "1.5",
     .offset = offsetof(Values, wait_ms),
     .max = 3600,
     .help = "how long"},
    {.name = "words",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(Values, words),
     .environment = "TEST_WORDS",
     .help = "what"},
    {.name = "free", .type = OPTION_INT, .fallback = "-1", .offset = offsetof(Values, free_number), .help = "any number"},
    {0},
};

static const OptionSection SECTION = {"test", OPTIONS, sizeof(Values)};

static const Option NEEDY_OPTIONS[] = {
    {.name = "url", .type = OPTION_URL, .offset = 0, .environment = "TEST_URL", .help = "where"},
    {0},
};

static const OptionSection NEEDY = {"needy", NEEDY_OPTIONS, sizeof(char *)};

/* @expected: the problems, a line each; else, with none, the values as show() writes them */
typedef struct {
  const char *name;
  const char *text;
  const char *expected;
  const char *environment;
} Case;

#define DEFAULTS "nobody https://example.org/ newest 30 0.5 0 1500 [] -1"

static const Case CASES[] = {
    {"nothing", "", DEFAULTS},
    {"not-given", "name:\nlimit: ~\nwords: null\n", DEFAULTS},
    {"all",
     "name: no\nurl: http://a.example:8080/x\norder: oldest\nlimit: 500\nshare: 1e-1\neager: Yes\nwait: 2\nwords: [a, 'b c']\n"
     "free: -9223372036854775808\n",
     "no http://a.example:8080/x oldest 500 0.1 1 2000 [a][b c] -9223372036854775808"},
    {"quoted-number", "limit: \"7\"\n", "nobody https://example.org/ newest 7 0.5 0 1500 [] -1"},
    {"one-word", "words: alone\n", "nobody https://example.org/ newest 30 0.5 0 1500 [alone] -1"},
    {"no-words", "words: []\nname: ''\n", " https://example.org/ newest 30 0.5 0 1500 [] -1"},
    {"bool-on", "eager: ON\n", "nobody https://example.org/ newest 30 0.5 1 1500 [] -1"},
    {"bool-true", "eager: true\n", "nobody https://example.org/ newest 30 0.5 1 1500 [] -1"},
    {"bool-off", "eager: oFF\n", DEFAULTS},
    {"seconds-decimal", "wait: 0.25\n", "nobody https://example.org/ newest 30 0.5 0 250 [] -1"},
    {"environment", "limit: 7\n", "nobody https://example.org/ newest 9 0.5 0 1500 [] -1", "TEST_LIMIT=9"},
    {"environment-empty", "limit: 7\n", "nobody https://example.org/ newest 7 0.5 0 1500 [] -1", "TEST_LIMIT="},
    {"environment-list", "words: [a, b]\n", "nobody https://example.org/ newest 30 0.5 0 1500 [c] -1", "TEST_WORDS=c"},
    {"environment-list-of-several", "", "nobody https://example.org/ newest 30 0.5 0 1500 [a b][c] -1", "TEST_WORDS=a b, ,c,"},
    {"environment-other", "", DEFAULTS, "TEST_LIMITS=9"},
    {"unknown-key", "name: a\nlimt: 3\n", "f:2: p: unknown key \"limt\" (did you mean \"limit\"?)"},
    {"unknown-key-far", "something: 3\n", "f:1: p: unknown key \"something\""},
    {"unknown-key-hostile", "\"a\\n\": 3\n", "f:1: p: unknown key \"a\\x0A\""},
    {"list-for-text", "name: [a]\n", "f:1: p.name: a list is no text"},
    {"mapping-for-number", "\nshare:\n  a: b\n", "f:3: p.share: a mapping is no number between 0 and 1"},
    {"number-word", "share: abc\n", "f:1: p.share: \"abc\" is no number between 0 and 1"},
    {"number-large", "share: 1.01\n", "f:1: p.share: \"1.01\" is no number between 0 and 1"},
    {"number-nan", "share: nan\n", "f:1: p.share: \"nan\" is no number between 0 and 1"},
    {"number-hexadecimal", "share: 0x1\n", "f:1: p.share: \"0x1\" is no number between 0 and 1"},
    {"number-infinite", "share: 1e999\n", "f:1: p.share: \"1e999\" is no number between 0 and 1"},
    {"number-tail", "share: 0.5.5\n", "f:1: p.share: \"0.5.5\" is no number between 0 and 1"},
    {"number-empty", "share: ''\n", "f:1: p.share: \"\" is no number between 0 and 1"},
    {"int-low", "limit: 0\n", "f:1: p.limit: \"0\" is no whole number between 1 and 500"},
    {"int-high", "limit: 501\n", "f:1: p.limit: \"501\" is no whole number between 1 and 500"},
    {"int-decimal", "limit: 3.5\n", "f:1: p.limit: \"3.5\" is no whole number between 1 and 500"},
    {"int-unit", "limit: 3 days\n", "f:1: p.limit: \"3 days\" is no whole number between 1 and 500"},
    {"int-overflow", "free: 9223372036854775808\n", "f:1: p.free: \"9223372036854775808\" is no whole number"},
    {"bool-word", "eager: maybe\n", "f:1: p.eager: \"maybe\" is neither true nor false"},
    {"choice", "order: newst\n", "f:1: p.order: \"newst\" is none of: newest, oldest (did you mean \"newest\"?)"},
    {"choice-case", "order: [newest]\n", "f:1: p.order: a list is none of: newest, oldest"},
    {"seconds-unit", "wait: 5s\n", "f:1: p.wait: \"5s\" is no number of seconds between 0 and 3600"},
    {"seconds-negative", "wait: -1\n", "f:1: p.wait: \"-1\" is no number of seconds between 0 and 3600"},
    {"url-scheme", "url: ftp://example.org/\n", "f:1: p.url: \"ftp://example.org/\" is no http or https address"},
    {"url-secret", "url: https://me:secret@example.org/\n",
     "f:1: p.url: an address with a user name or a password is not allowed"},
    {"words-nested", "words: [a, [b]]\n", "f:1: p.words: a list is no list of texts"},
    {"words-mapping", "words: {a: b}\n", "f:1: p.words: a mapping is no list of texts"},
    {"words-gap", "words:\n  - a\n  -\n", "f:2: p.words: a list is no list of texts"},
    {"section-is-list", "- name: a\n", "f:1: p: a list is no mapping of options such as \"name: nobody\""},
    {"section-is-scalar", "name", "f:1: p: \"name\" is no mapping of options such as \"name: nobody\""},
    {"environment-wrong", "limit: 7\n", "environment: TEST_LIMIT: \"many\" is no whole number between 1 and 500",
     "TEST_LIMIT=many"},
    {"environment-secret", "", "environment: TEST_URL: an address with a user name or a password is not allowed",
     "TEST_URL=ftp://me:secret@example.org/"},
    {"many", "limit: x\nnam: a\nshare: 2\n",
     "f:2: p: unknown key \"nam\" (did you mean \"name\"?)\nf:1: p.limit: \"x\" is no whole number between 1 and 500\n"
     "f:3: p.share: \"2\" is no number between 0 and 1"},
};

static char *
show(const Values *values)
{
  g_autofree char *words = g_strjoinv("][", values->words);
  char share[G_ASCII_DTOSTR_BUF_SIZE];
  return g_strdup_printf("%s %s %s %" G_GINT64_FORMAT " %s %d %" G_GINT64_FORMAT " [%s] %" G_GINT64_FORMAT, values->name,
                         values->url, values->order, values->limit, g_ascii_formatd(share, sizeof share, "%g", values->share),
                         values->is_eager, values->wait_ms, words, values->free_number);
}

static YamlNode *
parse(const char *text)
{
  g_autoptr(GError) error = NULL;
  YamlNode *node = yaml_parse(text, strlen(text), "f", &error);
  g_assert_no_error(error);
  return node;
}

static char *
join(GPtrArray *problems)
{
  g_ptr_array_add(problems, NULL);
  return g_strjoinv("\n", (char **) problems->pdata);
}

static void
test_read(const void *data)
{
  const Case *given = data;
  g_autoptr(YamlNode) node = parse(given->text);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const char *const environment[] = {"OTHER=x", given->environment, NULL};
  Values *values = options_read(&SECTION, node, &(OptionReading){"f", "p", environment, problems});
  g_autofree char *seen = problems->len > 0 ? join(problems) : show(values);
  g_assert_cmpstr(seen, ==, given->expected);
  options_free(&SECTION, values);
}

static void
test_wrong_value_leaves_default(void)
{
  g_autoptr(YamlNode) node = parse("limit: 0\nshare: x\norder: y\nwords: {}\n");
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  Values *values = options_read(&SECTION, node, &(OptionReading){"f", "p", NULL, problems});
  g_autofree char *seen = show(values);
  g_assert_cmpstr(seen, ==, DEFAULTS);
  options_free(&SECTION, values);
}

static void
assert_needy(const char *text, const char *environment, const char *expected)
{
  g_autoptr(YamlNode) node = text != NULL ? parse(text) : NULL;
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const char *const lines[] = {environment, NULL};
  void *values = options_read(&NEEDY, node, &(OptionReading){"f", "", lines, problems});
  g_autofree char *seen = join(problems);
  g_assert_cmpstr(seen, ==, expected);
  options_free(&NEEDY, values);
}

static void
test_required(void)
{
  assert_needy("\n\nurl:\n", NULL, "f:3: \"url\" is missing (where)");
  assert_needy(NULL, NULL, "f:1: \"url\" is missing (where)");
  assert_needy("[]", NULL, "f:1: a list is no mapping of options such as \"url: ...\"");
  assert_needy("url: x\n", NULL, "f:1: url: \"x\" is no http or https address");
  assert_needy("", "TEST_URL=https://example.org/", "");
  assert_needy("url: https://example.org/", NULL, "");
}

/* A section with a secret and with words that must be in small letters. */
typedef struct {
  char *key;
  char **words;
} Guarded;

static const char *
check_small(const char *text)
{
  return text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0' ? NULL : "is not in small letters";
}

static const Option GUARDED_OPTIONS[] = {
    {.name = "key",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(Guarded, key),
     .environment = "TEST_KEY",
     .is_secret = true,
     .help = "what opens it"},
    {.name = "words",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(Guarded, words),
     .environment = "TEST_WORDS",
     .check = check_small,
     .help = "what"},
    {0},
};

static const OptionSection GUARDED = {"guarded", GUARDED_OPTIONS, sizeof(Guarded)};

/* Returns: (transfer full): the problems, or with none what was read; @ret_digest: (out) (transfer full) */
static char *
read_guarded(const char *text, const char *variable, char **ret_digest)
{
  g_autoptr(YamlNode) node = parse(text);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  const char *const environment[] = {variable, NULL};
  Guarded *values = options_read(&GUARDED, node, &(OptionReading){"f", "", environment, problems});
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  options_digest(&GUARDED, values, checksum);
  *ret_digest = g_strdup(g_checksum_get_string(checksum));
  g_autofree char *words = g_strjoinv(" ", values->words);
  char *seen = problems->len > 0 ? join(problems) : g_strdup_printf("%s: %s", values->key, words);
  options_free(&GUARDED, values);
  return seen;
}

static void
test_guarded(void)
{
  static const struct {
    const char *text;
    const char *variable;
    const char *expected;
  } GUARDED_CASES[] = {
      {"", "TEST_KEY=sesame", "sesame: "},
      {"key: sesame\n", NULL, "f:1: key: a secret does not belong in this file; set it in the environment as TEST_KEY"},
      {"words: [a, b]\n", NULL, ": a b"},
      {"words:\n  - a\n  - B1\n", NULL, "f:3: words: \"B1\" is not in small letters"},
      {"words: https://me:sesame@b.example/\n", NULL, "f:1: words: an address with a user name or a password is not allowed"},
      {"words: B2\n", NULL, "f:1: words: \"B2\" is not in small letters"},
      {"", "TEST_WORDS=a,B3", "environment: TEST_WORDS: \"B3\" is not in small letters"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(GUARDED_CASES); i++) {
    g_autofree char *digest = NULL;
    g_autofree char *seen = read_guarded(GUARDED_CASES[i].text, GUARDED_CASES[i].variable, &digest);
    g_assert_cmpstr(seen, ==, GUARDED_CASES[i].expected);
  }
}

/* That a secret is set changes what is asked for; which one it is does not. */
static void
test_secrets_are_not_digested(void)
{
  g_autofree char *none = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_free(read_guarded("", NULL, &none));
  g_free(read_guarded("", "TEST_KEY=sesame", &first));
  g_free(read_guarded("", "TEST_KEY=poppy", &second));
  g_assert_cmpstr(first, ==, second);
  g_assert_cmpstr(first, !=, none);
}

static void
test_number_is_finite(void)
{
  static const Option FACTOR_OPTIONS[] = {{.name = "factor", .type = OPTION_NUMBER, .fallback = "1e9", .help = "how often"},
                                          {0}};
  static const OptionSection FACTOR = {"factor", FACTOR_OPTIONS, sizeof(double)};
  g_autoptr(YamlNode) node = parse("factor: 1e999\n");
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  double *values = options_read(&FACTOR, node, &(OptionReading){"f", "", NULL, problems});
  g_autofree char *seen = join(problems);
  g_assert_cmpstr(seen, ==, "f:1: factor: \"1e999\" is no number");
  g_assert_cmpfloat(*values, ==, 1e9);
  options_free(&FACTOR, values);
}

typedef struct {
  int64_t cap_micros;
  int64_t price_micros;
} Purse;

static const Option PURSE_OPTIONS[] = {
    {.name = "cap",
     .type = OPTION_MONEY,
     .fallback = "0.05",
     .offset = offsetof(Purse, cap_micros),
     .max = 1000,
     .help = "most"},
    {.name = "price", .type = OPTION_MONEY, .fallback = "", .offset = offsetof(Purse, price_micros), .max = 9, .help = "each"},
    {0},
};

static const OptionSection PURSE = {"purse", PURSE_OPTIONS, sizeof(Purse)};

/* @expected: the problems, or the two in micro-dollars */
static void
assert_purse(const char *text, const char *expected)
{
  g_autoptr(YamlNode) node = parse(text);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  Purse *values = options_read(&PURSE, node, &(OptionReading){"f", "", NULL, problems});
  g_autofree char *seen =
      problems->len > 0 ? join(problems)
                        : g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, values->cap_micros, values->price_micros);
  g_assert_cmpstr(seen, ==, expected);
  options_free(&PURSE, values);
}

static void
test_money(void)
{
  assert_purse("", "50000 -1");
  assert_purse("price:\ncap:\n", "50000 -1");
  assert_purse("price: ''\n", "50000 -1");
  assert_purse("cap: 0\nprice: 0\n", "0 0");
  assert_purse("cap: 0.1\nprice: 0.000249\n", "100000 249");
  assert_purse("cap: 999.999999\nprice: 0.0000004\n", "999999999 0");
  assert_purse("cap: ''\n", "f:1: cap: \"\" is no number of dollars between 0 and 1000");
  assert_purse("cap: -0.01\n", "f:1: cap: \"-0.01\" is no number of dollars between 0 and 1000");
  assert_purse("cap: 1001\n", "f:1: cap: \"1001\" is no number of dollars between 0 and 1000");
  assert_purse("price: $1\n", "f:1: price: \"$1\" is no number of dollars between 0 and 9");
  assert_purse("price: [1]\n", "f:1: price: a list is no number of dollars between 0 and 9");
}

static char *
digest_of(const char *text)
{
  g_autoptr(YamlNode) node = parse(text);
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
  Values *values = options_read(&SECTION, node, &(OptionReading){"f", "p", NULL, problems});
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  options_digest(&SECTION, values, checksum);
  options_free(&SECTION, values);
  return g_strdup(g_checksum_get_string(checksum));
}

static void
test_digest(void)
{
  g_autofree char *first = digest_of("");
  g_autofree char *same = digest_of("# a comment\nshare: 0.50\nname: nobody\nwait: 1.5000\n");
  g_assert_cmpstr(first, ==, same);
  static const char *const OTHERS[] = {
      "name: a",    "url: http://b.example/", "order: oldest", "limit: 3", "share: 0.25", "eager: on", "wait: 2",
      "words: [a]", "words: [a, b]"};
  g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(OTHERS); i++)
    g_assert_true(g_hash_table_add(seen, digest_of(OTHERS[i])));
  g_assert_false(g_hash_table_contains(seen, first));
}

static void
test_describe(void)
{
  g_autoptr(GString) text = g_string_new(NULL);
  options_describe(&SECTION, "  ", text);
  g_assert_cmpstr(text->str, ==,
                  "  # who\n  # name: nobody\n"
                  "  # where (environment: TEST_URL)\n  # url: https://example.org/\n"
                  "  # which first (one of: newest, oldest)\n  # order: newest\n"
                  "  # how many (environment: TEST_LIMIT)\n  # limit: 30\n"
                  "  # how much\n  # share: 0.5\n"
                  "  # how soon\n  # eager: false\n"
                  "  # how long\n  # wait: 1.5\n"
                  "  # what (environment: TEST_WORDS)\n  # words: []\n"
                  "  # any number\n  # free: \"-1\"\n");
  g_string_truncate(text, 0);
  options_describe(&NEEDY, "", text);
  g_assert_cmpstr(text->str, ==, "# where (environment: TEST_URL)\nurl: https://example.org/feed.xml\n");
  g_string_truncate(text, 0);
  options_describe(&GUARDED, "", text);
  g_assert_cmpstr(text->str, ==,
                  "# what opens it: set TEST_KEY in the environment\n# what (environment: TEST_WORDS)\n# words: []\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strdup_printf("/options/read/%s", CASES[i].name);
    g_test_add_data_func(path, &CASES[i], test_read);
  }
  g_test_add_func("/options/wrong-value-leaves-default", test_wrong_value_leaves_default);
  g_test_add_func("/options/required", test_required);
  g_test_add_func("/options/guarded", test_guarded);
  g_test_add_func("/options/secrets-are-not-digested", test_secrets_are_not_digested);
  g_test_add_func("/options/number-is-finite", test_number_is_finite);
  g_test_add_func("/options/money", test_money);
  g_test_add_func("/options/digest", test_digest);
  g_test_add_func("/options/describe", test_describe);
  return g_test_run();
}
