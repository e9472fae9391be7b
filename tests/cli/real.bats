# Recorded replies and posts of the real services, where there are any.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  [[ -d ${COURANT_SHARED:-} ]] || skip "COURANT_SHARED is not set"
  work=$BATS_TEST_TMPDIR/work
  mkdir "$work"
}

teardown() {
  stop_sim
}

@test "every recorded reply gives what is expected of it: items, what is left out, or one clear error" {
  run -0 python3 "$BATS_TEST_DIRNAME/../real-world/real-world.py" --check
}

@test "the recorded feeds become a site" {
  local file
  start_sim --folder "$COURANT_SHARED/payloads"
  {
    printf 'filters: {max_age_days: 0}\nenrich: {threshold: 0}\nsources:\n'
    for file in "$COURANT_SHARED"/payloads/rss/*; do
      printf '  - feed: {url: "http://www.localhost:%s/rss/%s"}\n' "$sim_port" "${file##*/}"
    done
  } >"$work/courant.yaml"
  run -4 --separate-stderr "$COURANT" run -q -C "$work" --now 2026-03-14T00:00:00Z --json
  [ "$(jq '.articles.written' <<<"$output")" -eq 12 ]
  [ -f "$work/public/index.html" ]
}

@test "the 969 scored posts are collected as their communities serve them" {
  start_sim --posts "$COURANT_SHARED/data/scores/scores.ndjson"
  ask_sim /_sim/workspace >"$work/courant.yaml"
  run -0 --separate-stderr "$COURANT" collect -q -C "$work" --now "$(ask_sim /_sim/world | jq -r '.days[-1].now_ms / 1000 | todate')" --json
  [ "$(jq '.items.malformed' <<<"$output")" -eq 0 ]
  [ "$(jq '.items.new + .items.dropped' <<<"$output")" -ge 890 ]
}
