#include "scoring/reputation.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/url.h"

static const char *const KINDS[] = {
    [DOMAIN_UNKNOWN] = "",    [DOMAIN_OFFICIAL] = "official",       [DOMAIN_FORGE] = "forge",
    [DOMAIN_PRESS] = "press", [DOMAIN_ENGINEERING] = "engineering", [DOMAIN_HUB] = "hub",
    [DOMAIN_HOST] = "host",   [DOMAIN_SHORTENER] = "shortener",     [DOMAIN_FARM] = "farm",
};

/* Shorter names are near too many others. */
enum { LEAST_IMITATED = 6 };

/* @kinds: (element-type utf8 guint): by domain; @imitated: (element-type utf8): domains that lookalikes imitate */
struct Domains {
  GHashTable *kinds;
  GPtrArray *imitated;
};

/* ---- the table */

static DomainKind
find_kind(const char *name)
{
  for (size_t i = 1; i < G_N_ELEMENTS(KINDS); i++)
    if (g_str_equal(KINDS[i], name))
      return (DomainKind) i;
  return DOMAIN_UNKNOWN;
}

static bool
read_line(Domains *domains, char *line)
{
  char *tab = strchr(line, '\t');
  if (tab == NULL)
    return false;
  *tab = '\0';
  DomainKind kind = find_kind(line);
  bool is_good = kind != DOMAIN_UNKNOWN;
  g_auto(GStrv) names = g_strsplit(tab + 1, " ", -1);
  for (char **name = names; is_good && *name != NULL; name++) {
    is_good = strchr(*name, '.') != NULL && strchr(*name, '/') == NULL && !g_hash_table_contains(domains->kinds, *name);
    char *kept = g_strdup(*name);
    g_hash_table_insert(domains->kinds, kept, GUINT_TO_POINTER(kind));
    if (kind == DOMAIN_OFFICIAL || kind == DOMAIN_FORGE || kind == DOMAIN_PRESS)
      g_ptr_array_add(domains->imitated, g_strdup(*name));
  }
  return is_good;
}

Domains *
domains_new(const char *text, GError **error)
{
  g_autoptr(Domains) domains = g_new(Domains, 1);
  *domains = (Domains){.kinds = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                       .imitated = g_ptr_array_new_with_free_func(g_free)};
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '#' && *lines[i] != '\0' && !read_line(domains, lines[i])) {
      error_set(error, ERROR_BAD_DATA, "domains.tsv:%d: expected a kind, a tab and domains that stand nowhere else", i + 1);
      return NULL;
    }
  return g_steal_pointer(&domains);
}

void
domains_free(Domains *domains)
{
  if (domains == NULL)
    return;
  g_hash_table_unref(domains->kinds);
  g_ptr_array_unref(domains->imitated);
  g_free(domains);
}

/* ---- lookalikes */

/* Returns: the letter that @letter is taken for */
static char
plain_letter(gunichar letter)
{
  static const struct {
    gunichar letter;
    char plain;
  } LOOKS[] = {{'0', 'o'},   {'1', 'l'},   {'3', 'e'},   {'5', 's'},   {0x430, 'a'}, {0x435, 'e'}, {0x43e, 'o'},
               {0x440, 'p'}, {0x441, 'c'}, {0x443, 'y'}, {0x445, 'x'}, {0x455, 's'}, {0x456, 'i'}, {0x458, 'j'},
               {0x501, 'd'}, {0x51b, 'q'}, {0x51d, 'w'}, {0x4bb, 'h'}, {0x4cf, 'l'}, {0x3bf, 'o'}, {0x3b1, 'a'},
               {0x3bd, 'v'}, {0x3c1, 'p'}, {0x131, 'i'}, {0x261, 'g'}, {0x585, 'o'}, {0x578, 'n'}, {0x57d, 'u'}};
  for (size_t i = 0; i < G_N_ELEMENTS(LOOKS); i++)
    if (LOOKS[i].letter == letter)
      return LOOKS[i].plain;
  return letter < 0x80 ? (char) letter : '?';
}

/* Returns: (transfer full): what @domain looks like at a glance */
static char *
glance(const char *domain)
{
  g_autofree char *unicode = g_hostname_to_unicode(domain);
  g_autofree char *parted = g_utf8_normalize(unicode != NULL ? unicode : domain, -1, G_NORMALIZE_NFKD);
  g_autoptr(GString) seen = g_string_new(NULL);
  for (const char *at = parted != NULL ? parted : ""; *at != '\0'; at = g_utf8_next_char(at))
    if (g_unichar_combining_class(g_utf8_get_char(at)) == 0)
      g_string_append_c(seen, plain_letter(g_utf8_get_char(at)));
  g_string_replace(seen, "rn", "m", 0);
  g_string_replace(seen, "vv", "w", 0);
  return g_strdup(seen->str);
}

/* Whether one letter more, less, other, or two exchanged, behind the first one, make @a of @b; names that begin otherwise
 * ("cython") are names of their own. */
static bool
is_one_off(const char *a, const char *b)
{
  size_t length = strlen(a);
  size_t other = strlen(b);
  size_t same = 0;
  while (same < length && same < other && a[same] == b[same])
    same++;
  if (same == 0)
    return false;
  if (length == other)
    return same < length && (g_str_equal(a + same + 1, b + same + 1) ||
                             (a[same + 1] == b[same] && a[same] == b[same + 1] && g_str_equal(a + same + 2, b + same + 2)));
  return length > other ? length - other == 1 && g_str_equal(a + same + 1, b + same)
                        : other - length == 1 && g_str_equal(a + same, b + same + 1);
}

/* @domain: registrable and not listed */
static bool
is_lookalike(const Domains *domains, const char *domain)
{
  const char *end = strchr(domain, '.');
  if (end == NULL)
    return false;
  g_autofree char *name = g_strndup(domain, (size_t) (end - domain));
  g_autofree char *seen = glance(name);
  for (guint i = 0; i < domains->imitated->len; i++) {
    const char *other = domains->imitated->pdata[i];
    const char *other_end = strchr(other, '.');
    if (!g_str_equal(other_end, end))
      continue;
    g_autofree char *other_name = g_strndup(other, (size_t) (other_end - other));
    g_autofree char *other_seen = glance(other_name);
    if (g_str_equal(seen, other_seen))
      return true;
    if (strlen(other_name) >= LEAST_IMITATED && is_one_off(name, other_name))
      return true;
  }
  return false;
}

DomainKind
domains_kind(const Domains *domains, const char *address)
{
  g_autofree char *host = url_host(address);
  for (const char *name = host; name != NULL; name = strchr(name, '.') != NULL ? strchr(name, '.') + 1 : NULL) {
    guint kind = GPOINTER_TO_UINT(g_hash_table_lookup(domains->kinds, name));
    if (kind != DOMAIN_UNKNOWN)
      return (DomainKind) kind;
  }
  g_autofree char *domain = url_domain(address);
  return domain != NULL && is_lookalike(domains, domain) ? DOMAIN_LOOKALIKE : DOMAIN_UNKNOWN;
}

/* ---- history */

static const double PRIOR_ANSWERS = 5;

typedef struct {
  int64_t answers;
  double sum;
} Record;

/* @records: (element-type utf8 Record): by place */
struct History {
  GHashTable *records;
};

History *
history_new(void)
{
  History *history = g_new(History, 1);
  history->records = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return history;
}

void
history_free(History *history)
{
  if (history == NULL)
    return;
  g_hash_table_unref(history->records);
  g_free(history);
}

/* Of those with the fewest answers the first by name goes, whatever the order of the table. */
static void
drop_one(History *history)
{
  const char *least = NULL;
  int64_t fewest = 0;
  GHashTableIter all;
  g_hash_table_iter_init(&all, history->records);
  for (void *place, *data; g_hash_table_iter_next(&all, &place, &data);) {
    const Record *record = data;
    if (least == NULL || record->answers < fewest || (record->answers == fewest && strcmp(place, least) < 0)) {
      least = place;
      fewest = record->answers;
    }
  }
  g_hash_table_remove(history->records, least);
}

void
history_add(History *history, const char *place, double given)
{
  Record *record = g_hash_table_lookup(history->records, place);
  if (record == NULL) {
    if (g_hash_table_size(history->records) >= HISTORY_MAX)
      drop_one(history);
    record = g_new0(Record, 1);
    g_hash_table_insert(history->records, g_strdup(place), record);
  }
  record->answers++;
  record->sum += given - HISTORY_MIDDLE;
}

double
history_mean(const History *history, const char *place)
{
  const Record *record = place != NULL ? g_hash_table_lookup(history->records, place) : NULL;
  return record != NULL ? record->sum / ((double) record->answers + PRIOR_ANSWERS) : 0;
}

json_t *
history_json(const History *history)
{
  json_t *json = json_object();
  GHashTableIter all;
  g_hash_table_iter_init(&all, history->records);
  for (void *place, *data; g_hash_table_iter_next(&all, &place, &data);) {
    const Record *record = data;
    json_object_set_new(json, place, json_pack("[I f]", (json_int_t) record->answers, record->sum));
  }
  return json;
}

History *
history_read(const json_t *json)
{
  const char *place = NULL;
  json_t *entry = NULL;
  if (!json_is_object(json) || json_object_size(json) > HISTORY_MAX)
    return NULL;
  g_autoptr(History) history = history_new();
  json_object_foreach((json_t *) json, place, entry)
  {
    int64_t answers = json_integer_value(json_array_get(entry, 0));
    const json_t *sum = json_array_get(entry, 1);
    double value = json_number_value(sum);
    if (json_array_size(entry) != 2 || answers < 1 || !json_is_number(sum) || fabs(value) > (double) answers)
      return NULL;
    Record *record = g_new(Record, 1);
    *record = (Record){answers, value};
    g_hash_table_insert(history->records, g_strdup(place), record);
  }
  return g_steal_pointer(&history);
}
