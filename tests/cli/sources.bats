# All the sources over the simulated services: limits, credentials, what is left out, health.
bats_require_minimum_version 1.5.0

day1=2026-03-02T08:00:00Z
day2=2026-03-03T08:00:00Z

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
}

teardown() {
  stop_sim
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# dropped KEY: what the source left out, "reason count" by turns
dropped() {
  "$COURANT" sources -C "$work" --json | jq -r --arg key "$1" '.sources[] | select(.key | startswith($key)) | .dropped | to_entries[] | "\(.key) \(.value)"'
}

# assert_limits_met WORLD: nobody was refused, and no service was asked more often than it allows, nor by more than 8 at once
assert_limits_met() {
  ask_sim /_sim/log >"$BATS_TEST_TMPDIR/log"
  python3 - "$BATS_TEST_TMPDIR/log" "$1/world.json" <<'PYTHON'
import json, sys
log = [json.loads(line) for line in open(sys.argv[1])]
services = json.load(open(sys.argv[2]))["services"]
assert {entry["host"] for entry in log} >= set(services) - {"www.reddit.localhost", "llm.localhost", "claude.localhost"}, "a service was not asked"
for entry in log:
    assert entry["status"] not in (401, 403, 429) or entry["path"] == "/robots.txt", entry
    assert entry["in_flight"] <= 8, entry
for host, service in services.items():
    for prefix, count, window in [("", "requests", "window_s"), ("/repos/", "core_requests", "core_window_s")]:
        times = sorted(e["at_ms"] for e in log if e["host"] == host and e["path"].startswith(prefix) and e["path"] != "/api/v1/access_token"
                       and (prefix or not e["path"].startswith("/repos/")))
        allowed = service.get(count, 0)
        for first, last in zip(times, times[allowed:] if allowed else []):
            assert last - first >= service[window] * 1000, (host, first, last)
PYTHON
}

@test "whole runs on two days stay within every service's limits" {
  local now
  for now in "$day1" 2026-03-02T09:00:00Z "$day2"; do
    [[ $now != "$day2" ]] || ask_sim -X POST "/_sim/day?n=2"
    run "$COURANT" run -q -C "$work" --now "$now"
    [[ $status -eq 0 || $status -eq 4 ]]
  done
  assert_limits_met "$sim_world"
  [ "$(sql "SELECT count(DISTINCT source) FROM items")" -ge 8 ]
  "$COURANT" sources -C "$work" --json | jq -e '[.limits[] | select(.allowed and .remaining >= 0)] | length >= 4'
}

@test "limits that only a service's headers tell are kept to, from run to run" {
  local world=$BATS_TEST_TMPDIR/world now waited=0
  stop_sim
  cp -r "$sim_world" "$world"
  jq '.services |= (.["m1.localhost"] += {requests: 3, window_s: 3} | .["m2.localhost"] += {requests: 3, window_s: 3} |
    .["oauth.reddit.localhost"] += {requests: 2, window_s: 3} | .["api.github.localhost"] += {requests: 2, window_s: 3})' \
    "$sim_world/world.json" >"$world/world.json"
  start_sim --world "$world"
  make_workspace "$work"
  sed -i -E 's/- (github|reddit|mastodon): *\{/&requests_per_minute: 600, /' "$work/courant.yaml"
  for now in 08 09 10; do
    run --separate-stderr "$COURANT" collect -q -C "$work" --now "2026-03-02T$now:00:00Z" --json
    [[ $status -eq 0 || $status -eq 4 ]]
    waited=$(jq "$waited + .stages[0].waited" <<<"$output")
  done
  assert_limits_met "$world"
  jq -en "$waited > 6" # without it the second and the third run were refused
}

@test "who opts out later, or on another instance, is forgotten: the post, its words and its page" {
  # status NOINDEX MARKER: a post of Ann's
  status() {
    jq -nc --argjson noindex "$1" --arg marker "$2" '{id: $marker, uri: "https://home.example/users/ann/\($marker)", url: "https://home.example/@ann/\($marker)",
      created_at: "2026-03-02T05:00:00Z", visibility: "public", language: "en", spoiler_text: "", favourites_count: 5000, reblogs_count: 900,
      content: "<p>\($marker): the harbour at Kelder measured its tides by hand for 90 years, and the books are all scanned now.</p>",
      account: {id: "7", acct: "ann", username: "ann", display_name: "Ann", note: "", discoverable: true, noindex: $noindex}, mentions: [], tags: []}'
  }
  # serve STATUS: it trends on both instances, @other on the second as its own instance tells it
  serve() {
    jq -nc --arg first "[$1]" --arg second "[$2]" '[{path: "*/trends/links", status: 200, body: "[]"},
      {host: "m1.localhost", path: "*/trends/statuses", status: 200, body: $first}, {host: "m2.localhost", path: "*/trends/statuses", status: 200, body: $second}]' |
      ask_sim -X POST --data-binary @- /_sim/script
  }
  sed -i -e '/^  - mastodon/!{/^  - /d}' -e '$a enrich: {threshold: 0}' "$work/courant.yaml"
  serve "$(status true FIRST-MARKER)" "$(status false FIRST-MARKER),$(status false SECOND-MARKER)"
  run -0 "$COURANT" run -q -C "$work" --now "$day1"
  [ "$(sql "SELECT group_concat(id) FROM items")" = "mastodon:https://home.example/users/ann/SECOND-MARKER" ]
  run -1 grep -rq FIRST-MARKER "$work/public" "$work/content"
  grep -rq SECOND-MARKER "$work/public/index.html"
  serve "$(status true SECOND-MARKER)" "$(status false SECOND-MARKER)"
  run -0 "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  [ "$(sql "SELECT count(*) FROM items")" -eq 0 ]
  run -1 grep -rq SECOND-MARKER "$work/public" "$work/content"
  [ "$(sql "SELECT count(*), count(about_url), count(detail) FROM drops")" = "4|0|0" ]
  "$COURANT" why -C "$work" --json https://home.example/@ann/SECOND-MARKER | jq -e '.dropped[0].reason == "opted_out"'
}

@test "what is withdrawn between the stages gets no page, and what a user put beside one stays" {
  # serve OPTED_OUT: a post that trends
  serve() {
    jq -nc --argjson noindex "$1" '[{path: "*/trends/links", status: 200, body: "[]"}, {path: "*/trends/statuses", status: 200, body: ([{
      id: "1", uri: "https://home.example/users/ann/1", url: "https://home.example/@ann/1", created_at: "2026-03-02T05:00:00Z", visibility: "public", language: "en",
      content: "<p>The harbour at Kelder measured its tides by hand for 90 years, and the books are all scanned now.</p>", mentions: [], tags: [],
      account: {id: "7", acct: "ann", username: "ann", note: "", discoverable: true, noindex: $noindex}}] | tojson)}]' |
      ask_sim -X POST --data-binary @- /_sim/script
  }
  sed -i -e '/^  - mastodon/!{/^  - /d}' -e '$a enrich: {threshold: 0}' "$work/courant.yaml"
  serve false
  "$COURANT" collect -q -C "$work" --now "$day1"
  "$COURANT" enrich -q -C "$work" --now "$day1"
  serve true
  run -0 "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  [ "$(sql "SELECT count(*) FROM articles")" -eq 0 ]
  serve false
  run -0 "$COURANT" run -q -C "$work" --now 2026-03-02T10:00:00Z
  local page
  page=$(echo "$work"/content/posts/*/)
  echo mine >"$page/notes.txt"
  serve true
  run -0 "$COURANT" run -q -C "$work" --now 2026-03-02T11:00:00Z
  [ "$(ls "$page")" = notes.txt ]
  [ "$(sql "SELECT state || document FROM articles")" = 'withdrawn{}' ]
  run -1 grep -rq Kelder "$work/public"
}

@test "under review, words that are taken back go at once, and what is left waits to be approved" {
  # status NAME NOINDEX: a post about the one page
  status() {
    jq -nc --arg name "$1" --argjson noindex "$2" '{id: $name, uri: "https://home.example/users/\($name)/1", url: "https://home.example/@\($name)/1",
      created_at: "2026-03-02T05:00:00Z", visibility: "public", language: "en", spoiler_text: "", favourites_count: 500, mentions: [], tags: [],
      content: "<p>\($name) measured the tides of Kelder by hand for 90 years. <a href=\"http://nowhere.localhost/tides\">The books of \($name)</a></p>",
      account: {id: $name, acct: $name, username: $name, note: "", discoverable: true, noindex: $noindex}}'
  }
  # serve STATUS...
  serve() {
    local IFS=,
    jq -nc --arg body "[$*]" '[{path: "*/trends/links", status: 200, body: "[]"}, {path: "*/trends/statuses", status: 200, body: $body}]' |
      ask_sim -X POST --data-binary @- /_sim/script
  }
  local slug
  sed -i -e '/^  - mastodon/!{/^  - /d}' -e '$a enrich: {threshold: 0}' -e '$a generate: {review: true}' "$work/courant.yaml"
  serve "$(status ann false)" "$(status ben false)"
  "$COURANT" run -q -C "$work" --now "$day1"
  slug=$("$COURANT" article list -C "$work" --json | jq -r '.articles[0].slug')
  "$COURANT" article approve -q -C "$work" "$slug"
  "$COURANT" deploy -q -C "$work" --now "$day1"
  grep -q "users/ben\|@ben" "$work/public/posts/$slug/index.html"
  serve "$(status ann false)" "$(status ben true)"
  "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  [ ! -e "$work/public/posts/$slug/index.html" ]
  "$COURANT" article approve -q -C "$work" "$slug"
  "$COURANT" deploy -q -C "$work" --now 2026-03-02T10:00:00Z
  grep -q "@ann" "$work/public/posts/$slug/index.html"
  run -1 grep -rq "@ben" "$work/public" "$work/content"
}

@test "a run that is held up says by whom" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "times": 1, "status": 429, "headers": {"Retry-After": "4"}}]' /_sim/script
  run -0 "$COURANT" collect -C "$work" --now "$day1"
  [ "$(grep -cE "^courant: collect: waiting [45] s for www.kernelnotes.localhost:$sim_port(/.*)?, as its limits want$" <<<"$output")" -eq 1 ]
}

@test "limits outlive the run: Reddit's feeds are asked once a minute without an account" {
  unset REDDIT_CLIENT_ID REDDIT_CLIENT_SECRET
  printf 'sources:\n  - reddit: {subreddits: [programming, linux], base_url: "http://www.reddit.localhost:%s"}\nnetwork: {deadline: 5}\n' \
    "$sim_port" >"$work/courant.yaml"
  run -0 "$COURANT" collect -q -C "$work" --now "$day1"
  [ "$(sql "SELECT count(*) > 10 FROM items WHERE source = 'reddit:linux+programming'")" -eq 1 ]
  run -1 "$COURANT" collect -q -C "$work" --now "$day1"
  [[ $output == *"no turn before this stage's deadline"* ]]
  [ "$(ask_sim /_sim/log | jq -s '[.[] | select(.path | endswith(".rss"))] | length')" -eq 1 ]
}

@test "a credential reaches its own service and nothing else" {
  export REDDIT_CLIENT_ID=id-of-ours REDDIT_CLIENT_SECRET=sesame-1 GITHUB_TOKEN=sesame-2 MASTODON_ACCESS_TOKEN=sesame-3
  run "$COURANT" run -C "$work" --now "$day1" --record "$BATS_TEST_TMPDIR/day.rec"
  [[ $status -eq 0 || $status -eq 4 ]]
  [[ $output != *sesame* ]]
  run -1 grep -raE 'sesame-[123]|id-of-ours' "$work" "$BATS_TEST_TMPDIR/day.rec"
  ask_sim /_sim/log >"$BATS_TEST_TMPDIR/log"
  [ "$(jq -r 'select(.authorized) | .host' "$BATS_TEST_TMPDIR/log" | sort -u | paste -sd' ')" = "api.github.localhost m1.localhost oauth.reddit.localhost www.reddit.localhost" ]
  unset REDDIT_CLIENT_ID REDDIT_CLIENT_SECRET GITHUB_TOKEN MASTODON_ACCESS_TOKEN
  mkdir "$BATS_TEST_TMPDIR/replayed"
  run "$COURANT" run -q -C "$BATS_TEST_TMPDIR/replayed" --replay "$BATS_TEST_TMPDIR/day.rec"
  [[ $status -eq 0 || $status -eq 4 ]]
  [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/replayed" | sha256sum)" ]
}

@test "a client that Reddit refuses is one clear error, and the others go on" {
  export REDDIT_CLIENT_ID=wrong REDDIT_CLIENT_SECRET=sesame
  run -4 "$COURANT" collect -q -C "$work" --now "$day1"
  [[ $output == *"source reddit:linux: "*"the client id or secret is not accepted"* ]]
  [[ $output != *sesame* ]]
  [ "$(sql "SELECT count(*) > 40 FROM items")" -eq 1 ]
}

@test "a source that fails three runs in a row says so in status" {
  ask_sim -X POST --data-binary '[{"host": "www.kernelnotes.localhost", "path": "/atom.xml", "status": 404}]' /_sim/script
  local run
  for run in 1 2 3; do
    run -4 "$COURANT" collect -q -C "$work" --now "2026-03-02T0$run:00:00Z"
    "$COURANT" status -C "$work" --json | jq -e --argjson run "$run" '(.failing_sources | length) == (if $run < 3 then 0 else 1 end)'
  done
  run -0 "$COURANT" status -C "$work"
  [[ $output == *"Source feed:http://www.kernelnotes"*"has failed 3 runs in a row"*"HTTP 404"* ]]
  run -0 "$COURANT" sources -C "$work"
  [[ $output == *"www.kernelnotes.localhost:$sim_port/atom.xml (Feed): failed 3 runs in a row: "* ]]
  ask_sim -X POST --data-binary '[]' /_sim/script
  "$COURANT" collect -q -C "$work" --now "$day1"
  "$COURANT" status -C "$work" --json | jq -e '.failing_sources == []'
}

@test "what was left out is counted by reason and explained" {
  run "$COURANT" run -q -C "$work" --now "$day1"
  local reason url
  for reason in opted_out language excluded adult removed no_story not_trending too_old; do
    echo "# $reason"
    [ "$(sql "SELECT count(*) > 0 FROM drops WHERE reason = '$reason'")" -eq 1 ]
    url=$(sql "SELECT url FROM drops WHERE reason = '$reason' ORDER BY id LIMIT 1")
    "$COURANT" why -C "$work" --json "$url" | jq -e --arg reason "$reason" 'any(.dropped[]; .reason == $reason)'
    run -0 "$COURANT" why -C "$work" "$url"
    [[ $output == *"Left out by "*" in run 1: "* ]]
  done
  [ "$("$COURANT" sources -C "$work" --json | jq '[.sources[].dropped[]] | add')" -eq "$(sql "SELECT count(*) FROM drops")" ]
  run -0 "$COURANT" sources -C "$work"
  [[ $output == *"left out: "*"1 adult"* ]]
  run -1 grep -rE 'OPTED-OUT-MARKER|REMOVED-POST-MARKER|ADULT-MARKER|OTHER-LANGUAGE-MARKER|EXCLUDED-MARKER|BOOST-WRAPPER-MARKER' "$work/public" "$work/content"
}

@test "a post with too little engagement is left out" {
  sed -i 's/hackernews: {/&min_engagement: 400, /' "$work/courant.yaml"
  run "$COURANT" collect -q -C "$work" --now "$day1"
  [ "$(sql "SELECT count(*) FROM items i JOIN engagement e ON e.item_id = i.id WHERE i.id LIKE 'hn:%' AND e.score < 400")" -eq 0 ]
  [[ $(dropped hackernews) == *"engagement "* ]]
  "$COURANT" why -C "$work" --json hn:45600103 | jq -e '.dropped[0].detail == "287 of at least 400"'
}

@test "GitHub: new repositories at first, later those whose stars grew" {
  run "$COURANT" collect -q -C "$work" --now "$day1"
  local first
  first=$(sql "SELECT count(*) FROM items WHERE id LIKE 'github:%'")
  [ "$first" -ge 2 ]
  [ "$(sql "SELECT min(published_ms) >= strftime('%s', '2026-02-23') * 1000 FROM items WHERE id LIKE 'github:%'")" -eq 1 ]
  ask_sim -X POST "/_sim/day?n=2"
  run "$COURANT" collect -q -C "$work" --now "$day2"
  [ "$(sql "SELECT count(*) FROM items WHERE id LIKE 'github:%' AND first_run = 2 AND published_ms = strftime('%s', '$day2') * 1000")" -ge 1 ]
}

@test "a repository's README is the evidence of its story" {
  run "$COURANT" run -q -C "$work" --now "$day1"
  [ "$(sql "SELECT count(*) > 0 FROM story_evidence WHERE url LIKE 'http://github.localhost%'")" -eq 1 ]
  [ "$(ask_sim /_sim/log | jq -s '[.[] | select(.path | endswith("/readme"))] | length > 0')" = true ]
}

@test "one status seen on two instances is one item" {
  run "$COURANT" collect -q -C "$work" --now "$day1"
  [ "$(sql "SELECT count(*) FROM items WHERE id LIKE 'mastodon:%'")" -gt 10 ]
  [ "$(sql "SELECT count(*) - count(DISTINCT id) FROM items")" -eq 0 ]
  [ "$(sql "SELECT count(*) FROM exchanges WHERE url LIKE '%/api/v1/trends/statuses%'")" -eq 2 ]
}
