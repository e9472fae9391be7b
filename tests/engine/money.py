#!/usr/bin/env python3
"""Many runs that pay for calls which fail, time out or are cut off by a kill, each under a cap that there is more work than money
for: what was answered is charged as it was billed, what was lost at least so, no cap is ever passed, and none leaves more than
a job's worst case unspent. Where faults follow from the request alone, 1 worker pays for the same stories as 64.

    money.py [SEED]          50 runs
    money.py --long [SEED]   1,000
"""

import contextlib
import math
import pathlib
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

from engine import NOW, PATIENCE, Simulator, Tap, Workspace, listing, post, side_by_side, write

LANES = 8
SUBREDDITS = ["stories1", "stories2", "stories3"]
LOOK_S = 0.03
EXIT_BUDGET = 6

# Dollars a million tokens of each endpoint, asked and answered. Answers come near to their most, so that few stories reach a cap.
PRICES = {"llm0.localhost": (0.01, 2), "llm1.localhost": (0, 1.25), "llm2.localhost": (0.05, 3.1)}
MAX_OUTPUT_TOKENS = 200
MAX_BODY_BYTES = 12 * 1024  # llm/prompt.h
WORST_CALLS = 40  # of which a cap has room for as many at least: a job's worst case are two

# Faults after which nobody knows whether the answer was made, and those of which a server says no, for good or for now.
LOSSES = [{"reset": True}, {"truncate": 60}, {"pad_to_bytes": 2 << 20}]
REFUSALS = [{"status": 400}, {"redirect": "http://www.localhost:%PORT%/"}]
PAUSES = [{"status": 500}, {"status": 503, "headers": {"Retry-After": "0"}}, {"status": 429, "headers": {"Retry-After": "0"}}]
TIMEOUT = {"delay_ms": 60000}
LOST = {name for fault in LOSSES + [TIMEOUT] for name in fault}
EFFECTS = LOST | {"status", "redirect"}


def write_world(folder, chance):
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    words = ["".join(chance.sample(syllables, 3)) for _ in range(500)]
    for name in SUBREDDITS:
        write(folder / f"day1/api.localhost/r/{name}/hot.json", listing([post(chance, words) for _ in range(100)]))
    services = {"www.localhost": {"protocol": "reddit-www", "api": "api.localhost"}, "api.localhost": {"protocol": "reddit"}}
    for host, (asked, answered) in PRICES.items():
        services[host] = {"protocol": "openai", "input_price": asked, "output_price": answered}
    write(folder / "world.json", {"days": [NOW], "without_validators": [], "rules": [], "services": services})
    (folder / "courant.yaml").write_text("sources: []\n")


def collect(folder):
    """A workspace with the stories of the world below @folder, all yet to be read."""
    simulator = Simulator("--world", str(folder / "world"))
    addresses = 'base_url: "http://www.localhost:%PORT%", api_url: "http://api.localhost:%PORT%"'
    text = f"sources:\n  - reddit: {{subreddits: [{', '.join(SUBREDDITS)}], limit: 100, requests_per_minute: 0, {addresses}}}\n"
    run = Workspace(folder / "collected", simulator, text).run("collect", "--json", "-q")
    simulator.stop()
    if run.status != 0 or run.document["stories"]["new"] < 290:
        raise SystemExit(f"collecting: exit {run.status}: {run.document.get('stories')}: {run.stderr}")


def dollars(micros):
    return f"{micros // 1000000}.{micros % 1000000:06}"


class Case:
    """What is drawn of a run: its endpoint, its caps, of which one is the narrow one, and the faults of its calls."""

    def __init__(self, number, seed):
        chance = random.Random(f"{seed} {number}")
        self.chance = chance
        self.number, self.name = number, f"{self.kind} run {number}"
        self.host = chance.choice(list(PRICES))
        asked, answered = PRICES[self.host]
        self.worst = math.ceil(MAX_BODY_BYTES * asked + MAX_OUTPUT_TOKENS * answered)
        self.cap = round(self.worst * chance.uniform(WORST_CALLS, 1.5 * WORST_CALLS))
        self.narrow = chance.choice(["per_run", "per_day", "per_month"])
        self.rules = [self.drawn(fault) for fault in self.faults()] + [self.drawn({"jitter_ms": 30}) | {"percent": 100}]

    def drawn(self, fault):
        return {"host": self.host, "percent": self.chance.randint(2, 9), "seed": self.chance.randrange(1 << 30)} | fault

    def configuration(self):
        asked, answered = PRICES[self.host]
        caps = {"per_run": "99", "per_day": "99", "per_month": "99"} | {self.narrow: dollars(self.cap)}
        limits = f"requests_per_minute: 0, tokens_per_minute: 0, max_output_tokens: {MAX_OUTPUT_TOKENS}"
        prices = f"input_price: {asked}, output_price: {answered}"
        return f"""sources: [hackernews]
llm: {{openai: {{base_url: "http://{self.host}:%PORT%/v1", model: invented, {prices}, {limits}}}}}
enrich: {{providers: [openai]}}
budget: {{{', '.join(f'{name}: {cap}' for name, cap in caps.items())}}}
{self.more()}"""

    def more(self):
        return ""

    def work(self, workspace, workers):
        return workspace.run("enrich", "--json", "-q", "--workers", str(workers))

    def wrong(self, run, ledger, log):
        yield from exactly_billed(ledger, log)
        yield from ledger.unspent(self.cap)
        if run.status != EXIT_BUDGET:
            yield f"exit {run.status}: {run.stderr}"


class Failing(Case):
    """Some faults are drawn from the request, so that it fails whenever it is tried; some are over after a while."""

    kind = "failing"

    def faults(self):
        yield from self.chance.sample(LOSSES + REFUSALS, 3)
        for fault in self.chance.sample(LOSSES + REFUSALS + PAUSES, 2):
            yield fault | {"percent": 50, "times": self.chance.randint(1, 8)}


class TimingOut(Case):
    """Calls that never end, but for the stage's deadline."""

    kind = "timing out"

    def faults(self):
        yield TIMEOUT
        yield self.chance.choice(LOSSES + REFUSALS)

    def more(self):
        return f"network: {{deadline: {PATIENCE}}}\n"

    def wrong(self, run, ledger, log):
        yield from covers_bill(ledger, log)
        if ledger.is_closed:
            yield from ledger.unspent(self.cap)


class Killed(Case):
    """Killed a few times, and each time begun again, as anybody would: it goes on."""

    kind = "killed"

    def faults(self):
        yield from self.chance.sample(LOSSES + REFUSALS, 2)

    def work(self, workspace, workers):
        for _ in range(self.chance.randint(1, 4)):
            with workspace.start("enrich", "-q", "--workers", str(workers)) as process:
                time.sleep(self.chance.uniform(0.02, 0.5) * PATIENCE)
                process.send_signal(signal.SIGKILL)
        return super().work(workspace, workers)

    def wrong(self, run, ledger, log):
        yield from covers_bill(ledger, log)
        yield from ledger.unspent(self.cap)


class Twice(Case):
    """Faults drawn from the request alone: once more with one worker, in a workspace of its own."""

    kind = "repeated"

    def faults(self):
        yield from self.chance.sample(LOSSES + REFUSALS, 3)


KINDS = [Failing, TimingOut, Killed, Failing, Killed, Failing, Twice, Killed, Failing]


def read_spent(store, case):
    """What counts in the narrow cap of @case: a run that was over before it could be killed is followed by another."""
    runs = [spent for (spent,) in store.execute("SELECT sum(charged) FROM ledger GROUP BY run_id")]
    return (max if case.narrow == "per_run" else sum)(runs or [0])


class Ledger:
    """What the store of @workspace tells of its calls."""

    def __init__(self, workspace, case):
        with contextlib.closing(sqlite3.connect(workspace.folder / "data/courant.db")) as store:
            self.spent = read_spent(store, case)
            self.of_last_run = store.execute("SELECT coalesce(sum(charged), 0) FROM ledger WHERE run_id = (SELECT max(id) FROM runs)").fetchone()[0]
            self.rows = store.execute("SELECT state, charged, input_tokens + output_tokens FROM ledger").fetchall()
            self.stories = dict(store.execute("SELECT story_id, sum(charged) FROM ledger GROUP BY 1").fetchall())
            self.is_closed = store.execute("SELECT count(*) FROM exchanges WHERE outcome LIKE '%budget.per_%'").fetchone()[0] > 0
        self.total = sum(charged for _, charged, _ in self.rows)

    def of(self, state):
        return [(charged, tokens) for name, charged, tokens in self.rows if name == state]

    def unspent(self, cap):
        """No more than the worst case of a job is left of @cap while there is work."""
        if not self.is_closed:
            yield f"all work was done for {self.spent} of {cap}"
        if self.spent < 0.95 * cap:
            yield f"only {self.spent} of {cap} were spent, with work left"


def sums(log):
    """Of the calls in @log: what was billed for each that came back, and for each that did not."""
    calls = [entry for entry in log if "billed_micros" in entry]
    answered = [(entry["billed_micros"], entry["tokens"]) for entry in calls if entry.get("fault") not in LOST]
    return answered, [entry["billed_micros"] for entry in calls if entry.get("fault") in LOST]


def exactly_billed(ledger, log):
    answered, lost = sums(log)
    if sorted(ledger.of("answered")) != sorted(answered):
        charged = sum(charged for charged, _ in ledger.of("answered"))
        yield f"{len(ledger.of('answered'))} answers were charged {charged}, {len(answered)} billed {sum(micros for micros, _ in answered)}"
    charged = [charged for charged, _ in ledger.of("lost")]
    if len(charged) != len(lost) or any(ours < theirs for ours, theirs in zip(sorted(charged), sorted(lost))):
        yield f"{len(charged)} lost calls were charged {sum(charged)}, {len(lost)} billed {sum(lost)}"


def covers_bill(ledger, log):
    """For calls that were cut off in the middle: nobody knows which of them were answered."""
    answered, lost = sums(log)
    billed = sum(micros for micros, _ in answered)
    charged = sum(charged for charged, _ in ledger.of("answered"))
    if charged > billed or ledger.total < billed + sum(lost):
        yield f"{charged} for answers and {ledger.total} in all were charged, {billed} and {billed + sum(lost)} billed"


class Watch:
    """Looks at what the store of @workspace tells of money, again and again, until it is left: the most there was."""

    def __init__(self, workspace, case):
        self.case = case
        self.path = workspace.folder / "data/courant.db"
        self.peak = 0
        self.looks = 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        store = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        while not self.is_over.wait(LOOK_S):
            self.peak = max(self.peak, read_spent(store, self.case))
            self.looks += 1
        store.close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


class Runs:
    def __init__(self, folder, tap):
        self.folder, self.tap = folder, tap
        self.spent = self.billed = self.looks = 0

    def work(self, simulator, case, workers):
        """Returns what is wrong with a run of @case, and its ledger."""
        workspace = Workspace(self.folder / case.name, simulator, case.configuration())
        shutil.copytree(self.folder / "collected/data", workspace.folder / "data")
        simulator.use(case.rules)
        with Watch(workspace, case) as watch:
            run = case.work(workspace, workers)
        ledger, log = Ledger(workspace, case), simulator.log()
        shutil.rmtree(workspace.folder)
        problems = list(case.wrong(run, ledger, log)) if run.document else [f"exit {run.status}: {run.stderr}"]
        if max(ledger.spent, watch.peak) > case.cap:
            problems.append(f"the cap of {case.cap} was passed: {max(ledger.spent, watch.peak)}")
        if ledger.of("open"):
            problems.append(f"{len(ledger.of('open'))} rows are open")
        if run.document.get("cost_micros") != ledger.of_last_run:
            problems.append(f"it says {run.document.get('cost_micros')}, the ledger {ledger.of_last_run}")
        with self.tap.lock:
            self.spent += ledger.total
            self.billed += simulator.bill()["micros"]
            self.looks += watch.looks
        return problems, ledger

    def run_case(self, simulator, case):
        began = time.monotonic()
        problems, ledger = self.work(simulator, case, 64)
        if isinstance(case, Twice):
            others, other = self.work(simulator, case, 1)
            problems += [f"one worker: {problem}" for problem in others]
            differing = ledger.stories.items() ^ other.stories.items()
            if differing:
                problems.append(f"1 worker pays otherwise than 64 for {len(dict(differing))} of {len(ledger.stories)} stories")
        faults = ", ".join(f"{name} {rule[name]}" for rule in case.rules for name in rule if name in EFFECTS)
        note = f"{time.monotonic() - began:.1f} s, {ledger.spent} of {case.cap} spent in {len(ledger.rows)} tries; {faults}"
        self.tap.check(case.name, problems, note)


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--long"]
    seed = int(arguments[0]) if arguments else random.randrange(1 << 32)
    count = 1000 if "--long" in sys.argv[1:] else 50
    tap = Tap()
    tap.say(f"seed {seed}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_world(folder / "world", random.Random(seed))
        collect(folder)
        runs = Runs(folder, tap)
        cases = [KINDS[number % len(KINDS)](number, seed) for number in range(count)]
        side_by_side(LANES, cases, runs.run_case, ("--world", str(folder / "world")))
    tap.say(f"{count} runs, {runs.spent} micro-dollars spent, {runs.billed} billed, {runs.looks} looks, {time.monotonic() - began:.0f} s")
    tap.end()


main()
