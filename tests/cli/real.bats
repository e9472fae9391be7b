# Recorded replies of the real services, where there are any.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  [[ -d ${COURANT_SHARED:-} ]] || skip "COURANT_SHARED is not set"
  start_sim --folder "$COURANT_SHARED/payloads"
  work=$BATS_TEST_TMPDIR/work
  mkdir "$work"
}

teardown() {
  stop_sim
}

@test "every recorded Hacker News item and feed gives items or one clear error, and a site" {
  local file
  {
    printf 'filters: {max_age_days: 0}\nenrich: {threshold: 0}\nsources:\n'
    printf '  - hackernews: {base_url: "http://www.localhost:%s/hn/v0", limit: 500}\n' "$sim_port"
    for file in "$COURANT_SHARED"/payloads/rss/*; do
      printf '  - feed: {url: "http://www.localhost:%s/rss/%s"}\n' "$sim_port" "${file##*/}"
    done
  } >"$work/courant.yaml"
  run --separate-stderr "$COURANT" run -q -C "$work" --now 2026-03-14T00:00:00Z --json
  [[ $status -eq 0 || $status -eq 4 ]]
  python3 - "$output" "$work/data/courant.db" "$COURANT_SHARED/payloads/rss" <<'PYTHON' >&3
import json, os, sqlite3, sys
run, store = json.loads(sys.argv[1]), sqlite3.connect(sys.argv[2])
failures = run["failures"]
sources = ["hackernews"] + ["feed:" + u for u in sorted(k[5:] for (k,) in store.execute("SELECT key FROM sources") if k.startswith("feed:"))]
assert len(sources) == 1 + len(os.listdir(sys.argv[3]))
for key in sources:
    (count,) = store.execute("SELECT count(*) FROM items WHERE source = ?", (key,)).fetchone()
    own = [f["message"] for f in failures if f["job"] == "collect:" + key]
    print("#", key.rsplit("/", 1)[-1], count, "items;", "; ".join(own))
    assert count > 0 or len(own) == 1, (key, count, own)
    for message in own:
        assert key == "hackernews" or key.rsplit("/", 1)[-1] in message, message
PYTHON
  [ -f "$work/public/index.html" ]
}
