#!/usr/bin/env python3
"""Signals in the middle of a run, and places where it cannot work: each ends in time and says one line, and the next run is
whole. Prints TAP.

Needs COURANT, COURANT_SIM and COURANT_DATADIR in the environment."""

import concurrent.futures
import os
import pathlib
import select
import signal
import sqlite3
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

from workspace import ENVIRONMENT, LONGEST_S, NOW, Simulator, Workspace, differences

AT_ONCE_S = 0.5
WISH_S = 5
LOCK_S = 12  # SQLite waits for five, and a slow machine for as long again

SLOW_PAGES = {"path": "/robots.txt", "delay_ms": 20000}
SLOWER_PAGES = {"path": "/robots.txt", "delay_ms": 100}

# Tells its number, then does nothing for long, and heeds no wish to stop.
STUBBORN_HUGO = """#!/bin/bash
trap '' TERM INT HUP
echo $$ >'{told}'
exec sleep 60
"""


def check(holds, complaint):
    if not holds:
        raise AssertionError(complaint)


class Place:
    """A workspace with a simulator of its own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.simulator = Simulator(2)
        self.workspace = Workspace(self.folder / "work", self.simulator)

    def start(self, **options):
        return self.workspace.start("--now", NOW, **options)

    def start_amid_pages(self, rule, **options):
        """A run that waits for pages."""
        self.simulator.use(rule)
        process = self.start(**options)
        for line in process.stderr:
            if "enrich: " in line:
                return process
        raise AssertionError("it ended before any page was asked for")

    def start_amid_hugo(self):
        """A run whose Hugo is under way; and a descriptor of that, which can be read when it has ended."""
        bin_folder, told = self.folder / "bin", self.folder / "told"
        bin_folder.mkdir()
        os.mkfifo(told)
        (bin_folder / "hugo").write_text(STUBBORN_HUGO.format(told=told))
        (bin_folder / "hugo").chmod(0o755)
        process = self.start(environment={"PATH": f"{bin_folder}:{ENVIRONMENT['PATH']}"})
        with told.open() as number:
            return process, os.pidfd_open(int(number.readline()))

    def end(self, process, within_s, status, words=""):
        """Ends with @status, one line that has @words, and in time."""
        began = time.monotonic()
        ended = self.workspace.finish(process)
        took_s = time.monotonic() - began
        errors = [line for line in ended.stderr.splitlines() if "error: " in line]
        check(ended.status == status, f"ended with {ended.status}: {ended.stderr}")
        check(took_s <= within_s, f"ended after {took_s:.2f} s")
        check(len(errors) == (status > 0) and all(words in line for line in errors), f"says: {ended.stderr}")

    def check_whole(self):
        """The workspace is what an undisturbed run leaves."""
        reference = Workspace(self.folder / "undisturbed", self.simulator)
        check(reference.site_run().status == 0, "the undisturbed run failed")
        different = differences(reference.outcome(), self.workspace.outcome())
        check(not different, "\n".join(different))
        self.workspace.check_store()

    def check_next(self):
        """The next run goes on with this one."""
        self.simulator.use()
        ended = self.workspace.run("--now", NOW)
        check(ended.status == 0 and "continuing run 1" in ended.stderr, f"the next run ended with {ended.status}: {ended.stderr}")
        self.check_whole()


def amid_pages(place, wish, status):
    process = place.start_amid_pages(SLOW_PAGES)
    process.send_signal(wish)
    place.end(process, WISH_S, status, "run again to continue")
    place.check_next()


def amid_hugo(place, wish, status):
    process, hugo = place.start_amid_hugo()
    process.send_signal(wish)
    place.end(process, WISH_S, status, "run again to continue")
    check(select.select([hugo], [], [], 0)[0], "Hugo goes on")
    os.close(hugo)
    place.check_next()


def twice(place, first):
    process, hugo = place.start_amid_hugo()
    process.send_signal(first)
    check(not select.select([hugo], [], [], 0.3)[0], "Hugo heeded the first")
    process.send_signal(signal.SIGINT)
    place.end(process, AT_ONCE_S, -signal.SIGINT)
    check(select.select([hugo], [], [], WISH_S)[0], "Hugo goes on")
    os.close(hugo)
    place.check_next()


def ignored(place):
    process = place.start_amid_pages(SLOWER_PAGES, before=["nohup"])
    process.send_signal(signal.SIGHUP)
    place.end(process, LONGEST_S, 0)
    place.check_whole()


def no_reader(place):
    process = place.start_amid_pages(SLOWER_PAGES)
    process.stdout.close()
    process.stderr.close()
    check(process.wait(LONGEST_S) == 0, f"ended with {process.returncode}")
    place.workspace.await_lock()
    place.check_whole()


def few_files(place, count):
    process = place.start(before=["prlimit", f"--nofile={count}"])
    place.end(process, WISH_S, 1, f"{count} files may be open at once")
    check(not (place.workspace.folder / "data").exists(), "it began")


def locked(place):
    place.workspace.site_run()
    with sqlite3.connect(place.workspace.folder / "data" / "courant.db", isolation_level=None) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        place.end(place.start(), LOCK_S, 75, "another program holds it")
    other.close()
    check(place.workspace.site_run().status == 0, "the next run failed")
    place.check_whole()


def locked_amid_pages(place):
    process = place.start_amid_pages(SLOWER_PAGES)
    other = sqlite3.connect(place.workspace.folder / "data" / "courant.db", isolation_level=None, timeout=WISH_S)
    other.execute("BEGIN IMMEDIATE")
    place.end(process, LOCK_S, 1, "another program holds it")
    other.close()
    place.check_next()


CASES = [
    ("SIGTERM amid replies", amid_pages, signal.SIGTERM, 143),
    ("SIGHUP amid replies", amid_pages, signal.SIGHUP, 143),
    ("SIGINT amid replies", amid_pages, signal.SIGINT, 130),
    ("SIGTERM while Hugo builds and will not stop", amid_hugo, signal.SIGTERM, 143),
    ("SIGINT twice stops at once", twice, signal.SIGINT),
    ("SIGINT after SIGTERM stops at once", twice, signal.SIGTERM),
    ("SIGHUP that was ignored before stays so", ignored),
    ("a reader who went away", no_reader),
    ("20 files", few_files, 20),
    ("64 files", few_files, 64),
    ("the store locked by another program", locked),
    ("the store locked amid a run", locked_amid_pages),
]


def run_case(folder, number, case):
    name, test, *arguments = case
    place = Place(pathlib.Path(folder) / str(number))
    try:
        test(place, *arguments)
        return f"ok {number} - {name}"
    except Exception as failure:  # pylint: disable=broad-except
        lines = f"{type(failure).__name__}: {failure}".splitlines()
        return "\n".join([f"not ok {number} - {name}", *(f"# {line[:400]}" for line in lines)])
    finally:
        place.simulator.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="courant-stops-") as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda numbered: run_case(folder, *numbered), enumerate(CASES, 1)))
    print(f"1..{len(results)}", *results, sep="\n")
    return any(result.startswith("not ok") for result in results)


sys.exit(main())
