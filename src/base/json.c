#include "base/json.h"

#include "base/error.h"
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Mender: a walk over a JSON text that copies it and replaces what jansson refuses although a reader can do without. */
typedef struct {
  const char *at;
  const char *end;
  GString *mended;
  bool is_changed;
} Mender;

static void
mend_bytes(Mender *mender)
{
  gunichar character = g_utf8_get_char_validated(mender->at, mender->end - mender->at);
  if (character <= 0x10FFFF) {
    const char *next = g_utf8_next_char(mender->at);
    g_string_append_len(mender->mended, mender->at, next - mender->at);
    mender->at = next;
    return;
  }
  g_string_append(mender->mended, "\xEF\xBF\xBD");
  mender->at++;
  mender->is_changed = true;
}

static const char *
skip_digits(const char *at)
{
  while (g_ascii_isdigit(*at))
    at++;
  return at;
}

/* RFC 8259 section 6: what is malformed stays so, to be refused. */
static bool
is_number(const char *token)
{
  const char *digits = *token == '-' ? token + 1 : token;
  const char *at = skip_digits(digits);
  bool is_well_formed = at > digits && (*digits != '0' || at == digits + 1);
  if (*at == '.') {
    digits = at + 1;
    at = skip_digits(digits);
    is_well_formed = is_well_formed && at > digits;
  }
  if (*at == 'e' || *at == 'E') {
    digits = at[1] == '+' || at[1] == '-' ? at + 2 : at + 1;
    at = skip_digits(digits);
    is_well_formed = is_well_formed && at > digits;
  }
  return is_well_formed && *at == '\0';
}

static void
mend_number(Mender *mender)
{
  const char *start = mender->at;
  while (mender->at < mender->end && *mender->at != '\0' && strchr("+-.0123456789eE", *mender->at) != NULL)
    mender->at++;
  g_autofree char *token = g_strndup(start, (size_t) (mender->at - start));

  double value = g_ascii_strtod(token, NULL);
  bool is_integer = token[strcspn(token, ".eE")] == '\0';
  bool is_out_of_range = isinf(value) || (is_integer && !g_ascii_string_to_signed(token, 10, INT64_MIN, INT64_MAX, NULL, NULL));
  if (!is_out_of_range || !is_number(token)) {
    g_string_append(mender->mended, token);
    return;
  }
  char real[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append(mender->mended, g_ascii_formatd(real, sizeof real, "%.16e", CLAMP(value, -DBL_MAX, DBL_MAX)));
  mender->is_changed = true;
}

/* Returns: the code unit of the \uXXXX at @at, -1 when there is none */
static int
read_unicode_escape(const char *at, const char *end)
{
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
    return -1;
  int unit = 0;
  for (int i = 2; i < 6; i++) {
    if (!g_ascii_isxdigit(at[i]))
      return -1;
    unit = unit * 16 + g_ascii_xdigit_value(at[i]);
  }
  return unit;
}

static void
mend_escape(Mender *mender)
{
  const char *at = mender->at;
  int unit = read_unicode_escape(at, mender->end);
  int next = unit >= 0 ? read_unicode_escape(at + 6, mender->end) : -1;
  bool is_pair = unit >= 0xD800 && unit <= 0xDBFF && next >= 0xDC00 && next <= 0xDFFF;
  bool is_lone = !is_pair && unit >= 0xD800 && unit <= 0xDFFF;
  if (unit == 0 || is_lone) {
    g_string_append(mender->mended, "\\uFFFD");
    mender->at += 6;
    mender->is_changed = true;
    return;
  }
  ptrdiff_t length = unit < 0 ? 1 : is_pair ? 12 : 6;
  /* an escaped quotation mark or backslash goes with its backslash */
  if (unit < 0 && at + 1 < mender->end && (at[1] == '"' || at[1] == '\\'))
    length = 2;
  g_string_append_len(mender->mended, at, length);
  mender->at += length;
}

static void
mend(Mender *mender)
{
  bool is_in_string = false;
  while (mender->at < mender->end) {
    char byte = *mender->at;
    if ((byte & 0x80) != 0) {
      mend_bytes(mender);
    } else if (is_in_string && byte == '\\') {
      mend_escape(mender);
    } else if (!is_in_string && (byte == '-' || g_ascii_isdigit(byte))) {
      mend_number(mender);
    } else {
      is_in_string ^= byte == '"';
      g_string_append_c(mender->mended, byte);
      mender->at++;
    }
  }
}

static void
set_error(GError **error, int line, int column, const char *reason)
{
  g_autofree char *printable = text_printable(reason);
  error_set(error, ERROR_BAD_DATA, "line %d column %d: %s", line, column, printable);
}

/* Returns: the column of @at; counts the lines before it */
static int
count_lines(const char *bytes, const char *at, int *ret_line)
{
  const char *line_start = bytes;
  *ret_line = 1;
  for (const char *byte = bytes; byte < at; byte++)
    if (*byte == '\n') {
      line_start = byte + 1;
      (*ret_line)++;
    }
  return (int) (at - line_start) + 1;
}

json_t *
json_parse(const char *bytes, size_t length, bool *ret_is_repaired, GError **error)
{
  if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
    bytes += 3;
    length -= 3;
  }
  /* jansson takes a NUL for the end of the text */
  const char *nul = memchr(bytes, '\0', length);
  if (nul != NULL) {
    int line;
    int column = count_lines(bytes, nul, &line);
    set_error(error, line, column, "a NUL byte");
    return NULL;
  }
  json_error_t problem;
  bool is_repaired = false;
  json_t *value = json_loadb(bytes, length, JSON_DECODE_ANY, &problem);
  if (value == NULL) {
    g_autoptr(GString) mended = g_string_sized_new(length + 1);
    Mender mender = {.at = bytes, .end = bytes + length, .mended = mended};
    mend(&mender);
    is_repaired = mender.is_changed;
    if (is_repaired)
      value = json_loadb(mended->str, mended->len, JSON_DECODE_ANY, &problem);
  }
  if (value == NULL) {
    set_error(error, problem.line, problem.column, problem.text);
    return NULL;
  }
  if (ret_is_repaired != NULL)
    *ret_is_repaired = is_repaired;
  return value;
}

const char *
json_read_text(const json_t *object, const char *key)
{
  return json_string_value(json_object_get(object, key));
}

static int64_t
truncate_number(double number, int64_t fallback)
{
  /* both bounds are exact doubles; NaN fails the comparison */
  return number >= -0x1p63 && number < 0x1p63 ? (int64_t) number : fallback;
}

int64_t
json_read_int(const json_t *object, const char *key, int64_t fallback)
{
  const json_t *value = json_object_get(object, key);
  if (json_is_integer(value))
    return json_integer_value(value);
  if (json_is_real(value))
    return truncate_number(json_real_value(value), fallback);
  const char *text = json_string_value(value);
  if (text == NULL || *text == '\0' || text[strspn(text, "+-.0123456789")] != '\0')
    return fallback;
  int64_t integer;
  if (g_ascii_string_to_signed(text, 10, INT64_MIN, INT64_MAX, &integer, NULL))
    return integer;
  char *rest;
  double number = g_ascii_strtod(text, &rest);
  return *rest == '\0' ? truncate_number(number, fallback) : fallback;
}

char *
json_write(const json_t *value)
{
  char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
  g_assert(text != NULL);
  return text;
}
