#!/usr/bin/python3
"""Hostile posts, pages and articles become sites: usage: hostile.py FOLDER [--sample]. Works in FOLDER, with COURANT, COURANT_SIM
and COURANT_DATADIR; beside it lies hostile.mjs in the folder ../web, with what npm installed.

The script injections and odd strings of $COURANT_SHARED/corpora stand in every field of every kind of source, of the pages that
posts link to, of the articles in the store, and in the site's title; the texts of injections.py are aimed at Hugo. Every page is
then read in Chromium: nothing in it is active, and it shows the texts as they are. Feeds, index and sitemap parse. --sample takes
every 20th string, from a place that COURANT_SEED tells.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.dont_write_bytecode = True  # nothing is left beside the sources
import feeds
import hostile_documents
import hostile_world
import injections

BASE = "http://courant.localhost/news/"
STEP, PART, TITLES = 20, 400, 40
WRITTEN = {"content", "data", "public", "courant.yaml"}
SMALL = f"site: {{base_url: \"{BASE[:-1]}\"}}\nsources:\n  - hackernews: {{}}\n"
ADDRESS = re.compile(r"https?://[a-z0-9.\[\]:-]+([/?#][!-~]*)?\Z")
BROKEN = ["{", "[]", "\"text\"", "{\"kind\": \"brief\"}", "\x00", "{\"kind\": 1, \"headline\": 2}"]


class Tally:
    """What was checked, and how it came out."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, problems):
        self.failed += bool(problems)
        self.passed += not problems
        if problems:
            more = [f"and {len(problems) - 20} more"] if len(problems) > 20 else []
            print("\n    ".join([f"failed: {name}", *problems[:20], *more]), flush=True)

    def skip(self, name, reason):
        self.skipped += 1
        print(f"skipped: {name}: {reason}")

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed or not self.passed else 0


class Workspace:
    """A workspace, and what its pages must show once it is deployed."""

    def __init__(self, folder):
        self.folder, self.environment = pathlib.Path(folder), {}
        self.folder.mkdir(parents=True)
        self.store, self.public = self.folder / "data" / "courant.db", self.folder / "public"

    def configure(self, text):
        (self.folder / "courant.yaml").write_text(text, encoding="utf-8")

    def courant(self, command):
        """Returns (exit status, what was said)."""
        done = subprocess.run([os.environ["COURANT"], command, "-q", "-C", self.folder, "--now", hostile_world.NOW], text=True,
                              env={**os.environ, **self.environment}, capture_output=True, errors="replace", timeout=900)
        return done.returncode, done.stdout + done.stderr

    def strangers(self):
        """What lies in the workspace that has no place there."""
        found = [path.name for path in self.folder.iterdir() if path.name not in WRITTEN]
        found += [f"content/{path.name}" for path in self.folder.glob("content/*") if path.name != "posts"]
        pages = {path.parent.name for path in self.folder.glob("content/posts/*/index.html")}
        return found + [str(path) for path in self.folder.glob("content/posts/**/*") if path.is_file() and path.parent.name not in pages]


@contextlib.contextmanager
def simulator(world):
    command = [os.environ["COURANT_SIM"], "--port", "0", "--no-limits", "--world", world]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.terminate()


def read_payloads(sample, seed):
    corpora = pathlib.Path(os.environ["COURANT_SHARED"], "corpora")
    lines = (corpora / "xss-payloads.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    payloads = [line for line in lines if line] + [text for text in json.loads((corpora / "blns.json").read_text()) if text]
    return payloads[seed % STEP::STEP] if sample else payloads


def spread(payloads, number, place):
    """The payload of one field: over all numbers, each field gets each payload."""
    return payloads[(number + 17 * place) % len(payloads)]


def make_post(payloads, number, place):
    post = {field: spread(payloads, number, place + index) for index, field in enumerate(hostile_world.FIELDS)}
    post["published"] = f"2026-03-02T0{number % 8}:{number % 60:02}:00Z"
    return post


def fill_world(world, payloads, numbers):
    """A post of each kind a number; those of one number link to the same page and so become one story. Returns the pages."""
    pages = {}
    for number in numbers:
        for index, kind in enumerate(hostile_world.KINDS):
            post = make_post(payloads, number, 10 + len(hostile_world.FIELDS) * index)
            world.add(kind, 10000 + number, {**post, "url": f"http://w{number % 40}.example/p/{number}"})
        pages[f"/p/{number}"] = hostile_world.page(make_post(payloads, number, 5))
    return pages


def fill_with_addresses(world, payloads, numbers):
    """The same, but what should be the address of a page is hostile too."""
    for number in numbers:
        for index, kind in enumerate(hostile_world.KINDS):
            world.add(kind, 10000 + number, make_post(payloads, number, 10 + len(hostile_world.FIELDS) * index))
    return {}


def make_documents(payloads, numbers):
    for number in numbers:
        def payload(place, number=number):
            return hostile_documents.clean(spread(payloads, number, place))
        sources = [hostile_documents.source(kind, payload(place), payload(place + 1), payload(place + 2))
                   for place, kind in ((1, "post"), (4, "page"), (7, "discussion"))]
        # A topic that others have gets a page and feeds, so that every headline stands in one.
        topics = [f"Lot {number // 25}", hostile_documents.clean(payloads[number // 2 % len(payloads)]), payload(10)]
        yield hostile_documents.Document(number, payload(0), payload(11), topics, [payload(place) for place in (12, 13, 14)], sources)


def run_world(workspace, world, pages, title, command="run"):
    """Returns what went wrong."""
    world.write()
    with simulator(world.folder) as port:
        workspace.environment = {**hostile_world.CREDENTIALS, "http_proxy": hostile_world.start_proxy(pages),
                                 "https_proxy": "http://127.0.0.1:1", "no_proxy": "localhost"}
        workspace.configure(world.configuration(port, title, BASE[:-1], min(1000, 2 + len(pages) * 5 // 4)))
        status, said = workspace.courant(command)
    return [] if status in (0, 4) else [f"it ended with {status}", *said.splitlines()]


def deploy(workspace):
    status, said = workspace.courant("deploy")
    return [] if status == 0 else [f"deploy ended with {status}", *said.splitlines()]


def check_files(workspace, wanted):
    """The feeds, the index of the search, the sitemap: they parse, and titles are what the store says."""
    _, problems, titles = feeds.check(workspace.public, BASE)
    for link, title in titles.items():
        told = wanted.get(link.removeprefix(BASE) + "index.html", {}).get("h1")
        if " ".join(title.split()) != told:
            problems.append(f"a feed says {title!r} instead of {told!r}")
    index = json.loads((workspace.public / "search.json").read_text(encoding="utf-8"))
    found = sorted(" ".join(entry["title"].split()) for entry in index)
    if found != sorted(page["h1"] for page in wanted.values()):
        problems.append(f"the search's index does not hold the titles of the {len(wanted)} articles")
    sitemap = ElementTree.parse(workspace.public / "sitemap.xml").getroot()
    return problems + ([] if len(sitemap) >= len(wanted) else [f"the sitemap has {len(sitemap)} of {len(wanted)} pages"])


def check_site(tally, name, workspace, reader):
    """Checks what is no page, and hands the pages to @reader. Returns how many articles there are."""
    wanted = hostile_documents.published(workspace.store)
    tally.check(f"{name}: nothing lies where it should not", workspace.strangers())
    try:
        tally.check(f"{name}: feeds, index and sitemap", check_files(workspace, wanted))
    except (OSError, ValueError, KeyError, ElementTree.ParseError) as error:
        tally.check(f"{name}: feeds, index and sitemap", [f"{type(error).__name__}: {error}"])
    reader.add(workspace.public, wanted)
    return len(wanted)


def check_payloads(tally, folder, payloads, numbers, reader):
    name = f"strings {numbers[0]} to {numbers[-1]}"
    world, workspace = hostile_world.World(folder / "world"), Workspace(folder / "workspace")
    pages = fill_world(world, payloads, numbers)
    tally.check(f"{name}: the run", run_world(workspace, world, pages, "Hostile"))
    hostile_documents.insert(workspace.store, list(make_documents(payloads, numbers)))
    tally.check(f"{name}: the site with articles straight into the store", deploy(workspace))
    articles = check_site(tally, name, workspace, reader)
    # posts that hold the same strings are one story
    tally.check(f"{name}: enough came through", [] if articles >= 1.02 * len(numbers) else [f"{articles} articles"])
    return articles


def check_addresses(tally, folder, payloads, numbers):
    """Strings where the address of a page should stand: whatever the store keeps as an address is one of the web."""
    world, workspace = hostile_world.World(folder / "world"), Workspace(folder / "workspace")
    name = f"addresses {numbers[0]} to {numbers[-1]}"
    pages = fill_with_addresses(world, payloads, numbers)
    tally.check(f"{name}: the collection", run_world(workspace, world, pages, "Hostile", "collect"))
    kept, count = hostile_documents.addresses(workspace.store), len(numbers) * len(hostile_world.KINDS)
    tally.check(f"{name}: enough came through", [] if kept["items"] >= 0.9 * count else [f"{kept['items']} of {count} posts"])
    tally.check(f"{name}: all are of the web", [address for address in kept["addresses"] if not ADDRESS.match(address)])


def check_titles(tally, folder, payloads, reader):
    """The strings as the title of a small site, so many at once: one workspace, a site for each title."""
    workspace = Workspace(folder / "workspace")
    workspace.configure(SMALL)
    deploy(workspace)
    hostile_documents.insert(workspace.store, list(make_documents(["plain words"], range(2))))
    problems = []
    for start in range(0, len(payloads), TITLES):
        title = hostile_documents.clean(" ".join(payloads[start:start + TITLES]))
        workspace.public = folder / f"site-{start}"
        workspace.configure(f"title: {json.dumps(title, ensure_ascii=False)}\n{SMALL}deploy: {{path: {json.dumps(str(workspace.public))}}}\n")
        problems += deploy(workspace) or feeds.check(workspace.public, BASE)[1]
        reader.add(workspace.public, {"index.html": {"texts": [title]}})
    tally.check("the site's title", problems)


def injected_documents():
    for number, (field, text) in enumerate(injections.for_documents()):
        value, plain = hostile_documents.clean(text), f"A plain text, number {number}"
        given = {**dict.fromkeys((*injections.DOCUMENT_FIELDS, "source url"), plain), "source url": "https://x.example/", field: value}
        sources = [hostile_documents.source("page", given["source name"], given["source title"], given["source url"])]
        yield hostile_documents.Document(number, given["headline"], given["teaser"], [given["topic"], f"Lot {number // 25}"],
                                         [given["quotation"]], sources)


def fill_with_injections(world):
    pages = {}
    for number, (field, text) in enumerate(injections.for_posts()):
        kind = hostile_world.KINDS[number % len(hostile_world.KINDS)]
        words = random.Random(number).sample(WORDS, 6)
        post = {**dict.fromkeys(hostile_world.FIELDS, " ".join(words)), "tag": words[0], "link": "http://w.example/",
                "url": f"http://w{number % 40}.example/p/{number}", "published": "2026-03-02T07:00:00Z", field: text}
        world.add(kind, 10000 + number, post)
        pages[f"/p/{number}"] = hostile_world.page(post)
    return pages


WORDS = ("harbour lantern ferry meadow copper violin glacier pepper saddle ticket anchor basket candle dragon engine forest garden hammer "
         "island jacket kettle ladder marble needle orange pillow quarry rocket shovel timber uncle valley window yellow zipper bridge").split()


def check_injections(tally, folder, reader):
    world, workspace = hostile_world.World(folder / "world"), Workspace(folder / "workspace")
    pages = fill_with_injections(world)
    tally.check("injections: the run", run_world(workspace, world, pages, "{{< x >}} {{ .Site }} ---"))
    documents = list(injected_documents())
    hostile_documents.insert(workspace.store, documents)
    tally.check("injections: the site with articles straight into the store", deploy(workspace))
    count = check_site(tally, "injections", workspace, reader)
    # posts that hold the same strings are one story
    tally.check("injections: none is lost", [] if count > len(documents) + len(pages) * 0.2 else [f"{count} articles"])
    tally.check("injections: nothing is written elsewhere", [str(path) for path in folder.iterdir() if path.name not in ("world", "workspace")])
    return len(documents) + len(pages), count


def check_held_back(tally, folder):
    """An article whose document is broken is held back; the others stand."""
    workspace = Workspace(folder)
    workspace.configure(SMALL)
    deploy(workspace)
    documents = list(make_documents(["plain words"], range(len(BROKEN) + 3)))
    hostile_documents.insert(workspace.store, documents)
    broken = documents[:len(BROKEN)]
    with contextlib.closing(sqlite3.connect(workspace.store)) as database, database:
        for text, document in zip(BROKEN, broken):
            database.execute("UPDATE articles SET document = ? WHERE slug = ?", (text, document.slug))
    status, said = workspace.courant("deploy")
    shown = {path.parent.name for path in workspace.public.glob("posts/*/index.html")}
    problems = [] if status == 4 else [f"deploy ended with {status}", *said.splitlines()]
    problems += [f"is shown: {document.slug}" for document in broken if document.slug in shown]
    problems += [f"is not shown: {document.slug}" for document in documents[len(BROKEN):] if document.slug not in shown]
    problems += [f"nothing is said of {document.slug}" for document in broken if document.slug not in said]
    tally.check("a broken article is held back without the others", problems)


class Reader:
    """Chromium, which reads one lot of sites while the next are made."""

    def __init__(self, tally, folder):
        self.tally, self.folder, self.sites, self.running = tally, folder, {}, None
        self.lots = self.pages = self.texts = 0

    def add(self, public, wanted):
        """@wanted: by page, what it must show"""
        if public.is_dir():
            self.sites[str(public)] = wanted

    def start(self):
        """Begins with what was added, after the lot before it."""
        self.finish()
        self.lots += 1
        wanted = self.folder / f"wanted-{self.lots}.json"
        wanted.write_text(json.dumps({"base": BASE, "sites": self.sites}))
        self.sites = {}
        self.running = subprocess.Popen(["node", "hostile.mjs", wanted], cwd=self.folder.parent / "web", text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.running is not None:
            self.running.terminate()

    def finish(self):
        if self.running is None:
            return
        said, complaint = self.running.communicate(timeout=900)
        if self.running.returncode != 0:
            self.tally.check(f"Chromium reads lot {self.lots}", complaint.splitlines() or ["it said nothing"])
        else:
            told = json.loads(said)
            self.pages, self.texts = self.pages + told["pages"], self.texts + told["texts"]
            self.tally.check(f"lot {self.lots}: no page is active, and each shows its texts", told["problems"])
        self.running = None


def check_strings(tally, folder, reader, payloads, began):
    parts = [range(start, min(start + PART, len(payloads))) for start in range(0, len(payloads), PART)]
    articles = 0
    # A collection waits for the limits of a source most of the time: the two kinds go on beside each other.
    with concurrent.futures.ThreadPoolExecutor(max_workers=1) as beside:
        checks = [beside.submit(check_addresses, tally, folder / f"addresses-{part[0]}", payloads, part) for part in parts]
        for part in parts:
            articles += check_payloads(tally, folder / f"part-{part[0]}", payloads, part, reader)
            reader.start()
        for check in checks:
            check.result()
    print(f"{len(payloads)} hostile strings became {articles} articles ({time.monotonic() - began:.0f} s)", flush=True)
    check_titles(tally, folder / "titles", payloads, reader)
    reader.start()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--sample", action="store_true")
    arguments = parser.parse_args()
    seed = int(os.environ.get("COURANT_SEED") or random.SystemRandom().randrange(1 << 31))
    folder, tally, began = arguments.folder.resolve(), Tally(), time.monotonic()
    print(f"COURANT_SEED={seed}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Reader(tally, folder) as reader:
        total, count = check_injections(tally, folder / "injections", reader)
        print(f"{total} injections aimed at Hugo became {count} articles ({time.monotonic() - began:.0f} s)", flush=True)
        reader.start()
        check_held_back(tally, folder / "held-back")
        if "COURANT_SHARED" in os.environ:
            check_strings(tally, folder, reader, read_payloads(arguments.sample, seed), began)
        else:
            tally.skip("hostile strings", "COURANT_SHARED is not set")
        reader.finish()
    print(f"read in Chromium: {reader.pages} pages, {reader.texts} texts looked for in them ({time.monotonic() - began:.0f} s)")
    return tally.end()


sys.exit(main())
