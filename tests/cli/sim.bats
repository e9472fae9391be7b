#!/usr/bin/env bats
# The simulated internet itself: what the other tests lean on.

load helpers

teardown() {
  stop_sim
}

# get HOST/PATH [CURL ARGUMENT...]: the body; curl resolves *.localhost itself.
get() {
  local address=$1
  shift
  curl --silent --noproxy '*' --max-time 20 "$@" "http://${address/\//.localhost:$sim_port/}"
}

status_of() {
  get "$@" --output /dev/null --write-out '%{http_code}'
}

control() {
  curl --silent --noproxy '*' --max-time 20 "${@:2}" "http://localhost:$sim_port/_sim/$1"
}

@test "a wrong command line is told in one line and exits 2" {
  local arguments
  for arguments in '--bogus' 'stray' '--port 70000' '--latency -1' '--day 0' '--day 3' '--world /nonexistent' '--folder /nonexistent' \
    '--script /nonexistent' '--log /nonexistent/log'; do
    # shellcheck disable=SC2086
    run timeout 20 "$COURANT_SIM" $arguments
    echo "$arguments: $status: $output"
    [[ $status -eq 2 && ${#lines[@]} -eq 1 && $output == "courant-sim: "* ]]
  done
}

@test "a wrong script names its file, its rule and what is wrong" {
  local script=$BATS_TEST_TMPDIR/faults.json rules expected
  while IFS='|' read -r rules expected; do
    echo "$rules" >"$script"
    run timeout 20 "$COURANT_SIM" --script "$script"
    echo "$rules: $status: $output"
    [[ $status -eq 2 && $output == *"faults.json"*"$expected"* ]]
  done <<'TABLE'
{}|expected a list
[{"reset": true}, 5]|rule 2: must be an object
[{"delay": 5}]|rule 1: unknown key "delay"
[{"host": "a", "times": 1}]|rule 1: does nothing
[{"status": "503"}]|"status" must be a number
[{"status": 99}]|status is from 200 to 599
[{"delay_ms": -1}]|"delay_ms" must be a number
[{"jitter_ms": true}]|"jitter_ms" must be a number
[{"reset": false}]|"reset" must be true
[{"slow": {"bytes": 5}}]|slow: expected
[{"status": 200, "headers": {"A": 1}}]|headers: "A" must be a text
[{"status": 200, "headers": {"A": ["b", 1]}}]|headers: "A" must be a text
[{"status": 200, "headers": {"A": []}}]|headers: "A" must be a text
[{"reset": true, "reset": true}]|duplicate
[{"reset": true}|:2:0:
TABLE
}

@test "a world's file is served by host and path, with its type and this server's port" {
  start_sim
  run get www.bytesmith/feed.xml --include
  [[ $output == *"Content-Type: application/rss+xml; charset=utf-8"* ]]
  [[ $output == *"http://www.bytesmith.localhost:$sim_port/posts/lantern-2-0/"* && $output != *%PORT%* ]]
  run get www.bytesmith/posts/lantern-2-0/ --include
  [[ $output == *"Content-Type: text/html; charset=utf-8"* && $output == *"<h1>Lantern 2.0 ships"* ]]
  run get www.morrow/reading-ten-million.html --include
  [[ $output == *$'Content-Type: text/html\r'* ]]
  [ "$(status_of www.kernelnotes/feed.xml)" = 404 ]
  [ "$(status_of www.nowhere/)" = 404 ]
  [ "$(status_of hn/v0/topstories.json --request POST --data x)" = 405 ]
}

@test "no path and no host leads out of the world" {
  start_sim
  local path
  for path in '/../../world.json' '/%2e%2e/%2e%2e/world.json' '/posts/../../../world.json'; do
    [ "$(status_of "www.bytesmith$path" --path-as-is)" = 404 ]
  done
  for path in '..' '../sites/www.bytesmith.localhost' ''; do
    [ "$(status_of www.bytesmith/robots.txt --header "Host: $path")" != 200 ]
  done
}

@test "a file that has not changed is answered with 304, on Hacker News never" {
  start_sim
  local etag modified
  etag=$(get www.opendata/feed.json --output /dev/null --write-out '%header{etag}')
  modified=$(get www.opendata/feed.json --output /dev/null --write-out '%header{last-modified}')
  [[ $etag == \"*\" && $modified == "Mon, 02 Mar 2026 08:00:00 GMT" ]]
  [ "$(status_of www.opendata/feed.json --header "If-None-Match: $etag")" = 304 ]
  [ "$(status_of www.opendata/feed.json --header "If-None-Match: \"other\"" --header "If-Modified-Since: $modified")" = 200 ]
  [ "$(status_of www.opendata/feed.json --header "If-Modified-Since: $modified")" = 304 ]
  run get hn/v0/topstories.json --include
  [[ $output != *ETag* && $output != *Last-Modified* ]]
  control 'day?n=2' --request POST
  [ "$(status_of www.opendata/feed.json --header "If-None-Match: $etag")" = 200 ]
}

@test "the second day lies over the first" {
  start_sim --day 2
  [[ $(get hn/v0/topstories.json) == *45600201* ]]
  [[ $(get hn/v0/item/45600108.json) == *'"score": 521'* ]]
  [[ $(get hn/v0/item/45600101.json) == *'"score": 988'* ]]
  [[ $(control 'day?n=1' --request POST) == *'"day":1'* ]]
  [[ $(get hn/v0/topstories.json) != *45600201* ]]
  [[ $(get hn/v0/item/45600101.json) == *'"score": 612'* ]]
  [ "$(status_of hn/v0/item/45600201.json)" = 404 ]
  [[ $(control world) == *'"now_ms":1772438400000'*'"now_ms":1772524800000'* ]]
  [[ $(control 'day?n=3' --request POST) == *"must be from 1 to 2"* ]]
}

@test "every page that a post of the bundled world links to is there" {
  start_sim
  local world=$BATS_TEST_DIRNAME/../../sim/world address count=0
  while read -r address; do
    case $address in www.ostler/* | www.harbourline/* | www.followers/*) continue ;; esac
    echo "$address"
    [[ $(status_of "$address") == [23]0[012] ]]
    count=$((count + 1))
  done < <({
    grep -rhoE 'http://www\.[a-z0-9-]+\.localhost:%PORT%/[a-zA-Z0-9/._-]*' "$world"/day? | sed 's|^http://||; s|\.localhost:%PORT%||'
    grep -rhoE 'href="notes/[^"]*' "$world"/day? | sed 's|^href="|www.kernelnotes/|'
  } | grep -vE '^www\.(bytesmith|kernelnotes|opendata)/$' | sort -u)
  [ "$count" -gt 40 ]
}

@test "the log tells what was asked, in order, and reset empties it" {
  start_sim --log "$BATS_TEST_TMPDIR/log.ndjson"
  get 'hn/v0/topstories.json?print=pretty' --user-agent tester/1 >/dev/null
  get www.bytesmith/robots.txt --header 'If-None-Match: "x"' >/dev/null
  run control log
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[0]} == '{"at_ms":'*'"host":"hn.localhost","method":"GET","path":"/v0/topstories.json","query":"print=pretty","status":200,'* ]]
  [[ ${lines[0]} == *'"in_flight":1,"user_agent":"tester/1"}' ]]
  [[ ${lines[1]} == *'"host":"www.bytesmith.localhost"'*'"if_none_match":"\"x\""'* ]]
  [ "$(cat "$BATS_TEST_TMPDIR/log.ndjson")" = "$output" ]
  control reset --request POST
  [ -z "$(control log)" ]
}

@test "answers wait side by side" {
  start_sim --latency 1500
  local number
  for number in {1..100}; do
    printf 'url = "http://www.many.localhost:%s/%s"\noutput = /dev/null\n' "$sim_port" "$number"
  done >"$BATS_TEST_TMPDIR/many"
  curl --silent --noproxy '*' --parallel --parallel-immediate --parallel-max 100 --config "$BATS_TEST_TMPDIR/many"
  run control log
  [ "${#lines[@]}" -eq 100 ]
  [[ $output == *'"in_flight":64,'* ]]
  # All have ended: the next is alone.
  get www.many/alone >/dev/null
  [[ $(control log | tail -n 1) == *'"path":"/alone"'*'"in_flight":1,'* ]]
}

@test "every fault does what it says" {
  start_sim
  local rule path='www.bytesmith/posts/jobserver/' expected
  while IFS='|' read -r rule expected; do
    [[ $(control script --data "[$rule]") == ok ]]
    run get "$path" --max-time 2 --compressed --location --max-redirs 3 --output /dev/null --write-out '%{http_code} %header{x-test} %{size_download}'
    echo "$rule: curl $status: $output"
    # shellcheck disable=SC2053
    [[ "$status $output" == $expected ]]
  done <<TABLE
{"status": 503, "headers": {"X-Test": "yes"}, "body": "busy"}|0 503 yes 4
{"host": "www.byte*.localhost", "path": "/posts/*", "status": 410}|0 410  0
{"host": "other.localhost", "status": 410}|0 200  [0-9][0-9][0-9][0-9]
{"truncate": 100}|18 200  100
{"reset": true}|56 000  0
{"slow": {"bytes_per_second": 50}}|28 200  ??
{"slow": {"bytes_per_second": 50}, "status": 200, "body": "0123456789"}|0 200  10
{"path": "/posts/*", "redirect": "http://www.opendata.localhost:%PORT%/robots.txt"}|0 200  24
{"loop": true}|47 302  *
{"html": true}|0 200  1[0-9][0-9]
{"headers_bytes": 100000}|0 200  *
{"bomb": true}|0 200  [0-9][0-9][0-9][0-9][0-9][0-9]
{"endless": true}|28 200  *
{"pad_to_bytes": 3000000}|0 200  30000??
{"delay_ms": 30000}|28 000  0
TABLE
  [[ $(control script --data '[{"delay": 1}]') == *'unknown key "delay"'* ]]
}

@test "the bomb is 64 MB of zeros" {
  start_sim
  control script --data '[{"bomb": true}]'
  [ "$(get www.bytesmith/x --compressed | wc -c)" -eq 67108864 ]
}

@test "a rule passes over some requests, meets some, and then gives way to the next" {
  echo '[{"path": "/robots.txt", "skip": 1, "times": 2, "status": 503}, {"path": "/robots.txt", "skip": 1, "status": 410}]' \
    >"$BATS_TEST_TMPDIR/faults.json"
  start_sim --script "$BATS_TEST_TMPDIR/faults.json"
  local seen='' round
  for round in 1 2; do
    for _ in 1 2 3 4 5; do seen+=" $(status_of www.bytesmith/robots.txt)"; done
    [ "$round" = 2 ] || control reset --request POST
  done
  [ "$seen" = " 200 503 503 410 410 200 503 503 410 410" ]
}

@test "a folder of recorded replies is served as it is, its items as an API" {
  local folder=$BATS_TEST_TMPDIR/recorded
  mkdir -p "$folder/hackernews" "$folder/rss"
  printf '<rss>%%PORT%% \xff</rss>' >"$folder/rss/odd.rss"
  echo '{"id": 7, "type": "story", "title": "Seven"}' >"$folder/hackernews/a_story.json"
  printf '{"id": 9, "type": "job"}\nnull\n{"id": 8, "type": "comment"}\n{"id": "x"}\n{broken\n' >"$folder/hackernews/b_items.jsonl"
  echo '{"id": 1, "type": "story"}' >"$folder/elsewhere.json"
  start_sim --folder "$folder"
  [ "$(get any/index.json)" = '["elsewhere.json","hackernews/a_story.json","hackernews/b_items.jsonl","rss/odd.rss"]' ]
  get any/rss/odd.rss | cmp - "$folder/rss/odd.rss"
  [[ $(get any/rss/odd.rss --include) == *$'Content-Type: application/rss+xml\r'* ]]
  [ "$(get any/hn/v0/topstories.json)" = '[7,9,8]' ]
  [ "$(get any/hn/v0/newstories.json)" = '[7,9,8]' ]
  [ "$(get any/hn/v0/item/9.json)" = '{"id": 9, "type": "job"}' ]
  [ "$(get any/hn/v0/item/1.json)" = null ]
  [ "$(status_of any/rss/none.rss)" = 404 ]
}

@test "a recorded reply is a whole service at the address of its file" {
  local folder=$BATS_TEST_TMPDIR/recorded
  mkdir -p "$folder/mastodon" "$folder/reddit"
  echo '[{"id": "1"}]' >"$folder/mastodon/trends.json"
  echo '<feed/>' >"$folder/reddit/feed.atom"
  start_sim --folder "$folder"
  [ "$(get 'any/mastodon/trends.json/api/v1/trends/statuses?limit=40')" = '[{"id": "1"}]' ]
  [ "$(get any/reddit/feed.atom/r/linux+programming/.rss)" = '<feed/>' ]
  [[ $(get any/reddit/feed.atom/api/v1/access_token --user id:secret --data grant_type=client_credentials) == *'"access_token"'* ]]
  [ "$(status_of any/mastodon/api/v1/trends/statuses)" = 404 ]
  [ "$(status_of any/mastodon/../../trends.json/x --path-as-is)" = 404 ]
  [ "$(status_of any/mastodon/trends.json/x --data x)" = 405 ]
  [ "$(status_of any/_sim/workspace)" = 404 ]
}

# make_world SERVICES: a small world of services in $world
make_world() {
  world=$BATS_TEST_TMPDIR/world
  mkdir -p "$world"/day1/{m1.localhost/api/v1/trends,m1.localhost/api/v1/timelines} "$world"/sites/m1.localhost \
    "$world"/day1/oauth.reddit.localhost/r/{linux,programming} "$world"/day1/api.github.localhost/{search,repos/zed/marl}
  jq --null-input --argjson services "$1" '{days: ["2026-03-02T08:00:00Z"], without_validators: [], rules: [], services: $services}' \
    >"$world/world.json"
  echo 'sources: [{feed: {url: "http://www.a.localhost:%PORT%/feed.xml"}}]' >"$world/courant.yaml"
  echo '<p>a page' >"$world/sites/m1.localhost/about.html"
  jq --null-input '[range(50) | {id: "\(.)", url: "http://m1.localhost:%PORT%/\(.)"}]' >"$world/day1/m1.localhost/api/v1/trends/statuses.json"
  jq --null-input '[range(30) | {title: "\(.)"}]' >"$world/day1/m1.localhost/api/v1/trends/links.json"
  local name
  for name in linux programming; do
    jq --null-input --arg name "$name" '{kind: "Listing", data: {children: [range(30) | {kind: "t3", data: {
      name: "t3_\($name)\(.)", title: "\($name) <\(.)> & \u0001more", author: "ann", subreddit: $name,
      permalink: "/r/\($name)/comments/\(.)/x/", url: "http://www.a.localhost:%PORT%/?a=1&b=\(.)",
      selftext_html: (if . == 1 then "<div class=\"md\"><p>said &amp; done</p></div>" else null end),
      over_18: (. == 2), removed_by_category: (if . == 3 then "moderator" else null end),
      created_utc: (1772400000.0 + . * (if $name == "linux" then 2 else 3 end))}}]}}' >"$world/day1/oauth.reddit.localhost/r/$name/hot.json"
  done
  cp "$world/day1/oauth.reddit.localhost/r/linux/hot.json" "$world/day1/oauth.reddit.localhost/r/linux/new.json"
  cat >"$world/day1/api.github.localhost/search/repositories.json" <<'JSON'
{"items": [
  {"full_name": "ann/old", "description": "A Database", "stargazers_count": 900, "created_at": "2020-01-01T00:00:00Z",
   "pushed_at": "2026-03-01T10:00:00Z", "language": "C", "topics": ["sql", "database"]},
  {"full_name": "zed/marl", "description": null, "stargazers_count": 100, "created_at": "2026-02-27T00:00:00Z",
   "pushed_at": "2026-02-28T00:00:00Z", "language": "Rust", "topics": []},
  {"full_name": "bob/tide", "description": "Waves, in C", "stargazers_count": 500, "created_at": "2026-03-01T23:59:59Z",
   "pushed_at": "2026-03-01T23:59:59Z", "language": null, "topics": ["sql"]}
]}
JSON
  echo '<h1>Marl</h1>' >"$world/day1/api.github.localhost/repos/zed/marl/readme.html"
  start_sim --world "$world"
}

# headers_of HOST/PATH [CURL ARGUMENT...]: the answer's headers, one a line, names in lower case
headers_of() {
  get "$@" --output /dev/null --dump-header - | tr -d '\r' | sed 's/^[^:]*:/\L&/'
}

# statuses: those of all requests so far, in order
statuses() {
  control log | jq --raw-output '.status' | paste --serial --delimiters ' '
}

@test "a wrong service of a world is told and exits 2" {
  local folder=$BATS_TEST_TMPDIR/wrong services expected
  mkdir "$folder"
  while IFS='|' read -r services expected; do
    echo "{\"days\": [\"2026-03-02T08:00:00Z\"], \"rules\": [], \"services\": {\"a.localhost\": $services}}" >"$folder/world.json"
    run timeout 20 "$COURANT_SIM" --world "$folder"
    echo "$services: $status: $output"
    [[ $status -eq 2 && $output == *"world.json: services: a.localhost: $expected"* ]]
  done <<'TABLE'
{}|names no protocol
5|names no protocol
{"protocol": "gopher"}|protocol: expected
{"protocol": "github", "request": 1}|"request" is unknown
{"protocol": "github", "requests": "1"}|"requests" is unknown or of the wrong type
{"protocol": "github", "requests": 1}|requests without window_s
{"protocol": "github", "core_requests": 1, "window_s": 5}|core_requests without core_window_s
{"protocol": "openai", "tokens_per_window": 1}|tokens_per_window without window_s
{"protocol": "openai", "input_price": -1}|"input_price" is unknown or of the wrong type
{"protocol": "openai", "tokens": 0.5}|"tokens" is unknown or of the wrong type
TABLE
}

@test "Mastodon: lists by limit and offset, errors in JSON, validators" {
  make_world '{"m1.localhost": {"protocol": "mastodon"}}'
  local path expected
  while read -r path expected; do
    echo "$path"
    [ "$(get "m1/api/v1/$path" | jq --compact-output '[length, .[0].id // .[0].title]')" = "$expected" ]
  done <<'TABLE'
trends/statuses [20,"0"]
trends/statuses?limit=40&offset=40 [10,"40"]
trends/statuses?limit=1000&offset=5 [40,"5"]
trends/statuses?offset=50 [0,null]
trends/statuses?limit=x&offset=-1 [20,"0"]
trends/links [10,"0"]
trends/links?limit=40 [20,"0"]
TABLE
  [ "$(get m1/api/v1/timelines/public --include | tr -d '\r' | sed -n '1p;$p' | paste -sd' ')" = 'HTTP/1.1 404 Not Found {"error":"Record not found"}' ]
  [[ $(get m1/api/v1/trends/statuses) == *"http://m1.localhost:$sim_port/0"* ]]
  [ "$(get m1/about.html)" = '<p>a page' ]
  [ "$(status_of m1/api/v1/trends/statuses --data x)" = 405 ]
  run headers_of m1/api/v1/trends/statuses
  [[ $output == *$'\ncontent-type: application/json'* && $output != *x-ratelimit* ]]
  local etag=${output#*etag: }
  [ "$(status_of m1/api/v1/trends/statuses --header "If-None-Match: ${etag%%$'\n'*}")" = 304 ]
  echo '[{' >"$world/day1/m1.localhost/api/v1/trends/links.json"
  [[ $(get m1/api/v1/trends/links) == "the world's file m1.localhost/api/v1/trends/links.json:"* ]]
}

@test "Mastodon: its API has a limit, its pages have none; a token is known" {
  make_world '{"m1.localhost": {"protocol": "mastodon", "requests": 2, "window_s": 600}, "m2.localhost": {"protocol": "mastodon", "requests": 1, "window_s": 1}}'
  run headers_of m1/api/v1/trends/links --header 'Authorization: Bearer abc'
  [[ $output == *$'\nx-ratelimit-limit: 2\nx-ratelimit-remaining: 1\n'* ]]
  [[ $output =~ x-ratelimit-reset:\ 20[0-9-]+T[0-9:.]+Z ]]
  [ "$(get m1/api/v1/trends/links --header 'Authorization: Bearer wrong')" = '{"error":"The access token is invalid"}' ]
  run headers_of m1/api/v1/trends/links
  [[ $output == *" 429 "*$'\nx-ratelimit-remaining: 0\n'* && $output != *retry-after* ]]
  [ "$(status_of m1/about.html)" = 200 ]
  [ "$(status_of m2/api/v1/trends/links)" = 404 ]
  [ "$(statuses)" = '200 401 429 200 404' ]
  [ "$(control log | jq --compact-output --slurp 'map(.authorized)')" = '[true,null,null,null,null]' ]
  [[ $(control log) != *abc* && $(control log) != *wrong* ]]
  # A window of a second ends.
  until [ "$(status_of m2/api/v1/trends/links)" = 404 ]; do kill -0 "${sim_pid:?}"; done
}

reddit_services='{"oauth.reddit.localhost": {"protocol": "reddit", "requests": 3, "window_s": 60},
  "www.reddit.localhost": {"protocol": "reddit-www", "requests": 1, "window_s": 60, "api": "oauth.reddit.localhost"}}'

# reddit_token: a new one
reddit_token() {
  get www.reddit/api/v1/access_token --user id:secret --data grant_type=client_credentials | jq --raw-output .access_token
}

@test "Reddit: a client's id and secret get a token, others none" {
  make_world "$reddit_services"
  local arguments
  for arguments in '--user id:wrong' '--user wrong:secret' '--user id:' '--user :secret' '' '--oauth2-bearer x'; do
    # shellcheck disable=SC2086
    [ "$(get www.reddit/api/v1/access_token $arguments --data grant_type=client_credentials)" = '{"message":"Unauthorized","error":401}' ]
  done
  [ "$(status_of www.reddit/api/v1/access_token --user id:secret --data grant_type=password)" = 401 ]
  [ "$(status_of www.reddit/api/v1/access_token --user id:secret)" = 404 ]
  run get www.reddit/api/v1/access_token --user id:secret --data grant_type=client_credentials
  [ "$(jq --compact-output 'del(.access_token)' <<<"$output")" = '{"token_type":"bearer","expires_in":86400,"scope":"*"}' ]
  [ "$(reddit_token)" != "$(reddit_token)" ]
  [ "$(control log | jq --slurp --compact-output 'map([.method, .status, .authorized])[5:9]')" = \
    '[["POST",401,null],["POST",401,null],["GET",404,null],["POST",200,true]]' ]
  [[ $(control log) != *secret* ]]
}

@test "Reddit: the API wants a token of ours and an honest name, and tells its limit" {
  make_world "$reddit_services"
  local token named=(--user-agent 'linux:tester:1 (by /u/ann)')
  token=$(reddit_token)
  [ "$(get oauth.reddit/r/linux/hot --user-agent curl/8 --oauth2-bearer "$token")" = '{"message":"Too Many Requests","error":429}' ]
  [ "$(status_of oauth.reddit/r/linux/hot --user-agent '' --oauth2-bearer "$token")" = 429 ]
  [ "$(status_of oauth.reddit/r/linux/hot "${named[@]}")" = 401 ]
  [ "$(get oauth.reddit/r/linux/hot "${named[@]}" --oauth2-bearer other)" = '{"message":"Unauthorized","error":401}' ]
  [ "$(get 'oauth.reddit/r/Linux/new?limit=4&raw_json=1' "${named[@]}" --oauth2-bearer "$token" |
    jq --compact-output '[.kind, (.data.children | length), .data.children[0].data.name]')" = '["Listing",4,"t3_linux0"]' ]
  [ "$(get oauth.reddit/r/programming/hot "${named[@]}" --oauth2-bearer "$token" | jq '.data.children | length')" = 25 ]
  run headers_of oauth.reddit/r/nowhere/hot "${named[@]}" --oauth2-bearer "$token"
  [[ $output == *" 404 "*$'\nx-ratelimit-used: 3\nx-ratelimit-remaining: 0.0\nx-ratelimit-reset: '[56]?$'\n'* ]]
  [[ $output != *retry-after* ]]
  run headers_of oauth.reddit/r/linux/hot "${named[@]}" --oauth2-bearer "$token"
  [[ $output == *" 429 "*$'\nx-ratelimit-remaining: 0.0\n'*$'\nretry-after: '[56]?$'\n'* ]]
  [ "$(statuses)" = '200 429 429 401 401 200 200 404 429' ]
  [[ $(control log) != *"$token"* ]]
}

@test "Reddit: everybody's feed is Atom, newest first, once a window; a feed token lifts that" {
  make_world "$reddit_services"
  local feed=$BATS_TEST_TMPDIR/feed.xml
  run headers_of www.reddit/r/linux+programming+nowhere/.rss
  [[ $output == *" 200 "*$'\nx-ratelimit-remaining: 0.0\n'* && $output == *$'\ncontent-type: application/atom+xml'* ]]
  [ "$(status_of www.reddit/r/linux/.rss)" = 429 ]
  [ "$(status_of 'www.reddit/r/linux/.rss?feed=&user=ann')" = 429 ]
  [ "$(status_of 'www.reddit/r/nowhere/.rss?feed=hush&user=ann')" = 404 ]
  get 'www.reddit/r/linux/new/.rss?user=ann&feed=hush&limit=100' >"$feed"
  xmllint --noout "$feed"
  [ "$(xmllint --xpath 'count(//*[local-name()="entry"])' "$feed")" = 28 ]
  [ "$(xmllint --xpath 'string(//*[local-name()="entry"][28]/*[local-name()="id"])' "$feed")" = t3_linux0 ]
  get 'www.reddit/r/linux+programming/.rss?user=ann&feed=hush' >"$feed"
  xmllint --noout "$feed"
  [ "$(xmllint --xpath 'count(//*[local-name()="entry"])' "$feed")" = 25 ]
  local entry='//*[local-name()="entry"][1]' part
  while IFS='|' read -r part expected; do
    run xmllint --xpath "string($entry$part)" "$feed"
    echo "$part: $output"
    # shellcheck disable=SC2053
    [[ $output == $expected ]]
  done <<TABLE
/*[local-name()="id"]|t3_programming29
/*[local-name()="title"]|programming <29> & more
/*[local-name()="author"]/*[local-name()="name"]|/u/ann
/*[local-name()="category"]/@term|programming
/*[local-name()="link"]/@href|https://www.reddit.com/r/programming/comments/29/x/
/*[local-name()="updated"]|2026-03-01T21:21:27Z
/*[local-name()="content"]/@type|html
/*[local-name()="content"]|*<a href="http://www.a.localhost:$sim_port/?a=1&amp;b=29">\[link\]</a>*
TABLE
  [ "$(control log | jq --compact-output --slurp 'map([.status, .authorized, .query])[2:4]')" = \
    '[[429,null,"feed=withheld&user=ann"],[404,true,"feed=withheld&user=ann"]]' ]
  [[ $(control log) != *hush* ]]
}

@test "GitHub: a search finds what all its words and qualifiers say" {
  make_world '{"api.github.localhost": {"protocol": "github"}}'
  local query expected
  while IFS='|' read -r query expected; do
    run get "api.github/search/repositories?$query"
    echo "$query: $output"
    [ "$(jq --compact-output 'if .items then [.total_count, (.items | map(.full_name[0:3]) | join(" "))] else .message end' <<<"$output")" = "$expected" ]
  done <<'TABLE'
q=stars:%3E100&sort=stars&order=desc|[2,"ann bob"]
q=stars:%3E%3D100+forks:0|[0,""]
q=stars:%3E%3D100&sort=stars&order=asc|[3,"zed bob ann"]
q=stars:100|[1,"zed"]
q=stars:%3C%3D500|[2,"zed bob"]
q=stars:%3E0%20created:%3E%3D2026-02-27|[2,"zed bob"]
q=created:%3E2026-02-27|[1,"bob"]
q=pushed:%3E%3D2026-03-01|[2,"ann bob"]
q=topic:sql|[2,"ann bob"]
q=topic:sql+language:c|[1,"ann"]
q=DATAbase|[1,"ann"]
q=in+c+tide|[1,"bob"]
q=stars:%3E0&per_page=2|[3,"ann zed"]
q=stars:%3E0&per_page=2&page=2|[3,"bob"]
q=stars:%3E0+colour:red|"Validation Failed"
sort=stars|"Validation Failed"
TABLE
  [ "$(get 'api.github/search/repositories?q=topic:sql' | jq .incomplete_results)" = false ]
  [ "$(status_of 'api.github/search/repositories?q=colour:red')" = 422 ]
  [ "$(get api.github/repos/zed/marl/readme --header 'Accept: application/vnd.github.html+json')" = '<h1>Marl</h1>' ]
  [ "$(status_of api.github/repos/zed/marl/readme)" = 404 ]
  [ "$(get api.github/repos/zed/none/readme --header 'Accept: text/html' | jq --raw-output .message)" = 'Not Found' ]
  [ "$(status_of api.github/repos/zed/marl/readme --user-agent '')" = 403 ]
  local etag
  etag=$(get 'api.github/search/repositories?q=topic:sql' --output /dev/null --write-out '%header{etag}')
  [ "$(status_of 'api.github/search/repositories?q=topic:sql' --header "If-None-Match: $etag")" = 304 ]
  [ "$(status_of 'api.github/search/repositories?q=topic:c' --header "If-None-Match: $etag")" = 200 ]
}

@test "GitHub: search and the rest have limits of their own, a token lifts both" {
  make_world '{"api.github.localhost": {"protocol": "github", "requests": 2, "window_s": 60, "core_requests": 1, "core_window_s": 3600}}'
  local search='api.github/search/repositories?q=c' core=api.github/repos/zed/marl/readme
  run headers_of "$search"
  [[ $output == *$'\nx-ratelimit-limit: 2\nx-ratelimit-used: 1\nx-ratelimit-remaining: 1\n'*$'\nx-ratelimit-resource: search\n'* ]]
  local reset=${output#*x-ratelimit-reset: }
  ((${reset%%$'\n'*} - EPOCHSECONDS > 50 && ${reset%%$'\n'*} - EPOCHSECONDS <= 61))
  run headers_of "$core"
  [[ $output == *" 404 "*$'\nx-ratelimit-limit: 1\n'*$'\nx-ratelimit-remaining: 0\n'*$'\nx-ratelimit-resource: core\n'* ]]
  [ "$(status_of "$search")" = 200 ]
  run get "$search" --include
  [[ $output == *" 403 "*x-ratelimit-remaining:\ 0*'"API rate limit exceeded for 127.0.0.1.'* && $output != *[Rr]etry-[Aa]fter* ]]
  [ "$(status_of "$core")" = 403 ]
  [ "$(get "$search" --oauth2-bearer wrong | jq --raw-output .message)" = 'Bad credentials' ]
  run headers_of "$search" --oauth2-bearer token
  [[ $output == *" 200 "*$'\nx-ratelimit-limit: 30\n'* ]]
  run headers_of "$core" --oauth2-bearer token --header 'Accept: application/vnd.github.html+json'
  [[ $output == *" 200 "*$'\nx-ratelimit-limit: 5000\n'* ]]
  [ "$(statuses)" = '200 404 200 403 403 401 200 200' ]
  [ "$(control log | jq --slurp --compact-output 'map(.authorized)[5:]')" = '[null,true,true]' ]
}

# complete BODY [CURL ARGUMENT...]: a call of the language model
complete() {
  get llm/v1/chat/completions --oauth2-bearer sesame --header 'Content-Type: application/json' --data "$@"
}

score_call='{"model": "tiny", "messages": [{"role": "system", "content": "Score."}, {"role": "user", "content": "a lock that waits for the tide"}],
  "max_completion_tokens": 400, "response_format": {"type": "json_schema", "json_schema": {"name": "score", "strict": true, "schema":
  {"type": "object", "properties": {"score": {"type": "number", "minimum": 0, "maximum": 1}, "reason": {"type": ["string", "null"], "maxLength": 12},
   "topics": {"type": "array", "items": {"enum": ["c", "cpp"]}, "minItems": 2, "maxItems": 2}, "rank": {"type": "integer", "minimum": -3, "maximum": -1},
   "is_news": {"type": "boolean"}, "sentences": {"type": "array", "items": {"type": "object", "properties": {"text": {"type": "string"}}}}}}}}}'

@test "a language model answers by the schema, the same to equal calls, with usage" {
  make_world '{"llm.localhost": {"protocol": "openai", "input_price": 2.5, "output_price": 10}}'
  run complete "$score_call"
  jq --exit-status '.object == "chat.completion" and .model == "tiny" and .choices[0].finish_reason == "stop" and .created == 1772438400' <<<"$output"
  local content
  content=$(jq --raw-output '.choices[0].message.content' <<<"$output")
  echo "$content"
  jq --exit-status '(.score >= 0 and .score <= 1) and (.reason | length <= 12) and (.topics | length == 2 and all(. == "c" or . == "cpp"))
    and (.rank | IN(-3, -2, -1)) and (.is_news | type == "boolean") and (.sentences | length | IN(1, 2, 3))
    and (.sentences | all(.text as $text | "a lock that waits for the tide" | contains($text)))' <<<"$content"
  [ "$(complete "$score_call")" = "$output" ]
  [ "$(complete "${score_call/Score./Score it.}" | jq .id)" != "$(jq .id <<<"$output")" ]
  jq --exit-status --argjson bytes "${#score_call}" --argjson answer "${#content}" '.usage.prompt_tokens == ($bytes / 4 | ceil)
    and .usage.completion_tokens == ($answer / 4 | ceil) and .usage.total_tokens == .usage.prompt_tokens + .usage.completion_tokens' <<<"$output"
  [ "$(complete "${score_call/400/5}" | jq --compact-output '[.choices[0].finish_reason, (.choices[0].message.content | length), .usage.completion_tokens]')" = '["length",20,5]' ]
  [[ $(complete '{"model": "tiny", "messages": [{"role": "user", "content": [{"type": "text", "text": "one two"}]}]}' |
    jq --raw-output '.choices[0].message.content') == "one two" ]]
  [ "$(get llm/v1/models --oauth2-bearer sesame | jq --raw-output '.data[0].id')" = gpt-5-nano ]
}

@test "a language model refuses what is no call of it" {
  make_world '{"llm.localhost": {"protocol": "openai"}}'
  local body code
  while IFS='|' read -r body code; do
    run get llm/any/base/chat/completions --oauth2-bearer sesame --data "$body" --write-out '|%{http_code}'
    echo "$body: $output"
    [[ ${output##*|} == "$code" ]]
    [ "$(jq --raw-output '.error | has("message") and has("type") and has("param") and has("code")' <<<"${output%|*}")" = true ]
  done <<'TABLE'
{|400
[]|400
{"messages": [{"role": "user", "content": "x"}]}|400
{"model": "m"}|400
{"model": "m", "messages": []}|400
{"model": "m", "messages": [{"content": "x"}]}|400
{"model": "m", "messages": [{"role": "user", "content": 5}]}|400
{"model": "m", "messages": [{"role": "user", "content": "x"}], "max_tokens": 0}|400
{"model": "m", "messages": [{"role": "user", "content": "x"}], "response_format": {"type": "json_schema"}}|400
{"model": "wrong", "messages": [{"role": "user", "content": "x"}]}|404
TABLE
  [ "$(get llm/v1/chat/completions --data "$score_call" | jq --raw-output .error.code)" = invalid_api_key ]
  [ "$(status_of llm/v1/chat/completions --oauth2-bearer wrong --data "$score_call")" = 401 ]
  [ "$(status_of llm/v1/models)" = 401 ]
  [ "$(status_of llm/v1/nothing --oauth2-bearer sesame)" = 404 ]
  [[ $(control log) != *sesame* && $(control bill) == '{"calls":0,"tokens":0,"micros":0,"by_model":{}}' ]]
}

@test "a language model bills what it answered, whether that arrived or not" {
  make_world '{"llm.localhost": {"protocol": "openai", "tokens": 2000, "input_price": 2.5, "output_price": 10}}'
  control script --data '[{"times": 1, "status": 500}, {"times": 1, "truncate": 5}, {"times": 1, "reset": true}, {"times": 1, "status": 429}]'
  for _ in 1 2 3 4; do complete "$score_call" || true; done
  run complete "$score_call"
  local micros
  micros=$(jq '.usage | if .total_tokens == 2000 then .prompt_tokens * 2.5 + .completion_tokens * 10 | ceil else "total" end' <<<"$output")
  [ "$(control log | jq --slurp --compact-output 'map([.status, .billed_micros, .tokens])')" = \
    "[[500,null,2000],[200,$micros,2000],[0,$micros,2000],[429,null,2000],[200,$micros,2000]]" ]
  [ "$(control log | jq --slurp 'map(.body_sha256) | unique | length')" = 1 ]
  [ "$(control log | jq --slurp --raw-output '.[0].body_sha256')" = "$(printf %s "$score_call" | sha256sum | cut -d' ' -f1)" ]
  [ "$(control bill)" = "{\"calls\":3,\"tokens\":6000,\"micros\":$((3 * micros)),\"by_model\":{\"tiny\":{\"calls\":3,\"tokens\":6000,\"micros\":$((3 * micros))}}}" ]
  control reset --request POST
  [ "$(control bill | jq .calls)" = 0 ]
}

@test "a language model counts requests and tokens in windows of their own" {
  make_world '{"llm.localhost": {"protocol": "openai", "requests": 3, "window_s": 60},
    "slow.localhost": {"protocol": "openai", "tokens": 400, "tokens_per_window": 900, "requests": 9, "window_s": 90}}'
  local url=slow/v1/chat/completions
  run headers_of "$url" --oauth2-bearer a --data "$score_call"
  [[ $output == *" 200 "*$'\nx-ratelimit-limit-tokens: 900\nx-ratelimit-remaining-tokens: 500\nx-ratelimit-reset-tokens: 1m30s\n'* ]]
  [[ $output == *$'\nx-ratelimit-limit-requests: 9\nx-ratelimit-remaining-requests: 8\nx-ratelimit-reset-requests: 1m30s\n'* ]]
  [ "$(status_of "$url" --oauth2-bearer a --data "$score_call")" = 200 ]
  run headers_of "$url" --oauth2-bearer a --data "$score_call"
  [[ $output == *" 429 "*$'\nretry-after-ms: '[89]????$'\nretry-after: '[89]?$'\n'*$'\nx-ratelimit-remaining-tokens: 100\n'* ]]
  [[ $output == *$'\nx-ratelimit-remaining-requests: 7\n'* ]]
  for _ in 1 2 3; do [ "$(complete "$score_call" | jq .error)" = null ]; done
  [ "$(complete "$score_call" | jq --compact-output '[.error.type, .error.code]')" = '["requests","rate_limit_exceeded"]' ]
  [ "$(status_of llm/v1/models --oauth2-bearer a)" = 200 ]
  [ "$(control log | jq --slurp --compact-output 'map([.status, .counted])')" = \
    '[[200,"requests"],[200,"requests"],[429,"requests"],[200,"requests"],[200,"requests"],[200,"requests"],[429,"requests"],[200,null]]' ]
}

@test "chance delays by request and seed" {
  start_sim
  local seed times=()
  for seed in 1 1 2; do
    control script --data "[{\"jitter_ms\": 900, \"seed\": $seed}]"
    times+=("$(for path in a b c d e f; do get "x/$path" --output /dev/null --write-out '%{time_starttransfer}\n' & done | sort -n | tail -n 1)")
  done
  echo "${times[*]}"
  jq --null-input --exit-status --argjson first "${times[0]}" --argjson again "${times[1]}" --argjson other "${times[2]}" \
    '(($first - $again) | fabs) < 0.2 and $first > 0.1 and $first < 1.2 and $first != $other'
}

@test "a part of all requests is the same part however often they come" {
  start_sim
  local seed drawn=()
  for seed in 1 1 2; do
    control script --data "[{\"percent\": 40, \"seed\": $seed, \"status\": 503}]"
    drawn+=("$(for path in {a..x}; do status_of "x/$path"; done | tr '\n' ' ')")
  done
  echo "${drawn[@]}"
  [ "${drawn[0]}" = "${drawn[1]}" ]
  [ "${drawn[0]}" != "${drawn[2]}" ]
  [[ ${drawn[0]} == *404* && ${drawn[0]} == *503* ]]
  control script --data '[{"percent": 0, "status": 503}]'
  [ "$(status_of x/a)" = 404 ]
}

@test "rules reach services and methods" {
  make_world "$reddit_services"
  control script --data '[{"method": "POST", "times": 1, "status": 503}]'
  [ "$(status_of www.reddit/r/linux/.rss)" = 200 ]
  [ "$(status_of www.reddit/api/v1/access_token --user id:secret --data grant_type=client_credentials)" = 503 ]
  [ "$(status_of www.reddit/api/v1/access_token --user id:secret --data grant_type=client_credentials)" = 200 ]
  [ "$(control log | jq --slurp --compact-output 'map([.method, .fault])')" = '[["GET",null],["POST","status"],["POST",null]]' ]
}

@test "the workspace of a world is served with this server's port" {
  make_world '{}'
  [ "$(control workspace)" = "sources: [{feed: {url: \"http://www.a.localhost:$sim_port/feed.xml\"}}]" ]
}

# read_posts: the id of every post of a world made of posts, as the communities' own interfaces give it
read_posts() {
  local host offset token named=(--user-agent tester/1)
  while read -r host; do
    for ((offset = 0; offset < 400; offset += 40)); do
      get "$host/api/v1/trends/statuses?limit=40&offset=$offset" | jq --raw-output '.[].uri'
    done
  done < <(control workspace | grep -oE '\bm[0-9]+\.localhost' | sed 's/\.localhost//')
  get hn/v0/topstories.json | jq --raw-output '.[]' | sed "s|.*|url = \"http://hn.localhost:$sim_port/v0/item/&.json\"|" |
    curl --silent --noproxy '*' --config - | jq --raw-output .id
  token=$(reddit_token)
  while read -r host; do
    get "oauth.reddit/r/$host/hot?limit=100" "${named[@]}" --oauth2-bearer "$token" | jq --raw-output '.data.children[].data.name'
  done < <(control workspace | sed -n 's/.*subreddits: \[\(.*\)\].*/\1/p' | tr ',' '\n' | tr -d ' ')
  get 'api.github/search/repositories?q=stars:%3E0&per_page=100' | jq --raw-output '.items[].full_name'
}

@test "posts are a world: each by the interface of its community, as that says it" {
  cat >"$BATS_TEST_TMPDIR/posts.ndjson" <<'NDJSON'
{"when": "2026-03-01T10:00:00.25+00:00", "text": "Tides & <locks>\n\nSee https://a.example/x?a=1&b=2. Cut https://b.exam", "length": 900, "source": "mastodon", "metadata": {"instance": "https://one.example", "created_at": "2026-03-01T09:00:00.000Z", "language": "en", "favourites_count": 7, "reblogs_count": 3, "replies_count": 1}}
{"when": "2026-03-01T11:00:00+00:00", "text": "Ask: why?\n\nBecause<p>of &quot;it&quot;", "length": 31, "source": "reddit", "metadata": {"story_type": "story", "time": 1772352000, "score": 12, "comments": 4}}
{"when": "2026-03-02T06:00:00.75+00:00", "text": "A lock", "length": 6, "source": "reddit", "metadata": {"subreddit": "Linux", "created_utc": 1772352001.0, "score": 9, "num_comments": 2, "is_self": false, "over_18": false, "upvote_ratio": 0.9}}
{"when": "2026-03-01T12:00:00+00:00", "text": "marl\n\nLocks", "length": 11, "source": "github", "metadata": {"stars": 500, "forks": 20, "watchers": 500, "language": null, "topics": ["c"], "open_issues": 3}}
NDJSON
  start_sim --posts "$BATS_TEST_TMPDIR/posts.ndjson"
  [ "$(control world)" = '{"day":1,"days":[{"day":1,"now_ms":1772431200000}]}' ]
  [ "$(read_posts | wc -l)" -eq 4 ]
  [ "$(get m1/api/v1/trends/statuses | jq --raw-output '.[0].content')" = \
    '<p>Tides &amp; &lt;locks&gt;</p><p>See <a href="https://a.example/x?a=1&amp;b=2" target="_blank" rel="nofollow noopener">https://a.example/x?a=1&amp;b=2</a>. Cut https://b.exam</p>' ]
  [ "$(get m1/api/v1/trends/statuses | jq --compact-output '.[0] | [.created_at, .language, .favourites_count, .reblogs_count, .replies_count]')" = \
    '["2026-03-01T09:00:00.000Z","en",7,3,1]' ]
  [ "$(get m1/api/v1/trends/links)" = '[]' ]
  [ "$(get hn/v0/item/900000002.json | jq --compact-output '[.title, .text, .time, .score, .descendants]')" = \
    '["Ask: why?","Because<p>of &quot;it&quot;",1772352000,12,4]' ]
  [ "$(get www.reddit/r/linux/.rss | xmllint --xpath 'string(//*[local-name()="entry"]/*[local-name()="title"])' -)" = 'A lock' ]
  [ "$(get 'api.github/search/repositories?q=marl+created:%3E%3D2026-03-01' | jq --compact-output \
    '.items[0] | [.name, .description, .stargazers_count, .forks_count, .language, .topics, .pushed_at]')" = \
    '["marl","Locks",500,20,null,["c"],"2026-03-01T12:00:00Z"]' ]
}

@test "a wrong file of posts is told with its line" {
  local posts=$BATS_TEST_TMPDIR/posts.ndjson line
  local good='{"when": "2026-03-01T10:00:00Z", "text": "x", "metadata": {"stars": 1}}'
  for line in '{' '5' '{"when": "today", "text": "x", "metadata": {"stars": 1}}' '{"when": "2026-03-01T10:00:00Z", "text": "x", "metadata": {"instance": 1}}'; do
    printf '%s\n%s\n' "$good" "$line" >"$posts"
    run timeout 20 "$COURANT_SIM" --posts "$posts"
    echo "$line: $output"
    [[ $status -eq 2 && ${#lines[@]} -eq 1 && $output == "courant-sim: $posts:2: "* ]]
  done
}

@test "every one of the real posts can be reached" {
  [[ -d ${COURANT_SHARED:-} ]] || skip "COURANT_SHARED is not set"
  start_sim --posts "$COURANT_SHARED/data/scores/scores.ndjson"
  read_posts >"$BATS_TEST_TMPDIR/ids"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/ids")" -eq "$(wc -l <"$COURANT_SHARED/data/scores/scores.ndjson")" ]
  [ -z "$(sort "$BATS_TEST_TMPDIR/ids" | uniq --repeated)" ]
}

@test "it ends cleanly when told to, whatever is under way" {
  local port_file=$BATS_TEST_TMPDIR/port signal
  for signal in TERM INT; do
    start_sim --latency 60000 --port-file "$port_file"
    [ "$(cat "$port_file")" = "$sim_port" ]
    curl --silent --noproxy '*' "http://a.localhost:$sim_port/" >/dev/null 3>&- &
    local waiting=$!
    until [[ $(control log) == *'"host":"a.localhost"'* ]]; do kill -0 "$waiting"; done
    kill -"$signal" "${sim_pid:?}"
    wait "$sim_pid"
    run wait "$waiting"
    [ "$status" -ne 0 ]
  done
}

# message [CURL ARGUMENT...]: what Anthropic's interface answers
message() {
  get claude/v1/messages --header 'x-api-key: sesame' --header 'anthropic-version: 2023-06-01' --data "$@"
}

@test "a model behind Anthropic's interface: by schema, by tool, by words; refusals of its own, a bill" {
  make_world '{"claude.localhost": {"protocol": "anthropic", "requests": 5, "window_s": 60, "input_price": 1, "output_price": 5}}'
  local schema='{"type": "object", "properties": {"score": {"type": "number"}}, "required": ["score"], "additionalProperties": false}'
  local call='"max_tokens": 100, "messages": [{"role": "user", "content": "one two three"}]'
  local tool="\"tools\": [{\"name\": \"answer\", \"input_schema\": $schema}], \"tool_choice\": {\"type\": \"tool\", \"name\": \"answer\"}"
  run message "{\"model\": \"claude-haiku-5-5\", $call, \"output_config\": {\"format\": {\"type\": \"json_schema\", \"schema\": $schema}}}"
  [ "$(jq -r '[.stop_reason, (.content[-1].text | fromjson | .score | type)] | join(" ")' <<<"$output")" = "end_turn number" ]
  [ "$(jq '.usage | .input_tokens + .cache_read_input_tokens + .output_tokens' <<<"$output")" = "$(control bill | jq .tokens)" ]
  run message "{\"model\": \"claude-3-haiku\", $call, $tool}"
  [ "$(jq -r '[.stop_reason, (.content[-1].input.score | type)] | join(" ")' <<<"$output")" = "tool_use number" ]
  run message "{\"model\": \"m\", $call}"
  [ "$(jq -r '.content[-1].type' <<<"$output")" = text ]
  [ "$(message "{\"model\": \"m\", $call, $tool}" | jq -r .error.type)" = invalid_request_error ]
  [ "$(message "{\"model\": \"claude-3-haiku\", $call, \"output_config\": {}}" | jq -r .error.message)" = \
    "output_config: Extra inputs are not permitted" ]
  [ "$(message '{"model": "m", "messages": [{"role": "user", "content": "x"}]}' | jq -r .error.message)" = "max_tokens: Field required" ]
  [ "$(message "{\"model\": \"wrong\", $call}" | jq -r .error.type)" = not_found_error ]
  [ "$(status_of claude/v1/messages --header 'x-api-key: wrong' --data "{}")" = 401 ]
  [ "$(status_of claude/v1/messages --header 'x-api-key: a' --data "{}")" = 400 ]
  [ "$(status_of claude/v1/models --header 'x-api-key: a' --header 'anthropic-version: 2023-06-01')" = 200 ]
  run headers_of claude/v1/messages --header 'x-api-key: a' --header 'anthropic-version: 2023-06-01' --data "{\"model\": \"m\", $call}"
  [[ $output == *$'\nanthropic-ratelimit-requests-limit: 5\nanthropic-ratelimit-requests-remaining: 1\nanthropic-ratelimit-requests-reset: 2'*Z* ]]
  message "{\"model\": \"m\", $call}" >/dev/null
  [ "$(message "{\"model\": \"m\", $call}" | jq -r .error.type)" = rate_limit_error ]
  [[ $(control log) != *sesame* ]]
}

@test "an endpoint that lacks what its path says, and answers a schema told in words within words" {
  make_world '{"llm.localhost": {"protocol": "openai"}}'
  local told='"messages": [{"role": "system", "content": "Hold to this JSON Schema: {\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}"}, {"role": "user", "content": "x"}]'
  local format='"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}'
  while IFS='|' read -r path more message; do
    run get "llm/$path/v1/chat/completions" --oauth2-bearer a --data "{\"model\": \"m\", $told, $more}"
    echo "$path: $output"
    [[ $(jq -r .error.message <<<"$output") == *"$message"* ]]
  done <<TABLE
without-json_schema|$format|'json_schema'
without-response_format|$format|'response_format'
without-max_completion_tokens|"max_completion_tokens": 50|'max_completion_tokens'
without-json_object|"response_format": {"type": "json_object"}|'json_object'
TABLE
  run get llm/without-json_schema/v1/chat/completions --oauth2-bearer a --data "{\"model\": \"m\", $told, \"response_format\": {\"type\": \"json_object\"}}"
  [ "$(jq -r '.choices[0].message.content | fromjson | .a | type' <<<"$output")" = number ]
  run get llm/without-response_format/v1/chat/completions --oauth2-bearer a --data "{\"model\": \"m\", $told}"
  [[ $(jq -r '.choices[0].message.content' <<<"$output") == "<think>"*"</think>"*'```json'*'{"a":'* ]]
}
