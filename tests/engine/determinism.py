#!/usr/bin/env python3
"""One dump and one site, whatever the number of workers and in whatever order replies arrive, language model and all.

    determinism.py          8 shuffles of arrival
    determinism.py --long   20
"""

import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True  # nothing is left beside the sources

from engine import Simulator, Tap, Workspace

WORKERS = [1, 2, 8, 64]
JITTER_MS = 80


def make(folder, simulator, name):
    workspace = Workspace(folder / name, simulator)
    workspace.use_model()
    return workspace


def different(workspace, run, expected):
    if run.status != 0:
        yield f"exit {run.status}: {run.stderr}"
        return
    for name, ours, theirs in zip(("dump", "site"), workspace.sha256(), expected):
        if ours != theirs:
            yield f"the {name} is another: {ours}"


def shuffled(simulator, seed):
    simulator.use([{"jitter_ms": JITTER_MS, "seed": seed}])


def order_of(simulator):
    return tuple((entry["host"], entry["path"], entry.get("body_sha256")) for entry in simulator.log())


def main():
    tap = Tap()
    simulator = Simulator("--no-limits")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recording = folder / "recording"
        shuffled(simulator, 0)
        first = make(folder, simulator, "first")
        run = first.run("run", "--json", "-q", "--record", str(recording))
        expected = first.sha256()
        orders = {order_of(simulator)}
        is_good = run.status == 0 and run.document["llm_calls"] > 30 and run.document["cost_micros"] == simulator.bill()["micros"]
        tap.check("a run with a language model, recorded", [] if is_good else [run.status, run.document, run.stderr])
        for workers in WORKERS:
            workspace = make(folder, simulator, f"replay-{workers}")
            run = workspace.run("run", "--json", "-q", "--replay", str(recording), "--workers", str(workers))
            tap.check(f"replayed with {workers} workers", list(different(workspace, run, expected)), f"{run.seconds:.1f} s")
        shuffles = 20 if "--long" in sys.argv[1:] else 8
        for seed in range(1, shuffles + 1):
            shuffled(simulator, seed)
            workspace = make(folder, simulator, f"shuffle-{seed}")
            run = workspace.run("run", "--json", "-q", "--workers", str((8, 64)[seed % 2]))
            orders.add(order_of(simulator))
            tap.check(f"shuffled by {seed}", list(different(workspace, run, expected)), f"{run.seconds:.1f} s")
        tap.check("every run was asked in an order of its own", [] if len(orders) == shuffles + 1 else [f"{len(orders)} orders"])
    simulator.stop()
    tap.end()


main()
