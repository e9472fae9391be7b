# What no run will ask for again is removed; what readers and the next run need stays.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  run "$COURANT" run -q -C "$work" --now 2026-03-02T08:00:00Z
  [[ $status -eq 0 || $status -eq 4 ]]
}

teardown() {
  stop_sim
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

@test "prune removes what is old, counts it, shrinks the file and leaves the site" {
  local before published
  before=$(tree_sha "$work/public")
  published=$(sql "SELECT count(*) FROM articles")
  run -0 "$COURANT" prune -C "$work" --dry-run --now 2027-01-01T00:00:00Z --json
  jq -e '.dry_run and .removed.items > 0 and .removed.bodies > 0' <<<"$output"
  [ "$(sql "SELECT count(*) FROM bodies")" -gt 0 ]
  run -0 "$COURANT" prune -C "$work" --now 2027-01-01T00:00:00Z --json
  jq -e '.removed.items > 0 and .bytes_after < .bytes_before / 2' <<<"$output"
  [ "$(sql "SELECT count(*) FROM bodies")" -eq 0 ]
  [ "$(sql "SELECT count(*) FROM articles")" -eq "$published" ]
  [ "$(sql "SELECT count(*) FROM items WHERE text <> ''")" -eq 0 ]
  [ "$(sql "SELECT count(*) FROM items WHERE title <> ''")" -gt 0 ]
  "$COURANT" deploy -q -C "$work" --now 2026-03-02T09:00:00Z
  [ "$(tree_sha "$work/public")" = "$before" ]
}

@test "a dry prune says what goes and why, and nothing of what stays" {
  run -0 "$COURANT" prune -C "$work" -n --now 2026-03-02T09:00:00Z
  [ "$output" = "Nothing is old enough to go." ]
  run -0 "$COURANT" prune -C "$work" -n --now 2026-03-10T09:00:00Z
  [[ $output == "Would go:"* && $output == *" replies that were fetched more than 7 days ago"* && $output != *"notes on runs"* ]]
  run -0 "$COURANT" prune -C "$work" -n --now 2027-01-01T00:00:00Z
  [[ $output == *" posts of stories without an article, last seen more than 180 days ago"* ]]
  [[ $output == *" contents that no reply has any more"$'\n'* ]]
}

@test "a run prunes by its own now, one with a now of its own choosing does not" {
  [ "$(sql "SELECT count(*) FROM exchanges WHERE as_of_ms < 1780000000000")" -gt 0 ]
  "$COURANT" run -q -C "$work" --now 2036-01-01T00:00:00Z || [ $? -eq 4 ]
  [ "$(sql "SELECT count(*) FROM exchanges WHERE as_of_ms < 1780000000000")" -gt 0 ]
  "$COURANT" run -q -C "$work" || [ $? -eq 4 ]
  [ "$(sql "SELECT count(*) FROM exchanges WHERE as_of_ms < 1780000000000")" -eq 0 ]
  [ "$(sql "SELECT count(*) FROM exchanges")" -gt 0 ]
}

@test "prune without a store says so" {
  rm -r "$work/data"
  run -1 "$COURANT" prune -C "$work"
  [[ $output == *"holds no store yet"* ]]
}
