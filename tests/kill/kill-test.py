#!/usr/bin/env python3
"""Kills full runs at random moments, runs them again to their end, and holds what came of it against an uninterrupted run.

    kill-test.py [N] [--only K] [--latency MS] [--lanes N]

N kills are made (COURANT_KILLS, else 50), by COURANT_SEED where it is set; --only repeats one of them. A run is cut by a
signal at a moment, or by SIGKILL before or after one of its calls that change the disk, which come thickest in merges and
in the deployment; some are cut twice or thrice. What must hold: after the last run dump, pages and site are the undisturbed
run's, no file is left over and the store is whole; what had a committed answer at a cut is not asked for again; the ledger
covers the simulator's bill; a signal that asks to stop is obeyed within 5 s.
Needs COURANT, COURANT_SIM, COURANT_DATADIR and COURANT_SHIM (the built tests/shim) in the environment."""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

from workspace import NOW, Simulator, Workspace, address_of, differences

STOPS_WITHIN_S = 5
STRAGGLERS_S = 0.05  # until the simulator has noted what was under way at a cut
STATUS_OF = {signal.SIGTERM: 143, signal.SIGINT: 130, signal.SIGHUP: 143}

# What makes a cut, and how often: SIGKILL at some moment, at some call that changes the disk or at one that makes sure of it,
# of which every merge has a few; a signal that asks to stop.
CUTS = {"moment": 40, "disk": 20, "sync": 20, "stop": 20}

Cut = collections.namedtuple("Cut", "stage was_short")


class Lane:
    """A simulator with the outcome of an uninterrupted run against it; kills are made in it one after the other."""

    def __init__(self, folder, latency_ms):
        self.folder = folder
        self.simulator = Simulator(latency_ms)
        self.number = 0
        reference = self.workspace()
        counts = folder / "counts"
        began = time.monotonic()
        ended = reference.site_run(environment=self.shim(COURANT_FAULT_COUNTS=counts))
        self.took_s = time.monotonic() - began
        if ended.status not in (0, 4):
            raise AssertionError(f"the uninterrupted run ended with {ended.status}: {ended.stderr}")
        self.status = ended.status
        self.calls = dict(line.split() for line in counts.read_text().splitlines())
        self.asked = self.simulator.asked()
        self.answered = self.answers(reference)
        self.check_money(reference)
        self.wanted = reference.outcome()

    def workspace(self):
        self.number += 1
        self.billed = 0
        self.simulator.empty_log()
        return Workspace(self.folder / str(self.number), self.simulator)

    @staticmethod
    def shim(**variables):
        return {"LD_PRELOAD": os.environ["COURANT_SHIM"]} | {name: str(value) for name, value in variables.items()}

    @staticmethod
    def answers(workspace):
        """How many committed answers from the network each address has in the newest run."""
        rows = workspace.query("SELECT url FROM exchanges WHERE run_id = (SELECT max(id) FROM runs) AND sent_ms > 0"
                               " AND source IN ('sent', 'revalidated', 'error')")
        return collections.Counter(address_of(url) for (url,) in rows or [])

    def check_money(self, workspace):
        """The ledger covers the bill: what was answered as billed, what was lost at least so."""
        charged = dict(workspace.query("SELECT state, sum(charged) FROM ledger GROUP BY state"))
        answered, lost = charged.pop("answered", 0), charged.pop("lost", 0)
        self.billed += self.simulator.billed_micros()
        if not answered <= self.billed <= answered + lost or any(charged.values()):
            raise AssertionError(f"billed {self.billed}, in the ledger {answered} answered, {lost} lost, and {charged}")

    def check_sent(self, committed):
        """An address is asked for no more often than the uninterrupted run did for what was not committed yet."""
        for address, count in self.simulator.asked().items():
            known = committed[address]
            left = 0 if known >= self.answered[address] else self.asked[address] - known
            if known > 0 and count > left:
                raise AssertionError(f"asked {count} times for {address} after {known} answers of it were committed")

    def cut(self, workspace, chance):
        """Runs until it is cut, and says where it was."""
        kind = chance.choices(list(CUTS), CUTS.values())[0]
        moment_s = chance.uniform(0, self.took_s)
        number = chance.randint(1, int(self.calls.get(kind, 1)))
        when = chance.choice(["kill", "killed"])
        wish = chance.choice(list(STATUS_OF)) if kind == "stop" else signal.SIGKILL
        if kind in self.calls:
            process = workspace.start("-q", "--now", NOW,
                                      environment=self.shim(COURANT_FAULT=f"{kind}:{when}:{number}:{number}"))
            return self.judge(workspace, workspace.finish(process), None)
        process = workspace.start("-q", "--now", NOW)
        try:
            process.wait(moment_s)
        except subprocess.TimeoutExpired:
            process.send_signal(wish)
        asked_at = time.monotonic()
        ended = workspace.finish(process)
        took_s = time.monotonic() - asked_at
        if took_s > STOPS_WITHIN_S:
            raise AssertionError(f"signal {wish} was obeyed after {took_s:.1f} s")
        return self.judge(workspace, ended, wish)

    def judge(self, workspace, ended, wish):
        if ended.status in (-signal.SIGKILL, STATUS_OF.get(wish)) or (wish is not None and ended.status == -wish):
            stage = workspace.cut_stage()
            return Cut(stage, stage != "end")
        if ended.status != self.status:
            raise AssertionError(f"ended with {ended.status}: {ended.stderr}")
        return Cut("end", False)

    def kill(self, seed, number):
        """Kill number @number: the stages it was cut in, the last none."""
        chance = random.Random(f"{seed}-{number}")
        workspace = self.workspace()
        cuts = []
        for _ in range(chance.choices([1, 2, 3], [75, 15, 10])[0]):
            committed = self.answers(workspace) if cuts else collections.Counter()
            cuts.append(self.cut(workspace, chance))
            time.sleep(STRAGGLERS_S)
            self.check_sent(committed)
            self.billed += self.simulator.billed_micros()
            self.simulator.empty_log()
            if not cuts[-1].was_short:
                break
        if cuts[-1].was_short:
            committed = self.answers(workspace)
            ended = workspace.site_run()
            if ended.status != self.status:
                raise AssertionError(f"the run after it ended with {ended.status}: {ended.stderr}")
            self.check_sent(committed)
        self.check_money(workspace)
        workspace.check_store()
        different = differences(self.wanted, workspace.outcome())
        if different:
            raise AssertionError("\n".join(different))
        workspace.remove()
        return cuts


def read_arguments():
    parser = argparse.ArgumentParser(description="Kills runs at random moments.")
    parser.add_argument("kills", nargs="?", type=int, default=int(os.environ.get("COURANT_KILLS", "50")))
    parser.add_argument("--only", type=int, help="this kill alone")
    parser.add_argument("--latency", type=int, default=2, help="of every answer, in ms")
    parser.add_argument("--lanes", type=int, default=os.cpu_count())
    return parser.parse_args()


def work(lane, seed, numbers):
    """Makes the kills whose numbers are taken from @numbers. Returns its cuts and what failed."""
    cuts, failed = [], []
    for number in numbers:
        try:
            cuts += lane.kill(seed, number)
        except Exception as failure:  # pylint: disable=broad-except
            failed.append(f"kill {number}: {type(failure).__name__}: {failure}")
    lane.simulator.stop()
    return cuts, failed


def main():
    options = read_arguments()
    seed = os.environ.get("COURANT_SEED") or str(random.SystemRandom().randrange(1_000_000))
    numbers = [options.only] if options.only is not None else range(options.kills)
    lanes = min(options.lanes, len(numbers))
    with tempfile.TemporaryDirectory(prefix="courant-kill-") as folder, \
            concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        places = [pathlib.Path(folder) / f"lane-{i}" for i in range(lanes)]
        for place in places:
            place.mkdir()
        ready = list(pool.map(Lane, places, [options.latency] * lanes))
        print(f"seed {seed}: {len(numbers)} kills in {lanes} lanes; a run takes {ready[0].took_s:.2f} s"
              f" and changes the disk {ready[0].calls['disk']} times", flush=True)
        results = list(pool.map(work, ready, [seed] * lanes, [numbers[i::lanes] for i in range(lanes)]))
    stages = collections.Counter(cut.stage for cuts, _ in results for cut in cuts)
    short = sum(cut.was_short for cuts, _ in results for cut in cuts)
    failed = [failure for _, failures in results for failure in failures]
    for failure in failed:
        print(failure[:1000])
    where = ", ".join(f"{stage} {count}" for stage, count in stages.most_common())
    print(f"{len(numbers)} runs killed, {sum(stages.values())} cuts, {short} of them short of the end ({where}),"
          f" {len(failed)} failed")
    return 1 if failed or (options.only is None and short == 0) else 0


sys.exit(main())
