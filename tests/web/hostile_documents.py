"""Articles that are put straight into the store: what a page shows then is up to the site alone."""
import contextlib
import hashlib
import json
import re
import sqlite3
import unicodedata

BIDI = "\u061c\u200e\u200f" + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]))
DROPPED = re.compile(f"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[{BIDI}]")
FIRST_MS = 1772430000000


def clean(text):
    """One line of what the store holds of @text: the characters of XML 1.0 but controls of writing direction, in NFC."""
    return " ".join(unicodedata.normalize("NFC", DROPPED.sub("", text)).split()) or "nothing"


def source(kind, name, title, url):
    return {"kind": kind, "name": name, "title": title, "url": url, "time_ms": FIRST_MS, "likes": 300, "replies": 90}


class Document:
    """An article of one story, by number; @headline and @teaser are texts, @topics, @quotations and @sources lists."""

    def __init__(self, number, headline, teaser, topics, quotations, sources):
        self.story = hashlib.sha256(f"hostile {number}".encode()).hexdigest()[:16]
        self.slug = f"document-{number}-{self.story[:6]}"
        self.number, self.headline = number, headline
        self.text = json.dumps({
            "kind": "brief", "headline": headline, "teaser": teaser, "sources": sources,
            "topics": [{"label": label, "slug": "given"} for label in topics],
            "quotations": [{"part": "more" if index else "news", "text": text, "source": index % len(sources)}
                           for index, text in enumerate(quotations)]})


def insert(store, documents):
    with contextlib.closing(sqlite3.connect(store)) as database, database:
        run = database.execute("SELECT max(id) FROM runs").fetchone()[0]
        for item in documents:
            now = FIRST_MS + item.number
            database.execute("INSERT INTO stories(id, founded_ms, updated_ms, lead_item) VALUES (?, ?, ?, 'none')", (item.story, now, now))
            database.execute(
                "INSERT INTO articles(story_id, revision, slug, state, kind, headline, document, cost_micros, created_ms, run_id)"
                " VALUES (?, 1, ?, 'published', 'brief', ?, ?, 0, ?, ?)", (item.story, item.slug, item.headline, item.text, now, run))


def published(store):
    """What the store says of each published article: by page, what it must show."""
    expected = {}
    with contextlib.closing(sqlite3.connect(store)) as database:
        for slug, text in database.execute("SELECT slug, document FROM articles WHERE state = 'published'"):
            document = json.loads(text)
            sources = document["sources"]
            # Of a discussion a page tells where it is held, not what it is called.
            texts = [item["name"] for item in sources] + [item["title"] for item in sources if item["kind"] != "discussion"]
            expected[f"posts/{slug}/index.html"] = {
                "h1": document["headline"], "texts": [*texts, *(quotation["text"] for quotation in document["quotations"])]}
    return expected


def addresses(store):
    """How many posts the store holds, and all that it takes for addresses in them."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        rows = database.execute("SELECT url, canonical_url, links FROM items").fetchall()
    kept = [address for url, canonical, links in rows for address in (url, canonical, *json.loads(links)) if address]
    return {"items": len(rows), "addresses": kept}
