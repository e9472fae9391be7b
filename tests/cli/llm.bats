# Stories scored by a language model: answers kept, money counted, failures survived, the key never told.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  now=2026-03-02T08:00:00Z
  later=2026-03-03T08:00:00Z
  export OPENAI_API_KEY=sk-planted-key
  start_sim --no-limits
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  cat >>"$work/courant.yaml" <<END
llm: {openai: {base_url: "http://llm.localhost:$sim_port/v1", requests_per_minute: 0, tokens_per_minute: 0}}
enrich: {providers: [openai]}
END
}

teardown() {
  stop_sim
}

# scores CONDITION: how many stories have a score like that
scores() {
  sqlite3 "$work/data/courant.db" "SELECT count(*) FROM scores WHERE $1"
}

calls() {
  ask_sim /_sim/log | grep -c '"path":"/v1/chat/completions"' || true
}

billed() {
  ask_sim /_sim/bill | jq .micros
}

charged() {
  sqlite3 "$work/data/courant.db" "SELECT coalesce(sum(charged), 0) FROM ledger"
}

@test "a language model scores the stories, and a second run asks it nothing again" {
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(jq .llm_calls <<<"$output")" -ge "$(jq .enriched <<<"$output")" ]
  [ "$(jq .cost_micros <<<"$output")" = "$(billed)" ]
  [ "$(charged)" = "$(billed)" ]
  [ "$(scores "given BETWEEN 0 AND 1 AND provider = 'openai' AND NOT provisional")" = "$(jq .enriched <<<"$output")" ]
  [ "$(scores "given IS NULL")" = 0 ]
  local before
  before=$(calls)
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(calls)" = "$before" ]
  [ "$(jq .cost_micros <<<"$output")" = 0 ]
  run -0 "$COURANT" why -C "$work" "$(sqlite3 "$work/data/courant.db" "SELECT story_id FROM scores LIMIT 1")"
  "$COURANT" why -C "$work" --json "$(sqlite3 "$work/data/courant.db" "SELECT story_id FROM scores WHERE predicted BETWEEN 0.1 AND 0.9 LIMIT 1")" |
    jq -e '(.score_features.base + .score_features.rest + ([.score_features[] | arrays | .[1]] | add) - .predicted | fabs) < 0.01'
  [[ $output == *Score* ]]
}

@test "a story with a new post is asked again, and no other" {
  "$COURANT" run -q -C "$work" --now "$now"
  local before stories
  before=$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM ledger WHERE purpose = 'score'")
  ask_sim -X POST '/_sim/day?n=2' >"$BATS_TEST_TMPDIR/out"
  run -0 "$COURANT" run -q -C "$work" --now "$later"
  stories=$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM scores WHERE run_id = 2")
  [ "$stories" -gt 0 ]
  [ "$(($(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM ledger WHERE purpose = 'score'") - before))" -le "$stories" ]
}

@test "at the cap no further call goes out, the built-in provider serves, exit 6" {
  MAX_COST_PER_RUN=0.008 run -6 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(grep -c "budget.per_run" <<<"$stderr")" = 1 ]
  [ "$(charged)" = "$(billed)" ]
  [ "$(charged)" -le 8000 ]
  [ "$(calls)" -gt 0 ]
  [ "$(scores "provisional AND given IS NULL AND provider = 'extractive'")" -gt 0 ]
  [ "$(scores "given IS NOT NULL")" -gt 0 ]
  [ "$(jq .articles.written <<<"$output")" -gt 0 ]
  # those that got no money come back, and are paid for then
  run -0 "$COURANT" run -q -C "$work" --now "$later"
  [ "$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM scores s WHERE provisional AND run_id = (SELECT max(run_id) FROM scores WHERE story_id = s.story_id)")" = 0 ]
}

@test "no money at all: nothing is asked, all is done" {
  MAX_COST_PER_RUN=0 run -6 "$COURANT" run -q -C "$work" --now "$now"
  [ "$(calls)" = 0 ]
  [ "$(scores "NOT provisional")" = 0 ]
}

@test "a failing model loses no story: the built-in provider serves, exit 4" {
  ask_sim -X POST --data-binary '[{"host": "llm.localhost", "status": 500}]' /_sim/script
  sed -i 's/^network: {/&deadline: 20, /; s/^network:$/&\n  deadline: 20/' "$work/courant.yaml"
  run -4 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(scores "provisional AND given IS NULL AND provider = 'extractive'")" = "$(jq .enriched <<<"$output")" ]
  [ "$(jq .cost_micros <<<"$output")" = 0 ]
  [ "$(jq .articles.written <<<"$output")" -gt 0 ]
  [ "$(grep -c 'llm.openai' <<<"$stderr")" = 1 ]
  [ "$(billed)" = 0 ]
}

@test "a wrong key: one line that names the setting" {
  OPENAI_API_KEY=wrong run -4 --separate-stderr "$COURANT" run -C "$work" --now "$now"
  [[ $stderr != *waiting* ]]
  [ "$(grep -c 'OPENAI_API_KEY' <<<"$stderr")" = 1 ]
  [ "$(scores "NOT provisional")" = 0 ]
}

@test "the key stands in no store, log, page or recording, and a replay needs none" {
  run -0 "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/day.rec"
  [[ $output != *planted* ]]
  run -1 grep -rl sk-planted "$work" "$BATS_TEST_TMPDIR/day.rec"
  unset OPENAI_API_KEY
  mkdir "$BATS_TEST_TMPDIR/again"
  local before
  before=$(calls)
  run -0 "$COURANT" run -q -C "$BATS_TEST_TMPDIR/again" --replay "$BATS_TEST_TMPDIR/day.rec" --workers 3
  [ "$(calls)" = "$before" ]
  [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/again" | sha256sum)" ]
}

# use_claude [OPTIONS]: Anthropic's messages instead
use_claude() {
  sed -i '/^llm: /d; /^enrich: /d' "$work/courant.yaml"
  cat >>"$work/courant.yaml" <<END
llm: {anthropic: {base_url: "http://claude.localhost:$sim_port", requests_per_minute: 0$1}}
enrich: {providers: [anthropic]}
END
  export ANTHROPIC_API_KEY=sk-ant-planted-key
}

# refused: how many calls were refused
refused() {
  ask_sim /_sim/log | grep '"method":"POST"' | grep -c '"status":400' || true
}

@test "Anthropic's messages: stories are scored, the bill is met, the key stays where it is" {
  use_claude
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/day.rec"
  [ "$(jq .cost_micros <<<"$output")" = "$(billed)" ]
  [ "$(billed)" -gt 0 ]
  [ "$(charged)" = "$(billed)" ]
  [ "$(refused)" = 0 ]
  [ "$(scores "given BETWEEN 0 AND 1 AND provider = 'anthropic' AND NOT provisional")" = "$(jq .enriched <<<"$output")" ]
  run -1 grep -rl planted "$work" "$BATS_TEST_TMPDIR/day.rec"
  run -0 "$COURANT" doctor -C "$work"
  [[ $output == *"claude.localhost:$sim_port answers with the credential"* ]]
}

@test "Anthropic: a wrong key is one line that names the setting, no key is exit 3, a replay needs none" {
  use_claude
  ANTHROPIC_API_KEY=wrong run -4 --separate-stderr "$COURANT" run -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/day.rec"
  [ "$(grep -c 'ANTHROPIC_API_KEY' <<<"$stderr")" = 1 ]
  [ "$(scores "NOT provisional")" = 0 ]
  ANTHROPIC_API_KEY=wrong run -1 "$COURANT" doctor -C "$work"
  [[ $output == *"llm.anthropic: "*"HTTP 401; is ANTHROPIC_API_KEY still good?"* ]]
  unset ANTHROPIC_API_KEY
  mkdir "$BATS_TEST_TMPDIR/again"
  run -4 "$COURANT" run -q -C "$BATS_TEST_TMPDIR/again" --replay "$BATS_TEST_TMPDIR/day.rec"
  sed -i "s#http://claude.localhost:$sim_port#https://claude.example#" "$work/courant.yaml"
  for command in run enrich doctor; do
    run -3 "$COURANT" "$command" -C "$work"
    [[ $output == *ANTHROPIC_API_KEY* ]]
  done
}

@test "what an endpoint does not take is found out once, and costs nothing" {
  sed -i "s#llm.localhost:$sim_port/v1#llm.localhost:$sim_port/without-json_schema/without-reasoning_effort/v1#; s#^llm: {openai: {#&reasoning_effort: low, #" \
    "$work/courant.yaml"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now" --record "$BATS_TEST_TMPDIR/day.rec"
  local enriched before
  enriched=$(jq .enriched <<<"$output")
  [ "$(scores "NOT provisional AND given IS NOT NULL")" = "$enriched" ]
  [ "$(charged)" = "$(billed)" ]
  [ "$(refused)" -ge 2 ]
  [ "$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM ledger WHERE state = 'unbilled'")" = "$(refused)" ]
  sqlite3 "$work/data/courant.db" "SELECT value FROM knowledge WHERE name = 'llm_lacks'" | grep '\["json_schema","reasoning_effort"\]'
  before=$(refused)
  ask_sim -X POST '/_sim/day?n=2' >"$BATS_TEST_TMPDIR/out"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$later"
  [ "$(jq .llm_calls <<<"$output")" -gt 0 ]
  [ "$(refused)" = "$before" ]
  # a replay begins with what was known before, and steps down again
  mkdir "$BATS_TEST_TMPDIR/again"
  run -0 "$COURANT" run -q -C "$BATS_TEST_TMPDIR/again" --replay "$BATS_TEST_TMPDIR/day.rec" --workers 3
  [ "$(refused)" = "$before" ]
}

@test "an endpoint with no structured output at all" {
  sed -i "s#llm.localhost:$sim_port/v1#llm.localhost:$sim_port/without-response_format/v1#" "$work/courant.yaml"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(scores "NOT provisional AND given IS NOT NULL AND provider = 'openai'")" = "$(jq .enriched <<<"$output")" ]
  [ "$(charged)" = "$(billed)" ]
}

@test "a model of Anthropic's that answers by a tool" {
  use_claude ", model: claude-3-haiku, input_price: 0.1, output_price: 0.5"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(scores "NOT provisional AND given IS NOT NULL AND provider = 'anthropic'")" = "$(jq .enriched <<<"$output")" ]
}

@test "a provider that fails leaves its stories to the next" {
  use_claude
  sed -i 's/providers: \[anthropic\]/providers: [anthropic, openai]/' "$work/courant.yaml"
  sed -i "s#^llm: {anthropic: .*#llm: {anthropic: {base_url: \"http://claude.localhost:$sim_port\"}, openai: {base_url: \"http://llm.localhost:$sim_port/v1\"}}#" \
    "$work/courant.yaml"
  ANTHROPIC_API_KEY=wrong run -4 --separate-stderr "$COURANT" run --json -C "$work" --now "$now"
  [ "$(scores "NOT provisional AND provider = 'openai'")" = "$(jq .enriched <<<"$output")" ]
  [ "$(grep -c 'ANTHROPIC_API_KEY' <<<"$stderr")" = 1 ]
}

@test "a key that the endpoint repeats stands nowhere" {
  ask_sim -X POST --data-binary '[{"host": "llm.localhost", "status": 400, "body": "{\"error\":{\"message\":\"no sk-planted-key here\"}}"}]' /_sim/script
  run -4 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"HTTP 400: no xxxxxxxxxxxxxx here"* ]]
  [[ $output != *planted* ]]
  run -1 grep -rl planted "$work"
}

@test "a model that is named without its key or its price is a configuration error" {
  unset OPENAI_API_KEY
  sed -i "s#http://llm.localhost:$sim_port#https://llm.example#" "$work/courant.yaml"
  for command in run "run -n" enrich doctor; do
    run -3 "$COURANT" $command -C "$work"
    [[ $output == *OPENAI_API_KEY* ]]
  done
  [ ! -e "$work/data/courant.db" ]
  run -0 "$COURANT" deploy -n -C "$work"
  export OPENAI_API_KEY=k
  sed -i 's/openai: {base_url/openai: {model: unheard-of, base_url/' "$work/courant.yaml"
  run -3 "$COURANT" run -C "$work"
  [[ $output == *input_price* ]]
}

# teach_scores: makes the model sure: of 250 answers that it learned all were good, and predicted so
teach_scores() {
  local database=$work/data/courant.db state=$BATS_TEST_TMPDIR/state.json
  sqlite3 "$database" "SELECT value FROM knowledge WHERE name = 'score_model'" |
    jq -c '.learned = 250 | .answers = ([range(250) | "950000 900000 \(. + 268435456 | tostring | .[1:])"] | join(","))' >"$state"
  sqlite3 "$database" "UPDATE knowledge SET value = CAST(readfile('$state') AS TEXT) WHERE name = 'score_model'"
}

@test "calls that are hardly worth it are spared once enough was learned, and none where recall is 1" {
  "$COURANT" run -q -C "$work" --now "$now"
  teach_scores
  cp -r "$work" "$BATS_TEST_TMPDIR/all"
  ask_sim -X POST "/_sim/day?n=2"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$later"
  local enriched spared
  enriched=$(jq .enriched <<<"$output")
  spared=$(sqlite3 "$work/data/courant.db" "SELECT counts ->> '$.spared' FROM stages WHERE name = 'enrich' ORDER BY run_id DESC LIMIT 1")
  ((spared > 10 && spared <= enriched))
  [ "$(jq .llm_calls <<<"$output")" -le $((2 * (enriched - spared))) ]
  [ "$(scores "given IS NULL AND provider = 'extractive' AND NOT provisional AND run_id = (SELECT max(id) FROM runs)")" = "$spared" ]
  "$COURANT" status -C "$work" --json | jq -e '.scores.learned >= 250 and (.scores.calibration | length > 0)'

  work=$BATS_TEST_TMPDIR/all
  sed -i 's/^enrich: {providers: \[openai\]}/enrich: {providers: [openai], recall: 1}/' "$work/courant.yaml"
  run -0 --separate-stderr "$COURANT" run --json -C "$work" --now "$later"
  [ "$(jq .llm_calls <<<"$output")" -ge "$(jq .enriched <<<"$output")" ]
}
