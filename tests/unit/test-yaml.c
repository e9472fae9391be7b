#include "base/error.h"
#include "base/yaml.h"

#include <string.h>

typedef struct {
  const char *name;
  const char *text;
  const char *expected;
} Case;

/* Expected trees are written "{key@LINE: value@LINE}@LINE", absent scalars as "-", quoted ones in quotes. */
static const Case TREES[] = {
    {"empty", "", "{}@1"},
    {"only-comments", "# nothing\n\n# yet\n", "{}@1"},
    {"empty-document", "---\n", "{}@1"},
    {"one-key", "a: b\n", "{a@1: b@1}@1"},
    {"byte-order-mark",
     "\xEF\xBB\xBF"
     "a: b\n",
     "{a@1: b@1}@1"},
    {"crlf", "a: b\r\nc: d\r\n", "{a@1: b@1, c@2: d@2}@1"},
    {"not-given", "a:\nb: ~\nc: null\nd: \"\"\ne: 'null'\n", "{a@1: -@1, b@2: -@2, c@3: -@3, d@4: \"\"@4, e@5: \"null\"@5}@1"},
    {"words-stay-text", "no: yes\n1: 0x10\n", "{no@1: yes@1, 1@2: 0x10@2}@1"},
    {"list", "# head\na:\n  - b\n  -\n  - {c: d}\n", "{a@2: [b@3, -@4, {c@5: d@5}@5]@3}@2"},
    {"root-list", "[a, [b], {}]", "[a@1, [b@1]@1, {}@1]@1"},
    {"root-scalar", "just text", "just text@1"},
    {"same-key-elsewhere", "a: {k: 1}\nb: {k: {k: 2}}\n", "{a@1: {k@1: 1@1}@1, b@2: {k@2: {k@2: 2@2}@2}@2}@1"},
    {"folded", "a: >\n  b\n  c\nd: e\n", "{a@1: \"b c\n\"@1, d@4: e@4}@1"},
    {"tab-in-text", "a: \"b\\tc\"", "{a@1: \"b\tc\"@1}@1"},
    {"non-ascii", "café: \"\\u00e9\"", "{café@1: \"é\"@1}@1"},
};

static const Case ERRORS[] = {
    {"bad-indentation", "a:\n  b: 1\n c: 2\n",
     "f:3: did not find expected key, while parsing a block mapping that begins in line 1"},
    {"open-quote", "a: 1\nb: \"c\n",
     "f:3: found unexpected end of stream, while scanning a quoted scalar that begins in line 2"},
    {"tab-indentation", "a:\n\tb: c\n",
     "f:2: found character that cannot start any token, while scanning for the next token that begins in line 2"},
    {"alias", "a: &x [1]\nb: *x\n", "f:1: anchors (&), aliases (*) and tags (!) are not allowed; quote a text that begins so"},
    {"alias-alone", "a: 1\nb: *x\n", "f:2: anchors (&), aliases (*) and tags (!) are not allowed; quote a text that begins so"},
    {"anchor-on-mapping", "a: &x {b: c}\n",
     "f:1: anchors (&), aliases (*) and tags (!) are not allowed; quote a text that begins so"},
    {"tag", "a: !!str b\n", "f:1: anchors (&), aliases (*) and tags (!) are not allowed; quote a text that begins so"},
    {"key-twice", "a: 1\nb: 2\n\na: 3\n", "f:4: key \"a\" is given twice, first in line 1"},
    {"key-twice-inside", "a:\n  - {b: 1,\n    \"b\": 2}\n", "f:3: key \"b\" is given twice, first in line 2"},
    {"key-is-printable", "\"a\\n\": 1\n\"a\\n\": 2\n", "f:2: key \"a\\x0A\" is given twice, first in line 1"},
    {"list-as-key", "a: 1\n? [b]\n: c\n", "f:2: a list or a mapping cannot be a key"},
    {"mapping-as-key", "{{a: b}: c}\n", "f:1: a list or a mapping cannot be a key"},
    {"second-document", "a: 1\n---\nb: 2\n", "f:2: a second document begins, only one is allowed"},
    {"control-character", "a: 1\nb: \x01\n", "f:2: control characters are not allowed"},
    {"escaped-nul", "a: 1\nb: \"x\\0y\"\n", "f:2: control characters are not allowed"},
    {"escaped-escape", "\"\\e[2J\": 1\n", "f:1: control characters are not allowed"},
    {"bad-utf8", "a: 1\n\nb: \xff\n", "f:3: invalid leading UTF-8 octet"},
};

static void
dump(const YamlNode *node, GString *text)
{
  switch (node->kind) {
  case YAML_SCALAR:
    g_string_append_printf(text, node->is_quoted ? "\"%s\"" : "%s", yaml_node_is_absent(node) ? "-" : node->text);
    break;
  case YAML_SEQUENCE:
  case YAML_MAPPING:
    g_string_append_c(text, node->kind == YAML_MAPPING ? '{' : '[');
    for (guint i = 0; i < node->values->len; i++) {
      g_string_append(text, i > 0 ? ", " : "");
      if (node->kind == YAML_MAPPING) {
        dump(node->keys->pdata[i], text);
        g_string_append(text, ": ");
      }
      dump(node->values->pdata[i], text);
    }
    g_string_append_c(text, node->kind == YAML_MAPPING ? '}' : ']');
    break;
  }
  g_string_append_printf(text, "@%u", node->line);
}

static void
test_tree(const void *data)
{
  const Case *given = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(YamlNode) root = yaml_parse(given->text, strlen(given->text), "f", &error);
  g_assert_no_error(error);
  g_autoptr(GString) text = g_string_new(NULL);
  dump(root, text);
  g_assert_cmpstr(text->str, ==, given->expected);
}

static void
assert_error(const char *text, size_t length, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(yaml_parse(text, length, "f", &error));
  g_assert_cmpstr(error->message, ==, expected);
  g_assert_true(error_is(error, ERROR_CONFIG));
}

static void
test_error(const void *data)
{
  const Case *given = data;
  assert_error(given->text, strlen(given->text), given->expected);
}

static void
test_nul(void)
{
  assert_error("a: 1\nb\0: 2\n", 12, "f:2: control characters are not allowed");
}

static char *
nested(size_t depth)
{
  GString *text = g_string_new(NULL);
  for (size_t i = 0; i < depth; i++)
    g_string_append_c(text, '[');
  for (size_t i = 0; i < depth; i++)
    g_string_append_c(text, ']');
  return g_string_free(text, false);
}

static void
test_depth(void)
{
  g_autofree char *deepest = nested(64);
  g_autoptr(YamlNode) root = yaml_parse(deepest, strlen(deepest), "f", NULL);
  g_assert_nonnull(root);
  g_autofree char *too_deep = nested(65);
  assert_error(too_deep, strlen(too_deep), "f:1: nested more than 64 levels deep");
  g_autofree char *hostile = nested(500000);
  assert_error(hostile, strlen(hostile), "f:1: nested more than 64 levels deep");
}

static void
test_size(void)
{
  enum { MAX_BYTES = 1024 * 1024 };
  g_autofree char *text = g_malloc(MAX_BYTES + 1);
  memset(text, '\n', MAX_BYTES + 1);
  g_autoptr(YamlNode) root = yaml_parse(text, MAX_BYTES, "f", NULL);
  g_assert_nonnull(root);
  assert_error(text, MAX_BYTES + 1, "f: larger than 1048576 bytes");
}

static void
test_is_absent(void)
{
  char nothing[] = "";
  g_assert_true(yaml_node_is_absent(NULL));
  g_assert_true(yaml_node_is_absent(&(YamlNode){.kind = YAML_SCALAR, .text = nothing}));
  g_assert_false(yaml_node_is_absent(&(YamlNode){.kind = YAML_SCALAR, .text = nothing, .is_quoted = true}));
  g_assert_false(yaml_node_is_absent(&(YamlNode){.kind = YAML_SEQUENCE}));
}

static void
add_cases(const char *folder, const Case *cases, size_t count, GTestDataFunc test)
{
  for (size_t i = 0; i < count; i++) {
    g_autofree char *path = g_strdup_printf("/yaml/%s/%s", folder, cases[i].name);
    g_test_add_data_func(path, &cases[i], test);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  add_cases("tree", TREES, G_N_ELEMENTS(TREES), test_tree);
  add_cases("error", ERRORS, G_N_ELEMENTS(ERRORS), test_error);
  g_test_add_func("/yaml/nul", test_nul);
  g_test_add_func("/yaml/depth", test_depth);
  g_test_add_func("/yaml/size", test_size);
  g_test_add_func("/yaml/is-absent", test_is_absent);
  return g_test_run();
}
