# A run that was broken off: what goes on with it, and what begins anew. tests/kill/ has the breaking off itself.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  now=2026-03-02T08:00:00Z
  work=$BATS_TEST_TMPDIR/work
  start_sim --no-limits
  make_hasty_workspace "$work"
}

teardown() {
  stop_sim
}

# make_hasty_workspace FOLDER: one that does not wait for the limits it may have used up before it was killed
make_hasty_workspace() {
  make_workspace "$1"
  sed -i -E 's/- (github|reddit|mastodon): *\{/&requests_per_minute: 600, /' "$1/courant.yaml"
}

# cut WRITES FOLDER COMMAND [ARGUMENT...]: killed at its WRITES-th change of the disk, where it has some answers and lacks others
cut() {
  run -137 env LD_PRELOAD="$COURANT_SHIM" COURANT_FAULT="disk:kill:$1:$1" "$COURANT" "$3" -q -C "$2" "${@:4}"
  [ "$(ask_store "$2" "SELECT state FROM runs ORDER BY id DESC LIMIT 1")" = running ]
}

ask_store() {
  sqlite3 "$1/data/courant.db" "$2"
}

# forbid_pages FOLDER: a page that the store holds is a 500 from now on
forbid_pages() {
  local rules
  rules=$(ask_store "$1" "SELECT DISTINCT url FROM exchanges WHERE source = 'sent' AND kind IN ('page', 'robots') AND outcome = 'ok'" |
    sed -E 's#^http://([^/:]*):[0-9]+([^?]*)\??(.*)#{"host": "\1", "path": "\2", "query": "\3", "status": 500}#' | paste -sd,)
  [ -n "$rules" ]
  ask_sim -X POST --data-binary "[$rules]" /_sim/script
}

# abandons REASON COMMAND [ARGUMENT...]: the open run of $work is given up, and its pages are not asked for again
abandons() {
  local reason=$1
  shift
  forbid_pages "$work"
  run -0 "$COURANT" "$1" -C "$work" "${@:2}"
  [[ $output == *"run 1 of $now was not finished and is abandoned: $reason"* ]]
  [ "$(ask_store "$work" "SELECT group_concat(state) FROM runs")" = abandoned,finished ]
}

@test "what a run needs to be continued: else it is abandoned, and its pages still serve" {
  local cut_once=$BATS_TEST_TMPDIR/cut reason change
  mv "$work" "$cut_once"
  cut 1200 "$cut_once" run --now "$now"
  while IFS='|' read -r reason change command; do
    rm -rf "$work"
    cp -r "$cut_once" "$work"
    eval "$change"
    # shellcheck disable=SC2086
    abandons "$reason" $command
    ask_sim -X POST --data-binary '[]' /_sim/script
  done <<CASES
--fresh|true|run --now $now --fresh
another --now was given|true|run --now 2026-03-02T08:30:00Z
another command was asked for|true|enrich --now $now
the configuration has changed|sed -i 's/^title: .*/title: Another/' "\$work/courant.yaml"|run --now $now
the program is another version|ask_store "\$work" "UPDATE runs SET version = '0.0.1'"|run --now $now
it is more than 6 hours old|ask_store "\$work" "UPDATE runs SET started_ms = started_ms - 6 * 3600000 - 60000"|run --now $now
it began without this recording|true|run --now $now --record $BATS_TEST_TMPDIR/new.rec
CASES
}

@test "a run is continued under other limits, workers and a log of another kind, and for nearly 6 hours" {
  cut 1200 "$work" run --now "$now"
  ask_store "$work" "UPDATE runs SET started_ms = started_ms - 6 * 3600000 + 60000"
  forbid_pages "$work"
  run -0 "$COURANT" run -C "$work" --workers 3 --log-format json
  [[ $output == *"continuing run 1 of $now"* ]]
  [ "$(ask_store "$work" "SELECT state, now_ms FROM runs")" = "finished|$(date -d "$now" +%s)000" ]
}

@test "a stage is continued by itself and abandoned by a run" {
  cut 400 "$work" collect --now "$now"
  run -0 "$COURANT" collect -C "$work" --now "$now"
  [[ $output == *"continuing run 1"* ]]
  [ "$(ask_store "$work" "SELECT group_concat(name) FROM stages")" = collect,group ]
  cut 400 "$work" enrich --now "$now"
  forbid_pages "$work"
  run -0 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"run 2 of $now was not finished and is abandoned: another command was asked for"* ]]
}

@test "a recorded run that was killed goes on with its recording" {
  cut 1200 "$work" run --now "$now" --record "$BATS_TEST_TMPDIR/run.rec"
  run -0 "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec"
  [[ $output == *"continuing run 1"* ]]
  mkdir "$BATS_TEST_TMPDIR/replay"
  "$COURANT" run -q -C "$BATS_TEST_TMPDIR/replay" --replay "$BATS_TEST_TMPDIR/run.rec"
  [ "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/replay" | sha256sum)" = "$("$COURANT" dump -C "$work" | sha256sum)" ]
  run -1 "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec"
  [[ $output == *"the file exists"* ]]
}

@test "a wrong environment begins nothing" {
  WORKER_COUNT=many run -3 "$COURANT" run -C "$work" --now "$now"
  [ ! -e "$work/data" ]
  COURANT_DATADIR=$BATS_TEST_TMPDIR run -1 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"set COURANT_DATADIR"* ]]
  [ ! -e "$work/data" ]
}

@test "pages of a run that failed before its site was built are still ours" {
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$work/courant.yaml"
  mkdir "$BATS_TEST_TMPDIR/bin"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nkill -9 $PPID\n' >"$BATS_TEST_TMPDIR/bin/hugo"
  chmod +x "$BATS_TEST_TMPDIR/bin/hugo"
  local day
  for day in 1 2; do
    ask_sim -X POST "/_sim/day?n=$day"
    run -137 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" "$COURANT" run -q -C "$work" --now "2026-03-0$((day + 1))T08:00:00Z" --fresh
    flock "$work/data/lock" true
  done
  run -0 "$COURANT" run -C "$work" --now 2026-03-03T08:00:00Z
  [[ $output != *"changed by hand"* ]]
  sed -i 's/^title: .*/title: Another title/' "$work/courant.yaml"
  run -0 "$COURANT" run -C "$work" --now 2026-03-03T09:00:00Z
  [[ $output != *"changed by hand"* ]]
}

@test "a second writer is told at once, with 75" {
  mkdir "$work/data"
  run -75 flock "$work/data/lock" "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"another"* ]]
  [ "$(ask_sim /_sim/log | wc -l)" -eq 0 ]
}
