#include "sources/opml.h"

#include "base/error.h"

#include <stdbool.h>
#include <string.h>

#define BODY(outlines) "<?xml version='1.0'?><opml version='2.0'><head><title>t</title></head><body>" outlines "</body></opml>"

/* @expected: "address title" lines, then how many were passed over, if any; NULL for an error */
typedef struct {
  const char *name;
  const char *text;
  const char *expected;
} Case;

static const Case CASES[] = {
    {"plain", BODY("<outline type='rss' text='A &amp; B' xmlUrl='https://a.example/f' htmlUrl='https://a.example/'/>"),
     "https://a.example/f A & B\n"},
    {"title-before-text", BODY("<outline text='long text' title='Short' xmlUrl='https://a.example/f'/>"),
     "https://a.example/f Short\n"},
    {"nested",
     BODY("<outline text='Tech'><outline text='C'><outline text='x' xmlUrl='http://x.example/'/></outline></outline>"
          "<outline xmlUrl='http://y.example/'/>"),
     "http://x.example/ x\nhttp://y.example/ \n"},
    {"each-once", BODY("<outline xmlUrl='http://x.example/f'/><outline xmlUrl='HTTP://X.example:80/f'/>"),
     "http://x.example/f \n"},
    {"other-addresses",
     BODY("<outline xmlUrl='javascript:1'/><outline xmlUrl='file:///etc/passwd'/><outline xmlUrl=''/>"
          "<outline xmlUrl='feed://x.example/f'/><outline xmlUrl='http://u:p@x.example/f'/><outline "
          "xmlUrl='http://x.example/f'/>"),
     "http://x.example/f \n5"},
    {"not-well-formed", "<opml><body><outline text='a & b' xmlUrl='http://x.example/f'><outline xmlUrl='http://y.example/f'/>",
     "http://x.example/f a b\nhttp://y.example/f \n"},
    {"external-entity",
     "<!DOCTYPE opml [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><opml><body><outline text='&e;' xmlUrl='http://x.example/'/>"
     "</body></opml>",
     NULL},
    {"no-feed", BODY("<outline text='only a heading'/>"), NULL},
    {"html", "<html><body><outline xmlUrl='http://x.example/'/></body></html>", NULL},
    {"empty", "", NULL},
};

static char *
describe(const GPtrArray *links)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < links->len; i++) {
    const FeedLink *link = g_ptr_array_index(links, i);
    g_string_append_printf(text, "%s %s\n", link->url, link->title);
  }
  return g_string_free(text, false);
}

static void
test_case(const void *data)
{
  const Case *given = data;
  g_autoptr(GError) error = NULL;
  size_t passed_over = 0;
  g_autoptr(GPtrArray) links = opml_read(given->text, strlen(given->text), &passed_over, &error);
  g_autofree char *lines = links != NULL ? describe(links) : NULL;
  g_autofree char *found = passed_over > 0 ? g_strdup_printf("%s%zu", lines, passed_over) : g_strdup(lines);
  g_assert_cmpstr(found, ==, given->expected);
  if (given->expected == NULL)
    g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
}

static void
test_written_is_read(void)
{
  g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func((GDestroyNotify) feed_link_free);
  g_ptr_array_add(links, feed_link_new("https://a.example/f?x=1&y=2", "Quotes \" ' < > & ü"));
  g_ptr_array_add(links, feed_link_new("https://b.example/f", "B"));
  g_autofree char *text = opml_write(links, "A <list>");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) read = opml_read(text, strlen(text), NULL, &error);
  g_assert_no_error(error);
  g_autofree char *expected = describe(links);
  g_autofree char *found = describe(read);
  g_assert_cmpstr(found, ==, expected);
}

/* One large entity in each of many titles. */
static void
test_entity_bomb(void)
{
  g_autofree char *filler = g_strnfill(60 * 1000, 'x');
  g_autoptr(GString) text = g_string_new(NULL);
  g_string_append_printf(text, "<!DOCTYPE opml [<!ENTITY e '%s'>]><opml><body>", filler);
  for (int i = 0; i < 2000; i++)
    g_string_append_printf(text, "<outline text='&e;&e;&e;&e;&e;&e;&e;&e;' xmlUrl='http://x.example/%d'/>", i);
  g_string_append(text, "</body></opml>");
  g_autoptr(GError) error = NULL;
  g_assert_null(opml_read(text->str, text->len, NULL, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_BAD_DATA);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strconcat("/opml/", CASES[i].name, NULL);
    g_test_add_data_func(path, &CASES[i], test_case);
  }
  g_test_add_func("/opml/written-is-read", test_written_is_read);
  g_test_add_func("/opml/entity-bomb", test_entity_bomb);
  return g_test_run();
}
