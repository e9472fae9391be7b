"""What the engine's tests share: the simulated internet, a workspace, lanes side by side, and TAP on stdout.

Needs COURANT, COURANT_SIM and COURANT_DATADIR in the environment.
"""

import hashlib
import json
import os
import pathlib
import queue
import re
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.request

NOW = "2026-03-02T08:00:00Z"
WORLD = pathlib.Path(__file__).resolve().parents[2] / "sim/world"

# A sanitizer's own memory and slowness are no fault of the program.
IS_SANITIZED = any(name in os.environ for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"))
PATIENCE = 4 if IS_SANITIZED else 1
HANGS_S = 120


def environment():
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "GITHUB_ACTIONS", "NO_COLOR", "COLUMNS")}
    return kept | {"REDDIT_CLIENT_ID": "demo", "REDDIT_CLIENT_SECRET": "demo", "OPENAI_API_KEY": "sesame"}


class Simulator:
    """courant-sim on a free port."""

    def __init__(self, *arguments):
        command = [os.environ["COURANT_SIM"], "--port", "0", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().strip().rpartition(":")[2]
        if not self.port.isdigit():
            raise SystemExit(f"{command} did not start")

    def ask(self, path, body=None):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(f"http://127.0.0.1:{self.port}/_sim/{path}", data=body, timeout=60).read().decode()

    def use(self, rules):
        """Makes @rules the script and begins the log anew."""
        self.ask("script", json.dumps(rules).encode())
        self.ask("reset", b"")

    def log(self):
        return [json.loads(line) for line in self.ask("log").splitlines()]

    def bill(self):
        return json.loads(self.ask("bill"))

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Run:
    """How one command ended: its @status, the @seconds and @cpu_seconds it took, its @stderr, and of `--json` the document."""

    def __init__(self, status, seconds, cpu_seconds, stdout, stderr):
        self.status, self.seconds, self.cpu_seconds, self.stderr = status, seconds, cpu_seconds, stderr
        self.document = json.loads(stdout) if stdout.startswith("{") else {}

    def complaints(self):
        return [line for line in self.stderr.splitlines() if re.match(r"(\S+: )?(warning|error): ", line)]


class Workspace:
    """A folder with a configuration: the bundled world's, or @configuration, %PORT% being the simulator's."""

    def __init__(self, folder, simulator, configuration=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = simulator.port
        text = configuration or (WORLD / "courant.yaml").read_text()
        self.configure(text.replace("%PORT%", self.port))

    def configure(self, text):
        (self.folder / "courant.yaml").write_text(text)

    def edit(self, pattern, replacement):
        """Changes the configuration; every pattern must be in it."""
        path = self.folder / "courant.yaml"
        text, count = re.subn(pattern, replacement, path.read_text(), flags=re.MULTILINE)
        assert count > 0, f"the configuration has no {pattern}"
        path.write_text(text)

    def use_model(self):
        """Turns on the language model that the world's configuration shows."""
        self.edit("^# (llm|enrich):", r"\1:")

    def start(self, command, *arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        line = [os.environ["COURANT"], command, "-C", str(self.folder), "--now", NOW, *arguments]
        return subprocess.Popen(line, stdout=stdout, stderr=stderr, env=environment())

    def run(self, command, *arguments):
        """Runs it to its end; what hangs is killed."""
        with tempfile.TemporaryFile("w+", errors="replace") as stdout, tempfile.TemporaryFile("w+", errors="replace") as stderr:
            began = time.monotonic()
            process = self.start(command, *arguments, stdout=stdout, stderr=stderr)
            timer = threading.Timer(HANGS_S * PATIENCE, process.kill)
            timer.start()
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            timer.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            stdout.seek(0)
            stderr.seek(0)
            cpu_seconds = usage.ru_utime + usage.ru_stime
            return Run(process.returncode, seconds, cpu_seconds, stdout.read(), stderr.read())

    def dump(self):
        """The rows of `courant dump`, the port of the simulator taken out."""
        line = [os.environ["COURANT"], "dump", "-C", str(self.folder)]
        text = subprocess.run(line, stdout=subprocess.PIPE, text=True, env=environment(), check=True).stdout
        return [json.loads(row) for row in text.replace(f":{self.port}", ":0").splitlines()]

    def items(self):
        """Of `courant dump`: the items by id."""
        return {row["id"]: row for row in self.dump() if "source" in row and "url" in row}

    def sha256(self):
        """One digest of the dump, and one of all names and contents of the site."""
        dump = subprocess.run([os.environ["COURANT"], "dump", "-C", str(self.folder)], stdout=subprocess.PIPE, env=environment(), check=True)
        site = hashlib.sha256()
        for path in sorted(path for path in (self.folder / "public").rglob("*") if path.is_file()):
            site.update(str(path.relative_to(self.folder)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return hashlib.sha256(dump.stdout).hexdigest(), site.hexdigest()

    def integrity(self):
        with sqlite3.connect(self.folder / "data/courant.db") as store:
            return store.execute("PRAGMA integrity_check").fetchone()[0]


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))


def listing(posts):
    return {"kind": "Listing", "data": {"after": None, "children": [{"kind": "t3", "data": post} for post in posts]}}


def post(chance, words):
    """A post on Reddit about nothing but itself, its title six of @words."""
    name = f"{chance.randrange(1 << 40):x}"
    title = " ".join(chance.sample(words, 6)).capitalize()
    address = f"/r/stories/comments/{name}/x/"
    counts = {"score": 5, "num_comments": 1, "created_utc": 1772430000, "over_18": False, "is_self": True}
    texts = {"author": "ann", "subreddit": "stories", "selftext": "", "url": f"http://www0.localhost:%PORT%{address}", "permalink": address}
    return {"name": f"t3_{name}", "title": title} | texts | counts


# A source: its host, and how its keys begin.
SOURCES = {
    "mastodon": ("m1.localhost", r"mastodon:m1\."),
    "hackernews": ("hn.localhost", r"hackernews"),
    "reddit": ("oauth.reddit.localhost", r"reddit:"),
    "reddit's token": ("www.reddit.localhost", r"reddit:"),
    "github": ("api.github.localhost", r"github:"),
    "lobsters": ("lobsters.localhost", r"lobsters"),
    "feed": ("www.bytesmith.localhost", r"feed:https?://www\.bytesmith\."),
}


class Bench:
    """Workspaces of the bundled world below @folder, and what is collected in one where nothing is disturbed."""

    def __init__(self, folder, deadline_s):
        self.folder = pathlib.Path(folder)
        self.deadline_s = deadline_s
        simulator = Simulator("--no-limits")
        workspace = self.workspace(simulator, "undisturbed")
        run = workspace.run("collect", "--json", "-q")
        self.expected = workspace.items()
        simulator.stop()
        sources = {item["source"] for item in self.expected.values()}
        if run.status != 0 or len(sources) != 10:
            raise SystemExit(f"the undisturbed run: exit {run.status}, {sorted(sources)}: {run.stderr}")

    def workspace(self, simulator, name):
        workspace = Workspace(self.folder / re.sub(r"\W+", "-", name), simulator)
        workspace.edit("^network:", f"network:\n  deadline: {self.deadline_s}")
        return workspace

    def losses(self, items, key="$"):
        """What @items lack or have beside what is expected, but for the items of the source of @key. Of these another source may
        have some now: a post is federated."""
        for identity, item in self.expected.items():
            if not re.match(key, item["source"]) and items.get(identity) != item:
                yield f"{item['source']}: {identity} is not what it is without the fault"
        for identity in items.keys() - self.expected.keys():
            yield f"{identity} is there only with the fault"


class Tap:
    """Test Anything Protocol. Thread: any."""

    def __init__(self):
        self.count = 0
        self.failed = 0
        self.lock = threading.Lock()

    def check(self, name, problems, note=""):
        """One test point: fine when @problems is empty."""
        with self.lock:
            self.count += 1
            self.failed += bool(problems)
            print(f"{'not ok' if problems else 'ok'} {self.count} - {name}{f' # {note}' if note else ''}")
            for problem in problems:
                for line in str(problem).splitlines():
                    print(f"# {line}")

    def skip(self, name, reason):
        self.check(name, [], f"SKIP {reason}")

    def say(self, text):
        with self.lock:
            print(f"# {text}", flush=True)

    def end(self):
        print(f"1..{self.count}")
        raise SystemExit(self.failed > 0)


def side_by_side(lanes, cases, run_case, arguments=("--no-limits",)):
    """Calls @run_case(simulator, case) for every case, in @lanes threads with a simulator each, started with @arguments."""
    waiting = queue.Queue()
    for case in cases:
        waiting.put(case)
    problems = []

    def work():
        simulator = Simulator(*arguments)
        try:
            while True:
                run_case(simulator, waiting.get_nowait())
        except queue.Empty:
            pass
        except BaseException as problem:
            problems.append(problem)
        finally:
            simulator.stop()

    threads = [threading.Thread(target=work) for _ in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
