#!/usr/bin/env python3
"""Makes a run's calls to the system fail, one after the other: a full disk, a bad one, no more descriptors.

    fault-test.py [--every K] [--points N] [--only WALK:CALL]

Each walk goes over the calls of one class that an undisturbed run makes; N of them are tried, spread evenly and drawn by
COURANT_SEED where it is set, or with --every each K-th. What must hold: the program neither hangs nor crashes, and ends with
an exit code of its contract and one line on stderr that says what failed and why; the store opens; the next run, where it was
the disk that failed, leaves the undisturbed run's dump, pages and site, and no file more.
Needs COURANT, COURANT_SIM, COURANT_DATADIR and COURANT_SHIM (the built tests/shim) in the environment."""

import argparse
import collections
import concurrent.futures
import errno
import os
import pathlib
import random
import re
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left beside the sources

from workspace import Simulator, Workspace, differences

Walk = collections.namedtuple("Walk", "calls what goes_on")

WALKS = {
    "disk-fills": Walk("write", errno.ENOSPC, True),
    "disk-fills-in-a-write": Walk("write", "short", True),
    "quota": Walk("write", errno.EDQUOT, True),
    "bad-write": Walk("write", errno.EIO, False),
    "bad-sync": Walk("sync", errno.EIO, False),
    "full-folder": Walk("name", errno.ENOSPC, False),
    "bad-truncation": Walk("truncate", errno.EIO, False),
    "descriptor-short": Walk("descriptor", errno.EMFILE, False),
    "no-descriptors": Walk("descriptor", errno.EMFILE, True),
}

# Why, as the system, SQLite and curl put it.
REASONS = re.compile("|".join(
    [os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE)]
    + ["disk is full", "disk I/O error", "unable to open database file"]))

# What libraries say of themselves when they get no file.
OTHERS_WORDS = re.compile(r"$|Failed to open |Fontconfig error: |.*Pango-WARNING")


class Lane:
    def __init__(self, folder):
        self.folder = folder
        self.simulator = Simulator(0)
        reference = self.workspace("undisturbed")
        counts = folder / "counts"
        self.status = self.run(reference, COURANT_FAULT_COUNTS=counts).status
        if self.status not in (0, 4):
            raise AssertionError(f"the undisturbed run ended with {self.status}")
        self.counts = {name: int(count) for name, count in map(str.split, counts.read_text().splitlines())}
        self.wanted = reference.outcome()

    def workspace(self, name):
        return Workspace(self.folder / name, self.simulator)

    @staticmethod
    def run(workspace, **variables):
        shim = {"LD_PRELOAD": os.environ["COURANT_SHIM"]} | {name: str(value) for name, value in variables.items()}
        return workspace.site_run(environment=shim)

    def disturb(self, name, number):
        walk = WALKS[name]
        workspace = self.workspace(f"{name}-{number}")
        last = 0 if walk.goes_on else number
        ended = self.run(workspace, COURANT_FAULT=f"{walk.calls}:{walk.what}:{number}:{last}")
        is_short = walk.calls == "descriptor" and ended.status != self.status
        check_words(ended, {self.status, 1, 3} | ({4} if is_short else set()))
        check_opens(workspace)
        if ended.status != self.status:
            check_next(workspace.site_run(), self.status)
        workspace.check_store()
        # without descriptors pages stay unread and covers without letters: what was answered so is kept
        different = [] if is_short else differences(self.wanted, workspace.outcome())
        if different:
            raise AssertionError("\n".join([f"ended with {ended.status}: {ended.stderr}", *different]))
        workspace.remove()


def check_words(ended, statuses):
    """One line says what failed and why; warnings may stand beside it."""
    lines = ended.stderr.splitlines()
    errors = [line for line in lines if line.startswith("courant: error: ")]
    others = [line for line in lines if not line.startswith("courant: ") and not OTHERS_WORDS.match(line)]
    is_failed = ended.status in (1, 3)
    if ended.status not in statuses:
        raise AssertionError(f"ended with {ended.status}: {ended.stderr}")
    if others or len(errors) != is_failed or not all(REASONS.search(line) for line in errors):
        raise AssertionError(f"ended with {ended.status} and says: {ended.stderr}")


def check_opens(workspace):
    ended = workspace.run(command="status")
    if ended.status != 0 and "no store at" not in ended.stderr:
        raise AssertionError(f"status ended with {ended.status}: {ended.stderr}")


def check_next(ended, undisturbed_status):
    if ended.status != undisturbed_status:
        raise AssertionError(f"the next run ended with {ended.status}: {ended.stderr}")


def work(lane, points):
    failed = []
    for name, number in points:
        try:
            lane.disturb(name, number)
        except Exception as failure:  # pylint: disable=broad-except
            failed.append(f"{name}:{number}: {type(failure).__name__}: {failure}")
    lane.simulator.stop()
    return failed


def choose(options, counts, chance):
    """The calls to disturb, as (walk, number)."""
    if options.only:
        name, _, number = options.only.partition(":")
        return [(name, int(number))]
    points = []
    for name, walk in WALKS.items():
        count = counts[walk.calls]
        every = options.every or max(1, count // options.points)
        points += [(name, min(count, first + chance.randrange(every))) for first in range(1, count + 1, every)]
    return points


def main():
    parser = argparse.ArgumentParser(description="Makes a run's calls to the system fail.")
    parser.add_argument("--every", type=int)
    parser.add_argument("--points", type=int, default=int(os.environ.get("COURANT_FAULTS", "4")))
    parser.add_argument("--only")
    options = parser.parse_args()
    seed = os.environ.get("COURANT_SEED") or str(random.SystemRandom().randrange(1_000_000))
    lane_count = os.cpu_count()
    with tempfile.TemporaryDirectory(prefix="courant-fault-") as folder, \
            concurrent.futures.ThreadPoolExecutor(lane_count) as pool:
        places = [pathlib.Path(folder) / f"lane-{i}" for i in range(lane_count)]
        lanes = list(pool.map(Lane, places))
        points = choose(options, lanes[0].counts, random.Random(seed))
        print(f"seed {seed}: {len(points)} of {sum(lanes[0].counts[walk.calls] for walk in WALKS.values())} faults", flush=True)
        failed = sum(pool.map(work, lanes, [points[i::lane_count] for i in range(lane_count)]), [])
    for failure in failed:
        print(failure[:1000])
    print(f"{len(points)} faults, {len(failed)} failed")
    return 1 if failed else 0


sys.exit(main())
