"""Texts aimed at Hugo, its front matter, its folders and its dates, and the fields they are put in."""

SHORTCODES = [
    "{{< figure src=\"x\" >}}", "{{% figure src=\"x\" %}}", "{{< youtube w7Ft2ymGmfc >}}", "{{< tweet user=\"a\" id=\"1\" >}}",
    "{{< gist spf13 7896402 >}}", "{{< ref \"posts/x\" >}}", "{{% ref \"nowhere.md\" %}}", "{{</* comment */>}}", "{{<", "{{%", ">}}", "%}}",
    "{{< unknown >}}", "{{< unknown", "{{< /figure >}}", "{{< highlight go >}}x{{< /highlight >}}", "{{< param \"params.teaser\" >}}",
    "{{< odd.inline >}}{{ 6 }}{{< /odd.inline >}}", "{{{{< figure >}}}}", "&#123;&#123;< figure >&#125;&#125;",
]
ACTIONS = [
    "{{ .Site.Title }}", "{{ template \"x\" }}", "{{ define \"main\" }}gone{{ end }}", "{{ end }}", "{{- /* x */ -}}", "{{ os.Getenv \"HOME\" }}",
    "{{ readFile \"/etc/passwd\" }}", "{{ getJSON \"http://ext.example/\" }}", "{{ safeHTML \"<b>\" }}", "{{ errorf \"x\" }}", "{{", "}}", "{{ . ",
    "%!s(MISSING)", "$.Page.Params", "HUGOSHORTCODE-1", "HAHAHUGOSHORTCODE0s0HBHB", "<!--more-->", "HUGOMORE42",
]
FRONT_MATTER = [
    "---", "+++", "---\ntitle: other\n---", "+++\ntitle = \"other\"\n+++", "{\"title\": \"other\"}", "\"}", "\", \"draft\": true, \"x\": \"",
    "\\\", \\\"draft\\\": true", "draft: true", "#+title: other", "!!python/object/apply:os.system [id]", "!!binary x", "&anchor *anchor", "*alias",
    "key: [", "? x", "%YAML 1.2", "url: /other/", "layout: search", "outputs: [json]", "_build: {render: never}", "aliases: [/index.html]",
    "headless: true", "slug: index", "type: page", "markup: markdown", "publishDate: 9999-01-01", "expiryDate: 2000-01-01", "~", "null", "1e3", "0x1F",
]
NAMES = [
    "index", "_index", "index.html", "index.xml", "_index.md", "CON", "NUL.txt", "aux", ".", "..", "...", ".hidden", "%2e%2e/", "%2e%2e%2f%2e%2e",
    "../../etc/passwd", "..\\..\\etc", "/etc/passwd", "//ext.example/x", "posts", "posts/x", "page", "page/2", "feed", "search", "archive", "topics",
    "tags", "404", "sitemap", "sitemap.xml", "robots.txt", "style.css", "search.json", "public", "content", "data", "static", "layouts", "title",
    "params", "constructor", "__proto__", "toString", "a" * 300, "ä" * 150, "\u202egnp.exe", "a\u0000b", "a\u200bb", "🙂", "𝕳𝖚𝖌𝖔", "İstanbul", "ß", "ﬃ",
    "C", "C++", "C#", "F#", ".NET", "-", "--", "--help", "-rf", "$(id)", "`id`", "a;b", "a|b", "a\nb", "~root", "*", "?", "a&b", "a b", "+", "#", ":",
]
MARKUP = [
    "# heading", "[a](javascript:alert(1))", "![a](x.png)", "<javascript:alert(1)>", "<b>bold</b>", "<script>alert(1)</script>", "```\ncode\n```",
    "`code`", "**bold**", "> quote", "- item", "1. item", "| a | b |\n|---|---|", "[^1]: note", "term\n: definition", ":smile: :+1:", "\"quotes\" -- ...",
    "\\{{< x >}}", "&lt;b&gt;", "&amp;amp;", "&nbsp;", "http://ext.example/{{x}}", "$x^2$", "{#id .class}", "{.class onclick=alert(1)}", "[TOC]",
    "[[wiki]]", "<!-- comment -->", "<![CDATA[x]]>", "]]>", "<?xml version=\"1.0\"?>", "{{ i18n \"x\" }}", "i18n", "T \"x\"", "%s %d %v", "\u2028\u2029",
]
TECHNIQUES = [*SHORTCODES, *ACTIONS, *FRONT_MATTER, *NAMES, *MARKUP]

ADDRESSES = [
    "http://ext.example/{{ .Site }}", "http://ext.example/{{< x >}}", "http://ext.example/\"onclick=alert(1)", "http://ext.example/%00", "http://ext.example/..%2f..%2f",
    "http://ext.example/<script>", "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,<b>",
    "vbscript:x", "file:///etc/passwd", "//ext.example/x", "/x", "../x", "#x", "?x", "", "http:ext.example", "http:///x", "https://", "http://[::1", "ftp://ext.example/",
    "http://user:pass@ext.example/", "http://ext.example:99999/", "http://ext.example/" + "a" * 3000, "mailto:a@ext.example", "blob:http://ext.example/x",
]

DATES = [
    "0000-00-00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "99999-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-03-01T25:00:00Z", "2026-03-01T08:00:00+99:00", "2026-03-01", "yesterday", "", "{{ now }}", "---",
    "1", "-1", "9223372036854775807", "1e400", "NaN", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 32 Foo 2026 00:00:00 +0000", "2026-03-01T08:00:00Z\n---", "\u0000",
]

POST_FIELDS = ("title", "text", "author", "site", "tag", "feed")
DOCUMENT_FIELDS = ("headline", "teaser", "topic", "quotation", "source name", "source title")


def for_posts():
    """(field, text) of every injection that goes by way of a post: each technique in one field after the other."""
    table = [(POST_FIELDS[index % len(POST_FIELDS)], text) for index, text in enumerate(TECHNIQUES)]
    return [*table, *(("title", text) for text in TECHNIQUES), *(("url", text) for text in ADDRESSES), *(("link", text) for text in ADDRESSES),
            *(("published", text) for text in DATES)]


def for_documents():
    """(field, text) of every injection that goes straight into an article's document: each technique as headline and in one more field."""
    others = DOCUMENT_FIELDS[1:]
    return [*(("headline", text) for text in TECHNIQUES), *((others[index % len(others)], text) for index, text in enumerate(TECHNIQUES)),
            *(("source url", text) for text in ADDRESSES)]
