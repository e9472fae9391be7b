# What language models cost: sums of the ledger, every call, the month to come.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  now=2026-03-02T08:00:00Z
  export OPENAI_API_KEY=sesame
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

costs() {
  "$COURANT" costs -C "$work" --now "$now" "$@"
}

# sql QUERY: of the store
sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# invent: a ledger small enough to be told by heart
invent() {
  sql "DELETE FROM ledger; DELETE FROM runs WHERE id > 1;
    UPDATE runs SET now_ms = unixepoch('2026-02-27') * 1000;
    INSERT INTO runs(command, now_ms, config_sha256, version, state, started_ms)
      SELECT command, unixepoch('2026-03-02') * 1000, config_sha256, version, state, started_ms FROM runs;
    INSERT INTO ledger(run_id, job, stage, story_id, provider, model, purpose, input_tokens, output_tokens, reserved, charged, state,
        outcome, latency_ms) VALUES
      (1, 'enrich:a', 'enrich', 'a', 'openai', 'gpt-5-nano', 'score', 1000, 200, 400, 130, 'answered', 'used', 900),
      (2, 'enrich:b', 'enrich', 'b', 'openai', '@cf/llama, \"small\"', 'score', 3000, 500, 700, 350, 'answered', 'failed', 1500),
      (2, 'enrich:b', 'enrich', 'b', 'openai', '@cf/llama, \"small\"', 'repair', 3100, 400, 700, 315, 'answered', 'used', 1101),
      (2, 'enrich:c', 'enrich', 'c', 'openai', 'gpt-5-nano', 'score', 9000, 4000, 2050, 2050, 'lost', NULL, 3),
      (2, 'enrich:c', 'enrich', 'c', 'openai', 'gpt-5-nano', 'score', 0, 0, 2050, 0, 'unbilled', NULL, 2)"
}

@test "what a run spent is what costs, the run and the bill tell" {
  # an answer that is no JSON, one that breaks off, one that is refused
  ask_sim -X POST --data-binary '[{"host": "llm.localhost", "times": 1, "status": 400}, {"host": "llm.localhost", "times": 1, "truncate": 40},
    {"host": "llm.localhost", "path": "/v1/*", "skip": 5, "times": 1, "status": 200, "body": "no JSON"}]' /_sim/script
  run -4 --separate-stderr "$COURANT" run -q --json -C "$work" --now "$now"
  local document=$output told
  told=$(costs --json)
  jq -e '.schema == "courant.costs/1" and .total.lost_calls == 1 and .total.unbilled_calls == 1' <<<"$told"
  [ "$(jq .total.cost_micros <<<"$told")" = "$(jq .cost_micros <<<"$document")" ]
  [ "$(jq .total.calls <<<"$told")" = "$(jq .llm_calls <<<"$document")" ]
  local by
  for by in day stage model outcome; do
    jq -e --arg by "$by" '.total as $total | .by[$by] | (map(.cost_micros) | add) == $total.cost_micros
      and (map(.calls) | add) == $total.calls and (map(.useful_micros) | add) == $total.useful_micros' <<<"$told"
  done
  # what was used, or cost a repair, is what was billed for all answers that came whole
  jq -e '.by.outcome | map(.outcome) == ["failed", "lost", "unbilled", "used"]' <<<"$told"
  [ "$(sql "SELECT sum(charged) FROM ledger WHERE state = 'answered' AND charged < reserved")" = \
    "$(ask_sim /_sim/log | jq -s '[.[] | select(.billed_micros and (.fault == null)) | .billed_micros] | add')" ]
  # an outcome a call, one used a story that was scored, and the exchange that each call left
  [ "$(sql "SELECT count(*) FROM ledger WHERE outcome = 'used'")" = "$(sql "SELECT count(*) FROM scores WHERE given IS NOT NULL")" ]
  [ "$(sql "SELECT count(*) FROM ledger WHERE (outcome IS NULL) = (state = 'answered')")" = 0 ]
  [ "$(sql "SELECT count(*) FROM ledger l JOIN exchanges e ON e.id = exchange_id AND e.job = l.job WHERE l.state = 'answered'")" = \
    "$(jq .total.calls <<<"$told")" ]
  run -0 costs --csv
  [ "$(wc -l <<<"$output")" -eq "$(($(sql "SELECT count(*) FROM ledger") + 1))" ]
}

@test "answers that a cut-off run paid for are used by the next" {
  "$COURANT" collect -q -C "$work" --now "$now"
  ask_sim -X POST --data-binary '[{"host": "llm.localhost", "skip": 20, "delay_ms": 60000}]' /_sim/script
  "$COURANT" enrich -q -C "$work" --now "$now" &
  local pid=$!
  until [ "$(sql "SELECT count(*) FROM ledger WHERE state = 'answered'")" = 20 ]; do sleep 0.1; done
  kill -9 "$pid"
  wait "$pid" || true
  [ "$(costs --json --by outcome | jq -c '.by.outcome | map([.outcome, .calls])')" = '[["open",0],["unused",20]]' ]
  ask_sim -X POST --data-binary '[]' /_sim/script
  run -0 "$COURANT" enrich --fresh -q -C "$work" --now "$now"
  [ "$(costs --json --by outcome | jq -c '.by.outcome | map(.outcome) - ["failed"]')" = '["lost","used"]' ]
  [ "$(sql "SELECT count(*) FROM ledger WHERE run_id = 2 AND outcome IS NOT NULL")" = 20 ]
}

@test "the figures of a small ledger, for people" {
  "$COURANT" collect -q -C "$work" --now "$now"
  run -0 costs
  [ "$output" = "No language model was asked yet; llm and enrich in courant.yaml say which one is." ]
  invent
  run -0 costs
  diff - <(printf '%s\n' "$output") <<'END'
day         calls  tokens in  tokens out  mean ms      spent     useful       lost  lost calls  unbilled
2026-02-27      1       1000         200      900  $0.000130  $0.000130  $0.000000           0         0
2026-03-02      2       6100         900     1301  $0.002715  $0.000315  $0.002050           1         1

stage   calls  tokens in  tokens out  mean ms      spent     useful       lost  lost calls  unbilled
enrich      3       7100        1100     1167  $0.002845  $0.000445  $0.002050           1         1

model               calls  tokens in  tokens out  mean ms      spent     useful       lost  lost calls  unbilled
@cf/llama, "small"      2       6100         900     1301  $0.000665  $0.000315  $0.000000           0         0
gpt-5-nano              1       1000         200      900  $0.002180  $0.000130  $0.002050           1         1

outcome   calls  tokens in  tokens out  mean ms      spent     useful       lost  lost calls  unbilled
failed        1       3000         500     1500  $0.000350  $0.000000  $0.000000           0         0
lost          0          0           0        -  $0.002050  $0.000000  $0.002050           1         0
unbilled      0          0           0        -  $0.000000  $0.000000  $0.000000           0         1
used          2       4100         600     1001  $0.000445  $0.000445  $0.000000           0         0

Spent: $0.002845; useful: $0.000445 (15.6 %); lost: $0.00205. Calls: 3 answered, 1 lost, 1 unbilled, 0 spared.
2026-03: $0.002715 so far; the last days with runs (2) cost $0.001422 each on average, which makes $0.043953 by its end.
Caps: $1.00 a day, $20.00 a month.
END
  echo 'budget: {per_month: 0.01}' >>"$work/courant.yaml"
  run -0 costs --by stage --since 2026-03-01
  [ "$(sed -n 2p <<<"$output")" = 'enrich      2       6100         900     1301  $0.002715  $0.000315  $0.002050           1         1' ]
  [ "${lines[-1]}" = 'Caps: $1.00 a day, $0.01 a month, which is reached on 2026-03-08.' ]
  run -0 costs --since 2026-03-03
  [ "$output" = "No language model was asked since then." ]
}

@test "the same for programs, in micro-dollars" {
  "$COURANT" collect -q -C "$work" --now "$now"
  [ "$(costs --json | jq -c '[.by, .total.cost_micros]')" = '[{"day":[],"model":[],"outcome":[],"stage":[]},0]' ]
  [ "$(costs --csv)" = "" ]
  invent
  diff <(costs --json --by model | jq -c '[(.by | keys), .by.model[0], .forecast]') - <<'END'
[["model"],{"calls":2,"cost_micros":665,"input_tokens":6100,"latency_ms":1301,"lost_calls":0,"lost_micros":0,"model":"@cf/llama, \"small\"","output_tokens":900,"unbilled_calls":0,"useful_micros":315},{"day_micros":1422,"days":2,"days_left":29,"expected_micros":43953,"full":null,"month":"2026-03","per_day_micros":1000000,"per_month_micros":20000000,"spent_micros":2715}]
END
  diff - <(costs --csv --since 2026-03-01) <<'END'
now,run,stage,story,provider,model,purpose,input_tokens,output_tokens,reserved_micros,cost_micros,latency_ms,outcome
2026-03-02T00:00:00Z,2,enrich,b,openai,"'@cf/llama, ""small""",score,3000,500,700,350,1500,failed
2026-03-02T00:00:00Z,2,enrich,b,openai,"'@cf/llama, ""small""",repair,3100,400,700,315,1101,used
2026-03-02T00:00:00Z,2,enrich,c,openai,gpt-5-nano,score,9000,4000,2050,2050,3,lost
2026-03-02T00:00:00Z,2,enrich,c,openai,gpt-5-nano,score,0,0,2050,0,2,unbilled
END
  [ "$(costs --csv --by day | tail -n 1)" = 2026-03-02,2,6100,900,1301,2715,315,1,2050,1 ]
  # a story that turned out to be another's
  sql "UPDATE ledger SET story_id = (SELECT id FROM stories LIMIT 1) WHERE purpose = 'repair';
    UPDATE stories SET merged_into = (SELECT id FROM stories LIMIT 1 OFFSET 1) WHERE id = (SELECT id FROM stories LIMIT 1)"
  [ "$(costs --json --by outcome | jq -c '.by.outcome | map([.outcome, .cost_micros, .useful_micros])')" = \
    '[["duplicate",315,0],["failed",350,0],["lost",2050,0],["unbilled",0,0],["used",130,130]]' ]
}

@test "what cannot be asked" {
  "$COURANT" collect -q -C "$work" --now "$now"
  run -2 costs --by week
  [[ $output == *"--by takes day, stage, model or outcome"* ]]
  run -2 costs --since soon
  [[ $output == *"--since takes a date"* ]]
  run -2 costs --csv --json
  [[ $output == *"choose one"* ]]
}
