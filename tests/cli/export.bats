# What was collected, scored and spent as files for other programs; a backup and back; feedback that others wrote down.
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
  other=$BATS_TEST_TMPDIR/other
  backup=$BATS_TEST_TMPDIR/backup.ndjson
  make_workspace "$work"
  make_workspace "$other"
}

# sql STATEMENT: of the workspace in $work
sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# resign FILE: a changed backup gets an end that fits it
resign() {
  sed -i '$d' "$1"
  printf '{"rows":%d,"sha256":"%s"}\n' $(($(wc -l <"$1") - 1)) "$(sha256sum <"$1" | cut -d' ' -f1)" >>"$1"
}

@test "export writes seven files in the shapes of the earlier pipeline, and the same bytes again" {
  cp -r "$ready/data" "$work"
  local before
  before=$(sha256sum "$work/data/courant.db")
  run -0 --separate-stderr "$COURANT" export -C "$work" --json
  jq -e '.schema == "courant.export/1" and (.files | length) == 7' <<<"$output"
  cd "$work/data"
  jq -e 'length > 50 and (map(.id) | . == (unique))
    and all(.[]; has("title") and (.content | type) == "string" and (.url | startswith("http")) and has("author")
      and (.published_at == null or (.published_at | endswith("+00:00"))) and .collected_at == "2026-03-02T08:00:00.000000+00:00"
      and (.metadata | type) == "object")
    and any(.[]; .source == "hackernews" and .metadata.score > 0 and .metadata.comments >= 0 and .metadata.time > 0)
    and any(.[]; .source == "mastodon" and .metadata.favourites_count > 0)' collected_20260302_080000.json
  jq -e 'length > 30 and (map(.story_id) | . == unique) and all(.[]; .quality_score >= 0 and .quality_score <= 1
    and .ai_score == null and (.topics | type) == "array" and (.summary | type) == "string" and (.research | type) == "array")
    and any(.[]; .sources > 1 and (.research | length) > 0)' enriched_20260302_080000.json
  jq -e '. == []' scoring_feedback.json
  jq -e 'keys == ["content_patterns", "engagement_thresholds", "length_adjustments", "undervalued_keywords"]' scoring_patterns.json
  jq -e 'length == 1 and .[0].items_processed > 50 and .[0].duplicates_found > 0 and .[0].user_corrections == null
    and all(.[0].examples[]; .group_size == (.removed_items | length) + 1)' dedup_feedback.json
  jq -e 'length > 5 and all(.[]; .frequency > 1 and .confidence > 0 and .confidence <= 1)' dedup_patterns.json
  jq -e 'length == 12 and all(.[]; .total_cost == 0 and .status == "saved" and .duplicate_of == null)' generation_costs.json
  [ -f "$ready/content/$(jq -r '.[0].article_filename' generation_costs.json)" ]
  [ "$(sha256sum "$work/data/courant.db")" = "$before" ]
  "$COURANT" export -C "$work" --to "$BATS_TEST_TMPDIR/new/folder"
  local file
  for file in *.json; do
    cmp "$file" "$BATS_TEST_TMPDIR/new/folder/$file"
  done
}

@test "the files have the keys of the reference's" {
  [ -n "${COURANT_SHARED:-}" ] || skip "no COURANT_SHARED"
  cp -r "$ready/data" "$work"
  sql "UPDATE scores SET given = 0.9, predicted = 0.25"
  "$COURANT" export -q -C "$work"
  local file shape='if type == "array" then .[0] else . end | keys'
  for file in "$COURANT_SHARED"/reference/*.json; do
    [ "$(jq -c "$shape" "$file")" = "$(jq -c "$shape" "$work/data/$(basename "$file")")" ]
  done
  jq -e 'length > 30 and all(.[]; .score_gap == 0.65 and .ai_score == 0.9 and (.content_preview | length) <= 200
    and (.heuristic_reasoning | startswith("Heuristic: ")))' "$work/data/scoring_feedback.json"
  grep -q '"score_gap": 0.65,' "$work/data/scoring_feedback.json"
  jq -e '(.undervalued_keywords | length) == 8' "$work/data/scoring_patterns.json"
}

@test "money is told in dollars, with what lost calls cost" {
  cp -r "$ready/data" "$work"
  sql "UPDATE articles SET cost_micros = 1029"
  sql "INSERT INTO ledger(run_id, job, stage, story_id, provider, model, purpose, input_tokens, output_tokens, reserved, charged,
    state) SELECT run_id, 'generate:x', 'generate', story_id, 'p', 'm', 'write', 1, 1, 900, 900, 'lost' FROM articles,
    (SELECT 1 UNION SELECT 2)"
  "$COURANT" export -q -C "$work"
  jq -e 'all(.[]; .content_cost == 0.001029 and .total_cost == 0.0018)' "$work/data/generation_costs.json"
  grep -q '"content_cost": 0.001029,' "$work/data/generation_costs.json"
}

@test "a workspace without a store or a folder that cannot be made is one clear line" {
  run -1 "$COURANT" export -C "$work"
  [[ ${#lines[@]} -eq 1 && $output == *"no store at"* ]]
  cp -r "$ready/data" "$work"
  run -1 "$COURANT" export -C "$work" --to "$work/courant.yaml"
  [[ ${#lines[@]} -eq 1 && $output == *"courant.yaml"* ]]
  run -2 "$COURANT" export -C "$work" --to x --backup y
  run -2 "$COURANT" export -C "$work" --json --backup -
  run -2 "$COURANT" export -C "$work" --backup "$work"
  run -1 "$COURANT" export -C "$work" --backup "$work/no/such/folder"
  [[ ${#lines[@]} -eq 1 && $output == *"No such file or directory"* ]]
  run -1 bash -c '"$COURANT" export -C "$0" --backup - >/dev/full' "$work"
  [[ $output == *"No space left on device"* || $output == *"cannot write to standard output"* ]]
}

@test "a backup comes back as it was: the same backup, dump, next run and site" {
  cp -r "$ready/." "$work"
  run -0 --separate-stderr "$COURANT" export -C "$work" --backup "$backup" --json
  jq -e --arg rows "$(($(wc -l <"$backup") - 2))" '.rows == ($rows | tonumber) and .bytes > 1000000' <<<"$output"
  run -0 --separate-stderr "$COURANT" import -C "$other" "$backup" --json
  jq -e '.schema == "courant.import/1" and .rows > 500' <<<"$output"
  "$COURANT" export -C "$other" --backup - | cmp - "$backup"
  "$COURANT" run -q -C "$work" --now 2026-03-03T08:00:00Z || [ $? -eq 4 ]
  "$COURANT" run -q -C "$other" --now 2026-03-03T08:00:00Z || [ $? -eq 4 ]
  cmp <("$COURANT" dump -C "$work") <("$COURANT" dump -C "$other")
  diff -r "$work/public" "$other/public"
}

@test "a backup holds no secret, replaces an older one whole, and goes through a pipe" {
  cp -r "$ready/data" "$work"
  echo old >"$backup"
  REDDIT_CLIENT_SECRET=demo-secret "$COURANT" export -q -C "$work" --backup "$backup"
  head -n 1 "$backup" | jq -e '.schema == "courant.backup/1" and .store >= 4'
  run ! grep -qE 'demo-secret|Authorization|Bearer' "$backup"
  "$COURANT" import -q -C "$other" - <"$backup"
  [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$("$COURANT" dump -C "$other" | sha256sum)" ]
}

@test "a backup of an unfinished run is continued where it was" {
  "$COURANT" run -q -C "$work" --now "$now"
  sql "UPDATE runs SET state = 'running', ended_ms = NULL; DELETE FROM stages WHERE name IN ('generate', 'deploy')"
  sql "DELETE FROM articles"
  "$COURANT" export -q -C "$work" --backup "$backup"
  "$COURANT" import -C "$other" "$backup"
  ask_sim -X POST /_sim/reset
  "$COURANT" run -q -C "$other" --now "$now"
  [ -z "$(ask_sim /_sim/log)" ]
  [ "$("$COURANT" dump -C "$other" | sha256sum)" = "$("$COURANT" dump -C "$ready" | sha256sum)" ]
}

@test "a backup is refused where there is a store, by an older program, and when it is damaged" {
  cp -r "$ready/data" "$work"
  "$COURANT" export -q -C "$work" --backup "$backup"
  run -2 "$COURANT" import -C "$work" "$backup"
  [[ $output == *"without a store"* ]]
  run -3 "$COURANT" import -C "$BATS_TEST_TMPDIR" "$backup"

  sed '1s/"store":[0-9]*/"store":99/' "$backup" >"$BATS_TEST_TMPDIR/newer"
  run -3 "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/newer"
  [[ ${#lines[@]} -eq 1 && $output == *"version 99"*"use the newer program"* ]]

  head -c -100 "$backup" >"$BATS_TEST_TMPDIR/cut"
  run -1 "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/cut"
  [[ ${#lines[@]} -eq 1 && $output == *"it was cut off"* ]]

  sed '5d' "$backup" >"$BATS_TEST_TMPDIR/missing"
  run -1 "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/missing"
  [[ $output == *": line $(wc -l <"$BATS_TEST_TMPDIR/missing"): "*"lines were lost or added"* ]]

  sed '9s/"row":{/&"surprise":1,/' "$backup" >"$BATS_TEST_TMPDIR/column"
  resign "$BATS_TEST_TMPDIR/column"
  run -1 "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/column"
  [[ ${#lines[@]} -eq 1 && $output == *": line 9: "*"no column named surprise"* ]]
  [ ! -e "$other/data" ] || [ -z "$(find "$other/data" -name 'courant.db*')" ]
  "$COURANT" import -C "$other" "$backup"
}

@test "a backup with any byte flipped leaves no store" {
  cp -r "$ready/data" "$work"
  "$COURANT" export -q -C "$work" --backup "$backup"
  local seed=${COURANT_SEED:-$RANDOM} size place flip
  RANDOM=$seed
  echo "# seed $seed" >&3
  size=$(stat -c %s "$backup")
  for ((flip = 0; flip < 25; flip++)); do
    cp "$backup" "$BATS_TEST_TMPDIR/flipped"
    place=$(((RANDOM * 32768 + RANDOM) % size))
    printf "\\x$(printf %02x $((($(od -An -tu1 -j "$place" -N 1 "$backup") + 1 + RANDOM % 255) % 256)))" |
      dd of="$BATS_TEST_TMPDIR/flipped" bs=1 seek="$place" conv=notrunc status=none
    run -1 "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/flipped"
    [[ ${#lines[@]} -eq 1 && $output == *": line "* ]]
    [ -z "$(find "$other/data" -name 'courant.db*')" ]
  done
}

@test "killed while it imports, there is no store, and the next import is whole" {
  cp -r "$ready/data" "$work"
  "$COURANT" export -q -C "$work" --backup "$backup"
  local pipe=$BATS_TEST_TMPDIR/pipe kept_open
  mkfifo "$pipe"
  exec {kept_open}<>"$pipe"
  head -n 300 "$backup" >"$pipe" &
  run -137 timeout -s KILL 0.5 "$COURANT" import -C "$other" - <"$pipe"
  exec {kept_open}>&-
  [ ! -e "$other/data/courant.db" ]
  "$COURANT" import -q -C "$other" "$backup"
  "$COURANT" export -C "$other" --backup - | cmp - "$backup"
}

@test "SIGTERM and SIGINT stop an export and an import that wait, and leave nothing" {
  cp -r "$ready/data" "$work"
  "$COURANT" export -q -C "$work" --backup "$backup"
  local pipe=$BATS_TEST_TMPDIR/pipe kept_open
  mkfifo "$pipe"
  exec {kept_open}<>"$pipe"
  run -143 bash -c 'exec timeout -k 10 --preserve-status 0.5 "$COURANT" export -C "$0" --backup - >"$1"' "$work" "$pipe"
  exec {kept_open}>&-
  exec {kept_open}<>"$pipe"
  head -n 300 "$backup" >"$pipe" &
  run -130 timeout -k 10 --preserve-status -s INT 0.5 "$COURANT" import -C "$other" - <"$pipe"
  [[ ${#lines[@]} -eq 1 && $output == *"stopped by signal 2"* ]]
  [ -z "$(find "$other/data" -name 'courant.db*')" ]
  printf '[' >"$pipe" &
  run -143 timeout -k 10 --preserve-status 0.5 "$COURANT" import -C "$other" - good <"$pipe"
  [[ ${#lines[@]} -eq 1 && $output == *"stopped by signal 15"* ]]
  exec {kept_open}>&-
}

@test "scores and groups of the reference are judged, kept once, and told about" {
  [ -n "${COURANT_SHARED:-}" ] || skip "no COURANT_SHARED"
  run -4 "$COURANT" import -C "$work" "$COURANT_SHARED"/reference/{scoring,dedup}_feedback.json
  [[ $output == *"3 refused: 0.5 among nothing but 0.5"*"A brief look at FreeBSD"* ]]
  [[ $output == *"1 taken into imported-groups"*"4 refused: its posts are one text"* ]]
  [ "$(sql "SELECT json_array_length(value) FROM knowledge WHERE name = 'imported-groups'")" -eq 1 ]
  run -1 "$COURANT" import -C "$work" "$COURANT_SHARED/reference/scoring_feedback.json"
  run -1 "$COURANT" import -C "$work" "$COURANT_SHARED"/reference/*_patterns.json
  [ "${#lines[@]}" -eq 2 ]

  jq -s 'map({timestamp: .when, content_preview: .text, content_length: .length, heuristic_score: .reference_heuristic, ai_score,
    score_gap: ((.ai_score - .reference_heuristic) | fabs), heuristic_reasoning: "", metadata, source})' \
    "$COURANT_SHARED/data/scores/scores.ndjson" >"$BATS_TEST_TMPDIR/scores.json"
  run -0 --separate-stderr "$COURANT" import -C "$work" "$BATS_TEST_TMPDIR/scores.json" --json
  jq -e '.files == [.files[0]] and .files[0].taken == 969 and .files[0].into == "imported-scores" and .files[0].refused == []' \
    <<<"$output"
  run -0 --separate-stderr "$COURANT" import -C "$work" "$BATS_TEST_TMPDIR/scores.json" --json
  jq -e '.files[0].taken == 0 and .files[0].known == 969' <<<"$output"
  [ "$(sql "SELECT version FROM knowledge WHERE name = 'imported-scores'")" -eq 1 ]
  "$COURANT" export -q -C "$work" --backup "$backup"
  "$COURANT" import -q -C "$other" "$backup"
  run -0 --separate-stderr "$COURANT" import -C "$other" "$BATS_TEST_TMPDIR/scores.json" --json
  jq -e '.files[0].known == 969' <<<"$output"
}

@test "what courant exports as feedback it takes back" {
  cp -r "$ready/data" "$work"
  sql "UPDATE scores SET given = CASE WHEN predicted < 0.5 THEN 0.8 ELSE 0.3 END"
  "$COURANT" export -q -C "$work"
  run -0 --separate-stderr "$COURANT" import -C "$other" "$work"/data/{scoring,dedup}_feedback.json --json
  jq -e 'all(.files[]; .taken > 2 and .refused == [])' <<<"$output"
}

@test "files that are no feedback are one clear line each, and the others are taken" {
  local good='[{"timestamp":"2026-01-01T00:00:00","source":"x","content_preview":"a","ai_score":0.7},
    {"timestamp":"2026-01-01T00:00:00","source":"x","content_preview":"b","ai_score":NaN}]' file
  cd "$BATS_TEST_TMPDIR"
  echo "$good" >good
  : >empty
  printf '\0\1' >bytes
  echo '[{"ai_score": 0.7' >cut-off
  printf '[%.0s' {1..100000} >deep
  printf '[%s' "$(printf '[],%.0s' {1..800000})" >many
  { printf '['; head -c 100M /dev/zero | tr '\0' ' '; } >large
  echo '{"a":1}' >object
  mkdir folder
  for file in empty bytes cut-off deep many large object folder missing; do
    run -1 "$COURANT" import -C "$work" "$file"
    [[ ${#lines[@]} -eq 1 && $output == *"$file"* ]] || {
      echo "$file: $output"
      false
    }
  done
  [ ! -e "$work/data" ] || [ -z "$(find "$work/data" -name 'courant.db*')" ]
  run -4 --separate-stderr "$COURANT" import -C "$work" empty good folder object
  [[ $output == *"1 taken into imported-scores"*"1 refused: its score is no number"* ]]
  [ "${#stderr_lines[@]}" -eq 3 ]
  run -75 flock "$work/data/lock" "$COURANT" import -C "$work" good
  run -2 "$COURANT" import -C "$work"
}

@test "a file that may not be read is one clear line" {
  [ "$(id -u)" -ne 0 ] || skip "root may read anything"
  echo '[]' >"$BATS_TEST_TMPDIR/closed"
  chmod 000 "$BATS_TEST_TMPDIR/closed"
  run -1 "$COURANT" import -C "$work" "$BATS_TEST_TMPDIR/closed"
  [[ ${#lines[@]} -eq 1 && $output == *"Permission denied"* ]]
}
