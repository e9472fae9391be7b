#include "base/time.h"

#include <glib.h>
#include <string.h>

/* Longer texts are no times; years 1 to 9999 are what GDateTime and RFC 3339 know. */
enum { MAX_TIME_BYTES = 128, SECONDS_A_DAY = 24 * 60 * 60 };
#define MIN_TIME_MS (-62135596800000)
#define MAX_TIME_MS 253402300799999

/* Moment: the parts of a written time. */
typedef struct {
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second;
  int millisecond;
  int offset_minutes;
} Moment;

typedef struct {
  const char *name;
  int hours;
} Zone;

/* RFC 2822 section 4.3 */
static const Zone ZONES[] = {
    {"GMT", 0},  {"UTC", 0},  {"UT", 0},   {"Z", 0},    {"EST", -5}, {"EDT", -4},
    {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7},
};

/* Reads @min to @max digits at *@at. Returns: false when there are fewer, *@at untouched */
static bool
read_digits(const char **at, int min, int max, int *ret_number)
{
  int count = 0;
  int number = 0;
  while (count < max && g_ascii_isdigit((*at)[count])) {
    number = number * 10 + ((*at)[count] - '0');
    count++;
  }
  if (count < min)
    return false;
  *at += count;
  *ret_number = number;
  return true;
}

static bool
read_byte(const char **at, const char *bytes)
{
  if (**at == '\0' || strchr(bytes, **at) == NULL)
    return false;
  (*at)++;
  return true;
}

static size_t
measure_word(const char *at)
{
  size_t length = 0;
  while (g_ascii_isalpha(at[length]))
    length++;
  return length;
}

/* HH:MM, HH:MM:SS, HH:MM:SS.fraction, each part perhaps of one digit */
static bool
read_parts(const char **at, Moment *moment)
{
  if (!read_digits(at, 1, 2, &moment->hour) || !read_byte(at, ":") || !read_digits(at, 1, 2, &moment->minute))
    return false;
  if (!read_byte(at, ":"))
    return true;
  if (!read_digits(at, 1, 2, &moment->second))
    return false;
  if (!read_byte(at, ".,"))
    return true;
  if (!g_ascii_isdigit(**at))
    return false;
  for (int scale = 100; g_ascii_isdigit(**at); scale /= 10, (*at)++)
    moment->millisecond += (**at - '0') * scale;
  return true;
}

static void
skip_space(const char **at)
{
  while (g_ascii_isspace(**at) || **at == ',')
    (*at)++;
}

/* The parts of a clock, perhaps followed by AM or PM */
static bool
read_clock(const char **at, Moment *moment)
{
  if (!read_parts(at, moment))
    return false;
  const char *half = *at;
  skip_space(&half);
  bool is_after_noon = g_ascii_strncasecmp(half, "PM", 2) == 0;
  if (measure_word(half) != 2 || (!is_after_noon && g_ascii_strncasecmp(half, "AM", 2) != 0))
    return true;
  *at = half + 2;
  bool is_on_dial = moment->hour >= 1 && moment->hour <= 12;
  moment->hour = moment->hour % 12 + (is_after_noon ? 12 : 0);
  return is_on_dial;
}

/* +HHMM, +HH:MM, +HH */
static bool
read_offset(const char **at, int *ret_minutes)
{
  bool is_west = **at == '-';
  int hours;
  int minutes = 0;
  if (!read_byte(at, "+-") || !read_digits(at, 2, 2, &hours))
    return false;
  bool has_colon = read_byte(at, ":");
  if (!read_digits(at, 2, 2, &minutes) && has_colon)
    return false;
  if (hours > 23 || minutes > 59)
    return false;
  *ret_minutes = (is_west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

/* Other capital letters mean UTC (RFC 2822 section 4.3), only AM and PM must not. */
static bool
read_zone_name(const char *name, int *ret_minutes)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ZONES); i++)
    if (g_ascii_strcasecmp(name, ZONES[i].name) == 0) {
      *ret_minutes = ZONES[i].hours * 60;
      return true;
    }
  size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return strlen(name) == length && length <= 5 && length != 2;
}

/* A name, an offset, or both ("GMT+0100") */
static bool
read_zone(const char **at, int *ret_minutes)
{
  size_t length = measure_word(*at);
  g_autofree char *name = g_strndup(*at, length);
  if (!read_zone_name(name, ret_minutes))
    return false;
  *at += length;
  if (**at == '+' || **at == '-')
    return read_offset(at, ret_minutes);
  return length > 0;
}

/* Reads the rest: a zone or nothing, and a comment such as "(CET)". */
static bool
read_end(const char **at, Moment *moment)
{
  skip_space(at);
  if (**at != '\0' && **at != '(' && !read_zone(at, &moment->offset_minutes))
    return false;
  skip_space(at);
  if (**at == '(')
    *at += strlen(*at);
  return **at == '\0';
}

/* RFC 3339, also with slashes and parts of one digit */
static bool
read_dashed(const char *at, Moment *moment)
{
  if (!read_digits(&at, 4, 4, &moment->year) || !read_byte(&at, "-/") || !read_digits(&at, 1, 2, &moment->month) ||
      !read_byte(&at, "-/") || !read_digits(&at, 1, 2, &moment->day))
    return false;
  if (*at == '\0')
    return true;
  return read_byte(&at, "Tt ") && read_clock(&at, moment) && read_end(&at, moment);
}

/* Reads a word of which only the first three letters count. Returns: its 1-based place in @names, 0 when it is none */
static int
read_name(const char **at, const char *names)
{
  size_t length = measure_word(*at);
  if (length < 3)
    return 0;
  for (int i = 0; names[i * 3] != '\0'; i++)
    if (g_ascii_strncasecmp(*at, names + i * 3, 3) == 0) {
      *at += length;
      (void) read_byte(at, ".");
      return i + 1;
    }
  return 0;
}

static bool
read_year(const char **at, int *ret_year)
{
  const char *start = *at;
  int year;
  if (!read_digits(at, 2, 4, &year))
    return false;
  /* RFC 2822 section 4.3 */
  if (*at - start == 2)
    year += year < 50 ? 2000 : 1900;
  else if (*at - start == 3)
    year += 1900;
  *ret_year = year;
  return true;
}

static int
read_month(const char **at)
{
  return read_name(at, "JanFebMarAprMayJunJulAugSepOctNovDec");
}

static bool
read_separator(const char **at)
{
  const char *start = *at;
  (void) read_byte(at, "-");
  skip_space(at);
  return *at > start;
}

/* Reads the rest after a date: nothing, or a clock. */
static bool
read_time_of_day(const char *at, Moment *moment)
{
  skip_space(&at);
  return *at == '\0' || (read_clock(&at, moment) && read_end(&at, moment));
}

/* "Nov 20, 2026 08:30", or asctime: "Nov 20 08:30:00 2026", a zone perhaps before the year */
static bool
read_month_first(const char *at, Moment *moment)
{
  moment->month = read_month(&at);
  skip_space(&at);
  if (moment->month == 0 || !read_digits(&at, 1, 2, &moment->day) || !read_separator(&at))
    return false;
  if (read_digits(&at, 4, 4, &moment->year))
    return read_time_of_day(at, moment);
  if (!read_clock(&at, moment))
    return false;
  skip_space(&at);
  if (g_ascii_isalpha(*at) && !read_zone(&at, &moment->offset_minutes))
    return false;
  skip_space(&at);
  return read_year(&at, &moment->year) && *at == '\0';
}

/* RFC 822, 2822 and 850, and what begins with the month */
static bool
read_named(const char *at, Moment *moment)
{
  (void) read_name(&at, "MonTueWedThuFriSatSun");
  skip_space(&at);
  if (g_ascii_isalpha(*at))
    return read_month_first(at, moment);
  if (!read_digits(&at, 1, 2, &moment->day) || !read_separator(&at))
    return false;
  moment->month = read_month(&at);
  return moment->month != 0 && read_separator(&at) && read_year(&at, &moment->year) && read_time_of_day(at, moment);
}

/* Returns: false when there is no such moment */
static bool
convert(const Moment *moment, int64_t *ret_ms)
{
  /* 24:00 is the next day's beginning (ISO 8601), a leap second the last one's repetition */
  bool is_day_end = moment->hour == 24 && moment->minute == 0 && moment->second == 0 && moment->millisecond == 0;
  if (moment->second > 60)
    return false;
  g_autoptr(GDateTime) date = g_date_time_new_utc(moment->year, moment->month, moment->day, is_day_end ? 0 : moment->hour,
                                                  moment->minute, (double) MIN(moment->second, 59));
  if (date == NULL)
    return false;
  int64_t second = g_date_time_to_unix(date) + (is_day_end ? SECONDS_A_DAY : 0) - (int64_t) moment->offset_minutes * 60;
  int64_t time_ms = second * 1000 + moment->millisecond;
  if (time_ms < MIN_TIME_MS || time_ms > MAX_TIME_MS)
    return false;
  *ret_ms = time_ms;
  return true;
}

bool
time_parse(const char *text, int64_t *ret_ms)
{
  if (strnlen(text, MAX_TIME_BYTES + 1) > MAX_TIME_BYTES)
    return false;
  g_autofree char *stripped = g_strstrip(g_strdup(text));
  Moment moment = {0};
  bool is_dashed = strspn(stripped, "0123456789") == 4;
  bool is_read = is_dashed ? read_dashed(stripped, &moment) : read_named(stripped, &moment);
  return is_read && convert(&moment, ret_ms);
}

char *
time_format(int64_t time_ms)
{
  int64_t shown_ms = CLAMP(time_ms, MIN_TIME_MS, MAX_TIME_MS);
  int64_t millisecond = ((shown_ms % 1000) + 1000) % 1000;
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc((shown_ms - millisecond) / 1000);
  g_autofree char *clock = g_date_time_format(date, "%m-%dT%H:%M:%S");
  g_autofree char *fraction = millisecond > 0 ? g_strdup_printf(".%03d", (int) millisecond) : NULL;
  return g_strdup_printf("%04d-%s%sZ", g_date_time_get_year(date), clock, fraction != NULL ? fraction : "");
}
