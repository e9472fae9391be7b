# The whole road over the bundled world.
bats_require_minimum_version 1.5.0

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  export sim_port sim_pid day1=2026-03-02T08:00:00Z day2=2026-03-03T08:00:00Z
}

teardown_file() {
  kill "$sim_pid"
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  ask_sim -X POST "/_sim/reset"
  ask_sim -X POST "/_sim/day?n=1"
}

@test "the bundled world becomes a site" {
  run --separate-stderr "$COURANT" run -C "$work" --now "$day1" --json
  [ "$status" -eq 0 ]
  python3 - "$output" <<'PYTHON'
import json, sys
run = json.loads(sys.argv[1])
assert run["schema"] == "courant.run/1"
assert run["items"]["new"] > 40, run["items"]
assert run["items"]["duplicates"] >= 5, run["items"]
assert run["articles"]["written"] == 12, run["articles"]
assert [s["name"] for s in run["stages"]] == ["collect", "group", "enrich", "generate", "deploy"]
assert run["cost_micros"] == run["llm_calls"] == 0
assert any("45600128" in f["message"] for f in run["failures"]), run["failures"]
PYTHON
  [ -f "$work/public/index.html" ]
  xmllint --noout "$work/public/index.xml"
  [ "$(find "$work/public/posts" -name index.html | wc -l)" -eq 12 ]
}

@test "every quotation is what its source says" {
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$day1"
  python3 - "$work/data/courant.db" <<'PYTHON'
import json, sqlite3, sys
store = sqlite3.connect(sys.argv[1])
said = {}
for url, text in store.execute("SELECT url, text FROM items UNION ALL SELECT s.url, e.text FROM story_evidence s JOIN evidence e USING (sha256)"):
    said[url] = said.get(url, "") + " " + " ".join(text.split())
quotations = 0
for slug, document in store.execute("SELECT slug, document FROM articles"):
    article = json.loads(document)
    for quotation in article["quotations"]:
        source = article["sources"][quotation["source"]]
        assert quotation["text"].removesuffix("…") in said[source["url"]], (slug, quotation)
        assert quotation["text"].rstrip(".") != article["headline"], (slug, quotation)
        quotations += 1
    assert len(article["headline"]) <= 120 and article["teaser"] != article["headline"], article
assert quotations > 60, quotations
PYTHON
}

@test "nothing foreign is active in the site" {
  "$COURANT" run -q -C "$work" --now "$day1"
  run -0 python3 "$BATS_TEST_DIRNAME/active_content.py" "$work/public"
  grep -rqF '&lt;script&gt;' "$work/public"
  echo '<p onclick="x">' >>"$work/public/index.html"
  run -1 python3 "$BATS_TEST_DIRNAME/active_content.py" "$work/public"
}

@test "private hosts and what robots.txt forbids are never asked" {
  "$COURANT" run -q -C "$work" --now "$day1"
  ask_sim "/_sim/log" >"$BATS_TEST_TMPDIR/log"
  grep -q '"host":"www.tidepool.localhost".*"path":"/go/wiki"' "$BATS_TEST_TMPDIR/log"
  run -1 grep '"host":"[^"]*intranet' "$BATS_TEST_TMPDIR/log"
  run -1 grep '"path":"/private/' "$BATS_TEST_TMPDIR/log"
  sqlite3 "$work/data/courant.db" "SELECT outcome FROM exchanges WHERE source = 'error'" >"$BATS_TEST_TMPDIR/errors"
  grep -q 'robots.txt of .* does not allow it' "$BATS_TEST_TMPDIR/errors"
  grep -q 'private' "$BATS_TEST_TMPDIR/errors"
}

@test "a second run with nothing new asks no page and leaves the site alone" {
  "$COURANT" run -q -C "$work" --now "$day1"
  local before after
  before=$(stat -c '%i %Y' "$work/public"; tree_sha "$work/public")
  ask_sim -X POST "/_sim/reset"
  "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  after=$(stat -c '%i %Y' "$work/public"; tree_sha "$work/public")
  [ "$before" = "$after" ]
  [ "$(page_requests)" -eq 0 ]
}

@test "feeds that did not change are revalidated" {
  "$COURANT" run -q -C "$work" --now "$day1"
  "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  [ "$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM exchanges WHERE run_id = 2 AND source = 'revalidated' AND url LIKE '%.xml'")" -eq 2 ]
  [ "$(ask_sim "/_sim/log" | grep -c '"status":304')" -eq "$(sqlite3 "$work/data/courant.db" "SELECT count(*) FROM exchanges WHERE source = 'revalidated'")" ]
}

@test "the second day updates articles under the same address" {
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$day1"
  (cd "$work/public/posts" && ls) >"$BATS_TEST_TMPDIR/slugs"
  ask_sim -X POST "/_sim/day?n=2"
  run --separate-stderr "$COURANT" run -C "$work" --now "$day2" --json
  [ "$status" -eq 0 ]
  python3 - "$output" <<'PYTHON'
import json, sys
run = json.loads(sys.argv[1])
assert run["stories"]["updated"] >= 1, run["stories"]
assert run["articles"]["written"] >= 1 and run["articles"]["updated"] >= 1, run["articles"]
PYTHON
  while read -r slug; do [ -f "$work/public/posts/$slug/index.html" ]; done <"$BATS_TEST_TMPDIR/slugs"
}

@test "a recording replays to the same dump and site for any number of workers" {
  "$COURANT" run -q -C "$work" --now "$day1" --record "$BATS_TEST_TMPDIR/day.rec"
  ask_sim -X POST "/_sim/reset"
  local workers replayed
  for workers in 1 2 8 64; do
    replayed=$BATS_TEST_TMPDIR/replay-$workers
    mkdir "$replayed"
    "$COURANT" run -q -C "$replayed" --replay "$BATS_TEST_TMPDIR/day.rec" --workers "$workers"
    [ "$("$COURANT" dump -C "$replayed" | sha256sum)" = "$("$COURANT" dump -C "$work" | sha256sum)" ]
    [ "$(tree_sha "$replayed/public")" = "$(tree_sha "$work/public")" ]
  done
  [ "$(ask_sim "/_sim/log" | wc -l)" -eq 0 ]
}

@test "runs with 1 and 64 workers agree" {
  local workers
  for workers in 1 64; do
    make_workspace "$BATS_TEST_TMPDIR/w$workers"
    "$COURANT" run -q -C "$BATS_TEST_TMPDIR/w$workers" --now "$day1" --workers "$workers"
  done
  [ "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/w1" | sha256sum)" = "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/w64" | sha256sum)" ]
}

@test "one worker means one request in flight" {
  "$COURANT" run -q -C "$work" --now "$day1" --workers 1
  ask_sim "/_sim/log" >"$BATS_TEST_TMPDIR/log"
  [ -s "$BATS_TEST_TMPDIR/log" ]
  run -1 grep -vE '"in_flight":1[,}]' "$BATS_TEST_TMPDIR/log"
}

@test "a replay touches neither another configuration nor the site it names" {
  local site=$BATS_TEST_TMPDIR/live
  sed -i "s#^site:#deploy: {path: $site}\nsite:#" "$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$day1" --record "$BATS_TEST_TMPDIR/day.rec"
  ask_sim -X POST "/_sim/day?n=2"
  "$COURANT" run -q -C "$work" --now "$day2"
  local before
  before=$(tree_sha "$site")
  mkdir "$BATS_TEST_TMPDIR/precious" "$BATS_TEST_TMPDIR/empty"
  echo 'title: precious' >"$BATS_TEST_TMPDIR/precious/courant.yaml"
  run -3 "$COURANT" run -C "$BATS_TEST_TMPDIR/precious" --replay "$BATS_TEST_TMPDIR/day.rec"
  [ "$(cat "$BATS_TEST_TMPDIR/precious/courant.yaml")" = 'title: precious' ]
  [ ! -e "$BATS_TEST_TMPDIR/precious/data" ]
  "$COURANT" run -q -C "$BATS_TEST_TMPDIR/empty" --replay "$BATS_TEST_TMPDIR/day.rec"
  [ -f "$BATS_TEST_TMPDIR/empty/public/index.html" ]
  [ "$(tree_sha "$site")" = "$before" ]
}

@test "a replay opens no connection and so needs no certificates" {
  cp /etc/ssl/certs/ca-certificates.crt "$work/ca.pem"
  sed -i 's/^network:/network:\n  ca_file: ca.pem/' "$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$day1" --record "$BATS_TEST_TMPDIR/day.rec"
  mkdir "$BATS_TEST_TMPDIR/empty"
  "$COURANT" run -q -C "$BATS_TEST_TMPDIR/empty" --replay "$BATS_TEST_TMPDIR/day.rec"
  [ "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/empty" | sha256sum)" = "$("$COURANT" dump -C "$work" | sha256sum)" ]
}

@test "a replay wants a workspace without a store, and names what the recording lacks" {
  "$COURANT" run -q -C "$work" --now "$day1" --record "$BATS_TEST_TMPDIR/day.rec"
  run -2 "$COURANT" run -C "$work" --replay "$BATS_TEST_TMPDIR/day.rec"
  sqlite3 "$BATS_TEST_TMPDIR/day.rec" "DELETE FROM exchanges WHERE job LIKE 'collect:feed:%bytesmith%'"
  mkdir "$BATS_TEST_TMPDIR/replay"
  run -4 "$COURANT" run -C "$BATS_TEST_TMPDIR/replay" --replay "$BATS_TEST_TMPDIR/day.rec"
  [[ $output == *"bytesmith"*"the recording holds no answer"* ]]
}

@test "the stages one by one come to the same dump as a run" {
  make_workspace "$BATS_TEST_TMPDIR/stages"
  "$COURANT" run -q -C "$work" --now "$day1"
  local stage
  for stage in collect enrich generate deploy; do
    "$COURANT" "$stage" -q -C "$BATS_TEST_TMPDIR/stages" --now "$day1"
  done
  [ "$("$COURANT" dump -C "$BATS_TEST_TMPDIR/stages" | sha256sum)" = "$("$COURANT" dump -C "$work" | sha256sum)" ]
  [ "$(tree_sha "$BATS_TEST_TMPDIR/stages/public")" = "$(tree_sha "$work/public")" ]
}

@test "status, sources, stories, why, doctor and dump tell of the run" {
  "$COURANT" run -q -C "$work" --now "$day1"
  local command
  for command in status sources stories doctor "why hn:45600101"; do
    # shellcheck disable=SC2086
    "$COURANT" $command -C "$work" --json | python3 -c 'import json,sys; assert json.load(sys.stdin)["schema"].startswith("courant.")'
    # shellcheck disable=SC2086
    [ -n "$("$COURANT" $command -C "$work")" ]
  done
  run -1 "$COURANT" why -C "$work" https://nobody.example/
  [[ $output == *"nothing is known of"* ]]
}

@test "that hugo is missing is told before anything is collected" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$COURANT" run -C "$work" --now "$day1"
  [ "$status" -eq 1 ]
  [[ ${stderr%%collect: *} == *"warning: hugo is not in PATH: the site will not be built; apt install hugo"* ]]
  run --separate-stderr "$COURANT" run -C "$work" --now "$day1"
  [ "$status" -eq 0 ]
  [[ $stderr != *"not in PATH"* ]]
}
