# Killed at any moment and run again: nothing lost, nothing asked twice.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  now=2026-03-02T08:00:00Z
  start_sim --latency 5
}

teardown() {
  stop_sim
}

# asked_since LINE: host and path of what the simulator was asked after that line of its log
asked_since() {
  ask_sim /_sim/log | tail -n "+$(($1 + 1))" | sed -nE 's/.*"host":"([^"]*)".*"path":"([^"]*)".*/\1\2/p' | sort -u
}

# addresses SQL: the same of rows in the store
addresses() {
  sqlite3 "$work/data/courant.db" "SELECT url FROM exchanges WHERE source IN ('sent', 'revalidated', 'error') AND $1" |
    sed -E 's#^http://##; s#:[0-9]+/#/#; s#\?.*##' | sort -u
}

@test "killed with -9 at random moments, a run comes to the same end" {
  local reference=$BATS_TEST_TMPDIR/reference want want_site seed kills=${COURANT_KILLS:-50} i began took_ms moment_ms lines newest cut_short=0
  make_workspace "$reference"
  began=$(date +%s%3N)
  "$COURANT" run -q -C "$reference" --now "$now"
  took_ms=$(($(date +%s%3N) - began))
  want=$("$COURANT" dump -C "$reference" | sha256sum)
  want_site=$(tree_sha "$reference/public")
  seed=${COURANT_SEED:-$RANDOM}
  RANDOM=$seed
  echo "# seed $seed: $kills kills within $took_ms ms" >&3

  for ((i = 0; i < kills; i++)); do
    work=$BATS_TEST_TMPDIR/killed-$i
    make_workspace "$work"
    moment_ms=$((RANDOM % took_ms + 1))
    timeout -s KILL "$((moment_ms / 1000)).$(printf %03d $((moment_ms % 1000)))" "$COURANT" run -q -C "$work" --now "$now" >"$BATS_TEST_TMPDIR/out" 2>&1 ||
      cut_short=$((cut_short + 1))
    lines=$(ask_sim /_sim/log | wc -l)
    newest=0
    if [[ -f $work/data/courant.db ]] && sqlite3 "$work/data/courant.db" "SELECT 1 FROM exchanges" >/dev/null 2>&1; then
      newest=$(sqlite3 "$work/data/courant.db" "SELECT coalesce(max(id), 0) FROM exchanges")
      addresses "id <= $newest" >"$BATS_TEST_TMPDIR/committed"
    else
      : >"$BATS_TEST_TMPDIR/committed"
    fi
    "$COURANT" run -q -C "$work" --now "$now" >"$BATS_TEST_TMPDIR/out" 2>&1 || { echo "seed $seed, kill $i at $moment_ms ms:"; cat "$BATS_TEST_TMPDIR/out"; false; }
    # A run that had ended before the kill is followed by a second one, which asks the listings anew.
    if [[ $(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM runs") == 1 ]]; then
      addresses "id > $newest" >"$BATS_TEST_TMPDIR/new"
      asked_since "$lines" | comm -12 - <(comm -23 "$BATS_TEST_TMPDIR/committed" "$BATS_TEST_TMPDIR/new") >"$BATS_TEST_TMPDIR/twice"
      [ ! -s "$BATS_TEST_TMPDIR/twice" ] || { echo "seed $seed, kill $i at $moment_ms ms: asked twice:"; cat "$BATS_TEST_TMPDIR/twice"; false; }
    fi
    [ "$(sqlite3 "$work/data/courant.db" "PRAGMA integrity_check")" = ok ]
    [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$want" ] || { echo "seed $seed, kill $i at $moment_ms ms: another dump"; false; }
    [ "$(tree_sha "$work/public")" = "$want_site" ] || { echo "seed $seed, kill $i at $moment_ms ms: another site"; false; }
    rm -rf "$work"
  done
  echo "# $cut_short of $kills were cut short" >&3
  [ "$cut_short" -gt 0 ]
}

@test "a signal stops a run with 143, and the next continues it" {
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  run -143 timeout -s TERM --preserve-status 0.5 "$COURANT" run -q -C "$work" --now "$now"
  [ "$(sqlite3 "$work/data/courant.db" "SELECT state FROM runs")" = running ]
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"continuing run 1"* ]]
}

@test "a recorded run that was killed goes on with its recording" {
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  timeout -s KILL 0.5 "$COURANT" run -q -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec" || true
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec"
  [[ $output == *"continuing run 1"* ]]
  mkdir "$BATS_TEST_TMPDIR/replay"
  "$COURANT" run -q -C "$BATS_TEST_TMPDIR/replay" --replay "$BATS_TEST_TMPDIR/run.rec"
  [ "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/replay" | sha256sum)" = "$("$COURANT" dump -C "$work" | sha256sum)" ]
  run -1 "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec"
  [[ $output == *"the file exists"* ]]
}

@test "--fresh, another command or another configuration abandon an unfinished run" {
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  timeout -s KILL 0.5 "$COURANT" run -q -C "$work" --now "$now" || true
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now "$now" --fresh
  [[ $output == *"abandoned: --fresh"* ]]
  [ "$(sqlite3 "$work/data/courant.db" "SELECT group_concat(state) FROM runs")" = abandoned,finished ]
}

@test "a second writer is told at once, with 75" {
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  mkdir "$work/data"
  run -75 flock "$work/data/lock" "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"another"* ]]
  [ "$(ask_sim /_sim/log | wc -l)" -eq 0 ]
}
