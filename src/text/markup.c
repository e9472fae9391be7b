#include "text/markup.h"

#include "base/text.h"
#include "text/charset.h"
#include "text/html.h"

#include <string.h>

/* libxml2 compares each attribute of a tag with all before it. */
enum { MAX_ATTRIBUTES = 100 };

/* For each end tag that matches nothing libxml2 walks up all open elements: steps of that kind spent on one document. */
enum { MAX_CLIMB_STEPS = 50 * 1000 * 1000 };

enum { MAX_NAME_BYTES = 32 };

/*
 * Mender: a walk over a text.
 * @depth: start tags less end tags so far, elements without content not counted
 * @climb_steps: what the end tags so far may have cost
 * @seen_roots: the ROOT_ELEMENTS that have been, a bit each
 * @has_body: an element was met that stands in one
 * @is_title_open: a title or textarea without an end tag was met: no later one is looked for
 * @is_rest_text: a tag without an end was met: no later "<" begins one either
 */
typedef struct {
  const char *at;
  GString *mended;
  bool is_line;
  int64_t depth;
  int64_t climb_steps;
  unsigned seen_roots;
  bool has_body;
  bool is_title_open;
  bool is_rest_text;
} Mender;

typedef struct {
  const char *name;
  gunichar character;
} Reference;

/* What HTML 4, and so libxml2, does not know: the upper-case names browsers take, and names of ASCII characters (HTML, 13.5).
 */
static const Reference REFERENCES[] = {
    {"AMP", '&'},    {"COPY", 0xA9},    {"GT", '>'},   {"LT", '<'},     {"NewLine", '\n'}, {"QUOT", '"'},   {"REG", 0xAE},
    {"Tab", '\t'},   {"TRADE", 0x2122}, {"ast", '*'},  {"bsol", '\\'},  {"colon", ':'},    {"comma", ','},  {"commat", '@'},
    {"dollar", '$'}, {"equals", '='},   {"excl", '!'}, {"grave", '`'},  {"lbrace", '{'},   {"lbrack", '['}, {"lowbar", '_'},
    {"lpar", '('},   {"lsqb", '['},     {"num", '#'},  {"percnt", '%'}, {"period", '.'},   {"plus", '+'},   {"quest", '?'},
    {"rbrace", '}'}, {"rbrack", ']'},   {"rpar", ')'}, {"rsqb", ']'},   {"semi", ';'},     {"sol", '/'},    {"vert", '|'},
};

/* Names that browsers take without their semicolon, where no letter or digit follows. */
static const char *const BARE_REFERENCES[] = {"amp", "copy", "gt", "lt", "nbsp", "quot", "reg", NULL};

/* Elements of HTML 5 that may stand in a title; libxml2 knows those of HTML 4. */
static const char *const NEW_ELEMENTS[] = {"bdi",  "data",    "main", "mark", "rp",  "rt",
                                           "ruby", "section", "svg",  "time", "wbr", NULL};

/* Elements of which a document has one: libxml2 climbs to it from a second `<body>`, and compares the attributes of a second
 * `<html>` with all of the first. */
static const char *const ROOT_ELEMENTS[] = {"body", "html"};

/* Elements that may stand before the body; libxml2 opens it at none but those others that HTML 4 knows. */
static const char *const HEAD_ELEMENTS[] = {"base",   "head",  "html",     "link",  "meta", "noscript",
                                            "script", "style", "template", "title", NULL};

/* Elements whose content is no markup and gives no text. */
static const char *const RAW_ELEMENTS[] = {"iframe", "noembed", "noframes", "script", "style", NULL};

/* Elements whose content is text with references but without tags. */
static const char *const TEXT_ELEMENTS[] = {"textarea", "title", NULL};

static void
mend_numeric_reference(Mender *mender)
{
  bool is_hex = mender->at[2] == 'x' || mender->at[2] == 'X';
  const char *digits = mender->at + (is_hex ? 3 : 2);
  char *end;
  guint64 number = g_ascii_strtoull(digits, &end, is_hex ? 16 : 10);
  bool is_number = is_hex ? g_ascii_isxdigit(*digits) : g_ascii_isdigit(*digits);
  if (!is_number) {
    g_string_append(mender->mended, "&amp;");
    mender->at++;
    return;
  }
  bool is_character = number > 0 && number <= 0x10FFFF && (number < 0xD800 || number > 0xDFFF);
  gunichar character = number < 0x100 ? charset_windows_1252((unsigned char) number) : (gunichar) number;
  g_string_append_printf(mender->mended, "&#%u;", is_character ? character : 0xFFFD);
  mender->at = *end == ';' ? end + 1 : end;
}

static void
mend_named_reference(Mender *mender)
{
  const char *start = mender->at + 1;
  const char *end = start;
  while (g_ascii_isalnum(*end))
    end++;
  size_t length = (size_t) (end - start);
  g_autofree char *name = g_strndup(start, MIN(length, MAX_NAME_BYTES));
  if (*end != ';') {
    bool is_reference = g_strv_contains(BARE_REFERENCES, name);
    g_string_append_printf(mender->mended, is_reference ? "&%s;" : "&amp;%s", is_reference ? name : "");
    mender->at = is_reference ? end : start;
    return;
  }
  for (size_t i = 0; i < G_N_ELEMENTS(REFERENCES); i++)
    if (g_str_equal(REFERENCES[i].name, name)) {
      g_string_append_printf(mender->mended, "&#%u;", REFERENCES[i].character);
      mender->at = end + 1;
      return;
    }
  bool is_known = htmlEntityLookup((const xmlChar *) name) != NULL;
  g_string_append(mender->mended, is_known ? "&" : "&amp;");
  mender->at++;
}

static void
mend_reference(Mender *mender)
{
  if (mender->at[1] == '#')
    mend_numeric_reference(mender);
  else
    mend_named_reference(mender);
}

/* Copies text up to @end; "<" in it is no tag. */
static void
mend_text(Mender *mender, const char *end)
{
  while (mender->at < end) {
    size_t plain = strcspn(mender->at, "<&");
    plain = MIN(plain, (size_t) (end - mender->at));
    g_string_append_len(mender->mended, mender->at, (gssize) plain);
    mender->at += plain;
    if (mender->at >= end)
      break;
    if (*mender->at == '&') {
      mend_reference(mender);
      continue;
    }
    g_string_append(mender->mended, "&lt;");
    mender->at++;
  }
}

static bool
is_space(char byte)
{
  return byte != '\0' && strchr(" \t\n\f\r", byte) != NULL;
}

static const char *
skip_space(const char *at)
{
  return at + strspn(at, " \t\n\f\r");
}

/* Returns: the end of the attribute that begins at @at, where a quotation mark holds white space and ">" together */
static const char *
find_attribute_end(const char *at)
{
  at += 1 + strcspn(at + 1, " \t\n\f\r/>=");
  const char *value = skip_space(at);
  if (*value != '=')
    return at;
  value = skip_space(value + 1);
  if (*value == '"' || *value == '\'') {
    const char *quote = strchr(value + 1, *value);
    return quote != NULL ? quote + 1 : value + strlen(value);
  }
  return value + strcspn(value, " \t\n\f\r>");
}

/* Copies the attributes of a tag from @at on, the first of them only. Returns: (nullable): behind its ">", NULL without one */
static const char *
copy_attributes(const char *at, GString *tag)
{
  for (int count = 0;; count++) {
    while (is_space(*at) || *at == '/')
      at++;
    if (*at == '\0')
      return NULL;
    if (*at == '>')
      return at + 1;
    const char *end = find_attribute_end(at);
    if (count < MAX_ATTRIBUTES) {
      g_string_append_c(tag, ' ');
      g_string_append_len(tag, at, end - at);
    }
    at = end;
  }
}

/* What begins at a "<" is text. */
static void
keep_as_text(Mender *mender)
{
  g_string_append(mender->mended, "&lt;");
  mender->at++;
}

/* A tag without an end: the words of a title, the cut-off rest of a body. */
static void
end_unclosed(Mender *mender)
{
  mender->is_rest_text = true;
  if (mender->is_line)
    keep_as_text(mender);
  else
    mender->at += strlen(mender->at);
}

static bool
is_element(const char *name)
{
  return htmlTagLookup((const xmlChar *) name) != NULL || g_strv_contains(NEW_ELEMENTS, name);
}

static bool
is_void(const char *name)
{
  const htmlElemDesc *element = htmlTagLookup((const xmlChar *) name);
  return (element != NULL && element->empty) || g_str_equal(name, "wbr");
}

/* Returns: (nullable): where the end tag of @name begins */
static const char *
find_end_tag(const char *at, const char *name)
{
  size_t length = strlen(name);
  for (; (at = strchr(at, '<')) != NULL; at++)
    if (at[1] == '/' && g_ascii_strncasecmp(at + 2, name, length) == 0 && !g_ascii_isalnum(at[2 + length]))
      return at;
  return NULL;
}

/* Whether @name is of an element that a document has once, and had. */
static bool
is_repeated_root(Mender *mender, const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS(ROOT_ELEMENTS); i++) {
    if (!g_str_equal(name, ROOT_ELEMENTS[i]))
      continue;
    bool is_repeated = (mender->seen_roots >> i & 1) != 0;
    mender->seen_roots |= 1U << i;
    return is_repeated;
  }
  return false;
}

static void
open_body(Mender *mender, const char *name)
{
  if (mender->has_body || mender->is_line || g_strv_contains(HEAD_ELEMENTS, name))
    return;
  mender->has_body = true;
  if (htmlTagLookup((const xmlChar *) name) != NULL || is_repeated_root(mender, "body"))
    return;
  mender->depth++;
  g_string_append(mender->mended, "<body>");
}

static void
mend_start_tag(Mender *mender, const char *name, const char *attributes)
{
  g_autoptr(GString) tag = g_string_new("<");
  g_string_append(tag, name);
  const char *end = copy_attributes(attributes, tag);
  if (end == NULL) {
    end_unclosed(mender);
    return;
  }
  mender->at = end;
  if (g_strv_contains(RAW_ELEMENTS, name)) {
    const char *content_end = find_end_tag(end, name);
    mender->at = content_end != NULL ? content_end : end + strlen(end);
    mender->depth++;
    return;
  }
  if (is_repeated_root(mender, name))
    return;
  open_body(mender, name);
  mender->depth += !is_void(name);
  g_string_append_printf(mender->mended, "%s>", tag->str);
  if (mender->is_title_open || !g_strv_contains(TEXT_ELEMENTS, name))
    return;
  const char *content_end = find_end_tag(end, name);
  mender->is_title_open = content_end == NULL;
  if (content_end != NULL)
    mend_text(mender, content_end);
}

static void
mend_end_tag(Mender *mender, const char *name, const char *attributes)
{
  const char *end = strchr(attributes, '>');
  if (end == NULL) {
    end_unclosed(mender);
    return;
  }
  mender->at = end + 1;
  mender->climb_steps += mender->depth;
  mender->depth = MAX(0, mender->depth - 1);
  if (!g_strv_contains(RAW_ELEMENTS, name) && mender->climb_steps < MAX_CLIMB_STEPS)
    g_string_append_printf(mender->mended, "</%s>", name);
}

static void
mend_tag(Mender *mender)
{
  bool is_end = mender->at[1] == '/';
  const char *start = mender->at + (is_end ? 2 : 1);
  size_t length = strcspn(start, " \t\n\f\r/>");
  g_autofree char *name = g_ascii_strdown(start, (gssize) MIN(length, MAX_NAME_BYTES));
  if (mender->is_line && !is_element(name))
    keep_as_text(mender);
  else if (is_end)
    mend_end_tag(mender, name, start + length);
  else
    mend_start_tag(mender, name, start + length);
}

/* Comments, declarations and processing instructions give nothing; the content of a CDATA section is text. */
static void
mend_declaration(Mender *mender)
{
  static const struct {
    const char *start;
    const char *end;
  } KINDS[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<", ">"}};
  size_t kind = 0;
  while (!g_str_has_prefix(mender->at, KINDS[kind].start))
    kind++;
  /* "<!-->" is a whole comment */
  const char *end = strstr(mender->at + (kind == 0 ? 2 : strlen(KINDS[kind].start)), KINDS[kind].end);
  if (end == NULL) {
    end_unclosed(mender);
    return;
  }
  if (kind == 1) {
    mender->at += strlen(KINDS[kind].start);
    mend_text(mender, end);
  }
  mender->at = end + strlen(KINDS[kind].end);
}

char *
markup_mend(const char *html, bool is_line)
{
  Mender mender = {.at = html, .mended = g_string_sized_new(strlen(html) + 64), .is_line = is_line};
  while (*mender.at != '\0') {
    mend_text(&mender, mender.at + strcspn(mender.at, "<"));
    if (*mender.at != '<')
      break;
    char next = mender.at[1] == '/' ? mender.at[2] : mender.at[1];
    bool is_declaration = mender.at[1] == '!' || mender.at[1] == '?';
    if (mender.is_rest_text || (!is_declaration && !g_ascii_isalpha(next)))
      keep_as_text(&mender);
    else if (is_declaration)
      mend_declaration(&mender);
    else
      mend_tag(&mender);
  }
  return g_string_free(mender.mended, FALSE);
}

htmlDocPtr
markup_parse(const char *html, size_t length, bool is_line)
{
  if (length > HTML_MAX_BYTES) {
    length = HTML_MAX_BYTES;
    while (length > 0 && (html[length] & 0xC0) == 0x80)
      length--;
  }
  g_autofree char *clean = text_clean(html, length);
  g_autofree char *mended = markup_mend(clean, is_line);
  int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_NODEFDTD |
                HTML_PARSE_IGNORE_ENC | XML_PARSE_HUGE;
  return htmlReadMemory(mended, (int) strlen(mended), NULL, "UTF-8", options);
}

char *
markup_attribute(const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *) name);
  if (value == NULL)
    return NULL;
  char *clean = text_clean_line((const char *) value, strlen((const char *) value));
  xmlFree(value);
  return clean;
}

bool
markup_is(const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_str_equal((const char *) node->name, name);
}

xmlNode *
markup_next(xmlNode *node, const xmlNode *root, bool is_skipping)
{
  if (!is_skipping && node->type == XML_ELEMENT_NODE && node->children != NULL)
    return node->children;
  while (node != root && node->next == NULL)
    node = node->parent;
  return node == root ? NULL : node->next;
}

void
markup_drop(xmlNode *node)
{
  xmlUnlinkNode(node);
  xmlFreeNode(node);
}
