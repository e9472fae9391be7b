#include "text/extract_survey.h"

#include "text/extract_words.h"
#include "text/markup.h"

#include <string.h>

/* Shorter blocks are captions, dates and buttons as often as text; a block without a sentence's end must be longer. */
enum { MIN_PROSE_CHARS = 25, MIN_UNSTOPPED_CHARS = 80 };

/* A form or sidebar with more is the frame of a page, or named for its neighbour. */
enum { MIN_FRAME_CHARS = 400 };

/* No link, no heading and no prompt is longer: what is, is text. A link within the page that is no longer is a mark. */
enum { MAX_LINK_CHARS = 400, MAX_HEADING_CHARS = 300, MAX_PROMPT_CHARS = 240, MAX_LABEL_BYTES = 40, MAX_MARK_CHARS = 4 };

/* A consent wall is no longer, and full of its words: so many, with no more characters to each. */
enum { MAX_CONSENT_CHARS = 4000, MIN_CONSENT_WORDS = 3, MAX_CHARS_PER_CONSENT_WORD = 80 };

/* A walk over a page. @article_depth, @header_depth: open elements of that kind */
typedef struct {
  Survey *survey;
  xmlNode *root;
  const char *title;
  size_t block_count;
  int article_depth;
  int header_depth;
  bool has_heading;
} Walk;

/* Parts of a page that are not its text. */
static const char *const BOILERPLATE[] = {
    "aside",    "audio",  "button", "canvas", "datalist", "dialog", "figcaption", "footer",   "head",  "iframe", "menu", "nav",
    "noscript", "object", "script", "select", "style",    "svg",    "template",   "textarea", "title", "video",  NULL};

static const char *const BOILERPLATE_ROLES[] = {
    "alert",   "alertdialog", "banner", "button", "complementary", "contentinfo", "dialog",  "form", "menu",
    "menubar", "navigation",  "search", "status", "tablist",       "toolbar",     "tooltip", NULL};

static const char *const LINK_BOXES[] = {"div", "dl", "form", "header", "li", "ol", "p", "section", "table", "td", "ul", NULL};

static bool
is_one_of(const xmlNode *node, const char *const *names)
{
  return g_strv_contains(names, (const char *) node->name);
}

/* Returns: (transfer none) (nullable): the attribute as the page has it, good for comparing only */
static const char *
peek_attribute(const xmlNode *node, const char *name)
{
  const xmlAttr *attribute = node->properties != NULL ? xmlHasProp(node, (const xmlChar *) name) : NULL;
  const xmlNode *value = attribute != NULL ? attribute->children : NULL;
  return value != NULL && value->type == XML_TEXT_NODE ? (const char *) value->content : NULL;
}

/* Whether @node, a button, allows or refuses tracking. */
static bool
is_consent_button(const xmlNode *node)
{
  const char *label = markup_is(node, "input") ? peek_attribute(node, "value") : NULL;
  while (node->type == XML_ELEMENT_NODE && node->children != NULL)
    node = node->children;
  if (node->type == XML_TEXT_NODE)
    label = (const char *) node->content;
  return label != NULL && strlen(label) < MAX_LABEL_BYTES && words_are_consent(label);
}

/* Whether the element @node can be told to be no text before what is below it is known. */
static bool
is_junk(const Walk *walk, const xmlNode *node)
{
  if (node == walk->root)
    return false;
  if (is_one_of(node, BOILERPLATE) || (markup_is(node, "header") && walk->article_depth == 0))
    return true;
  if (node->properties == NULL)
    return false;
  const char *role = peek_attribute(node, "role");
  const char *classes = peek_attribute(node, "class");
  return (role != NULL && g_strv_contains(BOILERPLATE_ROLES, role)) || (classes != NULL && words_name_unread(classes)) ||
         markup_is_hidden(node);
}

/* Counts what is to be seen of @text. */
static void
count_text(const char *text, Block *block)
{
  bool is_in_word = false;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
    gunichar character = g_utf8_get_char(at);
    if (g_unichar_isspace(character)) {
      is_in_word = false;
      continue;
    }
    bool is_letter = g_unichar_isalnum(character);
    block->consent_words += is_letter && !is_in_word && words_start_consent(at);
    is_in_word = is_letter;
    guint width = g_unichar_iswide(character) ? 2 : 1;
    block->text += width;
    block->own_text += width;
    block->own_stops += !is_letter && g_unichar_type(character) == G_UNICODE_OTHER_PUNCTUATION;
  }
}

static void
open_element(Walk *walk, xmlNode *node)
{
  Block *block = &walk->survey->blocks[walk->block_count++];
  node->_private = block;
  walk->article_depth += survey_is_named_main(node);
  walk->header_depth += markup_is(node, "header");
  if (!markup_is(node, "input"))
    return;
  const char *type = peek_attribute(node, "type");
  if (type != NULL && g_ascii_strcasecmp(type, "password") == 0)
    walk->survey->has_password = true;
  block->flags |= is_consent_button(node) ? HOLDS_CONSENT_BUTTON : 0;
}

static void
close_link(const xmlNode *node, Block *block)
{
  bool is_link = markup_is(node, "a") && xmlHasProp(node, (const xmlChar *) "href") != NULL;
  if (!is_link || block->text == 0 || block->text > MAX_LINK_CHARS)
    return;
  block->link_text = block->text;
  block->own_link_text = block->own_text;
  block->link_count = 1;
}

/* Whether @node is the sign of a footnote or of a link to a heading: "[1]", "¶". */
static bool
is_mark(const xmlNode *node, const Block *block)
{
  if (block->link_count != 1 || block->text > MAX_MARK_CHARS || !markup_is(node, "a"))
    return false;
  const char *reference = peek_attribute(node, "href");
  return reference != NULL && *reference == '#';
}

/* Judges what @node holds itself: running text, or labels and links. */
static void
close_prose(const xmlNode *node, Block *block)
{
  guint plain = block->own_text - block->own_link_text;
  bool is_mostly_links = block->own_link_text > plain;
  bool is_prose = plain >= MIN_PROSE_CHARS && (block->own_stops > 0 || plain >= MIN_UNSTOPPED_CHARS);
  bool is_heading = survey_heading_rank(node) != 0;
  if (is_heading)
    block->heading_text = block->text;
  else if (!is_mostly_links && (is_prose || markup_is(node, "pre")))
    block->own_prose = plain;
  block->prose += block->own_prose;
  block->near_prose += block->own_prose;
  block->peak = MAX(block->peak, block->near_prose);
}

/* Notes the page's heading: the one its title says, else the first. */
static void
close_heading(Walk *walk, const xmlNode *node, Block *block)
{
  int rank = survey_heading_rank(node);
  if (rank == 0 || rank > 2 || block->text == 0 || block->text > MAX_HEADING_CHARS)
    return;
  xmlChar *content = xmlNodeGetContent(node);
  bool is_title = words_are_alike((const char *) content, walk->title);
  xmlFree(content);
  if (is_title || (rank == 1 && !walk->has_heading))
    block->flags |= HOLDS_HEADING;
  walk->has_heading = walk->has_heading || rank == 1;
}

/* Whether a class or id says that @node is no text, and nothing below it says otherwise. */
static bool
is_suspect(const xmlNode *node, const Block *block)
{
  bool is_frame = (block->flags & (HOLDS_HEADING | HOLDS_MAIN)) != 0 || block->articles == 1;
  bool is_exempt =
      markup_is(node, "pre") || markup_is(node, "body") || markup_is(node, "main") || survey_heading_rank(node) != 0;
  if (is_frame || is_exempt || node->properties == NULL)
    return false;
  bool is_long = block->peak >= MIN_FRAME_CHARS;
  const char *classes = peek_attribute(node, "class");
  if (classes != NULL && words_name_boilerplate(classes, is_long))
    return true;
  /* the id of a section is as often made from its heading */
  const char *id = markup_is(node, "section") ? NULL : peek_attribute(node, "id");
  return id != NULL && words_name_boilerplate(id, is_long);
}

static bool
is_link_box(const xmlNode *node, const Block *block)
{
  if (block->link_text * 2 <= block->text || !is_one_of(node, LINK_BOXES))
    return false;
  /* an entry of a list or a cell of a table may well be one link */
  bool is_part = markup_is(node, "li") || markup_is(node, "td");
  return block->link_count >= (is_part ? 3 : 1);
}

static bool
is_prompt(const xmlNode *node, const Block *block)
{
  if (block->own_text == 0 || block->own_text != block->text || block->text > MAX_PROMPT_CHARS || markup_is(node, "pre"))
    return false;
  xmlChar *content = xmlNodeGetContent(node);
  bool result = words_are_prompt((const char *) content);
  xmlFree(content);
  return result;
}

/* Whether @node is the byline, date or label of a header: neither heading nor running text. */
static bool
is_label(const Walk *walk, const xmlNode *node, const Block *block)
{
  bool is_in_header = walk->header_depth > 0 || markup_is(node, "header");
  return is_in_header && block->prose == 0 && block->heading_text == 0;
}

/* Whether all that is left of @node is the heading of what was taken out. */
static bool
is_empty_frame(const Block *block)
{
  return (block->flags & (HAS_LOST | HOLDS_HEADING)) == HAS_LOST && block->heading_text == block->text;
}

/* Whether the block @node, all below it known, is no text. */
static bool
is_boilerplate(Walk *walk, const xmlNode *node, const Block *block)
{
  bool is_consent = (block->flags & HOLDS_CONSENT_BUTTON) != 0 && block->prose > 0 && survey_is_consent(block);
  walk->survey->has_consent_wall = walk->survey->has_consent_wall || is_consent;
  if (is_consent)
    return true;
  bool is_form = markup_is(node, "form") && (block->flags & (HOLDS_HEADING | HOLDS_MAIN)) == 0;
  if (is_form && block->prose < MIN_FRAME_CHARS)
    return true;
  if (is_suspect(node, block) || is_link_box(node, block) || is_label(walk, node, block) || is_empty_frame(block))
    return true;
  bool is_asking = is_prompt(node, block);
  walk->survey->has_prompt = walk->survey->has_prompt || is_asking;
  return is_asking;
}

/* Hands what is known of @node to the element above it. */
static void
add_to_parent(const xmlNode *node, const Block *block, bool is_block)
{
  Block *parent = node->parent->_private;
  parent->text += block->text;
  parent->heading_text += block->heading_text;
  parent->link_text += block->link_text;
  parent->link_count += block->link_count;
  parent->prose += block->prose;
  parent->peak = MAX(parent->peak, block->peak);
  parent->consent_words += block->consent_words;
  parent->articles += block->articles;
  parent->flags |= block->flags & ~(guint) HAS_LOST;
  parent->near_prose += is_block ? block->own_prose : block->near_prose;
  if (is_block)
    return;
  parent->own_text += block->own_text;
  parent->own_link_text += block->own_link_text;
  parent->own_stops += block->own_stops;
}

/* All below the element @node is known; it may turn out to be no text. */
static void
close_element(Walk *walk, xmlNode *node)
{
  Block *block = node->_private;
  bool is_named = survey_is_named_main(node);
  bool is_block = markup_is_block(node);
  walk->article_depth -= is_named;
  walk->header_depth -= markup_is(node, "header");
  close_link(node, block);
  if (is_block) {
    close_prose(node, block);
    close_heading(walk, node, block);
  }
  if (node == walk->root)
    return;
  if (is_block ? is_boilerplate(walk, node, block) : is_mark(node, block)) {
    Block *parent = node->parent->_private;
    parent->flags |= is_block && block->text > 0 ? HAS_LOST : 0;
    parent->flags |= block->prose == 0 ? block->flags & HOLDS_CONSENT_BUTTON : 0;
    markup_drop(node);
    return;
  }
  if (is_named && block->prose >= MIN_MAIN_CHARS)
    block->articles++;
  if (is_named && !markup_is(node, "article"))
    block->flags |= HOLDS_MAIN;
  add_to_parent(node, block, is_block);
}

/* Closes @node and all that ends with it. Returns: (nullable): the node that comes next */
static xmlNode *
leave(Walk *walk, xmlNode *node)
{
  for (;;) {
    xmlNode *next = node->next;
    xmlNode *parent = node->parent;
    bool is_end = node == walk->root;
    if (node->type == XML_ELEMENT_NODE)
      close_element(walk, node);
    if (is_end || next != NULL)
      return is_end ? NULL : next;
    node = parent;
  }
}

/* Takes @node out. Returns: (transfer none): an empty text in its place */
static xmlNode *
blank(xmlNode *node)
{
  static const char *const BUTTONS[] = {"button", NULL};
  const char *role = peek_attribute(node, "role");
  bool is_button = markup_is(node, "button") || (role != NULL && g_strv_contains(BUTTONS, role));
  if (is_button && is_consent_button(node))
    ((Block *) node->parent->_private)->flags |= HOLDS_CONSENT_BUTTON;
  xmlNode *empty = xmlNewText((const xmlChar *) "");
  markup_drop(xmlReplaceNode(node, empty));
  return empty;
}

void
survey_take(xmlNode *root, const char *title, Survey *ret_survey)
{
  size_t count = 0;
  for (xmlNode *node = root; node != NULL; node = markup_next(node, root, false))
    count += node->type == XML_ELEMENT_NODE;
  *ret_survey = (Survey){.blocks = g_new0(Block, count)};
  Walk walk = {.survey = ret_survey, .root = root, .title = title};
  for (xmlNode *node = root; node != NULL;) {
    if (node->type == XML_ELEMENT_NODE && is_junk(&walk, node))
      node = blank(node);
    if (node->type == XML_ELEMENT_NODE)
      open_element(&walk, node);
    else if (node->type == XML_TEXT_NODE)
      count_text((const char *) node->content, node->parent->_private);
    node = node->type == XML_ELEMENT_NODE && node->children != NULL ? node->children : leave(&walk, node);
  }
}

void
survey_clear(Survey *survey)
{
  g_free(survey->blocks);
}

bool
survey_is_named_main(const xmlNode *node)
{
  if (markup_is(node, "article") || markup_is(node, "main"))
    return true;
  const char *role = peek_attribute(node, "role");
  const char *property = peek_attribute(node, "itemprop");
  return g_strcmp0(role, "article") == 0 || g_strcmp0(role, "main") == 0 || g_strcmp0(property, "articleBody") == 0;
}

bool
survey_is_consent(const Block *block)
{
  return block->consent_words >= MIN_CONSENT_WORDS && block->text <= MAX_CONSENT_CHARS &&
         block->text <= block->consent_words * MAX_CHARS_PER_CONSENT_WORD;
}

int
survey_heading_rank(const xmlNode *node)
{
  const char *name = (const char *) node->name;
  bool is_heading = node->type == XML_ELEMENT_NODE && name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0';
  return is_heading ? name[1] - '0' : 0;
}
