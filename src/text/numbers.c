#include "text/numbers.h"

#include "base/text.h"

#include <string.h>

static const char DIGITS[] = "0123456789";

/* Where a comma stands before the fraction and a full stop between thousands. */
static const char *const COMMA_LANGUAGES[] = {"cs", "da", "de", "el", "es", "fi", "fr", "hu", "id", "it", "nb",
                                              "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", NULL};

static const char *const CURRENCIES[] = {"$", "€", "£", "¥", "₹", NULL};

/* @power: of ten */
typedef struct {
  const char *word;
  int power;
} Multiplier;

static const Multiplier GLUED_MULTIPLIERS[] = {{"k", 3},  {"m", 6},   {"mn", 6}, {"mio", 6}, {"b", 9},
                                               {"bn", 9}, {"mrd", 9}, {"t", 12}, {"tn", 12}, {NULL, 0}};

static const Multiplier SPACED_MULTIPLIERS[] = {
    {"hundred", 2},   {"thousand", 3},   {"tausend", 3},    {"mille", 3},     {"mil", 3},      {"duizend", 3},
    {"tsd", 3},       {"million", 6},    {"millions", 6},   {"millionen", 6}, {"millones", 6}, {"millón", 6},
    {"miljoen", 6},   {"mio", 6},        {"mn", 6},         {"billion", 9},   {"billions", 9}, {"bn", 9},
    {"milliarde", 9}, {"milliarden", 9}, {"milliard", 9},   {"milliards", 9}, {"miljard", 9},  {"mrd", 9},
    {"trillion", 12}, {"trillions", 12}, {"billionen", 12}, {"billones", 12}, {NULL, 0}};

/* Units in words, and the sign that is written for them; a currency's stands before the number. */
static const struct {
  const char *word;
  const char *sign;
} UNITS[] = {{"percent", "%"}, {"prozent", "%"}, {"procent", "%"}, {"pct", "%"}, {"dollar", "$"},
             {"dollars", "$"}, {"euro", "€"},    {"euros", "€"},   {"eur", "€"}, {"usd", "$"}};

/* What is measured in capitals; other capitals behind a number make a name: "3D", "5G", "2FA". */
static const char *const CAPITAL_UNITS[] = {"gb",  "mb",  "kb",  "tb", "pb",  "gib", "mib",  "kib",  "tib", "hz",
                                            "khz", "mhz", "ghz", "w",  "v",   "kw",  "mw",   "gw",   "kwh", "mwh",
                                            "mph", "am",  "pm",  "mp", "fps", "bps", "gbps", "mbps", "km",  NULL};

static const char *const PRERELEASES[] = {"a", "b", "rc", "alpha", "beta", "dev", "pre", "preview", "snapshot", NULL};

static const char *
skip_digits(const char *at)
{
  return at + strspn(at, DIGITS);
}

static const char *
skip_letters(const char *at)
{
  while (g_unichar_isalpha(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  return at;
}

static bool
is_group_next(const char *at)
{
  return *at == ' ' && strspn(at + 1, DIGITS) == 3;
}

/* Returns: the length of the sign between two digits at @at, 0 when none is there */
static size_t
measure_separator(const char *at)
{
  size_t length = *at == '.' || *at == ',' || *at == '\'' ? 1 : g_str_has_prefix(at, "’") ? strlen("’") : 0;
  return length > 0 && g_ascii_isdigit(at[length]) ? length : 0;
}

static const char *
find_digits_end(const char *at)
{
  const char *end = skip_digits(at);
  bool is_grouped_by_spaces = end - at <= 3;
  for (;;) {
    size_t separator = measure_separator(end);
    if (separator == 0 && (!is_grouped_by_spaces || !is_group_next(end)))
      return end;
    is_grouped_by_spaces = separator == 0;
    end = skip_digits(end + MAX(separator, 1));
  }
}

/* Returns: (transfer full): the digits from @at to @end, with full stops and commas alone between them */
static char *
copy_digits(const char *at, const char *end)
{
  GString *digits = g_string_sized_new((size_t) (end - at));
  for (; at < end; at++)
    if (g_ascii_isdigit(*at) || *at == '.' || *at == ',')
      g_string_append_c(digits, *at);
  return g_string_free(digits, FALSE);
}

static guint
count(const char *text, char character)
{
  guint found = 0;
  for (const char *at = strchr(text, character); at != NULL; at = strchr(at + 1, character))
    found++;
  return found;
}

/* Whether each @separator in @digits stands before three digits and none behind the fraction's sign. */
static bool
is_grouped(const char *digits, char separator)
{
  const char *at = digits + strspn(digits, DIGITS);
  if (*at != separator || at - digits > 3)
    return false;
  while (*at == separator) {
    if (strspn(at + 1, DIGITS) != 3)
      return false;
    at += 4;
  }
  return strchr(at, separator) == NULL;
}

static void
drop(char *text, char character)
{
  char *to = text;
  for (const char *from = text; *from != '\0'; from++)
    if (*from != character)
      *to++ = *from;
  *to = '\0';
}

/* Makes @digits a number with a full stop before its fraction. Returns: false when they are none: "1,2,3" */
static bool
normalise_fraction(char *digits, bool is_comma_language)
{
  char point = is_comma_language ? ',' : '.';
  char separator = is_comma_language ? '.' : ',';
  if (is_grouped(digits, separator))
    drop(digits, separator);
  if (count(digits, '.') + count(digits, ',') > 1)
    return false;
  char *fraction = strchr(digits, point);
  if (fraction == NULL)
    fraction = strchr(digits, separator);
  if (fraction != NULL)
    *fraction = '.';
  return true;
}

/* Returns: (transfer full): @number times ten to the @power, without needless zeros */
static char *
multiply(const char *number, int power)
{
  size_t whole = strspn(number, DIGITS);
  GString *digits = g_string_new_len(number, (gssize) whole);
  const char *fraction = number[whole] == '.' ? number + whole + 1 : "";
  size_t moved = MIN(strlen(fraction), (size_t) power);
  g_string_append_len(digits, fraction, (gssize) moved);
  for (size_t i = moved; i < (size_t) power; i++)
    g_string_append_c(digits, '0');
  size_t zeros = strspn(digits->str, "0");
  g_string_erase(digits, 0, (gssize) MIN(zeros, digits->len - 1));

  size_t left = strlen(fraction);
  while (left > moved && fraction[left - 1] == '0')
    left--;
  if (left > moved) {
    g_string_append_c(digits, '.');
    g_string_append_len(digits, fraction + moved, (gssize) (left - moved));
  }
  return g_string_free(digits, FALSE);
}

/* Returns: what stands behind the number of a version that is not out yet ("-rc1", "b2"), else @end */
static const char *
find_prerelease_end(const char *end, size_t least_letters)
{
  const char *letters = end + (*end == '-' || *end == '.');
  const char *letters_end = skip_letters(letters);
  if ((size_t) (letters_end - letters) < least_letters || letters_end - letters > 8)
    return end;
  g_autofree char *word = text_casefold(letters, letters_end - letters);
  if (!g_strv_contains(PRERELEASES, word))
    return end;
  const char *digits = letters_end + (*letters_end == '.' || *letters_end == '-');
  const char *digits_end = skip_digits(digits);
  return digits_end > digits ? digits_end : letters_end;
}

/* A version with a year last is a date: "12.05.2024". */
static bool
is_date(const char *digits)
{
  const char *last = strrchr(digits, '.');
  return count(digits, '.') == 2 && strlen(last + 1) == 4;
}

/* Returns: the end of the version that begins at @at with digits that end at @digits_end, NULL when it is another number */
static const char *
find_version_end(const char *at, const char *digits_end, const char *language)
{
  bool is_marked = *at == 'v' || *at == 'V';
  g_autofree char *digits = copy_digits(at, digits_end);
  size_t written = (size_t) (digits_end - at) - is_marked;
  guint stops = count(digits, '.');
  bool is_thousands = g_strv_contains(COMMA_LANGUAGES, language) && is_grouped(digits, '.');
  if (written != strlen(digits) || strchr(digits, ',') != NULL || is_thousands || is_date(digits))
    return NULL;
  bool is_sure = is_marked || stops > 1;
  const char *end = find_prerelease_end(digits_end, is_sure ? 1 : strlen("rc"));
  bool is_version = is_sure || (stops == 1 && end > digits_end);
  return is_version && !g_unichar_isalpha(g_utf8_get_char(end)) ? end : NULL;
}

static char *
make_version_key(const char *at, const char *digits_end, const char *end)
{
  g_autofree char *digits = copy_digits(at, digits_end);
  char *end_of_digits = digits + strlen(digits);
  while (end_of_digits - digits > 2 && memcmp(end_of_digits - 2, ".0", 2) == 0)
    end_of_digits -= 2;
  *end_of_digits = '\0';
  g_autofree char *prerelease = text_casefold(digits_end, end - digits_end);
  drop(prerelease, '-');
  drop(prerelease, '.');
  return g_strconcat(digits, prerelease[0] != '\0' ? "-" : "", prerelease, NULL);
}

static int
find_power(const Multiplier *multipliers, const char *word)
{
  for (; multipliers->word != NULL; multipliers++)
    if (strcmp(multipliers->word, word) == 0)
      return multipliers->power;
  return 0;
}

/*
 * What stands around the digits of a number, found from left to right.
 * @end: of what was found so far
 * @currency: (nullable): its sign
 * @unit: (nullable) (transfer full): as it stands in the key
 */
typedef struct {
  const char *end;
  const char *currency;
  char *unit;
  int power;
} Surroundings;

static bool
is_small(const char *at, const char *end)
{
  while (at < end && !g_unichar_isupper(g_utf8_get_char(at)))
    at = g_utf8_next_char(at);
  return at == end;
}

/* "100k", "$5bn", "16GB", "1990s". Returns: false when the letters make it a name: "3D" */
static bool
read_glued_letters(Surroundings *found)
{
  const char *letters = found->end;
  const char *end = skip_letters(letters);
  if (end == letters)
    return true;
  g_autofree char *word = text_casefold(letters, end - letters);
  int power = find_power(GLUED_MULTIPLIERS, word);
  bool is_long = strlen(word) > 1 || word[0] == 'k';
  bool is_multiplier = power > 0 && (is_long || found->currency != NULL || !is_small(letters, end));
  bool is_unit = is_small(letters, end) || g_strv_contains(CAPITAL_UNITS, word);
  if (g_ascii_isdigit(*end) || (!is_multiplier && !is_unit))
    return false;
  found->end = end;
  if (is_multiplier)
    found->power = power;
  else
    found->unit = g_steal_pointer(&word);
  return true;
}

/* Returns: (transfer full) (nullable): the word that follows @end by a space or a hyphen; its end in @ret_end */
static char *
read_next_word(const char *end, const char **ret_end)
{
  enum { MAX_BYTES = 16 };
  if (*end != ' ' && *end != '-')
    return NULL;
  const char *word_end = end + 1;
  while (word_end - end < MAX_BYTES && g_unichar_isalpha(g_utf8_get_char(word_end)))
    word_end = g_utf8_next_char(word_end);
  if (g_unichar_isalnum(g_utf8_get_char(word_end)))
    return NULL;
  *ret_end = word_end;
  return text_casefold(end + 1, word_end - end - 1);
}

static void
read_multiplier(Surroundings *found)
{
  const char *end = NULL;
  g_autofree char *word = read_next_word(found->end, &end);
  int power = word != NULL ? find_power(SPACED_MULTIPLIERS, word) : 0;
  if (power == 0)
    return;
  found->power = power;
  found->end = end;
}

static void
set_unit(Surroundings *found, const char *sign, const char *end)
{
  if (*sign == '%')
    found->unit = g_strdup(sign);
  else
    found->currency = sign;
  found->end = end;
}

/* "12 %", "5 €". Returns: true when there is one */
static bool
read_sign(Surroundings *found)
{
  const char *sign = found->end + (*found->end == ' ');
  if (*sign == '%') {
    set_unit(found, "%", sign + 1);
    return true;
  }
  for (size_t i = 0; CURRENCIES[i] != NULL && found->currency == NULL; i++) {
    const char *end = sign + strlen(CURRENCIES[i]);
    if (g_str_has_prefix(sign, CURRENCIES[i]) && !g_ascii_isdigit(*end))
      set_unit(found, CURRENCIES[i], end);
  }
  return found->end > sign;
}

/* "12 percent", "5 euros" */
static void
read_unit_word(Surroundings *found)
{
  const char *end = NULL;
  g_autofree char *word = read_next_word(found->end, &end);
  for (size_t i = 0; word != NULL && i < G_N_ELEMENTS(UNITS); i++) {
    if (strcmp(word, UNITS[i].word) != 0)
      continue;
    if (found->currency == NULL || strcmp(found->currency, UNITS[i].sign) == 0)
      set_unit(found, UNITS[i].sign, end);
    return;
  }
}

/* Whether the digits from @at to @end have one sign among them, a full stop. */
static bool
is_fraction(const char *at, const char *end)
{
  const char *stop = skip_digits(at);
  return *stop == '.' && skip_digits(stop + 1) == end;
}

static const char *
find_currency(const char *at)
{
  for (size_t i = 0; CURRENCIES[i] != NULL; i++)
    if (g_str_has_prefix(at, CURRENCIES[i]))
      return CURRENCIES[i];
  return NULL;
}

static bool
read_plain(const char *at, const char *language, Number *ret_number)
{
  const char *currency = find_currency(at);
  const char *first = at + (currency != NULL ? strlen(currency) : 0);
  if (!g_ascii_isdigit(*first))
    return false;
  const char *digits_end = find_digits_end(first);
  Surroundings found = {.end = digits_end, .currency = currency};
  bool is_short = currency == NULL && digits_end == skip_digits(first);
  if (!read_glued_letters(&found) && is_short)
    return false;
  if (found.end == digits_end)
    read_multiplier(&found);
  if (found.unit == NULL && !read_sign(&found))
    read_unit_word(&found);

  g_autofree char *unit = found.unit;
  g_autofree char *digits = copy_digits(first, digits_end);
  bool is_amount = normalise_fraction(digits, g_strv_contains(COMMA_LANGUAGES, language));
  g_autofree char *amount = is_amount ? multiply(digits, found.power) : g_steal_pointer(&digits);
  ret_number->length = (size_t) (found.end - at);
  ret_number->is_version = false;
  ret_number->key = g_strconcat(found.currency != NULL ? found.currency : "", amount, unit, NULL);
  return true;
}

bool
number_has_currency(const char *at)
{
  const char *currency = find_currency(at);
  return currency != NULL && g_ascii_isdigit(at[strlen(currency)]);
}

bool
number_read(const char *at, const char *language, bool follows_name, Number *ret_number)
{
  const char *known_language = language != NULL ? language : "en";
  const char *first = at + ((*at == 'v' || *at == 'V') && g_ascii_isdigit(at[1]));
  const char *version_end = NULL;
  const char *digits_end = first;
  if (g_ascii_isdigit(*first)) {
    digits_end = find_digits_end(first);
    version_end = find_version_end(at, digits_end, known_language);
  }
  if (version_end == NULL && !read_plain(at, known_language, ret_number))
    return false;
  bool has_no_unit = version_end == NULL && ret_number->length == (size_t) (digits_end - at);
  if (has_no_unit && follows_name && is_fraction(at, digits_end)) {
    g_free(ret_number->key);
    version_end = digits_end;
  }
  if (version_end == NULL)
    return true;
  ret_number->length = (size_t) (version_end - at);
  ret_number->is_version = true;
  ret_number->key = make_version_key(at, digits_end, version_end);
  return true;
}
