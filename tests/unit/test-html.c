#include "base/text.h"
#include "text/html.h"

#include <string.h>

typedef struct {
  const char *name;
  const char *html;
  const char *expected;
} Case;

static const Case TEXTS[] = {
    {"blocks", "<div>one<p>two</p>three</div><h2>four</h2>", "one\n\ntwo\n\nthree\n\nfour"},
    {"plain", "  just\n\n words ", "just words"},
    {"inline", "a <b>bold</b>, <i>it</i>alic", "a bold, italic"},
    {"breaks", "one<br>two<br/>  three<br><br>four<br><br><br>five", "one\ntwo\nthree\n\nfour\n\nfive"},
    {"open paragraphs", "<p>one<p>two", "one\n\ntwo"},
    {"list", "<ul><li>one<li>two <b>2</b></ul>after", "- one\n- two 2\n\nafter"},
    {"loose list", "<ul>\n<li><p>one</p></li>\n<li></li><li><p>two</p></li></ul>", "- one\n\n- two"},
    {"table", "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a b\n1 2"},
    {"pre", "<p>x</p><pre>\nint  a;\n\tint b;\n</pre><p>y</p>", "x\n\nint  a;\n\tint b;\n\ny"},
    {"white space", "a&nbsp;&#8195; b\r\n c\t d&#8203;&shy;e", "a b c de"},
    {"dropped",
     "<style>p{}</style>a<script>if (a<b) '<p>x</p>'</script><template>t</template><!-- c -->b<noscript>n</noscript>", "ab"},
    {"script with markup in strings", "<script>'<title>'</script>a<!-- </p> --!> <b>--> b", "a b"},
    {"hidden", "a<p hidden>x</p><p style='color:red; DISPLAY : none'>x</p><i aria-hidden=true>x</i>b", "a\n\nb"},
    {"head", "<html><head><title>t</title></head><body>b</body></html>", "b"},
    {"references", "&lt;b&gt; &amp;lt; &amp;amp;lt; &quot;&apos;&hellip;&eacute;", "<b> &lt; &amp;lt; \"'…é"},
    {"upper-case references", "&AMP;&LT;p&GT;&QUOT;&COPY;", "&<p>\"©"},
    {"windows-1252 references", "a&#150;b&#x92;c&#128;", "a–b’c€"},
    {"ascii names", "&lbrace;&lbrace;&NewLine;&colon;&commat;", "{{ :@"},
    {"bare references", "AT&T R&D a &amp b &copy 2 &ampx; &foo; &", "AT&T R&D a & b © 2 &ampx; &foo; &"},
    {"odd numeric references", "a&#0;b&#xD800;c&#99999999999999999999;d&#x;e&#;f&#8364 g", "a�b�c�d&#x;e&#;f€ g"},
    {"reference to a bidi mark", "a&#x202E;b&#8238;c&rlm;d", "abcd"},
    {"less-than signs", "I <3 you, a < b, <- here, </3, 1<2 and <> end", "I <3 you, a < b, <- here, </3, 1<2 and <> end"},
    {"tags in a text area", "<textarea>a <b> c &amp; d</textarea> e", "a <b> c & d e"},
    {"unknown elements", "<x-card>a</x-card> <font color=red>b</font>", "a b"},
    {"section of character data", "a <![CDATA[b <i> & c]]> d", "a b <i> & c d"},
    {"declarations", "<?xml version='1.0'?><!DOCTYPE html><!>a<!foo>b<?php x ?>c", "abc"},
    {"short comments", "a<!-->b<!--->c<!---->d", "abcd"},
    {"attribute with >", "<a title=\"x > y\" href='z>'>text</a>", "text"},
    {"cut in a tag", "all of it <a href=\"http", "all of it"},
    {"cut in a comment", "all of it <!-- and", "all of it"},
    {"misnested", "<b><p>one</b>two</p></i></div>three", "onetwo\n\nthree"},
    {"shortcode and Markdown", "{{< x >}} [a](javascript:b) {{% y %}}", "{{< x >}} [a](javascript:b) {{% y %}}"},
    {"script in names", "<img src=x onerror=alert(1)><scr<script>ipt>alert(1)</script>", "ipt>alert(1)"},
    {"nothing", "", ""},
    {"only markup", "<p> <br> </p><!-- x -->", ""},
};

static const Case LINES[] = {
    {"plain", "  Show HN:\n a  thing ", "Show HN: a thing"},
    {"heart", "I <3 C", "I <3 C"},
    {"comparison", "a < b && b > c", "a < b && b > c"},
    {"type parameters", "Why Vec<u8> beats vector<int>, and Map<K, V>", "Why Vec<u8> beats vector<int>, and Map<K, V>"},
    {"unclosed", "If a <b then <i", "If a <b then <i"},
    {"markup", "<b>Bold</b> <em>claim</em><br>second<p>third", "Bold claim second third"},
    {"escaped markup", "The &lt;div&gt; &amp;amp; you", "The <div> &amp; you"},
    {"script", "Hi<script>alert(1)</script> there", "Hi there"},
    {"wrapped twice", "<![CDATA[Title & <b>]]>", "Title & <b>"},
    {"processing", "<?php is fun", "<?php is fun"},
};

static void
check(const char *function, const Case *row, const char *result)
{
  if (g_strcmp0(result, row->expected) != 0)
    g_error("%s, %s: expected \"%s\", got \"%s\"", function, row->name, row->expected, result);
}

static void
test_texts(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
    g_autofree char *text = html_to_text(TEXTS[i].html, strlen(TEXTS[i].html), NULL, NULL);
    check("html_to_text", &TEXTS[i], text);
  }
}

static void
test_lines(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(LINES); i++) {
    g_autofree char *line = html_to_line(LINES[i].html, strlen(LINES[i].html));
    check("html_to_line", &LINES[i], line);
  }
}

static void
test_links(void)
{
  static const char HTML[] =
      "<a href=/a>1</a> <a href='https://b.example/?x=1&amp;y=2'>2</a> <a href='javascript:alert(1)'>3</a>"
      "<a href='#top'>4</a><a>5</a><a href='mailto:x@y.z'>6</a><a href='  HTTP://C.example/c d '>7</a>";
  static const struct {
    const char *base;
    const char *expected;
  } CASES[] = {
      {"https://a.example/x/", "https://a.example/a https://b.example/?x=1&y=2"},
      {NULL, "https://b.example/?x=1&y=2"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = html_to_text(HTML, strlen(HTML), CASES[i].base, links);
    g_ptr_array_add(links, NULL);
    g_autofree char *joined = g_strjoinv(" ", (char **) links->pdata);
    g_assert_true(g_str_has_prefix(joined, CASES[i].expected));
    g_assert_cmpstr(text, ==, "1 2 34567");
    g_assert_null(strstr(joined, "javascript"));
  }
}

static void
test_bytes(void)
{
  static const char HTML[] = "a\0b<p>c\xFF\xED\xA0\x80 d\xE2\x80\xAE"
                             "e<\0b>f</b>";
  g_autofree char *text = html_to_text(HTML, sizeof HTML - 1, NULL, NULL);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_cmpstr(text, ==, "ab\n\nc\uFFFD\uFFFD\uFFFD\uFFFD def");
}

static char *
repeat(const char *start, const char *part, size_t length)
{
  GString *text = g_string_new(start);
  while (text->len < length)
    g_string_append(text, part);
  return g_string_free(text, FALSE);
}

/* Patterns that are quadratic for a careless parser, at full size: each must be done in seconds even under a sanitiser. */
static void
test_abuse(void)
{
  static const struct {
    const char *start;
    const char *part;
  } CASES[] = {
      {"", "<div>"},
      {"", "<b x>"},
      {"<a ", "b c d "},
      {"", "<title>"},
      {"", "<textarea></"},
      {"", "<p><a "},
      {"", "<html a>"},
      {"", "<body b>"},
      {"", "</i>"},
      {"", "<!--"},
      {"", "<![CDATA["},
      {"", "<script>"},
      {"", "<"},
      {"", "&"},
      {"", "&#"},
      {"", "<a href='"},
      {"", "<li><ul>"},
      {"", "<table><tr><td>"},
      {"", "<form>"},
      {"", "<select><option>"},
      {"", "<svg><title>x</title>"},
      {"", "<!"},
      {"", "e\xCC\x81\xCC\x81\xCC\x81"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *html = repeat(CASES[i].start, CASES[i].part, HTML_MAX_BYTES);
    g_test_timer_start();
    g_autofree char *text = html_to_text(html, strlen(html), "https://a.example/", NULL);
    g_autofree char *line = html_to_line(html, strlen(html));
    double seconds = g_test_timer_elapsed();
    g_test_message("%s%s: %.3f s", CASES[i].start, CASES[i].part, seconds);
    g_assert_true(g_utf8_validate(text, -1, NULL) && g_utf8_validate(line, -1, NULL));
    g_assert_cmpfloat(seconds, <, 20.0);
  }
}

/* Tags that make a careless parser walk all open elements, below very many of them. */
static void
test_deep(void)
{
  static const char *const TAGS[] = {"</i>",       "<body>", "<body x>", "<html>", "<head>",
                                     "<frameset>", "<form>", "<a x>",    "<p>",    "<li>"};
  g_autofree char *opened = repeat("", "<b>", HTML_MAX_BYTES / 2);
  for (size_t i = 0; i < G_N_ELEMENTS(TAGS); i++) {
    g_autofree char *tags = repeat("", TAGS[i], HTML_MAX_BYTES / 2 - 100);
    g_autofree char *html = g_strconcat(opened, "found ", tags, "last", NULL);
    g_test_timer_start();
    g_autofree char *text = html_to_text(html, strlen(html), NULL, NULL);
    double seconds = g_test_timer_elapsed();
    g_test_message("%s 87,000 deep: %.3f s", TAGS[i], seconds);
    g_assert_true(g_str_has_prefix(text, "found") && g_str_has_suffix(text, "last"));
    g_assert_cmpfloat(seconds, <, 4.0);
  }
}

static void
test_cut(void)
{
  g_autofree char *html = repeat("", "é ", HTML_MAX_BYTES * 2);
  g_autofree char *text = html_to_text(html + 1, strlen(html) - 1, NULL, NULL);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_cmpuint(strlen(text), <=, HTML_MAX_BYTES + 2);
  g_assert_true(g_str_has_suffix(text, " é"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/html/texts", test_texts);
  g_test_add_func("/html/lines", test_lines);
  g_test_add_func("/html/links", test_links);
  g_test_add_func("/html/bytes", test_bytes);
  g_test_add_func("/html/abuse", test_abuse);
  g_test_add_func("/html/deep", test_deep);
  g_test_add_func("/html/cut", test_cut);
  return g_test_run();
}
