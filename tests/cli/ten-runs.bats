# Ten runs in a row over two days: what is exported stays whole, and nothing is there twice.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  sed -i -E 's/- (github|reddit|mastodon): *\{/&requests_per_minute: 600, /' "$work/courant.yaml" # no waiting between the runs
}

teardown() {
  stop_sim
}

# stored: how many of each kind of line the dump has
stored() {
  "$COURANT" dump -C "$work" | jq -r .type | uniq -c | xargs
}

# exported: how many entries the files have, but for those with a line a run
exported() {
  jq length "$work"/data/{dedup_patterns,generation_costs,scoring_feedback}.json "$(newest collected)" "$(newest enriched)" | xargs
}

# expect_same WHAT BEFORE NOW
expect_same() {
  [ "$2" = "$3" ] || {
    echo "$1: $3, before: $2"
    false
  }
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# slugs: of each story's articles, once a story
slugs() {
  sql "SELECT DISTINCT story_id, slug FROM articles" | cut -d '|' -f 2
}

# newest NAME: the newest file of what was collected or enriched
newest() {
  find "$work/data" -name "$1_*.json" | sort | tail -n 1
}

@test "ten runs in a row give valid exports, no article twice and the same counts" {
  local i day file had_stored had_exported
  for ((i = 0; i < 10; i++)); do
    day=$((i < 5 ? 1 : 2))
    ask_sim -X POST "/_sim/day?n=$day" >"$BATS_TEST_TMPDIR/out"
    "$COURANT" run -q -C "$work" --now "2026-03-0$((day + 1))T08:0$i:00Z" || [ $? -eq 4 ]
    "$COURANT" export -C "$work" >"$BATS_TEST_TMPDIR/out"
    for file in "$work"/data/*.json; do
      jq -e . "$file" >/dev/null
    done
    [ "$(jq 'map(.article_filename) | unique | length' "$work/data/generation_costs.json")" -eq "$(slugs | sort -u | wc -l)" ]
    [ -z "$(slugs | sort | uniq -d)" ]
    [ -z "$(sql "SELECT group_concat(a.slug) FROM (SELECT DISTINCT slug, story_id FROM articles) a JOIN stories s ON s.id = a.story_id
      JOIN items i ON i.id = s.lead_item GROUP BY coalesce(i.canonical_url, i.url) HAVING count(*) > 1")" ]
    jq -e 'map(.story_id) | length == (unique | length)' "$(newest enriched)" >/dev/null
    ((i % 5 < 1)) || expect_same "run $i stored" "$had_stored" "$(stored)"
    ((i % 5 < 2)) || expect_same "run $i exported" "$had_exported" "$(exported)" # a repository that grew is told of once
    had_stored=$(stored)
    had_exported=$(exported)
  done

  local other=$BATS_TEST_TMPDIR/other
  make_workspace "$other"
  "$COURANT" export -q -C "$work" --backup "$BATS_TEST_TMPDIR/backup.ndjson"
  "$COURANT" import -q -C "$other" "$BATS_TEST_TMPDIR/backup.ndjson"
  cmp <("$COURANT" dump -C "$work") <("$COURANT" dump -C "$other")
  "$COURANT" export -q -C "$other"
  for file in "$other"/data/*.json; do
    cmp "$file" "$work/data/$(basename "$file")"
  done
  "$COURANT" export -C "$other" --backup - | cmp - "$BATS_TEST_TMPDIR/backup.ndjson"
}
