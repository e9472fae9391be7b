"""A simulated internet of hostile posts: the files that courant-sim serves, the configuration that reads them, and the pages
that the posts link to, which a proxy serves, so that nothing leaves this machine whatever address stands in a post."""
import html
import http.server
import json
import pathlib
import re
import threading
import urllib.parse

NOW = "2026-03-02T08:00:00Z"
SERVICES = {"mastodon": "mastodon", "oauth.reddit": "reddit", "www.reddit": "reddit-www", "api.github": "github"}
PER_SOURCE = {"hackernews": 500, "mastodon": 200, "reddit": 100, "lobsters": 250, "github": 100, "rss": 1, "atom": 1, "jsonfeed": 1}
KINDS = tuple(PER_SOURCE)

# The simulator takes any.
CREDENTIALS = {"REDDIT_CLIENT_ID": "hostile", "REDDIT_CLIENT_SECRET": "hostile", "GITHUB_TOKEN": "hostile"}

# What a post is made of; each is perhaps hostile. What a source has no field for it leaves out.
FIELDS = ("title", "text", "author", "url", "link", "site", "tag", "about", "published", "feed")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(text):
    return html.escape(NOT_XML.sub("", text))


def hackernews_item(number, post):
    return {"id": number, "type": "story", "by": post["author"], "time": 1772430000 + number % 3600, "title": post["title"],
            "url": post["url"], "text": f"{post['text']} <a href=\"{post['link']}\">{post['about']}</a>", "score": 300, "descendants": 90}


def mastodon_status(number, post):
    card = {"url": post["url"], "title": post["title"], "description": post["about"], "provider_name": post["site"],
            "author_name": post["author"], "author_url": post["link"], "type": "link", "language": "en"}
    return {"id": str(number), "uri": f"http://people.example/statuses/{number}", "url": f"http://people.example/@a/{number}",
            "created_at": post["published"], "visibility": "public", "language": "en", "spoiler_text": post["title"],
            "content": f"<p>{post['text']}</p><p><a href=\"{post['url']}\">{post['site']}</a> <a href=\"{post['link']}\">there</a></p>",
            "account": {"id": "1", "username": post["author"], "acct": post["author"], "display_name": post["author"],
                        "url": post["link"], "note": post["about"], "discoverable": True, "indexable": True},
            "tags": [{"name": post["tag"], "url": post["link"]}], "mentions": [{"username": post["author"], "url": post["link"]}],
            "media_attachments": [{"description": post["about"], "url": post["link"]}], "card": card,
            "poll": {"options": [{"title": post["about"]}, {"title": post["tag"]}]},
            "replies_count": 90, "reblogs_count": 200, "favourites_count": 300}


def reddit_post(number, post):
    return {"kind": "t3", "data": {
        "id": f"h{number}", "name": f"t3_h{number}", "subreddit": "odd", "title": post["title"], "author": post["author"],
        "permalink": f"/r/odd/comments/h{number}/odd/", "url": post["url"], "is_self": False, "selftext": post["text"],
        "selftext_html": f"<div>{post['text']} <a href=\"{post['link']}\">{post['about']}</a></div>", "link_flair_text": post["tag"],
        "domain": post["site"], "created_utc": 1772430000 + number % 3600, "score": 300, "num_comments": 90, "over_18": False}}


def lobsters_post(number, post):
    return {"short_id": f"h{number}", "short_id_url": f"http://lobsters.example/s/h{number}",
            "comments_url": f"http://lobsters.example/s/h{number}", "title": post["title"], "url": post["url"],
            "description": f"<p>{post['text']} <a href=\"{post['link']}\">{post['about']}</a></p>", "submitter_user": post["author"],
            "tags": [post["tag"]], "created_at": post["published"], "score": 300, "comment_count": 90}


def github_repository(number, post):
    return {"id": number, "name": f"odd{number}", "full_name": f"odd/odd{number}", "owner": {"login": post["author"]},
            "html_url": f"https://github.com/odd/odd{number}", "description": f"{post['title']} {post['text']}",
            "homepage": post["url"], "topics": [post["tag"]], "language": post["site"], "forks_count": 90,
            "created_at": "2026-03-01T10:00:00Z", "pushed_at": "2026-03-02T01:00:00Z", "fork": False, "private": False}


def rss(number, post):
    entry = (f"<item><title>{xml(post['title'])}</title><link>{xml(post['url'])}</link><guid isPermaLink=\"false\">rss-{number}</guid>"
             f"<pubDate>{xml(post['published'])}</pubDate><dc:creator>{xml(post['author'])}</dc:creator>"
             f"<category>{xml(post['tag'])}</category><source url=\"{xml(post['link'])}\">{xml(post['site'])}</source>"
             f"<enclosure url=\"{xml(post['link'])}\" type=\"audio/ogg\" length=\"9\"/>"
             f"<description>{xml(post['about'])}</description><content:encoded>{xml(post['text'])}</content:encoded></item>")
    return ('<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>{xml(post['feed'])}</title><link>{xml(post['link'])}</link>"
            f"<description>{xml(post['about'])}</description>{entry}</channel></rss>")


def atom(number, post):
    return ('<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
            f"<title>{xml(post['feed'])}</title><id>urn:x:{number}</id><link href=\"{xml(post['link'])}\"/><updated>{NOW}</updated>"
            f"<entry><title type=\"html\">{xml(post['title'])}</title><id>urn:x:entry-{number}</id><link href=\"{xml(post['url'])}\"/>"
            f"<updated>{NOW}</updated><published>{xml(post['published'])}</published>"
            f"<author><name>{xml(post['author'])}</name><uri>{xml(post['link'])}</uri></author><category term=\"{xml(post['tag'])}\"/>"
            f"<summary type=\"html\">{xml(post['about'])}</summary><content type=\"html\">{xml(post['text'])}</content></entry></feed>")


def jsonfeed(number, post):
    item = {"id": f"json-{number}", "url": post["url"], "external_url": post["link"], "title": post["title"], "content_html": post["text"],
            "summary": post["about"], "date_published": post["published"], "authors": [{"name": post["author"], "url": post["link"]}],
            "tags": [post["tag"]], "image": post["link"]}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": post["feed"], "home_page_url": post["link"],
                       "description": post["about"], "items": [item]})


LOBSTERS_PAGES = {"hottest": lambda page: f"page/{page}.json" if page > 1 else "hottest.json",
                  "newest": lambda page: f"newest/page/{page}.json" if page > 1 else "newest.json"}
FEEDS = {"rss": rss, "atom": atom, "jsonfeed": jsonfeed}


class World:
    """A folder for courant-sim --world, written by write(); source lines for courant.yaml come of it."""

    def __init__(self, folder):
        self.folder, self.posts, self.sources, self.services = pathlib.Path(folder), {kind: [] for kind in KINDS}, [], {}
        self.repositories = []

    def add(self, kind, number, post):
        self.posts[kind].append((number, post))

    def put(self, host, path, text):
        file = self.folder / "sites" / f"{host}.localhost" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", errors="surrogatepass")

    def serve(self, host, protocol):
        self.services[f"{host}.localhost"] = {"protocol": protocol}

    def source(self, kind, **options):
        self.sources.append(f"  - {kind}: {json.dumps(options)}")

    def hackernews(self, group, posts):
        host = f"hn{group}"
        name = ("top", "new", "best")[group]
        self.put(host, f"v0/{name}stories.json", json.dumps([number for number, _ in posts]))
        for number, post in posts:
            self.put(host, f"v0/item/{number}.json", json.dumps(hackernews_item(number, post)))
        self.source("hackernews", list=name, limit=500, base_url=f"http://{host}.localhost:%PORT%/v0")

    def mastodon(self, group, posts):
        host = f"m{group}"
        self.serve(host, "mastodon")
        self.put(host, "api/v1/trends/statuses.json", json.dumps([mastodon_status(*post) for post in posts]))
        links = [{**mastodon_status(*post)["card"], "history": []} for post in posts[:20]]
        self.put(host, "api/v1/trends/links.json", json.dumps(links))
        self.put(host, "api/v1/timelines/public.json", "[]")
        self.source("mastodon", instances=[f"http://{host}.localhost:%PORT%"], limit=200)

    def reddit(self, group, posts):
        self.serve("oauth.reddit", "reddit")
        self.services["www.reddit.localhost"] = {"protocol": "reddit-www", "api": "oauth.reddit.localhost"}
        listing = {"kind": "Listing", "data": {"children": [reddit_post(*post) for post in posts]}}
        self.put("oauth.reddit", f"r/odd{group}/hot.json", json.dumps(listing))
        self.source("reddit", subreddits=[f"odd{group}"], limit=100, requests_per_minute=6000, base_url="http://www.reddit.localhost:%PORT%",
                    api_url="http://oauth.reddit.localhost:%PORT%")

    def lobsters(self, group, posts):
        name = ("hottest", "newest")[group]
        for page in range(10):
            part = [lobsters_post(*post) for post in posts[page * 25:page * 25 + 25]]
            self.put(f"lobsters{group}", LOBSTERS_PAGES[name](page + 1), json.dumps(part))
        self.source("lobsters", list=name, limit=len(posts), base_url=f"http://lobsters{group}.localhost:%PORT%")

    def github(self, group, posts):
        """The one search answers all sources: each asks for another number of stars."""
        host, stars = "api.github", 300 + group
        self.serve(host, "github")
        self.repositories += [{**github_repository(*post), "stargazers_count": stars} for post in posts]
        self.put(host, "search/repositories.json", json.dumps({"items": self.repositories}))
        for number, post in posts:
            self.put(host, f"repos/odd/odd{number}/readme.html", f"<h1>{post['title']}</h1><p>{post['text']}</p>")
        self.source("github", query=f"stars:{stars}..{stars}", limit=100, requests_per_minute=5000,
                    base_url=f"http://{host}.localhost:%PORT%")

    def feed(self, kind, group, posts):
        self.put(f"{kind}{group}", "feed", FEEDS[kind](*posts[0]))
        self.source("feed", url=f"http://{kind}{group}.localhost:%PORT%/feed")

    def write(self):
        for kind, posts in self.posts.items():
            size = PER_SOURCE[kind]
            for group, start in enumerate(range(0, len(posts), size)):
                part = posts[start:start + size]
                self.feed(kind, group, part) if kind in FEEDS else getattr(self, kind)(group, part)
        world = {"days": [NOW], "without_validators": [], "services": self.services, "rules": []}
        (self.folder / "world.json").write_text(json.dumps(world))
        (self.folder / "courant.yaml").write_text("sources: []\n")

    def configuration(self, port, title, base, articles):
        sources = "\n".join(self.sources).replace("%PORT%", str(port))
        return (f"title: {json.dumps(title)}\nfilters: {{max_age_days: 0}}\nenrich: {{threshold: 0}}\n"
                f"generate: {{articles_per_run: {articles}}}\nsite: {{base_url: \"{base}\"}}\n"
                f"network: {{proxy_is_filter: true, in_flight_per_host: 64}}\nsources:\n{sources}\n")


def page(post):
    """A page whose every part is hostile."""
    title, text, site, about, author = (xml(post[name]) for name in ("title", "text", "site", "about", "author"))
    return (f"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{title}</title>"
            f"<meta property=\"og:title\" content=\"{title}\"><meta property=\"og:site_name\" content=\"{site}\">"
            f"<meta property=\"og:description\" content=\"{about}\"><meta name=\"description\" content=\"{about}\">"
            f"<meta name=\"author\" content=\"{author}\"><meta property=\"og:image\" content=\"{xml(post['link'])}\">"
            f"<meta property=\"og:url\" content=\"{xml(post['link'])}\"></head><body><article><h1>{title}</h1>"
            f"<p>The page says in so many words what it was that happened there: {text}. Nobody had expected it, least of all us.</p>"
            f"<p>{NOT_XML.sub('', post['text'])}</p><p>Whoever wants to know more finds it in the second paragraph of this page.</p>"
            "</article></body></html>")


class Pages(http.server.BaseHTTPRequestHandler):
    """What a page's address brings, whatever its host; nothing else is there, and tunnels are refused."""
    protocol_version = "HTTP/1.1"
    pages = {}

    def do_GET(self):
        text = self.pages.get(urllib.parse.urlsplit(self.path).path)
        body = (text or "Not here").encode("utf-8", "replace")
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):
        self.send_error(502)

    def log_message(self, *_):
        pass


def start_proxy(pages):
    """Returns the address of a proxy that serves @pages, by path."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Pages,), {"pages": pages}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
