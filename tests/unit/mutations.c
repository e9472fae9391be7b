#include "mutations.h"

#include <string.h>

unsigned
pick(Mutator *mutator, size_t count)
{
  return (unsigned) g_rand_int_range(mutator->random, 0, (gint32) count);
}

bool
happens(Mutator *mutator, unsigned percent)
{
  return pick(mutator, 100) < percent;
}

char *
repeat(const char *part, size_t length)
{
  GString *text = g_string_sized_new(length + strlen(part) + 1);
  while (text->len < length)
    g_string_append(text, part);
  g_string_truncate(text, length);
  return g_string_free(text, FALSE);
}

char *
make_huge_text(Mutator *mutator)
{
  static const char *const PARTS[] = {"t", "word ", "<b>", "&amp;", "]]>", "http://a.example/ ", "\xF0\x9F\x98\x80", "\n\n- "};
  return repeat(PARTS[pick(mutator, G_N_ELEMENTS(PARTS))], 1024 * 1024);
}

char *
quote(const char *text)
{
  GString *quoted = g_string_new("\"");
  for (const char *at = text; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf(quoted, "\\%c", *at);
    else if ((unsigned char) *at < 0x20)
      g_string_append_printf(quoted, "\\u%04x", (unsigned) (unsigned char) *at);
    else
      g_string_append_c(quoted, *at);
  return g_string_free(g_string_append_c(quoted, '"'), FALSE);
}

/* Returns: (transfer full): a JSON value that takes long or much to read */
static char *
make_huge_value(Mutator *mutator)
{
  static const size_t DEPTHS[] = {100, 1500, 100 * 1000};
  unsigned kind = pick(mutator, 6);
  if (kind < 2) {
    g_autofree char *text = make_huge_text(mutator);
    return quote(text);
  }
  if (kind == 2) {
    g_autofree char *zeros = repeat("0", 30);
    return g_strconcat(happens(mutator, 50) ? "-1" : "1", zeros, NULL);
  }
  if (kind == 3) {
    mutator->damage = DAMAGE_REPLY;
    g_autofree char *values = repeat("0,", 400 * 1000);
    return g_strconcat("[", values, "0]", NULL);
  }
  size_t depth = DEPTHS[pick(mutator, G_N_ELEMENTS(DEPTHS))];
  mutator->damage = depth < 2000 ? DAMAGE_ENTRY : DAMAGE_REPLY;
  bool is_list = happens(mutator, 50);
  g_autofree char *start = repeat(is_list ? "[" : "{\"a\":", depth * (is_list ? 1 : 5));
  g_autofree char *end = repeat(is_list ? "]" : "}", depth);
  return g_strconcat(start, "1", end, NULL);
}

/* Returns: (transfer full): a JSON value that nobody expects */
static char *
make_value(Mutator *mutator)
{
  static const char *const ODD[] = {"null",
                                    "true",
                                    "false",
                                    "0",
                                    "-1",
                                    "1.5",
                                    "\"\"",
                                    "\" \"",
                                    "\"text\"",
                                    "[]",
                                    "{}",
                                    "[null]",
                                    "[[]]",
                                    "[{}]",
                                    "{\"a\":1}",
                                    "[{\"name\":7}]",
                                    "[\"http://a.example/\"]",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "18446744073709551616",
                                    "253402300800",
                                    "1e999",
                                    "-1e308",
                                    "1e-400",
                                    "-0.0"};
  static const char *const STRINGS[] = {"\"a\\u0000b\"",
                                        "\"\\ud800\"",
                                        "\"x\\udc00\\ud83dy\"",
                                        "\"\\u202eevil\\u2066\"",
                                        "\"\\ufffe\\uffff\\u0085\\u2028\"",
                                        "\"\xFF\xC3\"",
                                        "\"\xED\xA0\x80\"",
                                        "\"http://user:password@a.example/\"",
                                        "\"javascript:alert(1)\"",
                                        "\"//\"",
                                        "\"9999-12-31T23:59:60+99:99\"",
                                        "\"0000-00-00T00:00:00Z\"",
                                        "\"&lt;script&gt;\""};
  if (happens(mutator, 3))
    return make_huge_value(mutator);
  if (happens(mutator, 35))
    return g_strdup(ODD[pick(mutator, G_N_ELEMENTS(ODD))]);
  if (happens(mutator, 25))
    return g_strdup(STRINGS[pick(mutator, G_N_ELEMENTS(STRINGS))]);
  return quote(mutator->hostile->pdata[pick(mutator, mutator->hostile->len)]);
}

GString *
fill_in(const char *text, const char *mark, const char *value)
{
  GString *filled = g_string_new(NULL);
  const char *at = strstr(text, mark);
  g_assert_nonnull(at);
  g_string_append_len(filled, text, at - text);
  g_string_append(filled, value);
  g_string_append(filled, at + strlen(mark));
  return filled;
}

void
tell(Mutator *mutator, const char *what, const char *where, const char *value)
{
  g_autofree char *shown = g_strndup(value != NULL ? value : "", 80);
  g_autofree char *escaped = g_strescape(shown, NULL);
  g_string_append_printf(mutator->told, " %s %s %s", what, where, escaped);
}

/* Returns: (transfer full): the key of a random member of @object */
static char *
pick_key(Mutator *mutator, json_t *object)
{
  void *at = json_object_iter(object);
  for (unsigned i = pick(mutator, json_object_size(object)); i > 0; i--)
    at = json_object_iter_next(object, at);
  return g_strdup(json_object_iter_key(at));
}

/* What a member of @object becomes. Returns: (transfer full) (nullable): what the placeholder left in its place stands for */
static char *
mutate_member(Mutator *mutator, json_t *object, const json_t *peer, const char *key)
{
  unsigned kind = pick(mutator, 100);
  json_t *member = json_object_get(object, key);
  if (json_is_boolean(member) && kind < 50) {
    tell(mutator, "negated", key, NULL);
    json_object_set_new(object, key, json_boolean(json_is_false(member)));
    return NULL;
  }
  if (kind < 20) {
    tell(mutator, "removed", key, NULL);
    json_object_del(object, key);
    return NULL;
  }
  if (kind < 30) {
    g_autofree char *other = pick_key(mutator, object);
    tell(mutator, "swapped", key, other);
    json_incref(member);
    json_object_set(object, key, json_object_get(object, other));
    json_object_set_new(object, other, member);
    return NULL;
  }
  if (kind < 40 && json_object_get(peer, key) != NULL) {
    tell(mutator, "taken from another", key, NULL);
    mutator->damage = DAMAGE_NAMES;
    json_object_set_new(object, key, json_deep_copy(json_object_get(peer, key)));
    return NULL;
  }
  char *value = make_value(mutator);
  tell(mutator, "set", key, value);
  json_object_set_new(object, key, json_string(PLACEHOLDER));
  return value;
}

/* Goes down from @entry to a random member. Returns: as mutate_member() */
static char *
mutate_inside(Mutator *mutator, json_t *entry, const json_t *peer)
{
  json_t *object = entry;
  while (true) {
    g_autofree char *key = pick_key(mutator, object);
    json_t *inner = json_object_get(object, key);
    if (json_is_array(inner) && json_array_size(inner) > 0)
      inner = json_array_get(inner, pick(mutator, json_array_size(inner)));
    if (json_object_size(inner) == 0 || happens(mutator, 20))
      return mutate_member(mutator, object, peer, key);
    g_string_append_printf(mutator->told, " in %s", key);
    object = inner;
    peer = json_object_get(peer, key);
  }
}

GString *
mutate_json(Mutator *mutator, const Document *document, unsigned index)
{
  g_auto(Document) copy = document_copy(document);
  json_t *list = find_list(copy.root);
  json_t *entry = find_entry(copy.root, index);
  mutator->peer = (int) pick(mutator, document->entry_count);
  const json_t *peer = find_entry(copy.root, (unsigned) mutator->peer);
  g_autofree char *value = NULL;
  if (list != NULL && happens(mutator, 4)) {
    tell(mutator, "is a copy of another", "", NULL);
    mutator->damage = DAMAGE_COPY;
    json_array_set_new(list, index, json_deep_copy(peer));
  } else if (list != NULL && (json_object_size(entry) == 0 || happens(mutator, 4))) {
    value = make_value(mutator);
    tell(mutator, "is", "", value);
    json_array_set_new(list, index, json_string(PLACEHOLDER));
  } else {
    value = mutate_inside(mutator, entry, peer);
  }
  g_autofree char *text = json_write(copy.root);
  return value != NULL ? fill_in(text, "\"" PLACEHOLDER "\"", value) : g_string_new(text);
}

/* How many signs begin or end what XML takes as text. */
static size_t
count_hiding_signs(const char *text, size_t length)
{
  static const char *const SIGNS[] = {"<!--", "-->", "<![CDATA[", "]]>"};
  size_t count = 0;
  for (size_t i = 0; i < G_N_ELEMENTS(SIGNS); i++)
    for (const char *rest = text; (rest = memmem(rest, length - (size_t) (rest - text), SIGNS[i], strlen(SIGNS[i]))) != NULL;
         rest++)
      count++;
  return count;
}

void
note_hiding(Mutator *mutator, const GString *changed, const char *body, size_t length)
{
  size_t before = count_hiding_signs(body, length);
  if (mutator->damage == DAMAGE_BYTES && count_hiding_signs(changed->str, changed->len) != before)
    mutator->damage = DAMAGE_HIDING;
}

GString *
mutate_bytes(Mutator *mutator, const char *body, size_t length)
{
  mutator->damage = DAMAGE_BYTES;
  GString *text = g_string_new_len(body, (gssize) length);
  unsigned kind = length > 0 ? pick(mutator, 10) : 9;
  if (kind < 3) {
    mutator->damage = DAMAGE_REPLY;
    g_string_truncate(text, pick(mutator, length));
    g_string_append_printf(mutator->told, " cut after %zu", text->len);
  } else if (kind < 6) {
    for (unsigned count = 1 + pick(mutator, 8); count > 0; count--) {
      unsigned at = pick(mutator, length);
      text->str[at] = (char) (text->str[at] ^ (1 << pick(mutator, 8)));
      g_string_append_printf(mutator->told, " bit of %u", at);
    }
  } else if (kind < 9) {
    unsigned at = pick(mutator, length);
    const char *inserted = mutator->hostile->pdata[pick(mutator, mutator->hostile->len)];
    g_string_insert(text, at, inserted);
    g_string_append_printf(mutator->told, " at %u", at);
    tell(mutator, "inserted", "", inserted);
  } else {
    mutator->damage = DAMAGE_REPLY;
    g_string_truncate(text, 0);
    g_string_append(mutator->told, " emptied");
  }
  note_hiding(mutator, text, body, length);
  return text;
}

const char *
pick_other_reply(Mutator *mutator)
{
  static const char *const OTHERS[] = {"\"text\"",   "17", "true", "<html><body>no</body></html>",
                                       "plain text", "",   "[[",   "\xFF"};
  mutator->damage = DAMAGE_REPLY;
  const char *other = OTHERS[pick(mutator, G_N_ELEMENTS(OTHERS))];
  tell(mutator, "is", "", other);
  return other;
}
