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
[{"reset": false}]|"reset" must be true
[{"slow": {"bytes": 5}}]|slow: expected
[{"status": 200, "headers": {"A": 1}}]|headers: "A" must be a text
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
