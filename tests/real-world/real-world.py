#!/usr/bin/env python3
"""Serves every recorded reply of the real services to `courant collect`, one at a time, and prints what came of it:
the file, the items, what was left out and why, the first reason of what could not be read.

    real-world.py            prints
    real-world.py --check    prints, and compares with expected.txt beside this file; exit 1 where they differ

Needs COURANT, COURANT_SIM, COURANT_DATADIR and COURANT_SHARED in the environment.
"""

import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
NOW = "2026-03-14T00:00:00Z"
SERVICES = ["mastodon", "reddit", "github", "hackernews", "rss"]

# How a source is told that its whole service is one recorded file.
SOURCES = {
    "mastodon": "mastodon: {{instances: [{base}]}}",
    "reddit": "reddit: {{subreddits: [recorded], api_url: {base}, base_url: {base}}}",
    "github": "github: {{base_url: {base}}}",
    "hackernews": "hackernews: {{base_url: {base}}}",
    "rss": "feed: {{url: {base}}}",
}


class Simulator:
    """courant-sim over the folder of recorded replies."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [os.environ["COURANT_SIM"], "--port", "0", "--folder", str(folder)], stdout=subprocess.PIPE, text=True
        )
        self.port = self.process.stdout.readline().strip().rpartition(":")[2]
        self.base = f"http://www.localhost:{self.port}"

    def use(self, rules):
        data = json.dumps(rules).encode()
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sim/script", data=data, timeout=20).read()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def read_ids(path):
    """The Hacker News items recorded in a file."""
    ids = []
    for text in path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]:
        try:
            item = json.loads(text)
        except ValueError:
            continue
        if isinstance(item, dict) and isinstance(item.get("id"), int):
            ids.append(item["id"])
    return ids


def as_listing(service, path):
    """The recorded reply in the place where a listing stands: a status by itself in a list, a search's statuses, the first
    listing of a page of comments; all others as they are. Returns the text and what was done."""
    text = path.read_text()
    reply = json.loads(text)
    if service == "mastodon" and isinstance(reply, dict):
        if "statuses" in reply:
            return json.dumps(reply["statuses"]), " (its statuses)"
        if "uri" in reply and "account" in reply:
            return json.dumps([reply]), " (in a list)"
    if service == "reddit" and isinstance(reply, list):
        return json.dumps(reply[0]), " (its first listing)"
    return text, ""


def prepare(simulator, service, path):
    """What must be answered beside the file itself. Returns the address at which the service stands, and what was done."""
    base = f"{simulator.base}/{service}/{path.name}"
    done = ""
    if service == "mastodon":  # an instance is a whole host
        text, done = as_listing(service, path)
        simulator.use([{"path": "*/trends/links", "status": 200, "body": "[]"},
                       {"path": "/api/*", "status": 200, "body": text}])
        base = simulator.base
    elif service == "reddit":
        text, done = as_listing(service, path)
        simulator.use([{"path": "*/r/*", "status": 200, "body": text}])
    elif service == "hackernews":
        ids = read_ids(path)
        simulator.use([{"path": "*/topstories.json", "status": 200, "body": json.dumps(ids or [1])}])
        if path.suffix == ".jsonl":
            base = f"{simulator.base}/hn/v0"
    else:
        simulator.use([])
    return base, done


def collect(folder, source):
    (folder / "courant.yaml").write_text(f"filters: {{max_age_days: 0}}\nsources:\n  - {source}\n")
    environment = {
        "PATH": os.environ["PATH"], "COURANT_DATADIR": os.environ["COURANT_DATADIR"],
        "REDDIT_CLIENT_ID": "recorded", "REDDIT_CLIENT_SECRET": "recorded",
    }
    courant = os.environ["COURANT"]
    run = subprocess.run([courant, "collect", "-q", "-C", folder, "--now", NOW, "--json"], env=environment,
                         capture_output=True, text=True, check=False, timeout=120)
    if run.returncode not in (0, 1, 4):
        raise SystemExit(f"{source}: exit {run.returncode}: {run.stderr}")
    sources = subprocess.run([courant, "sources", "-C", folder, "--json"], env=environment, capture_output=True,
                             text=True, check=True, timeout=120)
    return json.loads(run.stdout), json.loads(sources.stdout)["sources"][0]


def describe(simulator, service, path):
    base, done = prepare(simulator, service, path)
    with tempfile.TemporaryDirectory() as folder:
        run, source = collect(pathlib.Path(folder), SOURCES[service].format(base=json.dumps(base)))
    count = run["items"]["new"]
    parts = [f"{count} item{'' if count == 1 else 's'}"]
    dropped = [f"{number} {reason}" for reason, number in sorted(source["dropped"].items())]
    if dropped:
        parts.append("left out: " + ", ".join(dropped))
    reasons = [failure["message"].replace(base, "BASE").replace(simulator.base[7:], "HOST") for failure in run["failures"]]
    if reasons:
        parts.append(reasons[0] + (f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""))
    if count == 0 and not dropped and not reasons and path.name not in EMPTY:
        parts.append("NOTHING WAS SAID")
    return f"{service}/{path.name}{done}: " + "; ".join(parts)


# Recorded answers that hold nothing, and say so.
EMPTY = {"TestListingGenerator_test_no_items_0.json", "Search_testSearchReposWithNoResults_0.json"}


def main():
    payloads = pathlib.Path(os.environ["COURANT_SHARED"]) / "payloads"
    simulator = Simulator(payloads)
    try:
        lines = [describe(simulator, service, path)
                 for service in SERVICES for path in sorted((payloads / service).iterdir())]
    finally:
        simulator.stop()
    print("\n".join(lines))
    if "--check" not in sys.argv[1:]:
        return 0
    expected = (HERE / "expected.txt").read_text().splitlines()
    difference = list(difflib.unified_diff(expected, lines, "expected.txt", "seen", lineterm="", n=0))
    print("\n".join(difference), file=sys.stderr)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
