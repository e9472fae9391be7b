"""What strangers link to: 500 addresses that lead into private networks, by every spelling, by redirects and by names. What the
program dials is noted below it, by a library that is preloaded: nothing but the simulator, whatever is linked.

    strangers.py
"""

import ipaddress
import json
import os
import pathlib
import tempfile

from engine import IS_SANITIZED, Simulator, Tap, Workspace

PRIVATE = """0.0.0.0 10.0.0.1 10.255.255.254 100.64.0.1 100.100.100.200 127.0.0.1 127.1.2.3 169.254.169.254 169.254.170.2 172.16.0.1
    172.31.255.254 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.1.254 198.18.0.1 203.0.113.9 224.0.0.1 240.0.0.1
    255.255.255.255""".split()
PRIVATE_6 = """:: ::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 2001::1 100::1 64:ff9b:1::1 5f00::1""".split()
NAMES = """localhost localhost.localdomain intranet.localhost LOCALHOST localhost. metadata.google.internal metadata instance-data
    router.lan printer.local ip6-localhost 127.0.0.1.nip.io.invalid db.corp.invalid xn--localhost-.invalid""".split()
PATHS = ["/", "/latest/meta-data/iam/", "/admin?x=1"]
PORTS = ["", ":80", ":443"]
# Ports that a public address must not be asked at, either.
OTHER_PORTS = [22, 25, 6379, 9200, 11211]


def spellings(text):
    """The ways in which an IPv4 address has been written into a URL."""
    address = ipaddress.IPv4Address(text)
    number = int(address)
    parts = text.split(".")
    yield text
    yield text + "."
    yield str(number)
    yield hex(number)
    yield f"0{number:o}"
    yield ".".join(f"0{int(part):o}" for part in parts)
    yield ".".join(hex(int(part)) for part in parts)
    yield f"{parts[0]}.{number & 0xFFFFFF}"
    yield "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else "。" for letter in text)
    yield "".join(f"%{ord(letter):02x}" for letter in text)
    yield f"[::ffff:{text}]"
    yield f"[::{text}]"
    yield f"[64:ff9b::{text}]"
    yield f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]"


def hostile_urls():
    """500 of them, each once."""
    hosts = [spelling for address in PRIVATE for spelling in spellings(address)]
    hosts += [f"[{address}]" for address in PRIVATE_6] + [f"[{address}%25eth0]" for address in ("fe80::1", "::1")] + NAMES
    urls = [f"http://{host}{PORTS[i % 3]}{PATHS[i // 3 % 3]}" for i, host in enumerate(hosts)]
    urls += [f"https://{host}/" for host in hosts[::5]]
    urls += [f"http://user:secret@{host}/" for host in hosts[::10]]
    urls += [f"http://8.8.8.8@{host}/" for host in hosts[1::20]]
    urls += [f"http://8.8.8.8:{port}/" for port in OTHER_PORTS]
    urls += ["gopher://127.0.0.1/", "file:///etc/passwd", "ftp://10.0.0.1/", "dict://127.0.0.1:11211/stats", "ldap://10.0.0.1/", "http:///127.0.0.1/"]
    urls += [f"http://{host}:8080/" for host in hosts[2::4]]
    unique = list(dict.fromkeys(urls))
    assert len(unique) >= 500, len(unique)
    return unique[:500]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def entry(number, url):
    safe = url.replace("&", "&amp;").replace("<", "&lt;")
    return f"<item><guid>{number}</guid><title>Stranger {number} tells of thing {number * 7919} at length</title><link>{safe}</link><pubDate>Mon, 02 Mar 2026 07:00:00 GMT</pubDate></item>"


def write_world(folder, urls):
    """Feeds of 50 posts each: one links to an address, the next to a page of the simulator's that redirects there."""
    feeds = [urls[i : i + 50] for i in range(0, len(urls), 50)]
    rules = []
    for number, feed in enumerate(feeds):
        links = []
        for place, url in enumerate(feed):
            path = f"/go/{number}/{place}"
            rules.append({"host": "www.open.localhost", "path": path, "redirect": url, "redirect_status": (301, 302, 303, 307, 308)[place % 5]})
            links += [url, f"http://www.open.localhost:%PORT%{path}"]
        items = "".join(entry(number * 1000 + i, link) for i, link in enumerate(links))
        write(folder / f"day1/www.feeds.localhost/{number}.xml", f"<rss version='2.0'><channel><title>Strangers {number}</title>{items}</channel></rss>")
    write(folder / "world.json", json.dumps({"days": ["2026-03-02T08:00:00Z"], "without_validators": [], "rules": [], "services": {}}))
    write(folder / "courant.yaml", "sources: []\n")
    return len(feeds), rules


def configuration(feeds):
    sources = "".join(f'  - feed: {{url: "http://www.feeds.localhost:%PORT%/{number}.xml", limit: 100}}\n' for number in range(feeds))
    return f'sources:\n{sources}network: {{allow_private: ["www.feeds.localhost:%PORT%", "www.open.localhost:%PORT%"]}}\n'


def dialled(path):
    return {tuple(line.split()) for line in path.read_text().splitlines()}


def main():
    tap = Tap()
    urls = hostile_urls()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        feeds, rules = write_world(folder / "world", urls)
        simulator = Simulator("--world", str(folder / "world"), "--no-limits")
        simulator.use([rule | {"redirect": rule["redirect"].replace("%PORT%", simulator.port)} for rule in rules])
        workspace = Workspace(folder / "workspace", simulator, configuration(feeds))
        note = folder / "dialled"
        note.touch()
        os.environ |= {"COURANT_DIALLED": str(note), "LD_PRELOAD": os.environ["COURANT_DIALLED_SHIM"]}
        collected = workspace.run("collect", "--json", "-q")
        enriched = workspace.run("enrich", "--json", "-q")
        del os.environ["LD_PRELOAD"]
        items = workspace.items()
        asked = {entry["path"] for entry in simulator.log() if entry["host"] == "www.open.localhost"}
        simulator.stop()
        seen = dialled(note)
    linked = {link for item in items.values() for link in [item["canonical_url"]] if link}
    own = {("127.0.0.1", simulator.port), ("::1", simulator.port)}
    tap.say(f"{len(urls)} addresses, {len(items)} posts, {len(linked)} links, {len(asked)} redirects followed as far as they may be")
    tap.check("the feeds are read", [] if len(items) >= 990 else [f"{len(items)} posts: {collected.stderr}"])
    tap.check("the redirects are met", [] if len(asked) >= 490 else [f"{len(asked)} of 500: {enriched.stderr}"])
    tap.check("the simulator is dialled, and seen to be", [] if own & seen else ["nothing was noted"])
    tap.check("nothing else is", [f"{address} port {port}" for address, port in sorted(seen - own)])
    tap.end()


if IS_SANITIZED:
    print("1..0 # SKIP a sanitizer's runtime wants to be first")
else:
    main()
