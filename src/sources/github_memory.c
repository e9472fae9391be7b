#include "sources/github.h"

#include "sources/reading.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_KNOWN = 1000 };

/* Sight: when the repository called @key was last seen. */
typedef struct {
  const char *key;
  int64_t seen_ms;
} Sight;

static char *
make_key(int64_t number)
{
  return g_strdup_printf("%" PRId64, number);
}

json_t *
github_memory_read(const char *text, int64_t since_ms)
{
  g_autoptr(json_t) memory = text != NULL ? reading_parse(text, NULL) : NULL;
  if (!json_is_object(memory))
    return json_object();
  const char *key;
  void *next;
  json_t *value;
  json_object_foreach_safe(memory, next, key, value)
  {
    if (json_read_int(value, "seen_ms", INT64_MIN) < since_ms)
      json_object_del(memory, key);
  }
  return g_steal_pointer(&memory);
}

bool
github_memory_find(const json_t *memory, int64_t number, Baseline *ret_baseline)
{
  g_autofree char *key = make_key(number);
  const json_t *value = json_object_get(memory, key);
  int64_t stars = json_read_int(value, "stars", -1);
  if (stars < 0)
    return false;
  *ret_baseline = (Baseline){
      .stars = stars, .taken_ms = json_read_int(value, "taken_ms", 0), .seen_ms = json_read_int(value, "seen_ms", 0)};
  return true;
}

void
github_memory_keep(json_t *memory, int64_t number, const Baseline *baseline)
{
  g_autofree char *key = make_key(number);
  json_object_set_new(memory, key,
                      json_pack("{s:I, s:I, s:I}", "stars", (json_int_t) baseline->stars, "taken_ms",
                                (json_int_t) baseline->taken_ms, "seen_ms", (json_int_t) baseline->seen_ms));
}

static int
compare_sights(const void *left, const void *right)
{
  const Sight *a = left;
  const Sight *b = right;
  if (a->seen_ms != b->seen_ms)
    return a->seen_ms < b->seen_ms ? -1 : 1;
  return strcmp(a->key, b->key);
}

char *
github_memory_write(json_t *memory)
{
  g_autoptr(GArray) sights = g_array_new(FALSE, FALSE, sizeof(Sight));
  const char *key;
  json_t *value;
  json_object_foreach(memory, key, value)
  {
    const Sight sight = {.key = key, .seen_ms = json_read_int(value, "seen_ms", 0)};
    g_array_append_val(sights, sight);
  }
  g_array_sort(sights, compare_sights);
  for (unsigned i = 0; i + MAX_KNOWN < sights->len; i++)
    json_object_del(memory, g_array_index(sights, Sight, i).key);
  return json_write(memory);
}
