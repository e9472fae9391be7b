# Seeing a run work: its timeline, its log as JSON, its progress on a terminal, and what is told of it afterwards.
bats_require_minimum_version 1.5.0

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  export sim_port sim_pid now=2026-03-02T08:00:00Z
}

teardown_file() {
  kill "$sim_pid"
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  ask_sim -X POST --data-binary '[]' /_sim/script
}

# check_log COMMAND...: what it writes to stderr, each line one JSON object, is left in $log
check_log() {
  log=$BATS_TEST_TMPDIR/log
  "$@" --log-format json 2>"$log" >/dev/null || true
  python3 - "$log" <<'END'
import json, re, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert lines
begun = set()
for line in lines:
    assert re.fullmatch(r"20\d\d-.*Z", line["time"]) and line["level"] in ("info", "warning", "error") and line["message"], line
    if "phase" in line:
        assert {"event", "time_seconds", "items_processed", "rate_items_per_sec", "workers"} <= line.keys(), line
        assert line["event"] in ("start", "progress", "end"), line
        assert line["event"] != "start" or line["phase"] not in begun, line
        begun.add(line["phase"])
END
}

@test "--timeline writes a page, or a trace for chrome://tracing and Perfetto" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "times": 1, "status": 503}]' /_sim/script
  run -0 "$COURANT" run -q -C "$work" --now "$now" --timeline "$BATS_TEST_TMPDIR/run.json"
  run -0 "$COURANT" collect -q -C "$work" --now 2026-03-02T09:00:00Z --timeline "$BATS_TEST_TMPDIR/run.html"
  python3 - "$BATS_TEST_TMPDIR"/run.json "$BATS_TEST_TMPDIR"/run.html <<'END'
import json, re, sys
def check(trace):
    events = trace["traceEvents"]
    names = {event["args"]["name"]: event["pid"] for event in events if event["name"] == "process_name"}
    spans = [event for event in events if event["ph"] == "X"]
    assert all(event["dur"] >= 0 and event["ts"] >= 0 and event["tid"] > 0 for event in spans)
    requests = [event for event in spans if "url" in event["args"]]
    assert len(requests) == trace["otherData"]["requests"] > 0
    assert all(names[event["args"]["url"].split("/")[2]] == event["pid"] for event in requests)
    assert any(event["args"].get("is_critical") for event in requests)
    return trace, spans
trace, spans = check(json.load(open(sys.argv[1])))
stages = [event["name"] for event in spans if event["cat"] == "stage"]
assert stages == ["collect", "group", "enrich", "generate", "deploy"], stages
assert [event["name"] for event in spans if event["cat"] == "part"][-2:] == ["hugo", "merge"]
assert trace["otherData"]["retries"] >= 1 and trace["otherData"]["hugo_ms"] > 0, trace["otherData"]
page = open(sys.argv[2]).read()
check(json.loads(re.search(r'<script type="application/json" id="trace">(.*?)</script>', page, re.S)[1]))
assert "default-src 'none'" in page and not re.search(r"\b(src|href)=|@import|url\(", page.split('id="trace"')[0])
END
}

@test "--timeline: the page draws itself, and writes strangers' words as words" {
  [[ -x /usr/bin/chromium ]] || skip "no chromium"
  sed -i "s#/atom.xml#&?<img src=x onerror=document.title=1>#" "$work/courant.yaml"
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "delay_ms": 700}]' /_sim/script
  run -0 "$COURANT" collect -q -C "$work" --now "$now" --timeline "$BATS_TEST_TMPDIR/run.html"
  /usr/bin/chromium --headless --no-sandbox --user-data-dir="$BATS_TEST_TMPDIR/chromium" --virtual-time-budget=2000 \
    --dump-dom "file://$BATS_TEST_TMPDIR/run.html" 2>/dev/null >"$BATS_TEST_TMPDIR/drawn"
  grep -q '<title>Timeline of a run</title>' "$BATS_TEST_TMPDIR/drawn"
  grep -q '<dt>wall clock</dt><dd>' "$BATS_TEST_TMPDIR/drawn"
  grep -q '/atom.xml?&lt;img src=x onerror=document.title=1&gt;</td>' "$BATS_TEST_TMPDIR/drawn"
}

@test "--timeline: a dry run has none" {
  run -2 "$COURANT" run -n -C "$work" --timeline "$BATS_TEST_TMPDIR/dry.html"
  [[ $output == *"--dry-run does nothing, so there is no timeline of it"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/dry.html" ]
}

@test "--timeline: a file that cannot be written is refused before the run" {
  mkdir "$BATS_TEST_TMPDIR/folder"
  local file
  for file in "$BATS_TEST_TMPDIR/folder" "$BATS_TEST_TMPDIR/no/such.html" "$work/courant.yaml/run.json" /dev/null; do
    run -2 "$COURANT" run -C "$work" --now "$now" --timeline "$file"
    [[ ${#lines[@]} -eq 1 && $output == *"--timeline: cannot write $file: "* ]]
  done
  [ ! -e "$work/data" ] && [ -c /dev/null ]
}

@test "--log-format json: every line is one object, and tells the pace of each stage" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "status": 404}]' /_sim/script
  check_log "$COURANT" run -C "$work" --now "$now"
  [ "$(jq -r 'select(.event == "end") | .phase' "$log" | paste -sd' ')" = 'collect group enrich generate deploy' ]
  [ "$(jq -r 'select(.phase == "collect" and .event == "start") | .workers' "$log")" -gt 1 ]
  [ "$(jq -r 'select(.phase == "collect" and .event == "end") | .items_processed' "$log")" -gt 1 ]
  jq -es 'any(.level == "warning" and (.message | test("HTTP 404")))' "$log"
}

@test "--log-format json: also when the words or the configuration are wrong" {
  check_log "$COURANT" run --bogus
  check_log "$COURANT" runn
  echo 'sources: [nothing]' >"$work/courant.yaml"
  check_log "$COURANT" run -C "$work"
}

@test "bars tell what is waited for, and how long" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "times": 1, "status": 429, "headers": {"Retry-After": "4"}}]' /_sim/script
  TERM=xterm run -0 python3 "$BATS_TEST_DIRNAME/terminal.py" 150 30 bars "$COURANT" collect -C "$work" --now "$now"
  [[ $output =~ collect\ +\[[#.]+\]\ [0-9]+/[0-9]+\ +[0-9.]+/s\ +[0-9.]+\ s\ +waiting\ [34]\ s\ for\ www.kernelnotes.localhost ]]
  [[ $output =~ "courant: collect: "[0-9]+" jobs, "[0-9]+" at once (as many as the limits of the hosts allow)" ]]
}

@test "bars follow a terminal that becomes narrower" {
  ask_sim -X POST --data-binary '[{"delay_ms": 80}]' /_sim/script
  TERM=xterm run -0 python3 "$BATS_TEST_DIRNAME/terminal.py" 100:50 30 bars "$COURANT" collect -C "$work" --now "$now"
}

@test "NO_COLOR takes the colours and leaves the bars" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "status": 404}]' /_sim/script
  TERM=xterm run -4 python3 "$BATS_TEST_DIRNAME/terminal.py" 100 30 bars "$COURANT" collect -C "$work" --now "$now"
  [[ $output == *$'\e[33mwarning'* ]]
  rm -rf "$work/data"
  NO_COLOR=1 TERM=xterm run -4 python3 "$BATS_TEST_DIRNAME/terminal.py" 100 30 bars "$COURANT" collect -C "$work" --now "$now"
  [[ $output == *"courant: warning"* && ! $output =~ $'\e['[0-9]+m ]]
}

@test "status: a line a stage, in columns" {
  run -0 "$COURANT" run -q -C "$work" --now "$now"
  run -0 "$COURANT" status -C "$work"
  [[ ${lines[1]} =~ ^"  stage      seconds     idle   waited   jobs  at once  failed"$ ]]
  [[ ${lines[2]} =~ ^"  collect  "\ +[0-9.]+\ +[0-9.]+\ +[0-9.]+\ +[0-9]+\ +[0-9]+\ +0"  "[0-9]+" collected, " ]]
  "$COURANT" status -C "$work" --json | jq -e '.runs[0].stages[0] | .name == "collect" and .idle > 0 and .seconds >= .idle
    and .waited >= 0 and .jobs > 1 and .workers > 1 and .failed == 0 and .cost_micros == 0 and .counts.collected > 0'
  sqlite3 "$work/data/courant.db" "INSERT INTO ledger(run_id, job, stage, provider, model, purpose, input_tokens, output_tokens,
    reserved, charged, state) VALUES(1, 'enrich:a', 'enrich', 'openai', 'm', 'score', 9, 9, 5000, 1234, 'answered')"
  run -0 "$COURANT" status -C "$work"
  [[ ${lines[1]} == *"  failed      cost" ]]
  grep -qE '^  enrich .* \$0\.001234  [0-9]+ enriched' <<<"$output"
  "$COURANT" status -C "$work" --json | jq -e '.runs[0].cost_micros == 1234 and .runs[0].stages[2].cost_micros == 1234'
}
