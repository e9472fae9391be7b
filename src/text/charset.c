#include "text/charset.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The part of a document in which a browser looks for its declaration (WHATWG HTML, 13.2.3.2). */
enum { MAX_DECLARATION_BYTES = 1024 };

enum { REPLACEMENT = 0xFFFD };

/* index-windows-1252 of the WHATWG's Encoding Standard, bytes 0x80 to 0x9F */
static const gunichar WINDOWS_1252[] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* Beginnings of the names that are handed to iconv: what a stranger writes there chooses among a few well-worn decoders. */
static const char *const KNOWN_CHARSETS[] = {
    "big5",      "euc-jp", "euc-kr",    "gb18030",   "gb2312",   "gbk", "iso-2022-jp",
    "iso-8859-", "koi8-",  "macintosh", "shift_jis", "windows-", NULL,
};

/* The usual other names of charsets (labels of the WHATWG's Encoding Standard, and some it lacks). Where @is_start, the rest of
 * the name follows. What one row yields a later one may match: browsers read Latin-1 and ASCII as windows-1252, which holds
 * them both. */
static const struct {
  const char *label;
  const char *name;
  bool is_start;
} LABELS[] = {
    {"cp125", "windows-125", true},
    {"x-cp125", "windows-125", true},
    {"windows125", "windows-125", true},
    {"iso8859-", "iso-8859-", true},
    {"iso_8859-", "iso-8859-", true},
    {"iso8859", "iso-8859-", true},
    {"ascii", "windows-1252", false},
    {"us-ascii", "windows-1252", false},
    {"latin1", "windows-1252", false},
    {"l1", "windows-1252", false},
    {"iso-8859-1", "windows-1252", false},
    {"latin2", "iso-8859-2", false},
    {"l2", "iso-8859-2", false},
    {"latin5", "iso-8859-9", false},
    {"l9", "iso-8859-15", false},
    {"latin9", "iso-8859-15", false},
    {"koi8", "koi8-r", false},
    {"koi8_r", "koi8-r", false},
    {"mac", "macintosh", false},
    {"x-mac-roman", "macintosh", false},
    {"sjis", "shift_jis", false},
    {"x-sjis", "shift_jis", false},
    {"shift-jis", "shift_jis", false},
    {"ms_kanji", "shift_jis", false},
    {"x-euc-jp", "euc-jp", false},
    {"ks_c_5601-1987", "euc-kr", false},
    {"ksc5601", "euc-kr", false},
    {"korean", "euc-kr", false},
    {"tis-620", "windows-874", false},
    {"chinese", "gbk", false},
    {"x-gbk", "gbk", false},
    {"cn-big5", "big5", false},
    {"x-x-big5", "big5", false},
};

gunichar
charset_windows_1252(unsigned char byte)
{
  return byte >= 0x80 && byte <= 0x9F ? WINDOWS_1252[byte - 0x80] : byte;
}

/* Returns: (transfer full) (nullable): the name after @key and "=", in or without quotes */
static char *
read_name_after(const char *text, const char *key)
{
  for (const char *found = strstr(text, key); found != NULL; found = strstr(found + 1, key)) {
    const char *at = found + strlen(key);
    at += strspn(at, " \t\r\n");
    if (*at != '=')
      continue;
    at++;
    at += strspn(at, " \t\r\n\"'");
    size_t length = strcspn(at, " \t\r\n\"';>?");
    return length > 0 ? g_strndup(at, length) : NULL;
  }
  return NULL;
}

char *
charset_parameter(const char *content_type)
{
  if (content_type == NULL)
    return NULL;
  g_autofree char *lower = g_ascii_strdown(content_type, -1);
  return read_name_after(lower, "charset");
}

static char *
read_own_declaration(const char *bytes, size_t length)
{
  g_autofree char *start = g_strndup(bytes, MIN(length, MAX_DECLARATION_BYTES));
  g_autofree char *lower = g_ascii_strdown(start, -1);
  const char *declaration = lower + strspn(lower, " \t\r\n");
  const char *declaration_end = strstr(declaration, "?>");
  if (g_str_has_prefix(declaration, "<?xml") && declaration_end != NULL) {
    g_autofree char *inside = g_strndup(declaration, (size_t) (declaration_end - declaration));
    return read_name_after(inside, "encoding");
  }
  const char *meta = strstr(lower, "<meta");
  return meta == NULL ? NULL : read_name_after(meta, "charset");
}

/* Returns: (transfer none) (nullable): what the first bytes prove; *ret_skip is the byte order mark's length */
static const char *
sniff_unicode(const char *bytes, size_t length, size_t *ret_skip)
{
  static const struct {
    const char *start;
    size_t length;
    size_t skip;
    const char *charset;
  } MARKS[] = {
      {"\xEF\xBB\xBF", 3, 3, "utf-8"}, {"\0\0\xFE\xFF", 4, 4, "utf-32be"}, {"\xFF\xFE\0\0", 4, 4, "utf-32le"},
      {"\0\0\0<", 4, 0, "utf-32be"},   {"<\0\0\0", 4, 0, "utf-32le"},      {"\xFE\xFF", 2, 2, "utf-16be"},
      {"\xFF\xFE", 2, 2, "utf-16le"},  {"\0<", 2, 0, "utf-16be"},          {"<\0", 2, 0, "utf-16le"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++)
    if (length >= MARKS[i].length && memcmp(bytes, MARKS[i].start, MARKS[i].length) == 0) {
      *ret_skip = MARKS[i].skip;
      return MARKS[i].charset;
    }
  return NULL;
}

static char *
decode_windows_1252(const char *bytes, size_t length, size_t *ret_length)
{
  GString *text = g_string_sized_new(length + length / 8 + 1);
  for (size_t i = 0; i < length; i++)
    g_string_append_unichar(text, charset_windows_1252((unsigned char) bytes[i]));
  *ret_length = text->len;
  return g_string_free(text, FALSE);
}

/* Whether more bytes are broken than characters beyond ASCII are whole: then UTF-8 was claimed in error. */
static bool
is_hardly_utf8(const char *bytes, size_t length)
{
  size_t whole = 0;
  size_t broken = 0;
  const char *end = bytes + length;
  for (const char *at = bytes; at < end;) {
    bool is_ascii = (*at & 0x80) == 0;
    bool is_broken = !is_ascii && g_utf8_get_char_validated(at, end - at) > 0x10FFFF;
    broken += is_broken;
    whole += !is_ascii && !is_broken;
    at = is_ascii || is_broken ? at + 1 : g_utf8_next_char(at);
  }
  return broken > whole;
}

static char *
decode_utf8(const char *bytes, size_t length, size_t *ret_length)
{
  if (is_hardly_utf8(bytes, length))
    return decode_windows_1252(bytes, length, ret_length);
  char *text = g_malloc(length + 1);
  memcpy(text, bytes, length);
  text[length] = '\0';
  *ret_length = length;
  return text;
}

/* Decodes with iconv; a byte it cannot read becomes U+FFFD. Returns: (transfer full) (nullable): NULL for an unknown charset */
static char *
decode_other(const char *bytes, size_t length, const char *charset, size_t *ret_length)
{
  if (!g_regex_match_simple("^[a-z0-9_-]+$", charset, 0, 0))
    return NULL;
  GIConv converter = g_iconv_open("UTF-8", charset);
  if (converter == (GIConv) -1)
    return NULL;
  GString *text = g_string_sized_new(length + length / 2 + 1);
  char chunk[4096];
  char *from = (char *) bytes;
  gsize from_length = length;
  while (from_length > 0) {
    char *to = chunk;
    gsize to_length = sizeof chunk;
    gsize result = g_iconv(converter, &from, &from_length, &to, &to_length);
    int reason = errno;
    g_string_append_len(text, chunk, to - chunk);
    if (result != (gsize) -1 || reason == E2BIG || from_length == 0)
      continue;
    g_string_append_unichar(text, REPLACEMENT);
    from++;
    from_length--;
  }
  g_iconv_close(converter);
  *ret_length = text->len;
  return g_string_free(text, FALSE);
}

static bool
is_known(const char *charset)
{
  for (size_t i = 0; KNOWN_CHARSETS[i] != NULL; i++)
    if (g_str_has_prefix(charset, KNOWN_CHARSETS[i]))
      return true;
  return false;
}

/* Returns: (transfer full) (nullable): the name that @label (transfer full) (nullable) stands for */
static char *
resolve_label(char *label)
{
  for (size_t i = 0; label != NULL && i < G_N_ELEMENTS(LABELS); i++) {
    bool is_match = LABELS[i].is_start ? g_str_has_prefix(label, LABELS[i].label) : g_str_equal(label, LABELS[i].label);
    if (!is_match)
      continue;
    g_autofree char *old = label;
    label = g_strconcat(LABELS[i].name, LABELS[i].is_start ? old + strlen(LABELS[i].label) : NULL, NULL);
  }
  return label;
}

char *
charset_decode(const char *bytes, size_t length, const char *declared, size_t *ret_length)
{
  size_t skip = 0;
  const char *sniffed = sniff_unicode(bytes, length, &skip);
  bytes += skip;
  length -= skip;
  g_autofree char *charset = NULL;
  if (sniffed != NULL)
    charset = g_strdup(sniffed);
  else if (declared != NULL)
    charset = resolve_label(g_ascii_strdown(declared, -1));
  else
    charset = resolve_label(read_own_declaration(bytes, length));

  /* text that is UTF-8 and more than ASCII is so by no accident, whatever is claimed */
  bool is_latin = g_strcmp0(charset, "windows-1252") == 0;
  if (is_latin && !g_utf8_validate_len(bytes, length, NULL))
    return decode_windows_1252(bytes, length, ret_length);
  bool is_decoded = charset != NULL && !is_latin && (sniffed != NULL || is_known(charset));
  char *text = is_decoded ? decode_other(bytes, length, charset, ret_length) : NULL;
  return text != NULL ? text : decode_utf8(bytes, length, ret_length);
}

/* Returns: the byte that windows-1252 has for @character, 0 when it has none beyond ASCII */
static unsigned char
find_windows_1252(gunichar character)
{
  for (unsigned byte = 0x80; byte <= 0x9F; byte++)
    if (WINDOWS_1252[byte - 0x80] == character)
      return (unsigned char) byte;
  return character >= 0xA0 && character <= 0xFF ? (unsigned char) character : 0;
}

char *
charset_mend_punctuation(const char *text)
{
  /* The bytes E2 80 begin what is in General Punctuation; no text has these two characters together. */
  static const char *const START = "\u00E2\u20AC";
  GString *mended = g_string_sized_new(strlen(text));
  for (;;) {
    const char *found = strstr(text, START);
    g_string_append_len(mended, text, found != NULL ? found - text : (gssize) strlen(text));
    if (found == NULL)
      return g_string_free(mended, FALSE);
    text = found + strlen(START);
    unsigned char last = find_windows_1252(g_utf8_get_char(text));
    gunichar meant = 0x2000 + last - 0x80;
    bool is_mended = last >= 0x80 && last <= 0xBF && g_unichar_ispunct(meant);
    if (is_mended)
      g_string_append_unichar(mended, meant);
    else
      g_string_append(mended, START);
    text = is_mended ? g_utf8_next_char(text) : text;
  }
}
