#include "text/background.h"

#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/*
 * @frequencies: a line a stem
 * @places: by the hash of a stem: where in @frequencies its line begins, 0 for none; a stem whose place is taken stands in the
 * next free one
 * @topics: (element-type utf8 NamedTopic): by every name as fold_name() writes it, in the words of @lines
 * @beginnings: the first words of these names
 */
struct Background {
  char *frequencies;
  guint32 *places;
  guint32 place_mask;
  double documents;
  char **lines;
  GHashTable *topics;
  GHashTable *beginnings;
};

/* Returns: (transfer full): @name as it is looked up */
static char *
fold_name(const char *name)
{
  return g_strdelimit(text_casefold(name, -1), "-", ' ');
}

/* Returns: (transfer full): of a folded name, up to what parts words of one name */
static char *
first_word(const char *name)
{
  static const char *const JOINERS[] = {" ", "/", "\u2010", "\u2011"};
  size_t length = strlen(name);
  for (size_t i = 0; i < G_N_ELEMENTS(JOINERS); i++) {
    const char *joiner = strstr(name, JOINERS[i]);
    length = joiner != NULL ? MIN(length, (size_t) (joiner - name)) : length;
  }
  return g_strndup(name, length);
}

/* A name is of one topic; a label that stands again as an ambiguous name is one. */
static bool
add_name(Background *background, const char *name, const char *label)
{
  bool is_ambiguous = *name == '?';
  g_autofree char *folded = fold_name(name + is_ambiguous);
  NamedTopic *known = g_hash_table_lookup(background->topics, folded);
  if (known != NULL && (known->label != label || !is_ambiguous))
    return false;
  NamedTopic *topic = g_new(NamedTopic, 1);
  *topic = (NamedTopic){.label = label, .name = name + is_ambiguous, .is_ambiguous = is_ambiguous};
  g_hash_table_add(background->beginnings, first_word(folded));
  g_hash_table_replace(background->topics, g_steal_pointer(&folded), topic);
  return true;
}

/* Cuts the lines into names where they stand. */
static bool
read_topics(Background *background, GError **error)
{
  for (size_t i = 0; background->lines[i] != NULL; i++) {
    char *label = background->lines[i];
    if (*label == '\0' || *label == '#')
      continue;
    for (char *name = label, *rest; name != NULL; name = rest) {
      rest = strchr(name, '\t');
      if (rest != NULL)
        *rest++ = '\0';
      if (add_name(background, name, label))
        continue;
      error_set(error, ERROR_BAD_DATA, "topics-en.tsv:%zu: the name \"%s\" stands twice", i + 1, name);
      return false;
    }
  }
  return true;
}

/* FNV-1a */
static guint32
hash_stem(const char *stem, size_t length)
{
  guint32 hash = 2166136261;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char) stem[i]) * 16777619;
  return hash;
}

static void
place_stems(Background *background, const char *first)
{
  guint32 stems = 0;
  for (const char *at = first; (at = strchr(at, '\n')) != NULL; at++)
    stems++;
  guint32 places = 1;
  while (places < 2 * (stems + 1))
    places *= 2;
  background->places = g_new0(guint32, places);
  background->place_mask = places - 1;
  for (const char *line = first; *line != '\0';) {
    size_t length = strcspn(line, "\t\n");
    guint32 place = hash_stem(line, length) & background->place_mask;
    while (background->places[place] != 0)
      place = (place + 1) & background->place_mask;
    background->places[place] = (guint32) (line - background->frequencies);
    line = strchrnul(line + length, '\n');
    line += *line == '\n';
  }
}

static bool
read_frequencies(Background *background, GError **error)
{
  const char *at = background->frequencies;
  int number = 1;
  for (; *at == '#'; number++) {
    at += strcspn(at, "\n");
    at += *at != '\0';
  }
  background->documents = g_ascii_strtod(at, NULL);
  if (background->documents >= 1) {
    at += strcspn(at, "\n");
    place_stems(background, at + (*at == '\n'));
    return true;
  }
  error_set(error, ERROR_BAD_DATA, "frequencies-en.tsv:%d: expected the number of documents", number);
  return false;
}

Background *
background_new(char *frequencies, char *topics, GError **error)
{
  g_autofree char *text = topics;
  g_autoptr(Background) background = g_new0(Background, 1);
  background->frequencies = frequencies;
  background->lines = g_strsplit(text, "\n", -1);
  background->topics = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  background->beginnings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  bool is_read = read_frequencies(background, error) && read_topics(background, error);
  return is_read ? g_steal_pointer(&background) : NULL;
}

/* Returns: how often the stem is told of; 0 when it is not */
static double
find_frequency(const Background *background, const char *stem)
{
  size_t length = strlen(stem);
  guint32 place = hash_stem(stem, length) & background->place_mask;
  for (; background->places[place] != 0; place = (place + 1) & background->place_mask) {
    const char *line = background->frequencies + background->places[place];
    if (strncmp(line, stem, length) == 0 && line[length] == '\t')
      return (double) g_ascii_strtoull(line + length, NULL, 10);
  }
  return 0;
}

double
background_idf(const Background *background, const char *stem, bool *ret_is_known)
{
  double frequency = find_frequency(background, stem);
  if (ret_is_known != NULL)
    *ret_is_known = frequency > 0;
  return log(background->documents / MAX(frequency, 1));
}

const NamedTopic *
background_topic(const Background *background, const char *name)
{
  g_autofree char *folded = fold_name(name);
  return g_hash_table_lookup(background->topics, folded);
}

bool
background_begins_topic(const Background *background, const char *folded)
{
  size_t length = strlen(folded);
  g_autofree char *singular = length > 1 && folded[length - 1] == 's' ? g_strndup(folded, length - 1) : NULL;
  return g_hash_table_contains(background->beginnings, folded) ||
         (singular != NULL && g_hash_table_contains(background->beginnings, singular));
}

void
background_free(Background *background)
{
  if (background == NULL)
    return;
  g_free(background->frequencies);
  g_free(background->places);
  g_strfreev(background->lines);
  g_hash_table_unref(background->topics);
  g_hash_table_unref(background->beginnings);
  g_free(background);
}
