#!/usr/bin/env python3
"""Whether a log of courant-sim (`GET /_sim/log`) keeps within the limits that a world states: in no window of time, wherever it
begins, more requests or tokens of a host than its world.json allows.

    check_limits.py WORLD.json LOG.ndjson    prints what exceeds a limit; exit 1 when something does
"""

import collections
import json
import sys

# A bearer token lifts GitHub's limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
GITHUB_WITH_TOKEN = {"requests": 30, "core_requests": 5000}

WINDOW_KEYS = {"requests": "window_s", "core_requests": "core_window_s", "tokens_per_window": "window_s"}


def limit_of(service, key, entry):
    if service["protocol"] == "github" and entry.get("authorized"):
        return GITHUB_WITH_TOKEN[key]
    return service.get(key, 0)


def amounts(service, entry):
    """What a request takes, by the key of the limit that it falls under."""
    if "counted" in entry:
        yield entry["counted"], 1
    if service.get("tokens_per_window") and "tokens" in entry:
        yield "tokens_per_window", entry["tokens"]


def violations(services, entries):
    """A line for every request that exceeds a limit, in the order of @entries."""
    windows = collections.defaultdict(collections.deque)
    sums = collections.Counter()
    for entry in entries:
        service = services.get(entry["host"])
        for key, amount in amounts(service, entry) if service else ():
            at_ms, name = entry["at_ms"], (entry["host"], key)
            window = windows[name]
            window.append((at_ms, amount))
            sums[name] += amount
            window_ms = service[WINDOW_KEYS[key]] * 1000
            while window[0][0] + window_ms <= at_ms:
                sums[name] -= window.popleft()[1]
            limit = limit_of(service, key, entry)
            if sums[name] > limit:
                yield f"{entry['host']} at {at_ms} ms: {sums[name]} of {limit} {key} in {window_ms} ms"


def main():
    with open(sys.argv[1]) as world, open(sys.argv[2]) as log:
        found = list(violations(json.load(world)["services"], map(json.loads, log)))
    print("\n".join(found) or "no limit was exceeded")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
