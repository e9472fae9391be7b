#!/usr/bin/python3
"""Asks what the Python pipeline asked that courant re-creates, the way it asked, and prints how long that took.

usage: reference_graph.py collect|enrich PORT [--sleeps] [--workers N]

collect  a thread a source, each asking one thing after another: posts and links of two Mastodon instances, a token and
         eight subreddits, a list and thirty posts of Hacker News, two searches of GitHub. --sleeps rests 0.1 s after each post
         of Hacker News and 0.5 s after each subreddit, as that pipeline did.
enrich   67 stories in N threads (4), each a page and then a call of a language model.
The interpreter's own start is not counted.
"""

import argparse
import concurrent.futures
import json
import time

import httpx

STORIES = 67


class Asker:
    """Asks the simulated internet; every name below .localhost is this machine."""

    def __init__(self, port, sleeps):
        self.port = port
        self.sleeps = sleeps
        self.client = httpx.Client(base_url=f'http://127.0.0.1:{port}', timeout=30)

    def rest(self, seconds):
        if self.sleeps:
            time.sleep(seconds)

    def get(self, host, path, **headers):
        reply = self.client.get(path, headers={'Host': f'{host}.localhost:{self.port}', 'User-Agent': 'reference/1', **headers})
        reply.raise_for_status()
        return reply

    def post(self, host, path, **more):
        reply = self.client.post(path, headers={'Host': f'{host}.localhost:{self.port}', 'User-Agent': 'reference/1',
                                                **more.pop('headers', {})}, **more)
        reply.raise_for_status()
        return reply.json()

    def mastodon(self):
        for host in ('m1', 'm2'):
            self.get(host, '/api/v1/trends/statuses?limit=20').json()
            self.get(host, '/api/v1/trends/links?limit=20').json()

    def reddit(self):
        token = self.post('www.reddit', '/api/v1/access_token', auth=('bench', 'bench'), data={'grant_type': 'client_credentials'})
        for number in range(1, 9):
            self.get('oauth.reddit', f'/r/r{number}/hot?limit=20', Authorization='Bearer ' + token['access_token']).json()
            self.rest(0.5)

    def hackernews(self):
        for number in self.get('hn', '/v0/topstories.json').json()[:30]:
            self.get('hn', f'/v0/item/{number}.json').json()
            self.rest(0.1)

    def github(self):
        for query in ('created', 'pushed'):
            self.get('api.github', f'/search/repositories?q={query}:%3E2026-02-23&per_page=20').json()

    def enrich(self, number):
        page = self.get(f'p{number}', '/b.html').text
        call = {'model': 'gpt-5-nano', 'messages': [{'role': 'user', 'content': page[:2000]}]}
        self.post('llm', '/v1/chat/completions', headers={'Authorization': 'Bearer bench'}, json=call)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('what', choices=('collect', 'enrich'))
    parser.add_argument('port', type=int)
    parser.add_argument('--sleeps', action='store_true')
    parser.add_argument('--workers', type=int, default=4)
    options = parser.parse_args()
    asker = Asker(options.port, options.sleeps)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(max_workers=options.workers) as pool:
        if options.what == 'collect':
            jobs = [pool.submit(work) for work in (asker.mastodon, asker.reddit, asker.hackernews, asker.github)]
        else:
            jobs = [pool.submit(asker.enrich, number) for number in range(1, STORIES + 1)]
        for job in jobs:
            job.result()
    print(json.dumps({'seconds': round(time.monotonic() - began, 6)}))


if __name__ == '__main__':
    main()
