#!/usr/bin/env python3
"""Many runs against services with limits, killed and begun again all the time: no sliding window of any host is ever exceeded,
by the services' own count and by that of check_limits.py, which is first shown to find what exceeds one.

    limits.py [SEED]          5,000 requests, about a minute: a window must end
    limits.py --long [SEED]   100,000 requests
"""

import json
import pathlib
import random
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

from check_limits import violations
from engine import NOW, PATIENCE, Simulator, Tap, Workspace, listing, post, write

WINDOW_S = 60
MAX_WINDOWS = 8
SUBREDDITS = 300
STORIES = ["stories1", "stories2", "stories3", "stories4"]
MODEL_TOKENS = 20000
WORDS = "anchor basin cedar delta ember fjord grove harbor inlet jetty knoll lagoon meadow notch orchard prairie quarry ridge spring tundra".split()


def entry(host, at_ms, **more):
    return {"host": host, "at_ms": at_ms} | more


def check_the_checker(tap):
    services = {
        "a": {"protocol": "mastodon", "requests": 2, "window_s": 10},
        "g": {"protocol": "github", "requests": 1, "window_s": 1, "core_requests": 1, "core_window_s": 9},
        "l": {"protocol": "openai", "requests": 9, "tokens_per_window": 100, "window_s": 10},
    }
    asked = {"counted": "requests"}
    core = {"counted": "core_requests"}
    cases = [
        ("two in a window", 0, [entry("a", 0, **asked), entry("a", 9999, **asked)]),
        ("a third as the first leaves it", 0, [entry("a", at, **asked) for at in (0, 5000, 10000)]),
        ("a third just before that", 1, [entry("a", at, **asked) for at in (0, 5000, 9999)]),
        ("a window that begins anywhere", 1, [entry("a", at, **asked) for at in (0, 9000, 11000, 18000)]),
        ("others' requests", 0, [entry("a", 0, **asked), entry("a", 1), entry("b", 2, **asked), entry("a", 3, **asked)]),
        ("windows of their own", 0, [entry("g", 0, **asked), entry("g", 1, **core)]),
        ("the second window", 1, [entry("g", 0, **core), entry("g", 8999, **core)]),
        ("a token lifts it", 0, [entry("g", at, authorized=True, **asked) for at in range(30)]),
        ("but not for ever", 1, [entry("g", at, authorized=True, **asked) for at in range(31)]),
        ("tokens", 0, [entry("l", at, tokens=50, **asked) for at in (0, 1, 10000)]),
        ("tokens too many", 2, [entry("l", at, tokens=50, **asked) for at in (0, 1, 9999, 10000)]),
    ]
    for name, count, log in cases:
        found = list(violations(services, log))
        tap.check(f"the checker: {name}", [] if len(found) == count else [f"{len(found)} instead of {count}: {found}"])


class Plan:
    """How much is asked of how many: @lanes ask Reddit, fast; @slow_lanes Mastodon and GitHub; @model_lanes a language model."""

    def __init__(self, is_long):
        self.total = 100000 if is_long else 5000
        self.lanes = 10 if is_long else 5
        self.slow_lanes = 2
        self.model_lanes = 2 if is_long else 1
        self.requests = 2500 if is_long else 600

    def services(self):
        for lane in range(self.lanes + self.model_lanes):
            yield f"www{lane}.localhost", {"protocol": "reddit-www", "api": f"api{lane}.localhost"}
            yield f"api{lane}.localhost", {"protocol": "reddit", "requests": self.requests, "window_s": WINDOW_S}
        for lane in range(self.slow_lanes):
            yield f"m{lane}.localhost", {"protocol": "mastodon", "requests": 100, "window_s": 300}
            yield f"git{lane}.localhost", {"protocol": "github", "requests": 10, "window_s": 60, "core_requests": 60, "core_window_s": 3600}
        for lane in range(self.lanes, self.lanes + self.model_lanes):
            yield f"llm{lane}.localhost", {"protocol": "openai", "requests": 100, "tokens_per_window": MODEL_TOKENS, "window_s": WINDOW_S}


def write_world(folder, plan, chance):
    services = dict(plan.services())
    for host, service in services.items():
        day = folder / "day1" / host
        if service["protocol"] == "reddit":
            for name in STORIES:
                write(day / f"r/{name}/hot.json", listing([post(chance, WORDS) for _ in range(100)]))
            for number in range(SUBREDDITS):
                write(day / f"r/s{number}/hot.json", listing([]))
        elif service["protocol"] == "mastodon":
            for name in ("trends/statuses", "trends/links", "timelines/public"):
                write(day / f"api/v1/{name}.json", [])
        elif service["protocol"] == "github":
            write(day / "search/repositories.json", {"items": []})
    write(folder / "world.json", {"days": [NOW], "without_validators": [], "rules": [], "services": services})
    (folder / "courant.yaml").write_text("sources: []\n")
    return services


def reddit(lane, plan, names, limit):
    addresses = f'base_url: "http://www{lane}.localhost:%PORT%", api_url: "http://api{lane}.localhost:%PORT%"'
    return f"  - reddit: {{subreddits: [{', '.join(names)}], limit: {limit}, requests_per_minute: {plan.requests}, {addresses}}}\n"


def configuration(lane, plan):
    return "sources:\n" + reddit(lane, plan, [f"s{number}" for number in range(SUBREDDITS)], 1)


def slow_configuration(lane):
    return f"""sources:
  - mastodon: {{instances: ["http://m{lane}.localhost:%PORT%"], requests_per_minute: 20}}
  - github: {{query: "stars:>50", base_url: "http://git{lane}.localhost:%PORT%"}}
"""


def model_configuration(lane, plan):
    limits = f"requests_per_minute: 100, tokens_per_minute: {MODEL_TOKENS}"
    return f"""sources:
{reddit(lane, plan, STORIES, 100)}
llm: {{openai: {{base_url: "http://llm{lane}.localhost:%PORT%/v1", model: gpt-5-nano, {limits}}}}}
enrich: {{providers: [openai]}}
budget: {{per_run: 9, per_day: 9, per_month: 9}}
"""


class Load:
    def __init__(self, folder, plan, chance):
        self.plan, self.folder = plan, folder
        self.log = folder / "log.ndjson"
        self.services = write_world(folder / "world", plan, chance)
        self.simulator = Simulator("--world", str(folder / "world"), "--log", str(self.log))
        # Half the services do not tell how their limit stands.
        silent = {f"x-ratelimit-{name}": "" for name in ("limit", "remaining", "used", "reset")}
        self.simulator.use([{"host": f"api{lane}.localhost", "headers": silent} for lane in range(0, plan.lanes, 2)])
        self.is_over = threading.Event()
        self.statuses = []
        self.threads = []
        for lane in range(plan.lanes):
            self.add_thread("collect", configuration(lane, plan), chance)
        for lane in range(plan.slow_lanes):
            self.add_thread("collect", slow_configuration(lane), chance)
        for lane in range(plan.lanes, plan.lanes + plan.model_lanes):
            self.add_thread("enrich", model_configuration(lane, plan), chance).run("collect", "-q")

    def add_thread(self, command, text, chance):
        workspace = Workspace(self.folder / f"lane{len(self.threads)}", self.simulator, text)
        self.threads.append(threading.Thread(target=self.drive, args=(command, workspace, random.Random(chance.random()))))
        return workspace

    def drive(self, command, workspace, chance):
        """One run after the other, most of them killed: soon, or while they wait for a window."""
        while not self.is_over.is_set():
            with workspace.start(command, "-q") as process:
                until = time.monotonic() + chance.choice([chance.uniform(0, 1), chance.uniform(0, 30), WINDOW_S * 2])
                while process.poll() is None and time.monotonic() < until and not self.is_over.is_set():
                    self.is_over.wait(0.02)
                process.kill()
            self.statuses.append(process.returncode)

    def requests(self):
        with open(self.log, "rb") as log:
            return sum(1 for _ in log)

    def run(self):
        began = time.monotonic()
        for thread in self.threads:
            thread.start()
        while self.requests() < self.plan.total and time.monotonic() - began < MAX_WINDOWS * WINDOW_S * PATIENCE:
            time.sleep(1)
        self.is_over.set()
        for thread in self.threads:
            thread.join()
        self.simulator.stop()
        with open(self.log) as log:
            return [json.loads(line) for line in log]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--long"]
    seed = int(arguments[0]) if arguments else random.randrange(1 << 32)
    plan = Plan("--long" in sys.argv[1:])
    tap = Tap()
    tap.say(f"seed {seed}")
    check_the_checker(tap)
    with tempfile.TemporaryDirectory() as folder:
        load = Load(pathlib.Path(folder), plan, random.Random(seed))
        entries = load.run()
    counted = [entry for entry in entries if "counted" in entry]
    refused = [f"{entry['host']} refused with {entry['status']} at {entry['at_ms']} ms" for entry in counted if entry["status"] in (403, 429)]
    found = list(violations(load.services, entries))
    tokens = sum(entry.get("tokens", 0) for entry in entries)
    tap.say(f"{len(entries)} requests, {tokens} tokens, {len(load.statuses)} runs, {load.statuses.count(-9)} of them killed, {entries[-1]['at_ms'] / 1000:.0f} s")
    tap.check("as many requests as there must be", [] if len(entries) >= plan.total else [f"{len(entries)} of {plan.total}"])
    tap.check("the language model was asked", [] if tokens > MODEL_TOKENS / 4 else [f"{tokens} tokens"])
    tap.check("runs were killed, and others were not", [] if len(set(load.statuses)) > 1 and -9 in load.statuses else [load.statuses])
    tap.check("no service refused a request", refused[:20] and [f"{len(refused)} of {len(counted)}", *refused[:20]])
    tap.check("no sliding window was exceeded", found[:20] and [f"{len(found)} of {len(counted)}", *found[:20]])
    tap.end()


main()
