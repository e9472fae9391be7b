# The simple commands: what they say, refuse, and how they end.
bats_require_minimum_version 1.5.0

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  export sim_port sim_pid now=2026-03-02T08:00:00Z
  export ready=$BATS_FILE_TMPDIR/ready
  make_workspace "$ready"
  "$COURANT" run -q -C "$ready" --now "$now" >/dev/null
}

teardown_file() {
  kill "$sim_pid"
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  work=$BATS_TEST_TMPDIR/work
  ask_sim -X POST --data-binary '[]' /_sim/script
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

@test "a full standard output is a failure, told on one line" {
  local command
  for command in status sources stories "why hn:45600101" dump doctor "status --json" version "version --json" help "help run" "run --help"; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr bash -c 'cd "$1" && shift && "$@" >/dev/full' - "$ready" "$COURANT" $command
    [ "$stderr" = "courant: error: cannot write to standard output" ]
  done
}

@test "a reader that has seen enough is no failure" {
  local command
  for command in dump status help; do
    run -0 bash -c 'set -o pipefail; "$@" | true' - "$COURANT" $command -C "$ready"
    [ -z "$output" ]
  done
  run -0 bash -c 'set -o pipefail; "$@" | head -n 1' - "$COURANT" dump -C "$ready"
  [ "${#lines[@]}" -eq 1 ]
}

@test "a number out of its range is refused" {
  local number
  for number in -5 0; do
    run -2 "$COURANT" stories -C "$ready" -n "$number"
    [[ $output == *"--limit takes a number from 1"* ]]
  done
  for number in 0 -1 65536; do
    run -2 "$COURANT" preview -C "$ready" --port "$number"
    [[ $output == *"--port takes a number from 1 to 65535"* ]]
  done
}

@test "only what has a document takes --json" {
  local command
  for command in dump preview help; do
    run -2 "$COURANT" "$command" --json
    [[ $output == *"Unknown option --json"* ]]
    run -0 "$COURANT" help "$command"
    [[ $output != *"--json"* ]]
  done
  run -0 "$COURANT" help stories
  [[ $output == *"--json"* ]]
}

@test "an option before the command is told where it belongs; -h and --version are words" {
  run -2 "$COURANT" -C "$ready" status
  [[ $output == *"-C: options stand behind the command"* ]]
  run -0 "$COURANT" --help
  [[ $output == *"Commands:"* ]]
  [ "$("$COURANT" -h)" = "$output" ]
  [ "$("$COURANT")" = "$output" ]
  [[ $("$COURANT" --version) == "courant "* ]]
}

@test "stories: the newest first, then the best" {
  [ "$("$COURANT" stories -C "$ready" -n 3 | wc -l)" -eq 3 ]
  "$COURANT" stories -C "$ready" --json | python3 -c '
import json, sys
stories = json.load(sys.stdin)["stories"]
assert len(stories) > 10
keys = [(s["updated"], s["score"]) for s in stories]
assert keys == sorted(keys, reverse=True), keys
assert len({k[1] for k in keys}) > 5'
}

@test "why takes the address of an article, wherever the site is read" {
  local slug address
  slug=$(sqlite3 "$ready/data/courant.db" "SELECT slug FROM articles LIMIT 1")
  for address in "$slug" "https://courant.example/posts/$slug/" "http://127.0.0.1:1313/posts/$slug/index.html"; do
    run -0 "$COURANT" why -C "$ready" "$address"
    [[ $output == *"Article: $slug" ]]
  done
}

@test "why takes the first digits of a story's id" {
  local id other
  id=$("$COURANT" stories -C "$ready" -n 1 | cut -d ' ' -f 1)
  [ "$("$COURANT" why -C "$ready" "${id:0:8}")" = "$("$COURANT" why -C "$ready" "$id")" ]
  [[ $("$COURANT" why -C "$ready" "${id:0:8}") == "Story $id"* ]]
  run -1 "$COURANT" why -C "$ready" "${id:0:3}"
  [[ $output == *"nothing is known of"* ]]
  cp -r "$ready" "$work"
  other=${id:0:7}$([[ ${id:7:1} == 0 ]] && echo 1 || echo 0)${id:8}
  sql "INSERT INTO stories(id, founded_ms, updated_ms, lead_item) SELECT '$other', founded_ms, updated_ms, lead_item FROM stories WHERE id = '$id'"
  run -1 "$COURANT" why -C "$work" "${id:0:7}"
  [[ $output == *"2 stories begin with \"${id:0:7}\""* ]]
  run -0 "$COURANT" why -C "$work" "${id:0:8}"
}

@test "status: malformed posts are no failures" {
  run -0 "$COURANT" status -C "$ready"
  [[ $output == *" malformed posts:"*"! "*45600128* ]]
  "$COURANT" status -C "$ready" --json | python3 -c '
import json, sys
run = json.load(sys.stdin)["runs"][0]
assert run["failures"] == [] and len(run["malformed"]) >= 3, run'
}

@test "status: a run whose process is gone is not running" {
  cp -r "$ready" "$work"
  sql "UPDATE runs SET state = 'running'"
  run -0 "$COURANT" status -C "$work"
  [[ ${lines[0]} == *': not finished; "courant run" continues it' ]]
  run -0 flock "$work/data/lock" "$COURANT" status -C "$work"
  [[ ${lines[0]} == *": running" ]]
}

@test "sources: how often a source failed, without its name twice" {
  make_workspace "$work"
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "html": true}]' /_sim/script
  "$COURANT" run -q -C "$work" --now "$now" >/dev/null 2>&1 || [ $? -eq 4 ]
  run -0 "$COURANT" sources -C "$work"
  [[ $output == *"): failed 1 run: "* && $output != *"source feed:"* ]]
  "$COURANT" run -q -C "$work" --now "$now" >/dev/null 2>&1 || [ $? -eq 4 ]
  run -0 "$COURANT" sources -C "$work"
  [[ $output == *"): failed 2 runs in a row: "* ]]
}

@test "a second writer is told what the first one is" {
  make_workspace "$work"
  mkdir "$work/data"
  run -75 flock "$work/data/lock" "$COURANT" run -C "$work"
  [[ $output == *"another courant works in this workspace: another process holds $work/data/lock" ]]
}

@test "doctor: a new workspace, and one that was used" {
  "$COURANT" init "$work"
  run -0 "$COURANT" doctor -C "$work" --offline
  [[ $output == *"store     note  none yet"* && $output == *"network   ok"* && $output == *"deploy    ok    $work/public"* ]]
  run -0 "$COURANT" doctor -C "$ready"
  [[ $output == *"store     ok"* ]]
}

# doctor_faults SECTION CHECK REASON: with that section in the configuration, the check finds a fault
doctor_faults() {
  make_workspace "$work"
  sed -i "/^${1%%:*}:/,\$d" "$work/courant.yaml"
  echo "$1" >>"$work/courant.yaml"
  run -1 "$COURANT" doctor -C "$work"
  [ "$(grep -c FAULT <<<"$output")" -eq 1 ]
  [[ $output == *$'\n'"$2"*"FAULT "*"$3"* ]]
}

@test "doctor: a deploy folder that must not be replaced" {
  local path
  mkdir -p "$work/mine"
  touch "$work/mine/file"
  for path in / . .. data data/site content static layouts/site assets archetypes i18n themes; do
    doctor_faults "deploy: {path: $path}" deploy "holds the workspace"
  done
  for path in mine mine/file; do
    doctor_faults "deploy: {path: $path}" deploy "no site made by courant"
  done
  mkdir "$work/empty"
  sed -i 's/^deploy:.*/deploy: {path: empty}/' "$work/courant.yaml"
  run -0 "$COURANT" doctor -C "$work"
}

@test "doctor: network rules and a bundle that cannot be read" {
  doctor_faults 'network: {allow_private: ["10.0.0.0/99"]}' network 10.0.0.0/99
  doctor_faults 'network: {ca_file: /nowhere/ca.pem}' network /nowhere/ca.pem
  doctor_faults 'network: {ca_file: ca.pem}' network "$work/ca.pem"
}

@test "preview says where the site is, and serves it there" {
  cp -r "$ready" "$work"
  sed -i 's|base_url: https://.*|base_url: https://example.org/news/|' "$work/courant.yaml"
  local port line preview_pid preview_output
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  exec {preview_output}< <(exec "$COURANT" preview -C "$work" --port "$port" 2>&1 3>&-)
  preview_pid=$!
  read -r -t 20 -u "$preview_output" line
  [ "$line" = "Serving the site at http://127.0.0.1:$port/ (Ctrl-C ends it)" ]
  while read -r -t 20 -u "$preview_output" line && [[ $line != *"Press Ctrl+C"* ]]; do :; done
  curl -sS --fail --noproxy '*' "http://127.0.0.1:$port/" >"$BATS_TEST_TMPDIR/home" || { kill "$preview_pid"; false; }
  kill "$preview_pid"
  grep -q 'The Loopback Courant' "$BATS_TEST_TMPDIR/home"
}

@test "bars fit the terminal" {
  ask_sim -X POST --data-binary '[{"delay_ms": 80}]' /_sim/script
  local size
  for size in "100 30 bars" "80 24 bars" "42 24 bars" "39 24 alone" "12 24 alone" "100 4 alone"; do
    rm -rf "$work"
    make_workspace "$work"
    # shellcheck disable=SC2086
    TERM=xterm run -0 python3 "$BATS_TEST_DIRNAME/terminal.py" $size "$COURANT" collect -C "$work" --now "$now"
  done
}
