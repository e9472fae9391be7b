#include "text/extract_main.h"

#include "text/extract_survey.h"
#include "text/extract_words.h"
#include "text/markup.h"

#include <stdbool.h>
#include <string.h>

/* The share of running text that tells the main part: of what is named one, of what holds the page's heading, of any other. */
static const double NAMED_SHARE = 0.7;
static const double HEADED_SHARE = 0.6;
static const double ANY_SHARE = 0.85;

/* With so little text beside it a password is what the page asks for; so little beside a prompt is no text. */
enum { MAX_LOGIN_CHARS = 600, MAX_PROMPTED_CHARS = 80 };

/* A paragraph of such length may repeat what stands at most as many paragraphs away. */
enum { REPEAT_WINDOW = 6, MIN_REPEAT_BYTES = 40, MAX_REPEAT_BYTES = 600 };

static const char *const CONTAINERS[] = {"body",  "center", "div", "form", "html", "section",
                                         "table", "tbody",  "td",  "tr",   NULL};

/* Returns: whether @node, named a main part inside of @around, can stand for all of it */
static bool
is_believable(const xmlNode *node, const Block *around, const Block *page)
{
  const Block *block = node->_private;
  if (!survey_is_named_main(node) || block->prose < MIN_MAIN_CHARS)
    return false;
  if ((block->flags & HOLDS_HEADING) != 0 && block->peak * 2 >= page->peak)
    return true;
  return block->prose >= NAMED_SHARE * around->prose;
}

/* Returns: (nullable): the element right below @node that holds nearly all its running text */
static xmlNode *
find_heavy_child(const xmlNode *node)
{
  const Block *block = node->_private;
  for (xmlNode *child = node->children; child != NULL; child = child->next) {
    if (child->type != XML_ELEMENT_NODE || !g_strv_contains(CONTAINERS, (const char *) child->name))
      continue;
    const Block *below = child->_private;
    double share = (below->flags & HOLDS_HEADING) != 0 ? HEADED_SHARE : ANY_SHARE;
    if (below->prose > 0 && below->prose >= share * block->prose)
      return child;
  }
  return NULL;
}

static xmlNode *
find_main(xmlNode *root)
{
  xmlNode *main = root;
  for (xmlNode *node = root->children; node != NULL; node = markup_next(node, main, false))
    if (node->type == XML_ELEMENT_NODE && is_believable(node, main->_private, root->_private))
      main = node;
  if (main != root)
    return main;
  for (xmlNode *child = root; child != NULL; child = find_heavy_child(child))
    main = child;
  return main;
}

static bool
is_blank(const xmlNode *node)
{
  return node->content == NULL || strspn((const char *) node->content, " \t\n\r\f") == strlen((const char *) node->content);
}

/* Takes out headings that nothing stands below any more. */
static void
drop_empty_headings(xmlNode *root)
{
  xmlNode *pending = NULL;
  for (xmlNode *node = root; node != NULL;) {
    int rank = survey_heading_rank(node);
    xmlNode *next = markup_next(node, root, rank > 0);
    if (rank > 1 && pending != NULL && survey_heading_rank(pending) >= rank)
      markup_drop(pending);
    if (rank > 0)
      pending = rank > 1 && node != root ? node : NULL;
    else if (node->type == XML_TEXT_NODE && !is_blank(node))
      pending = NULL;
    node = next;
  }
  if (pending != NULL)
    markup_drop(pending);
}

/* Whether a longer paragraph near the one at @index holds it. */
static bool
is_repeat(char **paragraphs, guint index, guint count)
{
  static const char *const MARKS[] = {"“", "\"", "«", "„", "”", "»"};
  size_t length = strlen(paragraphs[index]);
  if (length > MAX_REPEAT_BYTES)
    return false;
  g_autofree char *bare = g_strdup(paragraphs[index]);
  char *start = bare;
  for (size_t i = 0; i < G_N_ELEMENTS(MARKS); i++) {
    if (g_str_has_prefix(start, MARKS[i]))
      start += strlen(MARKS[i]);
    if (g_str_has_suffix(start, MARKS[i]))
      start[strlen(start) - strlen(MARKS[i])] = '\0';
  }
  if (strlen(start) < MIN_REPEAT_BYTES || strchr(start, '\n') != NULL)
    return false;
  guint first = index > REPEAT_WINDOW ? index - REPEAT_WINDOW : 0;
  for (guint i = first; i < MIN(count, index + REPEAT_WINDOW + 1); i++)
    if (strlen(paragraphs[i]) > length && strstr(paragraphs[i], start) != NULL)
      return true;
  return false;
}

/* Returns: (transfer full): @text without paragraphs that repeat what is said near them, as pull quotes do */
static char *
drop_repeats(const char *text)
{
  g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
  guint count = g_strv_length(paragraphs);
  GString *kept = g_string_sized_new(strlen(text));
  for (guint i = 0; i < count; i++)
    if (!is_repeat(paragraphs, i, count))
      g_string_append_printf(kept, "%s%s", kept->len > 0 ? "\n\n" : "", paragraphs[i]);
  return g_string_free(kept, FALSE);
}

/* Whether what is left of the page is a wall before the text, or says that there is none. */
static bool
is_unreadable(const Survey *survey, const Block *main)
{
  bool is_consent = survey->has_consent_wall && (main->flags & HOLDS_HEADING) == 0 && survey_is_consent(main);
  bool is_login = survey->has_password && main->text <= MAX_LOGIN_CHARS;
  return is_consent || is_login || (survey->has_prompt && main->text <= MAX_PROMPTED_CHARS);
}

char *
extract_main(xmlNode *root, const char *title)
{
  g_auto(Survey) survey = {0};
  survey_take(root, title, &survey);
  xmlNode *main = find_main(root);
  if (is_unreadable(&survey, main->_private))
    return g_strdup("");
  drop_empty_headings(main);
  g_autofree char *text = markup_text(main, NULL, NULL);
  return words_are_refusal(title, text) ? g_strdup("") : drop_repeats(text);
}
