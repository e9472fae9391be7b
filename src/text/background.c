#include "text/background.h"

#include "base/error.h"

#include <math.h>
#include <string.h>

/*
 * @frequencies: sorted lines, searched where they stand
 * @labels: (element-type utf8 utf8): by every name a topic goes by, both borrowed from @topics
 */
struct Background {
  char *frequencies;
  size_t length;
  size_t first_line;
  double documents;
  char *topics;
  GHashTable *labels;
};

/* Cuts @topics into lines and names in place. */
static bool
read_topics(Background *background, GError **error)
{
  char *rest = background->topics;
  for (int number = 1; *rest != '\0'; number++) {
    char *line = rest;
    char *end = strchrnul(line, '\n');
    rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    if (line[0] == '\0' || line[0] == '#')
      continue;
    char *label = line;
    for (char *name = strchr(line, '\t'); name != NULL;) {
      *name++ = '\0';
      char *next = strchr(name, '\t');
      if (next != NULL)
        *next = '\0';
      if (!g_hash_table_insert(background->labels, name, label)) {
        error_set(error, ERROR_BAD_DATA, "topics-en.tsv:%d: two topics go by the name \"%s\"", number, name);
        return false;
      }
      if (next != NULL)
        *next = '\t';
      name = next;
    }
  }
  return true;
}

Background *
background_new(char *frequencies, char *topics, GError **error)
{
  g_autoptr(Background) background = g_new0(Background, 1);
  background->frequencies = frequencies;
  background->length = strlen(frequencies);
  background->first_line = strcspn(frequencies, "\n");
  background->topics = topics;
  background->labels = g_hash_table_new(g_str_hash, g_str_equal);
  background->documents = g_ascii_strtod(frequencies, NULL);
  if (background->documents < 1) {
    error_set(error, ERROR_BAD_DATA, "frequencies-en.tsv:1: expected the number of documents");
    return NULL;
  }
  return read_topics(background, error) ? g_steal_pointer(&background) : NULL;
}

/* Returns: how often the stem is told of; 1 when it is not */
static double
find_frequency(const Background *background, const char *stem)
{
  const char *text = background->frequencies;
  size_t low = background->first_line;
  size_t high = background->length;
  size_t length = strlen(stem);
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    size_t start = middle;
    while (start > low && text[start - 1] != '\n')
      start--;
    const char *line = text + start;
    size_t stem_length = strcspn(line, "\t\n");
    int order = memcmp(stem, line, MIN(length, stem_length));
    if (order == 0)
      order = (length > stem_length) - (length < stem_length);
    if (order == 0)
      return MAX(g_ascii_strtod(line + stem_length, NULL), 1);
    if (order < 0)
      high = start;
    else
      low = MIN(start + strcspn(line, "\n") + 1, high);
  }
  return 1;
}

double
background_idf(const Background *background, const char *stem)
{
  return log(background->documents / find_frequency(background, stem));
}

const char *
background_topic(const Background *background, const char *name)
{
  return g_hash_table_lookup(background->labels, name);
}

void
background_free(Background *background)
{
  if (background == NULL)
    return;
  g_free(background->frequencies);
  g_free(background->topics);
  g_hash_table_unref(background->labels);
  g_free(background);
}
