"""Lists what is active in the pages of a built site: usage: active_content.py FOLDER. Exit 1 when there is any, but for the one
script of the search page."""
import html.parser
import pathlib
import sys
import urllib.parse

ELEMENTS = {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "form", "svg", "math"}
OUR_SCRIPT = ("search/index.html", [("src", "../search.js"), ("defer", None)])
ADDRESSES = {"href", "src", "action", "formaction", "data", "poster", "cite", "background", "srcset", "xlink:href"}


class Page(html.parser.HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.path, self.found, self.elements = path, [], 0

    def handle_starttag(self, tag, attributes):
        self.elements += 1
        is_ours = tag == "script" and str(self.path).endswith(OUR_SCRIPT[0]) and attributes == OUR_SCRIPT[1]
        if tag in ELEMENTS and not is_ours:
            self.found.append(f"{self.path}: <{tag}>")
        if tag == "meta" and dict(attributes).get("http-equiv", "").lower() == "refresh":
            self.found.append(f"{self.path}: a refresh")
        for name, value in attributes:
            scheme = urllib.parse.urlsplit((value or "").strip()).scheme.lower() if name in ADDRESSES else ""
            if name.startswith("on") or name == "style" or scheme not in {"", "http", "https", "mailto"}:
                self.found.append(f"{self.path}: <{tag} {name}={value!r}>")


found, elements = [], 0
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.html")):
    page = Page(path)
    page.feed(path.read_text(encoding="utf-8"))
    found += page.found
    elements += page.elements
print("\n".join(found))
sys.exit(1 if found or elements == 0 else 0)
