#!/usr/bin/env python3
"""Every fault against every source in turn, against all strangers' pages and against the language model: what the others gave is
what it is without the fault, time ends at the deadline, memory stays below its cap, a failure is one line that names whose it is
and why, no private address is asked, and the store is whole.

    faults.py          each fault once, each target several times
    faults.py --long   every fault against every target
"""

import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left beside the sources

from engine import IS_SANITIZED, PATIENCE, SOURCES, Bench, Tap, side_by_side
from raw_server import TLS_MANNERS, RawServer

LANES = 8
DEADLINE_S = 10 if IS_SANITIZED else 4
SLACK_S = 4
MAX_RSS_BYTES = 256 << 20
EXIT_OK, EXIT_PARTIAL, EXIT_BUDGET = 0, 4, 6
ODD_STATUSES = [203, 204, 205, 206, 300, 304, 305, 306, 399, 599] + list(range(400, 452)) + list(range(500, 532))
QUICK_STATUSES = [204, 300, 304, 400, 404, 418, 429, 451, 500, 508, 529, 599]
PRIVATE_HOSTS = ("127.0.0.1", "intranet.localhost", "169.254.169.254")

# Feeds and the token lie on hosts like those of the pages.
NO_PAGES = [{"host": "www.*", "path": path, "headers": {}} for path in ("*/feed.xml", "*/atom.xml", "*/feed.json", "/api/*")]

# A fault of the simulator, and what is told of it.
SCRIPTED = {
    "resets": ({"reset": True}, "after 4 tries|connection broke|is spent"),
    "answers 503": ({"status": 503}, "HTTP 503"),
    "breaks off in the middle": ({"truncate": 10}, "after 4 tries|connection broke|is spent"),
    "is too slow": ({"slow": {"bytes_per_second": 2}}, "deadline"),
    "waits too long": ({"delay_ms": 60000}, "deadline"),
    "redirects for ever": ({"loop": True}, "redirect|address"),
    "redirects to an address of ours": ({"redirect": "http://127.0.0.1:%PORT%/private"}, "redirect|address"),
    "redirects to a private name": ({"redirect": "http://intranet.localhost:%PORT%/wiki.html"}, "redirect|address"),
    "redirects to the link's own": ({"redirect": "http://169.254.169.254/latest/meta-data/"}, "redirect|address"),
    "redirects to a v6 address of ours": ({"redirect": "http://[::ffff:127.0.0.1]:%PORT%/private"}, "redirect|address"),
    "redirects to a file": ({"redirect": "file:///etc/passwd"}, "redirect|address"),
    "redirects to nowhere": ({"redirect": "http://"}, "redirect|address"),
    "answers HTML": ({"html": True}, "HTML|JSON|answer|token"),
    "answers nothing": ({"status": 200}, ""),
    "sends a bomb": ({"bomb": True}, "longer than|deadline"),
    "never ends": ({"endless": True}, "longer than|deadline"),
    "pads what it sends": ({"status": 200, "pad_to_bytes": 30 << 20}, "longer than|deadline"),
    "has too many headers": ({"headers_bytes": 500000}, "header"),
    "asks to wait for a day": ({"status": 429, "headers": {"Retry-After": "86400"}}, "429|limit|deadline"),
}


class Case:
    """A fault and its target: @rules of the simulator, or another @port that the source is asked at. @key: how the keys of what
    may be lost begin."""

    stage = "collect"

    def __init__(self, fault, target, reason, rules=(), port=0, scheme="http"):
        self.fault, self.reason, self.rules, self.port, self.scheme = fault, reason, list(rules), port, scheme
        self.host, self.key = SOURCES[target]
        self.name = f"{target} {fault}"

    def prepare(self, workspace, raw):
        if self.port:
            workspace.edit(rf"http://{re.escape(self.host)}:{workspace.port}", f"{self.scheme}://{self.host}:{self.port}")
        if "another name" in self.fault:
            workspace.edit("^network:", f"network:\n  ca_file: {raw.certificate('www.elsewhere.example')}")

    def wrong(self, run):
        complaints = run.complaints()
        if run.status != EXIT_PARTIAL:
            yield f"exit {run.status}: {run.stderr}"
        if not any(re.match(f"collect:{self.key}", failure["job"]) for failure in run.document["failures"]):
            yield "the failure is not in the document"
        if not complaints or not all(re.search(f": source {self.key}", line) for line in complaints):
            yield f"the warnings are not of that source alone: {complaints}"
        if len(complaints) != len({line.split(": ")[2] for line in complaints}):
            yield f"a failure takes more than a line: {complaints}"
        if not any(re.search(self.reason, line) for line in complaints):
            yield f"no line tells of {self.reason}: {complaints}"


class PagesCase(Case):
    """Pages that cannot be read are no failure: the story has one source less."""

    stage = "enrich"

    def __init__(self, fault, rule):
        self.name, self.key, self.rules = f"every page {fault}", "$", NO_PAGES + [{"host": "www.*"} | rule]

    def prepare(self, workspace, raw):
        pass

    def wrong(self, run):
        if run.status != EXIT_OK or run.complaints():
            yield f"exit {run.status}: {run.stderr}"


class ModelCase(PagesCase):
    """A language model that fails: the built-in one serves."""

    def __init__(self, fault, rule, reason):
        self.name, self.key, self.rules = f"the language model {fault}", "$", [{"host": "llm.localhost"} | rule]
        self.reason = reason

    def prepare(self, workspace, raw):
        workspace.use_model()
        # The deadline is nearer than the end of the window that so many calls would fill.
        workspace.edit("model: gpt-5-nano", "model: gpt-5-nano, tokens_per_minute: 100000000")

    def wrong(self, run):
        complaints = run.complaints()
        # Calls whose answers are lost cost what they may cost: a story has money for one more, then for none.
        if run.status not in (EXIT_PARTIAL, EXIT_BUDGET):
            yield f"exit {run.status}: {run.stderr}"
        if len(complaints) != 1 or not re.search(f": llm.openai: .*({self.reason})", complaints[0]):
            yield f"not one line that tells of {self.reason}: {complaints}"


def scripted_faults():
    faults = dict(SCRIPTED)
    for status in ODD_STATUSES if IS_LONG else QUICK_STATUSES:
        faults[f"answers {status}"] = ({"status": status, "body": "{"}, "")
    return faults


def all_cases(raw):
    """Of every fault the cases of all targets, but for the short way one of them each."""
    by_fault = []
    for fault, (rule, reason) in scripted_faults().items():
        cases = [Case(fault, target, reason, [{"host": host} | rule]) for target, (host, _) in SOURCES.items()]
        # A feed that is gone for good is no failure, but kept in mind.
        cases = [case for case in cases if case.name != "feed answers 410"]
        by_fault.append(cases + [PagesCase(fault, rule), ModelCase(fault, rule, reason)])
    for manner, port in raw.ports.items():
        scheme = "https" if manner in TLS_MANNERS else "http"
        by_fault.append([Case(manner, target, "", port=port, scheme=scheme) for target in SOURCES])
    if IS_LONG:
        return [case for cases in by_fault for case in cases]
    return [cases[i % len(cases)] for i, cases in enumerate(by_fault)]


class Matrix:
    def __init__(self, folder):
        self.tap = Tap()
        self.bench = Bench(folder, DEADLINE_S)
        self.raw = RawServer(pathlib.Path(folder))

    def run_case(self, simulator, case):
        workspace = self.bench.workspace(simulator, case.name)
        case.prepare(workspace, self.raw)
        if case.stage != "collect":
            simulator.use([])
            workspace.run("collect", "-q")
        simulator.use(case.rules)
        run = workspace.run(case.stage, "--json", "-q")
        self.tap.check(case.name, list(self.problems(simulator, workspace, case, run)), f"{run.seconds:.1f} s")

    def problems(self, simulator, workspace, case, run):
        if not run.document:
            yield f"exit {run.status}: {run.stderr}"
            return
        yield from case.wrong(run)
        yield from self.bench.losses(workspace.items(), case.key)
        if case.stage == "enrich" and run.document["enriched"] < 45:
            yield f"{run.document['enriched']} stories were enriched"
        # What it works, it works slower beside the other lanes.
        if run.seconds > DEADLINE_S + SLACK_S * PATIENCE + LANES * run.cpu_seconds:
            yield f"took {run.seconds:.1f} s, the deadline being {DEADLINE_S} s"
        if run.document["peak_rss_bytes"] > MAX_RSS_BYTES and not IS_SANITIZED:
            yield f"took {run.document['peak_rss_bytes'] >> 20} MB"
        if any(entry["host"] in PRIVATE_HOSTS for entry in simulator.log()):
            yield "a private address was asked"
        if workspace.integrity() != "ok":
            yield f"the store: {workspace.integrity()}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        matrix = Matrix(folder)
        side_by_side(LANES, all_cases(matrix.raw), matrix.run_case)
        for manner in TLS_MANNERS.keys() - matrix.raw.ports.keys():
            matrix.tap.skip(manner, "there is no openssl")
        matrix.tap.end()


IS_LONG = "--long" in sys.argv[1:]
main()
