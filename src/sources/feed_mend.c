#include "sources/feed.h"

#include "base/error.h"
#include "base/text.h"
#include "text/charset.h"

#include <libxml/HTMLparser.h>
#include <string.h>

/* What real feeds stay far below; without a bound nested namespaces and attributes cost a parser time beyond measure. */
enum { MAX_DEPTH = 100, MAX_ATTRIBUTES = 100, MAX_NAMESPACES = 300 };

/* Elements, attributes and signs that had to be escaped: what keeps 10 MB and their tree small, and is several times what the
 * fullest real feeds hold. */
enum { MAX_NODES = 200 * 1000 };

/* An end tag looks for its start among all open elements: steps of that kind spent on one document. */
enum { MAX_CLIMB_STEPS = 50 * 1000 * 1000 };

enum { MAX_INPUT_BYTES = 400, MAX_REFERENCE_BYTES = 12, MAX_SHOWN_BYTES = 40 };

typedef struct {
  const char *name;
  size_t length;
} OpenElement;

/*
 * Mender: a walk over a document.
 * @open: (element-type OpenElement): elements without their end tag so far; those beyond MAX_DEPTH are not copied
 * @climb_steps: spent so far
 * @nodes: elements, attributes and signs escaped so far
 * @namespaces: declared so far; names keep their prefix without, which is what they are known by
 */
typedef struct {
  const char *start;
  const char *at;
  GString *mended;
  GArray *open;
  int64_t climb_steps;
  int nodes;
  int namespaces;
  Feed *feed;
} Mender;

static bool
is_name_start(char byte)
{
  return g_ascii_isalpha(byte) || byte == '_' || (byte & 0x80) != 0;
}

/* Keeps the first problem: what follows it is often its consequence. */
static void G_GNUC_PRINTF(2, 3) note_problem(Mender *mender, const char *format, ...)
{
  if (mender->feed->problem != NULL)
    return;
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *whole = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  /* a name may have been cut inside a character */
  g_autofree char *reason = text_clean_line(whole, strlen(whole));
  size_t line = 1;
  const char *line_start = mender->start;
  for (const char *at = mender->start; at < mender->at; at++)
    if (*at == '\n') {
      line++;
      line_start = at + 1;
    }
  long column = g_utf8_strlen(line_start, mender->at - line_start) + 1;
  mender->feed->problem = g_strdup_printf("line %zu, column %ld: %s", line, column, reason);
  size_t length = MIN((size_t) (mender->at - mender->start), MAX_INPUT_BYTES);
  mender->feed->problem_input = g_strndup(mender->at - length, length);
}

/* Passes over what stands before @end but for line breaks, so that places in later messages stay true. */
static void
skip_to(Mender *mender, const char *end)
{
  for (; mender->at < end; mender->at++)
    if (*mender->at == '\n')
      g_string_append_c(mender->mended, '\n');
}

/* Returns: behind the next @mark, else the end of the text */
static const char *
find_behind(const char *at, const char *mark)
{
  const char *found = strstr(at, mark);
  return found != NULL ? found + strlen(mark) : at + strlen(at);
}

/* Returns: behind the declaration at @at, its internal subset included */
static const char *
find_declaration_end(const char *at)
{
  int brackets = 0;
  for (;; at++) {
    at += strcspn(at, "[]>\"'");
    if (*at == '\0')
      return at;
    if (*at == '>' && brackets <= 0)
      return at + 1;
    brackets += (*at == '[') - (*at == ']');
    const char *quote = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;
    at = quote != NULL ? quote : at;
  }
}

/* Returns: the number @digits say, 0 when they say none that XML can hold */
static gunichar
read_character(const char *digits, size_t length)
{
  bool is_hex = *digits == 'x';
  g_autofree char *text = g_strndup(digits + is_hex, length - is_hex);
  guint64 number = 0;
  if (!g_ascii_string_to_unsigned(text, is_hex ? 16 : 10, 1, 0x10FFFF, &number, NULL))
    return 0;
  gunichar character = number < 0x100 ? charset_windows_1252((unsigned char) number) : (gunichar) number;
  bool is_control = character < 0x20 && character != '\t' && character != '\n' && character != '\r';
  bool is_kept = g_unichar_validate(character) && !is_control && character != 0xFFFE && character != 0xFFFF;
  return is_kept ? character : 0;
}

static void
mend_reference(Mender *mender)
{
  static const char *const OWN_NAMES[] = {"amp", "apos", "gt", "lt", "quot", NULL};
  const char *start = mender->at + 1;
  size_t length = strcspn(start, "; \t\n<>&\"'");
  if (start[length] != ';' || length == 0 || length > MAX_REFERENCE_BYTES) {
    g_string_append(mender->mended, "&amp;");
    mender->nodes++;
    mender->at++;
    return;
  }
  g_autofree char *name = g_strndup(start, length);
  const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *) name);
  gunichar character = name[0] == '#' ? read_character(start + 1, length - 1) : entity != NULL ? entity->value : 0;
  if (g_strv_contains(OWN_NAMES, name))
    g_string_append_printf(mender->mended, "&%s;", name);
  else if (name[0] == '#' || entity != NULL)
    g_string_append_printf(mender->mended, "&#%u;", character != 0 ? character : 0xFFFD);
  else
    g_string_append_printf(mender->mended, "&amp;%s;", name);
  mender->at = start + length + 1;
}

/* Copies text up to @end, unless the document is too large. */
static void
mend_text(Mender *mender, const char *end)
{
  while (mender->at < end && mender->nodes <= MAX_NODES) {
    size_t plain = MIN(strcspn(mender->at, "<>&"), (size_t) (end - mender->at));
    g_string_append_len(mender->mended, mender->at, (gssize) plain);
    mender->at += plain;
    if (mender->at >= end)
      return;
    if (*mender->at == '&') {
      mend_reference(mender);
      continue;
    }
    /* "]]>" is the one place where a ">" must be escaped */
    bool is_section_end = mender->mended->len >= 2 && g_str_equal(mender->mended->str + mender->mended->len - 2, "]]");
    g_string_append(mender->mended, *mender->at == '<' ? "&lt;" : is_section_end ? "&gt;" : ">");
    mender->nodes += *mender->at == '<';
    mender->at++;
  }
}

static void
mend_section(Mender *mender)
{
  const char *end = strstr(mender->at, "]]>");
  const char *copied = end != NULL ? end + strlen("]]>") : mender->at + strlen(mender->at);
  g_string_append_len(mender->mended, mender->at, copied - mender->at);
  mender->at = copied;
  if (end == NULL)
    g_string_append(mender->mended, "]]>");
}

/* Returns: (nullable): the ">" of the tag at @at, NULL when it has none of its own */
static const char *
find_tag_end(const char *at)
{
  for (at++;; at++) {
    at += strcspn(at, "<>\"'");
    if (*at == '>')
      return at;
    at = *at == '"' || *at == '\'' ? strchr(at + 1, *at) : NULL;
    if (at == NULL)
      return NULL;
  }
}

static const char *
skip_space(const char *at)
{
  return at + strspn(at, " \t\n");
}

/* Copies the attribute at the walk's place, in the tag that ends at @end, if it is one with a value in quotation marks; else
 * passes over it. */
static void
copy_attribute(Mender *mender, const char *end)
{
  const char *name = mender->at;
  size_t length = strcspn(name, " \t\n=/<>\"'");
  const char *value = skip_space(name + length);
  value = *value == '=' ? skip_space(value + 1) : value;
  bool is_quoted = value > name + length && (*value == '"' || *value == '\'');
  const char *value_end = is_quoted ? memchr(value + 1, *value, (size_t) (end - value - 1)) : NULL;
  if (value_end == NULL || !is_name_start(*name)) {
    mender->at += MAX(length, 1);
    return;
  }
  bool is_namespace = g_str_has_prefix(name, "xmlns");
  mender->namespaces += is_namespace;
  if (is_namespace && mender->namespaces > MAX_NAMESPACES) {
    mender->at = value_end + 1;
    return;
  }
  mender->nodes++;
  g_string_append_printf(mender->mended, " %.*s=%c", (int) length, name, *value);
  mender->at = value + 1;
  mend_text(mender, value_end);
  g_string_append_c(mender->mended, *value);
  mender->at++;
}

static void
copy_tag(Mender *mender, OpenElement element, const char *end)
{
  g_string_append_printf(mender->mended, "<%.*s", (int) element.length, element.name);
  mender->at += 1 + element.length;
  for (int count = 0; mender->at < end && count < MAX_ATTRIBUTES; count++) {
    mender->at = skip_space(mender->at);
    if (mender->at < end)
      copy_attribute(mender, end);
  }
  g_string_append(mender->mended, end[-1] == '/' ? "/>" : ">");
  skip_to(mender, end + 1);
}

static OpenElement
get_open(const Mender *mender, unsigned index)
{
  return g_array_index(mender->open, OpenElement, index);
}

/* Ends the open elements from the innermost to the one at @index. */
static void
close_to(Mender *mender, unsigned index)
{
  for (unsigned i = mender->open->len; i-- > index;) {
    OpenElement element = get_open(mender, i);
    if (i < MAX_DEPTH)
      g_string_append_printf(mender->mended, "</%.*s>", (int) element.length, element.name);
  }
  g_array_set_size(mender->open, index);
}

static bool
is_called(OpenElement element, const char *name, size_t length)
{
  return element.length == length && memcmp(element.name, name, length) == 0;
}

static bool
is_entry(OpenElement element)
{
  bool is_item = element.length == 4 && g_ascii_strncasecmp(element.name, "item", 4) == 0;
  return is_item || (element.length == 5 && g_ascii_strncasecmp(element.name, "entry", 5) == 0);
}

/* An entry never holds another: one that is open has lost its end. */
static void
close_entry(Mender *mender)
{
  for (unsigned i = 0; i < MIN(mender->open->len, MAX_DEPTH); i++) {
    OpenElement element = get_open(mender, i);
    if (!is_entry(element))
      continue;
    note_problem(mender, "<%.*s> inside another", (int) element.length, element.name);
    close_to(mender, i);
  }
}

static void
mend_start_tag(Mender *mender)
{
  const char *end = find_tag_end(mender->at);
  if (end == NULL) {
    note_problem(mender, "a tag without an end");
    mend_text(mender, mender->at + 1);
    return;
  }
  OpenElement element = {.name = mender->at + 1, .length = strcspn(mender->at + 1, " \t\n/>\"'=")};
  bool is_empty = end[-1] == '/';
  mender->nodes++;
  if (is_entry(element))
    close_entry(mender);
  if (mender->open->len < MAX_DEPTH)
    copy_tag(mender, element, end);
  else
    skip_to(mender, end + 1);
  if (!is_empty)
    g_array_append_val(mender->open, element);
}

static void
mend_end_tag(Mender *mender)
{
  const char *name = mender->at + 2;
  size_t length = strcspn(name, " \t\n/>\"'=<");
  int shown_length = (int) MIN(length, MAX_SHOWN_BYTES);
  unsigned index = mender->open->len;
  while (index > 0 && mender->climb_steps < MAX_CLIMB_STEPS && !is_called(get_open(mender, index - 1), name, length)) {
    mender->climb_steps++;
    index--;
  }
  bool is_found = index > 0 && mender->climb_steps < MAX_CLIMB_STEPS;
  if (!is_found)
    note_problem(mender, "</%.*s> ends nothing", shown_length, name);
  else if (index < mender->open->len) {
    OpenElement inner = get_open(mender, mender->open->len - 1);
    int inner_length = (int) MIN(inner.length, MAX_SHOWN_BYTES);
    note_problem(mender, "</%.*s> where </%.*s> was expected", shown_length, name, inner_length, inner.name);
  }
  if (is_found)
    close_to(mender, index - 1);
  skip_to(mender, find_behind(name, ">"));
}

static void
mend_markup(Mender *mender)
{
  if (g_str_has_prefix(mender->at, "<![CDATA["))
    mend_section(mender);
  else if (g_str_has_prefix(mender->at, "<!--"))
    skip_to(mender, find_behind(mender->at + strlen("<!--"), "-->"));
  else if (g_str_has_prefix(mender->at, "<?"))
    skip_to(mender, find_behind(mender->at, "?>"));
  else if (g_str_has_prefix(mender->at, "<!"))
    skip_to(mender, find_declaration_end(mender->at));
  else if (mender->at[1] == '/' && is_name_start(mender->at[2]))
    mend_end_tag(mender);
  else if (is_name_start(mender->at[1]))
    mend_start_tag(mender);
  else
    mend_text(mender, mender->at + 1);
}

static void
finish(Mender *mender)
{
  if (mender->open->len == 0)
    return;
  for (unsigned i = 0; i < mender->open->len; i++) {
    OpenElement element = get_open(mender, i);
    mender->feed->is_cut = mender->feed->is_cut || is_entry(element);
  }
  OpenElement inner = get_open(mender, mender->open->len - 1);
  note_problem(mender, "the document ends inside <%.*s>", (int) MIN(inner.length, MAX_SHOWN_BYTES), inner.name);
  close_to(mender, 0);
}

char *
feed_mend_xml(const char *text, Feed *feed, GError **error)
{
  g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(OpenElement));
  g_autoptr(GString) mended = g_string_sized_new(strlen(text) + 64);
  Mender mender = {.start = text, .at = text, .mended = mended, .open = open, .feed = feed};
  bool is_begun = false;
  while (*mender.at != '\0' && (!is_begun || open->len > 0)) {
    if (*mender.at == '<')
      mend_markup(&mender);
    else
      mend_text(&mender, mender.at + strcspn(mender.at, "<"));
    is_begun = is_begun || open->len > 0;
    if (mender.nodes > MAX_NODES) {
      error_set(error, ERROR_BAD_DATA, "holds more than %d elements, attributes and signs to escape", MAX_NODES);
      return NULL;
    }
  }
  finish(&mender);
  return g_string_free(g_steal_pointer(&mended), FALSE);
}
