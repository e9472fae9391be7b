# Killed at any moment and run again: nothing lost, nothing asked twice.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  now=2026-03-02T08:00:00Z
  start_sim --no-limits --latency 5
}

teardown() {
  stop_sim
}

# make_hasty_workspace FOLDER: one that does not wait for the limits it may have used up before it was killed
make_hasty_workspace() {
  make_workspace "$1"
  sed -i -E 's/- (github|reddit|mastodon): *\{/&requests_per_minute: 600, /' "$1/courant.yaml"
}

# forbid_committed: what the store holds an answer for is a 500 from now on, but for the page that another address leads to
forbid_committed() {
  local rules
  rules=$(sqlite3 "$work/data/courant.db" "SELECT DISTINCT url FROM exchanges WHERE source IN ('sent', 'revalidated') AND url NOT LIKE '%/posts/jobserver/'" |
    sed -E 's#^http://([^/:]*):[0-9]+([^?]*)\??(.*)#{"host": "\1", "path": "\2", "query": "\3", "status": 500}#' | paste -sd,)
  ask_sim -X POST --data-binary "[$rules]" /_sim/script
}

@test "killed with -9 at random moments, a run comes to the same end" {
  local reference=$BATS_TEST_TMPDIR/reference want want_site seed kills=${COURANT_KILLS:-50} i began took_ms moment_ms cut_short=0
  make_hasty_workspace "$reference"
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
    make_hasty_workspace "$work"
    moment_ms=$((RANDOM % took_ms + 1))
    timeout -s KILL "$((moment_ms / 1000)).$(printf %03d $((moment_ms % 1000)))" "$COURANT" run -q -C "$work" --now "$now" >"$BATS_TEST_TMPDIR/out" 2>&1 ||
      cut_short=$((cut_short + 1))
    # A program killed this moment may still hold the lock.
    [[ ! -e $work/data/lock ]] || flock "$work/data/lock" true
    # A run that had ended before the kill is followed by a second one, which asks the listings anew.
    if [[ -f $work/data/courant.db && $(sqlite3 "$work/data/courant.db" "SELECT state FROM runs" 2>/dev/null) == running ]]; then
      forbid_committed >"$BATS_TEST_TMPDIR/out"
    fi
    "$COURANT" run -q -C "$work" --now "$now" >"$BATS_TEST_TMPDIR/out" 2>&1 || {
      echo "seed $seed, kill $i at $moment_ms ms:"
      cat "$BATS_TEST_TMPDIR/out"
      false
    }
    ask_sim -X POST --data-binary '[]' /_sim/script >"$BATS_TEST_TMPDIR/out"
    [ "$(sqlite3 "$work/data/courant.db" "PRAGMA integrity_check")" = ok ]
    [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$want" ] || {
      echo "seed $seed, kill $i at $moment_ms ms: another dump:"
      diff <("$COURANT" dump -C "$reference") <("$COURANT" dump -C "$work") | cut -c1-300
      false
    }
    [ "$(tree_sha "$work/public")" = "$want_site" ] || { echo "seed $seed, kill $i at $moment_ms ms: another site"; false; }
    rm -rf "$work"
  done
  echo "# $cut_short of $kills were cut short" >&3
  [ "$cut_short" -gt 0 ]
}

@test "a signal stops a run with 143, and the next continues it" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  run -143 timeout -s TERM --preserve-status 2 "$COURANT" run -q -C "$work" --now "$now"
  [ "$(sqlite3 "$work/data/courant.db" "SELECT state FROM runs")" = running ]
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"continuing run 1"* ]]
}

@test "a recorded run that was killed goes on with its recording" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  timeout -s KILL 2 "$COURANT" run -q -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/run.rec" || true
  flock "$work/data/lock" true
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
  make_hasty_workspace "$work"
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  timeout -s KILL 2 "$COURANT" run -q -C "$work" --now "$now" || true
  flock "$work/data/lock" true
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now "$now" --fresh
  [[ $output == *"abandoned: --fresh"* ]]
  [ "$(sqlite3 "$work/data/courant.db" "SELECT group_concat(state) FROM runs")" = abandoned,finished ]
}

@test "another --now, or a wrong environment, continues nothing and begins nothing" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  WORKER_COUNT=many run -3 "$COURANT" run -C "$work" --now "$now"
  [ ! -e "$work/data" ]
  COURANT_DATADIR=$BATS_TEST_TMPDIR run -1 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"set COURANT_DATADIR"* ]]
  [ ! -e "$work/data" ]
  ask_sim -X POST --data-binary '[{"host": "www.*.localhost", "delay_ms": 5000}]' /_sim/script
  timeout -s KILL 2 "$COURANT" run -q -C "$work" --now "$now" || true
  flock "$work/data/lock" true
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" run -C "$work" --now 2026-03-02T10:00:00Z
  [[ $output == *"another --now was given"* ]]
}

# A Hugo that only waits: what it is asked to do, it says it did.
slow_hugo() {
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\nexec sleep 60\n' >"$BATS_TEST_TMPDIR/bin/hugo"
  chmod +x "$BATS_TEST_TMPDIR/bin/hugo"
}

@test "a signal while Hugo builds stops both, with 143" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  slow_hugo
  run -143 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" timeout -s TERM --preserve-status 2 "$COURANT" run -q -C "$work" --now "$now"
  run -1 pgrep -f "^sleep 60$"
  run -0 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"continuing run 1"* ]]
}

@test "pages of a run that failed before its site was built are still ours" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  slow_hugo
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$work/courant.yaml"
  local day
  for day in 1 2; do
    ask_sim -X POST "/_sim/day?n=$day"
    run -137 env PATH="$BATS_TEST_TMPDIR/bin:$PATH" timeout -s KILL 2 "$COURANT" run -q -C "$work" --now "2026-03-0$((day + 1))T08:00:00Z" --fresh
    flock "$work/data/lock" true
  done
  run -0 "$COURANT" run -C "$work" --now 2026-03-03T08:00:00Z
  [[ $output != *"changed by hand"* ]]
  sed -i 's/^title: .*/title: Another title/' "$work/courant.yaml"
  run -0 "$COURANT" run -C "$work" --now 2026-03-03T09:00:00Z
  [[ $output != *"changed by hand"* ]]
}

@test "a second writer is told at once, with 75" {
  work=$BATS_TEST_TMPDIR/work
  make_hasty_workspace "$work"
  mkdir "$work/data"
  run -75 flock "$work/data/lock" "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"another"* ]]
  [ "$(ask_sim /_sim/log | wc -l)" -eq 0 ]
}
