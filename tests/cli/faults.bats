# Bad input and broken places: a clear error, nothing lost.
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
  ask_sim -X POST /_sim/reset
}

# What a fault does to the other sources is in tests/engine/faults.py.
@test "a source that fails: the others are published" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "reset": true}]' /_sim/script
  run -4 --separate-stderr "$COURANT" run -q -C "$work" --now "$now"
  [[ $stderr == *"source feed:http://www.kernelnotes"*"after 4 tries"* ]]
  [ -f "$work/public/index.html" ]
}

@test "a source that answers HTML for JSON" {
  ask_sim -X POST --data-binary '[{"host": "hn.localhost", "html": true}]' /_sim/script
  run -4 --separate-stderr "$COURANT" run -q -C "$work" --now "$now"
  [[ $stderr == *"source hackernews: GET "*"topstories.json"* ]]
  "$COURANT" sources -C "$work" --json | jq -e '[.sources[] | select(.health != "well") | .key] == ["hackernews"]'
}

@test "a source that fails twice and then answers is no failure" {
  ask_sim -X POST --data-binary '[{"path": "/atom.xml", "times": 2, "status": 503}]' /_sim/script
  run -0 "$COURANT" run -q -C "$work" --now "$now"
}

@test "all sources down: exit 1, and the store can be read" {
  sed -i 's/^network:/network:\n  deadline: 5/' "$work/courant.yaml" # GitHub's limit would hold up the tries after the tenth
  ask_sim -X POST --data-binary '[{"reset": true}]' /_sim/script
  run -1 "$COURANT" run -q -C "$work" --now "$now"
  "$COURANT" status -C "$work" | grep -q 'source hackernews: '
}

@test "wrong configuration: file, line, path, did you mean; exit 3" {
  sed -i 's/top, limit: 40/top, limt: 40/; s/^site:/sites:/' "$work/courant.yaml"
  run -3 "$COURANT" run -C "$work"
  [[ $output == *'courant.yaml:5: sources[1]'*'unknown key "limt" (did you mean "limit"?)'* ]]
  [[ $output == *'unknown key "sites" (did you mean "site"?)'* ]]
  [ ! -e "$work/data" ]
  QUALITY_THRESHOLD=high run -3 "$COURANT" run -C "$work"
  [[ $output == *'QUALITY_THRESHOLD'* ]]
}

@test "a workspace without configuration, a wrong command, a wrong option" {
  run -3 "$COURANT" run -C "$BATS_TEST_TMPDIR"
  [[ $output == *"courant init"* ]]
  run -2 "$COURANT" rnu
  [[ $output == *'did you mean "run"?'* ]]
  run -2 "$COURANT" run --worker
  run -2 "$COURANT" run --now yesterday
}

# site_stays REASON: the old site is untouched, exit 1, and one line says why
site_stays() {
  [ "$status" -eq 1 ]
  [ "$(grep -c 'error: ' <<<"$stderr")" -eq 1 ]
  [[ $stderr == *"$1"* ]]
  [ "$(tree_sha "$work/public")" = "$before" ]
}

@test "without Hugo the old site stays" {
  "$COURANT" run -q -C "$work" --now "$now"
  before=$(tree_sha "$work/public")
  echo 'title: Another name' >>"$work/courant.yaml"
  sed -i '0,/^title:/{/^title:/d}' "$work/courant.yaml"
  mkdir "$BATS_TEST_TMPDIR/bin"
  run --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$COURANT" run -q -C "$work" --now "$now"
  site_stays "hugo: not installed"
}

@test "a folder that is no site of ours is not replaced" {
  mkdir "$work/public"
  echo mine >"$work/public/precious"
  before=$(tree_sha "$work/public")
  run --separate-stderr "$COURANT" run -q -C "$work" --now "$now"
  site_stays "is no site made by courant"
}

@test "a deploy folder that cannot be written" {
  sed -i 's/^site:/deploy: {path: \/proc\/courant}\nsite:/' "$work/courant.yaml"
  run -1 --separate-stderr "$COURANT" run -q -C "$work" --now "$now"
  [ "$(grep -c 'error: ' <<<"$stderr")" -eq 1 ]
  [[ $stderr == *"/proc/courant"* ]]
}

@test "a deploy folder that is a mount: one line that says to deploy below it" {
  mkdir "$work/public"
  mount -t tmpfs courant-test "$work/public" 2>/dev/null || skip "no right to mount"
  run --separate-stderr "$COURANT" run -q -C "$work" --now "$now"
  umount -l "$work/public"
  echo "$stderr"
  [ "$status" -eq 1 ]
  [ "$(grep -c 'error: ' <<<"$stderr")" -eq 1 ]
  [[ $stderr == *"below the mount"* ]]
}

@test "a full disk: one line, the old site stays" {
  mkdir "$BATS_TEST_TMPDIR/disk"
  mount -t tmpfs -o size=8m courant-test "$BATS_TEST_TMPDIR/disk" 2>/dev/null || skip "no right to mount a small disk"
  work=$BATS_TEST_TMPDIR/disk/work
  make_workspace "$work"
  "$COURANT" run -q -C "$work" --now "$now"
  before=$(tree_sha "$work/public")
  head -c 8M /dev/zero >"$BATS_TEST_TMPDIR/disk/filler" 2>/dev/null || true
  # Near its end a tmpfs counts roughly, and refuses a page while it has some: the last ones go one by one.
  local refusals=0
  while ((refusals < 20)); do
    if head -c 4096 /dev/zero 2>/dev/null >>"$BATS_TEST_TMPDIR/disk/filler"; then refusals=0; else refusals=$((refusals + 1)); fi
  done
  run --separate-stderr "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  rm "$BATS_TEST_TMPDIR/disk/filler"
  local sha=$(tree_sha "$work/public") check=$(sqlite3 "$work/data/courant.db" "PRAGMA integrity_check")
  umount -l "$BATS_TEST_TMPDIR/disk"
  echo "$stderr"
  [ "$status" -eq 1 ]
  [ "$(grep -c 'error: ' <<<"$stderr")" -eq 1 ]
  [[ $stderr == *full* || $stderr == *"No space left"* ]]
  [ "$sha" = "$before" ]
  [ "$check" = ok ]
}

@test "a page that was changed by hand is left alone" {
  "$COURANT" run -q -C "$work" --now "$now"
  local page
  page=$(find "$work/content/posts" -name index.html | sort | head -n 1)
  sed -i 's/"title":"/"title":"Mine: /' "$page"
  run -0 "$COURANT" run -C "$work" --now 2026-03-02T09:00:00Z
  [[ $output == *"changed by hand"* ]]
  grep -q 'Mine: ' "$page"
  grep -rqF 'Mine: ' "$work/public"
}
