"""What the tests of broken-off runs share: a simulator, a workspace for it, and what came of a run there.

Needs COURANT, COURANT_SIM and COURANT_DATADIR in the environment."""

import atexit
import collections
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

NOW = "2026-03-02T08:00:00Z"
LONGEST_S = 60  # a program that has not ended by then hangs
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that no simulator is left behind

STAGES = ["collect", "group", "enrich", "generate", "deploy"]

MODEL = """
llm: {{openai: {{base_url: "http://llm.localhost:{port}/v1", requests_per_minute: 0, tokens_per_minute: 0}}}}
enrich: {{providers: [openai]}}
budget: {{per_article: 1, per_run: 1000, per_day: 1000, per_month: 1000}}
"""

# Only these make a run; the number of workers would follow CI.
ENVIRONMENT = {name: os.environ[name] for name in ("HOME", "PATH", "COURANT_DATADIR") if name in os.environ} | {
    name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name == "G_SLICE"
} | {"LANG": "C.UTF-8", "TZ": "UTC", "REDDIT_CLIENT_ID": "demo", "REDDIT_CLIENT_SECRET": "demo", "OPENAI_API_KEY": "demo"}


def heed_signals():
    """Whoever started the tests may ignore some, as nohup does, and courant respects that."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Simulator:
    """courant-sim with the bundled world, until stop() or the end of this program."""

    def __init__(self, latency_ms):
        command = [os.environ["COURANT_SIM"], "--port", "0", "--no-limits", "--latency", str(latency_ms)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(self.stop)
        self.port = self.process.stdout.readline().strip().rpartition(":")[2]

    def stop(self):
        self.process.kill()  # it would wait until slow replies are out
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, data=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sim/{path}", data=data, timeout=20) as reply:
            return reply.read().decode()

    def use(self, *rules):
        self.ask("script", json.dumps(rules).encode())

    def log(self):
        return [json.loads(line) for line in self.ask("log").splitlines()]

    def asked(self):
        """How often each address was asked for since the log was emptied."""
        return collections.Counter((line["host"], line["path"], line.get("query") or "") for line in self.log())

    def empty_log(self):
        self.ask("reset", b"")

    def billed_micros(self):
        """What the calls of language models in the log cost."""
        return json.loads(self.ask("bill"))["micros"]

    def configuration(self):
        """The bundled workspace's, with a language model, and never held up by what was used before it was killed."""
        hasty = re.sub(r"- (github|reddit|mastodon): *\{", r"\g<0>requests_per_minute: 600, ", self.ask("workspace"))
        return hasty + MODEL.format(port=self.port)


Ended = collections.namedtuple("Ended", "status stdout stderr")


def address_of(url):
    """As Simulator.asked() names it."""
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.path, parts.query


class Workspace:
    def __init__(self, folder, simulator, more=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "courant.yaml").write_text(simulator.configuration() + more)

    def start(self, *arguments, command="run", environment=None, before=()):
        """A courant under way, its output in pipes. @before: the words of a program that becomes it."""
        words = [*before, os.environ["COURANT"], command, "-C", str(self.folder), *arguments]
        return subprocess.Popen(words, env=ENVIRONMENT | (environment or {}), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                                preexec_fn=heed_signals)

    def finish(self, process, timeout_s=LONGEST_S):
        """Waits for a program that start() began. Its lock may outlive it for a moment, in a child about to start."""
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        self.await_lock()
        return Ended(process.returncode, stdout, stderr)

    def await_lock(self):
        lock = self.folder / "data" / "lock"
        if lock.exists():
            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX)

    def run(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    def site_run(self, **options):
        return self.run("-q", "--now", NOW, **options)

    def dump(self):
        ended = self.run(command="dump")
        if ended.status != 0:
            raise AssertionError(f"dump ended with {ended.status}: {ended.stderr}")
        return ended.stdout

    def files(self, *folders):
        """The digest of each file below these folders, by its path."""
        paths = (path for folder in folders for path in self.folder.glob(f"{folder}/**/*") if path.is_file())
        return {str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    def outcome(self):
        """What a run that was broken off must agree on with one that was not: the dump, the pages and the site, and that
        nothing else is left."""
        return {
            "dump": self.dump().splitlines(),
            "pages": self.files("content", "public"),
            "files": sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*")),
        }

    def query(self, sql, *parameters):
        """Asks the store as it is, of a copy: who opens it mends it. None when there is no store."""
        store = self.folder / "data" / "courant.db"
        with tempfile.TemporaryDirectory(dir=self.folder.parent) as folder:
            for path in store.parent.glob(store.name + "*"):
                shutil.copy(path, folder)
            if not (pathlib.Path(folder) / store.name).exists():
                return None
            database = sqlite3.connect(pathlib.Path(folder) / store.name)
            try:
                return database.execute(sql, parameters).fetchall()
            except sqlite3.OperationalError:
                return None  # it was not even made whole
            finally:
                database.close()

    def change(self, sql):
        with sqlite3.connect(self.folder / "data" / "courant.db") as database:
            database.execute(sql)
        database.close()

    def check_store(self):
        if self.query("PRAGMA integrity_check") != [("ok",)]:
            raise AssertionError(f"integrity check: {self.query('PRAGMA integrity_check')}")

    def cut_stage(self):
        """The stage that an unfinished run was in."""
        open_run = self.query("SELECT max(id) FROM runs WHERE state = 'running'")
        if not open_run or open_run[0][0] is None:
            return "end" if open_run and self.query("SELECT 1 FROM runs") else "start"
        merged = {name for (name,) in self.query("SELECT name FROM stages WHERE run_id = ?", open_run[0][0])}
        return next((stage for stage in STAGES if stage not in merged), "end")

    def remove(self):
        shutil.rmtree(self.folder)


def differences(wanted, found):
    """Why two outcomes are not the same, in a few lines; empty when they are."""
    lines = []
    if wanted["dump"] != found["dump"]:
        lines += [f"dump lacks {line[:300]}" for line in sorted(set(wanted["dump"]) - set(found["dump"]))[:4]]
        lines += [f"dump has {line[:300]}" for line in sorted(set(found["dump"]) - set(wanted["dump"]))[:4]]
        lines = lines or ["dump in another order"]
    for path in sorted(wanted["pages"].keys() | found["pages"].keys()):
        if wanted["pages"].get(path) != found["pages"].get(path):
            lines.append(f"another {path}")
    lines += [f"left over: {path}" for path in sorted(set(found["files"]) - set(wanted["files"]))]
    lines += [f"missing: {path}" for path in sorted(set(wanted["files"]) - set(found["files"]))]
    return lines[:12]
