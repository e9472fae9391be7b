#include "invent.h"

#include "base/json.h"

#include <stdbool.h>

enum { MAX_DEPTH = 32, SEED_WORDS = 8, HEX_DIGITS = 8, MAX_ENTRIES = 3, LEAST_WORDS = 6, MOST_WORDS = 16 };

struct Invention {
  char **words;
  guint count;
  GRand *chance;
  int depth;
};

typedef json_t *(*Maker)(Invention *invention, const json_t *schema);

Invention *
invention_new(const char *text, const char *seed)
{
  Invention *invention = g_new0(Invention, 1);
  guint32 numbers[SEED_WORDS];
  for (size_t i = 0; i < SEED_WORDS; i++) {
    g_autofree char *digits = g_strndup(seed + i * HEX_DIGITS, HEX_DIGITS);
    numbers[i] = (guint32) g_ascii_strtoull(digits, NULL, 16);
  }
  invention->chance = g_rand_new_with_seed_array(numbers, SEED_WORDS);
  g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
  g_auto(GStrv) parts = g_strsplit_set(text, " \t\r\n", -1);
  for (char **part = parts; *part != NULL; part++)
    if ((*part)[0] != '\0')
      g_ptr_array_add(words, g_strdup(*part));
  if (words->len == 0)
    g_ptr_array_add(words, g_strdup("nothing"));
  invention->count = words->len;
  g_ptr_array_add(words, NULL);
  invention->words = (char **) g_ptr_array_steal(words, NULL);
  return invention;
}

void
invention_free(Invention *invention)
{
  if (invention == NULL)
    return;
  g_strfreev(invention->words);
  g_rand_free(invention->chance);
  g_free(invention);
}

/* Returns: from @least to @most, both in reach */
static int64_t
pick(Invention *invention, int64_t least, int64_t most)
{
  uint64_t span = (uint64_t) MAX(most, least) - (uint64_t) least + 1;
  uint64_t number = (uint64_t) g_rand_int(invention->chance) << 32 | g_rand_int(invention->chance);
  return (int64_t) ((uint64_t) least + (span == 0 ? number : number % span));
}

char *
invent_words(Invention *invention, int64_t least, int64_t most)
{
  int64_t length = MIN(pick(invention, least, most), (int64_t) invention->count);
  int64_t first = pick(invention, 0, (int64_t) invention->count - length);
  g_autoptr(GString) text = g_string_new(NULL);
  for (int64_t i = first; i < first + length; i++)
    g_string_append_printf(text, "%s%s", i > first ? " " : "", invention->words[i]);
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static json_t *
invent_string(Invention *invention, const json_t *schema)
{
  g_autofree char *text = invent_words(invention, LEAST_WORDS, MOST_WORDS);
  int64_t most = json_read_int(schema, "maxLength", INT64_MAX);
  if (g_utf8_strlen(text, -1) > most)
    *g_utf8_offset_to_pointer(text, (glong) MAX(most, 0)) = '\0';
  return json_string(text);
}

static json_t *
invent_integer(Invention *invention, const json_t *schema)
{
  int64_t least = json_read_int(schema, "minimum", 0);
  return json_integer(pick(invention, least, json_read_int(schema, "maximum", MAX(least, 0) + 10)));
}

static json_t *
invent_number(Invention *invention, const json_t *schema)
{
  const json_t *minimum = json_object_get(schema, "minimum");
  const json_t *maximum = json_object_get(schema, "maximum");
  double least = json_is_number(minimum) ? json_number_value(minimum) : 0;
  double most = json_is_number(maximum) ? json_number_value(maximum) : least + 1;
  return json_real(least + (most - least) * (double) pick(invention, 0, 100) / 100);
}

static json_t *
invent_boolean(Invention *invention, const json_t *schema)
{
  (void) schema;
  return json_boolean(pick(invention, 0, 1) != 0);
}

static json_t *
invent_null(Invention *invention, const json_t *schema)
{
  (void) invention;
  (void) schema;
  return json_null();
}

static json_t *
invent_array(Invention *invention, const json_t *schema)
{
  int64_t most = MIN(json_read_int(schema, "maxItems", MAX_ENTRIES), MAX_ENTRIES);
  int64_t least = CLAMP(json_read_int(schema, "minItems", 1), 0, 100);
  json_t *array = json_array();
  for (int64_t left = pick(invention, MIN(least, MAX(most, 0)), MAX(least, most)); left > 0; left--)
    json_array_append_new(array, invent_value(invention, json_object_get(schema, "items")));
  return array;
}

static json_t *
invent_object(Invention *invention, const json_t *schema)
{
  json_t *object = json_object();
  const char *name;
  json_t *property;
  json_object_foreach(json_object_get(schema, "properties"), name, property)
      json_object_set_new(object, name, invent_value(invention, property));
  return object;
}

static const struct {
  const char *type;
  Maker make;
} MAKERS[] = {
    {"object", invent_object},   {"array", invent_array},     {"string", invent_string}, {"number", invent_number},
    {"integer", invent_integer}, {"boolean", invent_boolean}, {"null", invent_null},
};

static Maker
find_maker(const json_t *schema)
{
  const json_t *type = json_object_get(schema, "type");
  const char *name = json_string_value(json_is_array(type) ? json_array_get(type, 0) : type);
  for (size_t i = 0; i < G_N_ELEMENTS(MAKERS); i++)
    if (g_strcmp0(name, MAKERS[i].type) == 0)
      return MAKERS[i].make;
  return invent_null;
}

json_t *
invent_value(Invention *invention, const json_t *schema)
{
  json_t *constant = json_object_get(schema, "const");
  if (constant != NULL)
    return json_incref(constant);
  const json_t *choices = json_object_get(schema, "enum");
  size_t count = json_array_size(choices);
  if (count > 0)
    return json_incref(json_array_get(choices, (size_t) pick(invention, 0, (int64_t) count - 1)));
  if (invention->depth == MAX_DEPTH)
    return json_null();
  invention->depth++;
  json_t *value = find_maker(schema)(invention, schema);
  invention->depth--;
  return value;
}
