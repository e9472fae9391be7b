#!/usr/bin/python3
"""Reads the feeds of a built site with parsers of others: usage: feeds.py FOLDER BASE. BASE is the site's own address.

A folder of the site with one feed has three: RSS, Atom and JSON Feed. They tell the same entries by the same ids and titles;
ids are unique, dates parse, links lead to files of the site, a feed's own to itself. Prints what does not hold; exit 1 when
there is any of it, or no feed at all.
"""
import datetime
import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
JSON_FEED = "https://jsonfeed.org/version/1"


def read_date(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def find_self(element):
    link = element.find(ATOM + "link[@rel='self']")
    return None if link is None else link.get("href")


class Entry:
    def __init__(self, identity, title, link, date, reading):
        self.identity, self.title, self.link, self.date = identity, title, link, date
        self.reading = reading  # feedparser's, None for JSON


class Feed:
    def __init__(self, path):
        self.path, self.address, self.problems, self.entries = path, None, [], []

    def want(self, what, value):
        if not value:
            self.problems.append(f"{self.path}: {what}")


class XmlFeed(Feed):
    def __init__(self, path, kind):
        super().__init__(path)
        text = path.read_bytes()
        self.root = ElementTree.fromstring(text)
        reading = feedparser.parse(text, sanitize_html=False, resolve_relative_uris=False)
        self.want(f"feedparser complains: {reading.get('bozo_exception')}", not reading.bozo)
        self.want(f"feedparser takes it for {reading.version!r}", reading.version.startswith(kind))
        found = self.find()
        self.want(f"feedparser finds {len(reading.entries)} of {len(found)} entries", len(reading.entries) == len(found))
        for entry, told in zip(found, reading.entries):
            entry.reading = told
            self.want(f"feedparser reads the id {told.get('id')!r} for {entry.identity!r}", told.get("id") == entry.identity)
            self.want(f"feedparser reads the link {told.get('link')!r} for {entry.link!r}", told.get("link") == entry.link)
            self.want(f"feedparser reads no date of {entry.identity}", told.get("published_parsed") or told.get("updated_parsed"))
        self.entries = found


class Rss(XmlFeed):
    def __init__(self, path):
        super().__init__(path, "rss20")

    def find(self):
        channel = self.root.find("channel")
        for name in ("title", "link", "description"):
            self.want(f"no {name}", channel.findtext(name))
        self.address = find_self(channel)
        return [Entry(item.findtext("guid"), item.findtext("title"), item.findtext("link"), item.findtext("pubDate"), None)
                for item in channel.findall("item")]


class Atom(XmlFeed):
    def __init__(self, path):
        super().__init__(path, "atom10")

    def find(self):
        for name in ("id", "title", "updated"):
            self.want(f"no {name}", self.root.findtext(ATOM + name))
        self.address = find_self(self.root)
        has_author = self.root.find(ATOM + "author") is not None
        entries = []
        for entry in self.root.findall(ATOM + "entry"):
            link = next((link.get("href") for link in entry.findall(ATOM + "link") if link.get("rel", "alternate") == "alternate"), None)
            identity = entry.findtext(ATOM + "id")
            self.want(f"no author of {identity}", has_author or entry.find(ATOM + "author") is not None)
            self.check_dates(entry, identity)
            entries.append(Entry(identity, "".join(entry.find(ATOM + "title").itertext()), link, entry.findtext(ATOM + "updated"), None))
        return entries

    def check_dates(self, entry, identity):
        for name in ("updated", "published"):
            text = entry.findtext(ATOM + name)
            self.want(f"{name} of {identity} has no zone: {text}", read_date(text).tzinfo if text else name == "published")
        updated, published = entry.findtext(ATOM + "updated"), entry.findtext(ATOM + "published")
        self.want(f"{identity} was updated before it was published", not published or read_date(updated) >= read_date(published))


class JsonFeed(Feed):
    """By https://www.jsonfeed.org/version/1.1/: required are version, title, items, and of an item id and a content."""

    def __init__(self, path, document):
        super().__init__(path)
        self.address = document.get("feed_url")
        self.want("no title", isinstance(document.get("title"), str))
        self.want("no items", isinstance(document.get("items"), list))
        for item in document.get("items", []):
            identity = item.get("id")
            self.want(f"an id that is no text: {identity!r}", isinstance(identity, str) and identity)
            self.want(f"no content of {identity}", isinstance(item.get("content_text", item.get("content_html")), str))
            self.want(f"date of {identity} has no zone", read_date(item["date_published"]).tzinfo)
            self.entries.append(Entry(identity, item.get("title"), item.get("url"), item["date_published"], None))


def open_feed(path):
    """The feed that the file is, or None."""
    if path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8"))
        is_feed = isinstance(document, dict) and str(document.get("version", "")).startswith(JSON_FEED)
        return JsonFeed(path, document) if is_feed else None
    root = ElementTree.fromstring(path.read_bytes()).tag
    return Rss(path) if root == "rss" else Atom(path) if root == ATOM + "feed" else None


def find_file(link, folder, base):
    """The file of the site that @link leads to, or None."""
    if not link or not link.startswith(base):
        return None
    path = folder / urllib.parse.unquote(urllib.parse.urlsplit(link).path[len(urllib.parse.urlsplit(base).path):])
    return next((file for file in (path, path / "index.html") if file.is_file()), None)


def compare(place, feeds, folder, base):
    """What does not hold between the feeds of one place."""
    kinds = sorted(type(feed).__name__ for feed in feeds)
    if kinds != ["Atom", "JsonFeed", "Rss"]:
        yield f"{place}: has {', '.join(kinds)}"
    for feed in feeds:
        yield from feed.problems
        if find_file(feed.address, folder, base) != feed.path:
            yield f"{feed.path}: tells another address as its own: {feed.address}"
        identities = [entry.identity for entry in feed.entries]
        if len(set(identities)) != len(identities):
            yield f"{feed.path}: an id stands there twice"
        for entry in feed.entries:
            if find_file(entry.link, folder, base) is None:
                yield f"{feed.path}: leads nowhere: {entry.link}"
        others = [(entry.identity, entry.title, entry.link) for entry in feeds[0].entries]
        if [(entry.identity, entry.title, entry.link) for entry in feed.entries] != others:
            yield f"{feed.path}: tells other entries than {feeds[0].path}"


def check(folder, base):
    """Returns (number of feeds, what does not hold, the titles told by link)."""
    folder, base = pathlib.Path(folder), base.rstrip("/") + "/"
    places, problems, titles, count = {}, [], {}, 0
    for path in sorted([*folder.rglob("*.xml"), *folder.rglob("*.json")]):
        try:
            feed = open_feed(path)
        except (ElementTree.ParseError, ValueError, KeyError, AttributeError) as error:
            problems.append(f"{path}: {type(error).__name__}: {error}")
            continue
        if feed is not None:
            places.setdefault(path.parent, []).append(feed)
            count += 1
    for place, feeds in places.items():
        problems += compare(place, feeds, folder, base)
        titles.update({entry.link: entry.title for feed in feeds for entry in feed.entries})
    if folder not in places or not any(feed.entries for feed in places[folder]):
        problems.append(f"{folder}: no feed of the site that tells anything")
    return count, problems, titles


if __name__ == "__main__":
    number, found, _ = check(*sys.argv[1:])
    print("\n".join(found or [f"{number} feeds"]))
    sys.exit(1 if found else 0)
