#!/usr/bin/env python3
"""Storms of 429 and 503 with odd words about when to come back: the other hosts' items are what they are without a storm, and
the stormed host is asked no earlier than it said.

    storms.py [SEED]          fifty patterns
    storms.py --long [SEED]   five hundred
"""

import datetime
import email.utils
import random
import re
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

from engine import IS_SANITIZED, PATIENCE, SOURCES, Bench, Tap, side_by_side

LANES = 8
DEADLINE_S = 12 if IS_SANITIZED else 6
SLACK_S = 4
# Requests that are under way when a refusal arrives cannot be held back.
UNDER_WAY_S = 0.4 * PATIENCE
DAY_S = 86400


def stamp(offset_s, form="%a, %d %b %Y %H:%M:%S GMT"):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)).strftime(form)


# What Retry-After says; a list is as many headers.
ODD_VALUES = [
    lambda: None,
    lambda: "",
    lambda: "0",
    lambda: "1",
    lambda: "2",
    lambda: "002",
    lambda: "-1",
    lambda: "-86400",
    lambda: "+1",
    lambda: "1.5",
    lambda: "0.2",
    lambda: ".5",
    lambda: "1e1",
    lambda: "0x10",
    lambda: "1,5",
    lambda: "1s",
    lambda: "1 second",
    lambda: "soon",
    lambda: "never",
    lambda: "NaN",
    lambda: "inf",
    lambda: "null",
    lambda: "3600",
    lambda: "86400",
    lambda: "2147483648",
    lambda: "9223372036854775807",
    lambda: "9223372036854775808",
    lambda: "1" * 400,
    lambda: "\u0661",
    lambda: stamp(2),
    lambda: stamp(3600),
    lambda: stamp(-5),
    lambda: stamp(-DAY_S * 4000),
    lambda: stamp(DAY_S * 40000),
    lambda: stamp(2, "%A, %d-%b-%y %H:%M:%S GMT"),
    lambda: stamp(2, "%a %b %d %H:%M:%S %Y"),
    lambda: stamp(2, "%Y-%m-%dT%H:%M:%SZ"),
    lambda: stamp(2, "%a, %d %b %Y %H:%M:%S"),
    lambda: "Thu, 01 Jan 1970 00:00:00 GMT",
    lambda: "Mon, 31 Feb 2026 25:61:61 GMT",
    lambda: ["1", "2"],
    lambda: ["2", "1"],
    lambda: ["soon", "1"],
    lambda: ["1", stamp(3600)],
    lambda: ["", "2"],
]


def random_value(chance):
    kinds = [
        lambda: str(chance.randint(0, 4)),
        lambda: str(chance.randint(-100, 10**12)),
        lambda: f"{chance.uniform(0, 3):.3f}",
        lambda: stamp(chance.randint(-10, 4)),
        lambda: stamp(chance.randint(-10**8, 10**8)),
        lambda: "".join(chr(chance.randint(33, 126)) for _ in range(chance.randint(1, 30))),
    ]
    return chance.choice(kinds)


def said_s(value, at_s):
    """How long @value, one that is well formed (RFC 9110, 10.2.3, or seconds with a fraction), asks to wait; 0 for all others."""
    if value is None:
        return 0
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        return min(float(value), DAY_S)
    if re.match(r"[A-Z][a-z]+,? .*[0-9]", value):
        try:
            date = email.utils.parsedate_to_datetime(value.replace("-", " ") if "day," in value else value)
        except ValueError:
            return 0
        return min(max(date.replace(tzinfo=date.tzinfo or datetime.timezone.utc).timestamp() - at_s, 0), DAY_S)
    return 0


class Storm:
    def __init__(self, number, chance, value):
        self.source = list(SOURCES)[number % len(SOURCES)]
        self.host, self.key = SOURCES[self.source]
        self.status = chance.choice([429, 429, 503])
        self.times = chance.choice([1, 1, 2])
        self.make_value = value
        self.name = ""
        self.values = []

    def begin(self, simulator):
        value = self.make_value()
        self.values = value if isinstance(value, list) else [value]
        self.name = f"{self.source}: {self.times} times {self.status}, Retry-After: {', '.join(map(repr, self.values))[:60]}"
        rule = {"host": self.host, "times": self.times, "status": self.status}
        if value is not None:
            rule["headers"] = {"Retry-After": value}
        simulator.use([rule])

    def waits(self, at_s):
        """The least and the most that it may be taken to ask for: where it contradicts itself, both are right."""
        waits = [said_s(value, at_s) for value in self.values]
        return min(waits), max(waits)


class Storms:
    def __init__(self, folder, tap):
        self.tap = tap
        self.bench = Bench(folder, DEADLINE_S)
        self.count = 0

    def run_case(self, simulator, storm):
        with self.tap.lock:
            self.count += 1
            workspace = self.bench.workspace(simulator, f"storm-{self.count}")
        storm.begin(simulator)
        began_s = time.time()
        run = workspace.run("collect", "--json", "-q")
        problems = list(self.problems(storm, workspace, run, began_s)) + list(too_early(storm, simulator.log(), began_s))
        self.tap.check(storm.name, problems, f"{run.seconds:.1f} s")

    def problems(self, storm, workspace, run, began_s):
        least, most = storm.waits(began_s)
        is_short = most <= 2
        if run.status not in ({0} if is_short else {0, 4}):
            yield f"exit {run.status}: {run.stderr}"
            return
        failed = [failure for failure in run.document["failures"] if re.match(f"collect:{storm.key}", failure["job"])]
        if least > DEADLINE_S and not any(failure["code"] == "throttled" for failure in failed):
            yield f"nothing says that it was throttled: {failed}"
        yield from self.bench.losses(workspace.items(), "$" if is_short else storm.key)
        if run.seconds > DEADLINE_S + SLACK_S * PATIENCE + LANES * run.cpu_seconds:
            yield f"took {run.seconds:.1f} s, the deadline being {DEADLINE_S} s"
        if workspace.integrity() != "ok":
            yield f"the store: {workspace.integrity()}"


def too_early(storm, log, began_s):
    asked = [entry for entry in log if entry["host"] == storm.host]
    has_date = any(":" in (value or "") for value in storm.values)
    for refusal in (entry for entry in asked if entry.get("fault") == "status"):
        # The log's times have another beginning, and a date has whole seconds.
        refused_s = began_s + (refusal["at_ms"] - log[0]["at_ms"]) / 1000
        wait_ms = (storm.waits(refused_s)[0] - has_date) * 1000
        early = [after_ms for entry in asked if UNDER_WAY_S * 1000 < (after_ms := entry["at_ms"] - refusal["at_ms"]) < wait_ms]
        if early:
            yield f"asked {len(early)} times too early, such as {early[0]} ms after a refusal that said {wait_ms:.0f} ms"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--long"]
    seed = int(arguments[0]) if arguments else random.randrange(1 << 32)
    count = 500 if "--long" in sys.argv[1:] else 50
    chance = random.Random(seed)
    tap = Tap()
    tap.say(f"seed {seed}")
    values = ODD_VALUES + [random_value(chance) for _ in range(count - len(ODD_VALUES))]
    with tempfile.TemporaryDirectory() as folder:
        storms = Storms(folder, tap)
        offset = chance.randrange(len(SOURCES))
        side_by_side(LANES, [Storm(offset + i, chance, value) for i, value in enumerate(values)], storms.run_case)
        tap.end()


main()
