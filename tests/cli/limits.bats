# Limits and credentials of hosts that several sources, or strangers' links as well, have to do with.
bats_require_minimum_version 1.5.0

day1=2026-03-02T08:00:00Z

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim
  work=$BATS_TEST_TMPDIR/work
  mkdir "$work"
}

teardown() {
  stop_sim
}

# configure LINE...: the configuration, %PORT% being the simulator's
configure() {
  printf '%s\n' "$@" | sed "s/%PORT%/$sim_port/g" >"$work/courant.yaml"
}

@test "two entries that send one credential to different hosts are told to become one" {
  configure 'sources:' '  - mastodon: {instances: ["http://m1.localhost:%PORT%"]}' '  - mastodon: {instances: ["http://m2.localhost:%PORT%"]}'
  run -0 "$COURANT" collect -q -C "$work" --now "$day1"
  MASTODON_ACCESS_TOKEN=sesame run -3 "$COURANT" collect -q -C "$work" --now "$day1"
  [[ $output == *"courant.yaml: the credential \"mastodon\" would go to http://m1.localhost:$sim_port for sources[0] (mastodon), but to http://m2.localhost:$sim_port for sources[1] (mastodon); put both into one entry"* ]]

  configure 'sources:' '  - reddit: {subreddits: [programming], base_url: "http://www.reddit.localhost:%PORT%", api_url: "http://oauth.reddit.localhost:%PORT%"}' \
    '  - reddit: {subreddits: [linux], base_url: "http://127.0.0.1:%PORT%", api_url: "http://oauth.reddit.localhost:%PORT%"}'
  run -3 "$COURANT" collect -q -C "$work" --now "$day1"
  [[ $output == *"but to http://oauth.reddit.localhost:$sim_port and http://127.0.0.1:$sim_port for sources[1] (reddit)"* ]]
  sed -i 's/127.0.0.1/www.reddit.localhost/' "$work/courant.yaml"
  run -0 "$COURANT" collect -q -C "$work" --now "$day1"
  sed -i 's/\[linux\]/&, requests_per_minute: 5/' "$work/courant.yaml"
  run -3 "$COURANT" collect -q -C "$work" --now "$day1"
  [[ $output == *"sources[0] (reddit) and sources[1] (reddit) want http://oauth.reddit.localhost:$sim_port/ asked with different limits, user agents or credentials; put them into one entry"* ]]
}

@test "links to a service's host do not wait for its window" {
  unset REDDIT_CLIENT_ID REDDIT_CLIENT_SECRET
  configure 'filters: {max_age_days: 0}' 'sources:' '  - reddit: {subreddits: [programming], base_url: "http://www.reddit.localhost:%PORT%"}' \
    '  - feed: {url: "http://www.bytesmith.localhost:%PORT%/feed.xml"}' 'network: {deadline: 5, allow_private: ["*.localhost:%PORT%"]}'
  ask_sim -X POST --data-binary "[{\"path\": \"/feed.xml\", \"status\": 200, \"headers\": {\"Content-Type\": \"application/rss+xml\"},
    \"body\": \"<rss version='2.0'><channel><title>t</title><item><title>One thing about kernels</title><link>http://www.reddit.localhost:$sim_port/r/x/about-one</link></item></channel></rss>\"}]" /_sim/script
  run "$COURANT" run -q -C "$work" --now "$day1"
  [[ $output != *"no turn before"* ]]
  [ "$(ask_sim /_sim/log | jq -s '[.[] | select(.host == "www.reddit.localhost" and .path == "/r/x/about-one")] | length')" -eq 1 ]
}

@test "a limit that is past is not shown" {
  configure 'sources:' '  - hackernews: {base_url: "http://hn.localhost:%PORT%/v0"}'
  run -0 "$COURANT" collect -q -C "$work" --now "$day1"
  sqlite3 "$work/data/courant.db" "INSERT INTO hosts VALUES('old.example', '[1,2,3]', 5, 60, 3, 9),
    ('new.example', '[1,' || (unixepoch() * 1000) || ']', (unixepoch() + 60) * 1000, 60, 3, (unixepoch() + 60) * 1000)"
  run -0 "$COURANT" sources -C "$work"
  grep -qx "old.example: 0 sent in its window" <<<"$output"
  [[ $output == *"new.example: 1 sent in its window, 3 left of 60 until "*", paused until "* ]]
}
