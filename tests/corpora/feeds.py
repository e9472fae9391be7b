"""Holds what feed files say of themselves against what courant reads in them: usage: feeds.py READER EXPECTED [--list].

Each file of $COURANT_SHARED/corpora/feeds.tar.gz begins with a comment whose "Expect:" is a Python expression over what feedparser
makes of the file. Those parts of it count that are about the title, link, date or content of entries, or the title, link or date
of the feed; of several links, the first. READER (feed-reader.c) says what courant reads. HTML is compared as the words and the
links that courant itself makes of it. EXPECTED names the files of which it does not hold, and those that are not read, with the
reason.

Prints TAP; exit 1 when the files are others, or less than 95 % hold, of all of them or of those about entries and titles that
expect more than that there are no words. --list shows the files that are about something else as well.
"""
import ast
import calendar
import collections
import datetime
import email.utils
import json
import operator
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

SHARE = 0.95
ALL, WITH_WORDS = "all", "all but a feed's own dates and those that hold because there are no words"
ALL_AND_SUBTITLES = "all and what is about a feed's subtitle, which is not kept"
PLACE = "http://127.0.0.1:8097/tests/"
FEED_DATE = "the feed's own date"  # courant has no use for it: counted in all, not in the share of those with words
DATES = ("published", "updated", "created", "issued", "modified", "date")
ASPECTS = {
    "feed.title": "title", "feed.title_detail.value": "title", "feed.link": "link", "feed.links[0].href": "link",
    "entries[].title": "title", "entries[].title_detail.value": "title",
    "entries[].link": "link", "entries[].links[0].href": "link", "entries[].links[0]": "link",
    "entries[].summary": "content", "entries[].description": "content", "entries[].summary_detail.value": "content",
    "entries[].content[0].value": "content",
    **{f"entries[].{name}{suffix}": "date" for name in DATES for suffix in ("", "_parsed")},
    **{f"feed.{name}{suffix}": FEED_DATE for name in DATES for suffix in ("", "_parsed")},
}
SUBTITLE = re.compile(r"feed\.(subtitle|tagline|info|description)(_detail\.value)?")
UNICODE_MARKS = (("utf-32-be", b"\0\0\xfe\xff", b"\0\0\0<"), ("utf-32-le", b"\xff\xfe\0\0", b"<\0\0\0"),
                 ("utf-16-be", b"\xfe\xff", b"\0<"), ("utf-16-le", b"\xff\xfe", b"<\0"))


class Reader:
    """The program that reads feeds and HTML for us."""

    def __init__(self, path):
        self.program = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def ask(self, **request):
        self.program.stdin.write(json.dumps(request) + "\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())


class Words:
    """A title (a line) or a content (a text, with links): equal to HTML, or plain text where so declared, of the same words."""

    def __init__(self, case, words, kind, links=()):
        self.case, self.words, self.kind, self.links = case, words or "", kind, links

    def __repr__(self):
        return repr(self.words)

    def __eq__(self, html):
        wanted = self.case.reader.ask(html=html)
        self.case.compared.append(bool(wanted["text"] or wanted["links"]))
        if self.case.is_plain and self.words.split() == html.split():
            return True
        has_links = self.kind == "line" or all(link in self.links for link in wanted["links"])
        return has_links and self.words.split() == wanted[self.kind].split()


class Link(dict):
    """A link, of which only the address is known: equal to one that has the same."""

    def __eq__(self, other):
        return self["href"] == other["href"]


class Moment:
    """A date that equals any way of writing it, and its parts in UTC."""

    def __init__(self, time_ms):
        self.time_ms = time_ms

    def __repr__(self):
        return f"{self.time_ms} ms"

    def __eq__(self, written):
        if isinstance(written, tuple):
            return self.time_ms == calendar.timegm(written) * 1000
        is_dashed = re.match(r"\d{4}-", written)
        moment = datetime.datetime.fromisoformat(written) if is_dashed else email.utils.parsedate_to_datetime(written)
        return self.time_ms == moment.timestamp() * 1000


class Case:
    """One file: what it expects, and what the product reads in it."""

    def __init__(self, reader, folder, path):
        self.reader, self.name, self.compared = reader, str(path.relative_to(folder)), []
        text = decode(path.read_bytes())
        comment = re.search(r"<!--(.*?)-->", text, re.S).group(1)
        expected = re.search(r"Expect:\s*(.*?)\s*(?=\Z|\n\s*\w+:\s)", comment, re.S).group(1)
        headers = [header.strip().split(":", 1) for header in re.findall(r"Header:(.*)", comment)]
        lines = "\n".join(f"{name.lower()}:{value}" for name, value in headers)
        self.is_plain = re.search(r"""type=["']text(/plain)?["']""", text) is not None
        self.parts, self.aspects, self.others = split(expected)
        self.has_subtitle = any(map(SUBTITLE.fullmatch, self.others))
        self.feed = reader.ask(file=str(path), url=PLACE + self.name, headers=lines)

    def is_blank(self):
        """Whether all that complain() compared is that there are no words."""
        return self.compared and not any(self.compared) and not {"date", "link"} & set(self.aspects)

    def view(self, source, link, content):
        """An entry or the feed as feedparser would call its parts."""
        title = Words(self, source.get("title"), "line")
        date = Moment(source.get("published_ms"))
        dates = {name + suffix: date for name in DATES for suffix in ("", "_parsed")}
        return {"title": title, "title_detail": {"value": title}, "link": link, "links": [Link(href=link)], "summary": content,
                "description": content, "summary_detail": {"value": content}, "content": [{"value": content}], **dates}

    def view_entry(self, entry):
        return self.view(entry, entry.get("link"), Words(self, entry.get("text"), "text", entry["links"]))

    def complain(self):
        """Why the file is not read, or what it expects does not hold; None when it does."""
        if "error" in self.feed:
            return self.feed["error"]
        names = {"feed": self.view(self.feed, self.feed.get("link"), None), "entries": list(map(self.view_entry, self.feed["entries"]))}
        for part in self.parts:
            try:
                if not evaluate(part, names):
                    return f"{ast.unparse(part)}, but it is {[evaluate(place, names) for place in find_places(part)]}"
            except (IndexError, TypeError) as error:
                return f"{ast.unparse(part)}, but {error}"
        return None


def decode(data):
    for encoding, *starts in UNICODE_MARKS:
        if data.startswith(tuple(starts)):
            return data.decode(encoding, "replace").replace("\r\n", "\n")
    return data.decode("utf-8", "replace").replace("\r\n", "\n")


def name_place(node):
    """The path of entries[0]['title'], "entries[0].title"; None when it is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{name_place(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        key = node.slice.value
        return name_place(node.value) + (f"[{key}]" if isinstance(key, int) else f".{key}")
    return None


def find_places(node):
    """The outermost paths in an expression, such as feed['title']."""
    if name_place(node) is not None:
        return [node]
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    return [place for child in children for place in find_places(child)]


def find_aspect(place):
    """What a path is about; None when it is something else."""
    return ASPECTS.get(re.sub(r"^entries\[\d+\]", "entries[]", place))


def split(expected):
    """The parts of an expression that are about title, link, date or content; those aspects; what other places it is about."""
    tree = ast.parse(expected.replace("\n", " "), mode="eval").body
    parts, aspects, others = [], set(), []
    for part in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        places = [name_place(place) for place in find_places(part)]
        found = {find_aspect(place) for place in places}
        if found and None not in found:
            parts.append(part)
            aspects |= found
        else:
            others += [place for place in places if find_aspect(place) is None]
    return parts, sorted(aspects), others


def evaluate(node, names):
    """The value of a Python expression of the few kinds that the files hold."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.Attribute):
        return evaluate(node.value, names)[node.attr]
    if isinstance(node, ast.Subscript):
        return evaluate(node.value, names)[evaluate(node.slice, names)]
    if isinstance(node, ast.Tuple):
        return tuple(evaluate(element, names) for element in node.elts)
    if isinstance(node, ast.Dict):
        return {evaluate(key, names): evaluate(value, names) for key, value in zip(node.keys, node.values)}
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return evaluate(node.left, names) + evaluate(node.right, names)
    if isinstance(node, ast.Call) and node.func.id == "ord":
        return ord(evaluate(node.args[0], names).words)
    if isinstance(node, ast.BoolOp):
        values = (evaluate(value, names) for value in node.values)
        return any(values) if isinstance(node.op, ast.Or) else all(values)
    if isinstance(node, ast.Compare) and all(isinstance(op, ast.Eq) for op in node.ops):
        values = [evaluate(value, names) for value in [node.left, *node.comparators]]
        return all(map(operator.eq, values, values[1:]))
    raise ValueError(ast.unparse(node))


def read_expected(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(line.split(": ", 1) for line in lines)


def read_cases(reader):
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(pathlib.Path(os.environ["COURANT_SHARED"], "corpora", "feeds.tar.gz")) as archive:
            archive.extractall(folder)
        return [Case(reader, folder, path) for path in sorted(pathlib.Path(folder).rglob("*.xml"))]


def name_groups(case, holds):
    """The groups in which a case is counted; what holds because nothing is there is not among those with words."""
    yield ALL_AND_SUBTITLES
    if case.aspects:
        yield ALL
        yield from (f"about {aspect}" for aspect in case.aspects)
        yield "in " + str(pathlib.Path(case.name).parent)
    if set(case.aspects) - {FEED_DATE} and not (holds and case.is_blank()):
        yield WITH_WORDS


def show_shares(cases, complaints):
    """Prints what holds by group. Returns: the share of all, and of those with words."""
    held, counted = collections.Counter(), collections.Counter()
    for case in cases:
        holds = case.name not in complaints
        for name in name_groups(case, holds):
            counted[name] += 1
            held[name] += holds and not (name == ALL_AND_SUBTITLES and case.has_subtitle)
    for name in sorted(counted):
        print(f"# {name}: {held[name]} of {counted[name]}, {held[name] / counted[name]:.1%}")
    return held[ALL] / counted[ALL], held[WITH_WORDS] / counted[WITH_WORDS]


def show_result(number, is_ok, name):
    print(f"{'ok' if is_ok else 'not ok'} {number} - {name}")
    return is_ok


def main():
    if "COURANT_SHARED" not in os.environ:
        print("1..0 # SKIP COURANT_SHARED is not set")
        return 0
    expected = read_expected(pathlib.Path(sys.argv[2]))
    cases = read_cases(Reader(sys.argv[1]))
    complaints = {case.name: complaint for case in cases if (complaint := case.complain()) is not None}
    about = [case for case in cases if case.aspects]
    for case in cases:
        if case.name in complaints:
            print(f"# {case.name}: {expected.get(case.name, 'NEW: ' + ascii(complaints[case.name]))}")
        elif "--list" in sys.argv and not case.aspects:
            print(f"# {case.name}: about {', '.join(case.others) or 'nothing'}")
    for name in expected.keys() - complaints.keys():
        print(f"# {name}: holds, and is to be taken from the list")
    share, share_with_words = show_shares([case for case in cases if case.aspects or case.has_subtitle], complaints)
    print(f"# about something else, such as authors, tags or markup: {len(cases) - len(about)} of {len(cases)}")
    print("1..3")
    is_listed = show_result(1, expected.keys() == complaints.keys(), "what does not hold is what is listed")
    is_enough = show_result(2, share >= SHARE, f"of what is about title, link, date or content {SHARE:.0%} hold")
    has_words = show_result(3, share_with_words >= SHARE, f"so do {SHARE:.0%} without what holds because there are no words")
    return 0 if is_listed and is_enough and has_words else 1


if __name__ == "__main__":
    sys.exit(main())
