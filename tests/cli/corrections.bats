# What people say of stories: merged, split, forgotten; obeyed by later runs, and what becomes of the pages.
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
  cp -r "$ready" "$work"
  ask_sim -X POST "/_sim/day?n=1"
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

story() {
  "$COURANT" story "$1" -C "$work" --now 2026-03-02T09:00:00Z "${@:2}"
}

# two_stories CONDITION: sets older and younger to stories of which that holds: s, with a for whether it has an article
two_stories() {
  local -a ids
  mapfile -t ids < <(sql "SELECT id FROM (SELECT s.*, EXISTS(SELECT 1 FROM articles WHERE story_id = s.id) AS a FROM stories s) s
    WHERE $1 ORDER BY founded_ms, id")
  older=${ids[0]} younger=${ids[1]}
}

# slug_of STORY
slug_of() {
  sql "SELECT slug FROM articles WHERE story_id = '$1' LIMIT 1"
}

page_of() {
  echo "$work/public/posts/$1/index.html"
}

again() {
  "$COURANT" run -q -C "$work" --now "2026-03-02T1$1:00:00Z" >/dev/null
}

@test "two stories become one, and the page of one leads to that of the other" {
  two_stories "a"
  local slug gone posts
  slug=$(slug_of "$older") gone=$(slug_of "$younger")
  posts=$(sql "SELECT count(*) FROM members WHERE story_id IN ('$older', '$younger')")
  run -0 story merge "$younger" "$older"
  [[ $output == "Merged: story $younger into $older, which has $posts posts now."*"the next \"courant run\", which reads and scores anew; the page is $slug." ]]
  "$COURANT" deploy -q -C "$work"
  [ ! -e "$work/content/posts/$gone/index.html" ]
  grep -q "https://courant.example/posts/$slug/" "$(page_of "$gone")"
  grep -q "href=\"../$slug/index.html\"" "$(page_of "$gone")"
  run ! grep -q "$gone" "$work/public/index.xml" "$work/public/search.json"
  run -0 "$COURANT" why -C "$work" "$younger"
  [[ $output == "Story $older (story $younger was merged into it)"*"was put by hand with "*" (1.00), with story $younger that was merged into this one"* ]]
  run -0 --separate-stderr "$COURANT" why -C "$work" "https://courant.example/posts/$gone/" --json
  jq -e --arg older "$older" --arg younger "$younger" '.story == $older and .merged_from == $younger
    and any(.members[]; .rule == "correction" and .features.story == $younger)' <<<"$output"
  [ "$("$COURANT" article list -C "$work" --json | jq -r --arg slug "$gone" '.articles[] | select(.slug == $slug).state')" = merged ]

  again 0
  [ "$(sql "SELECT count(*) FROM members WHERE story_id = '$older'")" -eq "$posts" ]
  [ "$(sql "SELECT max(run_id) = (SELECT max(id) FROM runs) FROM scores WHERE story_id = '$older'")" -eq 1 ]
  [ "$(sql "SELECT max(revision) FROM articles WHERE story_id = '$older'")" -eq 2 ]
  [ "$(sql "SELECT max(revision) FROM articles WHERE story_id = '$younger'")" -eq 1 ]
  grep -q "https://courant.example/posts/$slug/" "$(page_of "$gone")"
  grep -q "href=\"../$slug/index.html\"" "$(page_of "$gone")"
  [ -f "$(page_of "$slug")" ]
}

@test "an article of the younger story moves to the older, where its address and what feeds know it by stay" {
  local early late
  early=$(sql "SELECT id FROM stories s WHERE NOT EXISTS(SELECT 1 FROM articles WHERE story_id = s.id) ORDER BY id LIMIT 1")
  late=$(sql "SELECT story_id FROM articles WHERE story_id > '$early' LIMIT 1")
  local slug feed_id
  slug=$(slug_of "$late")
  feed_id=$(head -n 1 "$work/content/posts/$slug/index.html" | jq -r .params.feed_id)
  story merge "$early" "$slug"
  again 0
  [ "$(slug_of "$early")" = "$slug" ]
  [ -z "$(slug_of "$late")" ]
  head -n 1 "$work/content/posts/$slug/index.html" | jq -e --arg id "$feed_id" --arg story "$early" \
    '.params.feed_id == $id and .params.story_id == $story and .params.revision == 2 and (has("aliases") | not)'
  grep -q "$feed_id" "$work/public/atom.xml"
}

@test "posts of a story tell another one, now and ever after" {
  local id before item founded
  id=$(sql "SELECT story_id FROM members GROUP BY story_id ORDER BY count(*) DESC LIMIT 1")
  before=$(sql "SELECT count(*) FROM members WHERE story_id = '$id'")
  item=$(sql "SELECT item_id FROM members WHERE story_id = '$id' AND rule <> 'founded' LIMIT 1")
  run -0 --separate-stderr story split "$id" "$item" --json
  founded=$(jq -r .founded <<<"$output")
  jq -e --arg id "$id" --argjson before "$before" '.schema == "courant.story/1" and .order == "split" and .story == $id
    and .posts == $before - 1 and .founded_posts == 1' <<<"$output"
  run -0 --separate-stderr "$COURANT" stories --corrections -C "$work" --json
  jq -e --argjson before "$before" '(.corrections | length) == $before - 1
    and all(.corrections[]; .kind == "must_not" and .holds and .made == "2026-03-02T09:00:00Z" and (.title_a | length) > 0)' <<<"$output"
  again 0
  [ "$(sql "SELECT story_id FROM members WHERE item_id = '$item'")" = "$founded" ]
  [ "$(sql "SELECT count(*) FROM scores WHERE run_id = 2 AND story_id IN ('$id', '$founded')")" -eq 2 ]

  # collected anew into an empty memory, it is kept apart from the start
  sql "PRAGMA foreign_keys = OFF; DELETE FROM members; DELETE FROM scores; DELETE FROM story_evidence; DELETE FROM articles;
    DELETE FROM stories"
  again 1
  [ "$(sql "SELECT count(*) FROM members a, members b, corrections c WHERE c.item_a = a.item_id AND c.item_b = b.item_id
    AND a.story_id = b.story_id")" -eq 0 ]
}

@test "the newest of what contradicts itself wins, is listed so, and can be forgotten" {
  local id items
  id=$(sql "SELECT story_id FROM members GROUP BY story_id HAVING count(*) = 3 LIMIT 1")
  mapfile -t items < <(sql "SELECT item_id FROM members WHERE story_id = '$id' ORDER BY item_id")
  story split "$id" "${items[0]}"
  story merge "${items[0]}" "${items[1]}"
  [ "$(sql "SELECT count(DISTINCT story_id) FROM members WHERE item_id IN ('${items[0]}', '${items[1]}', '${items[2]}')")" -eq 1 ]
  sql "INSERT OR REPLACE INTO corrections VALUES('${items[1]}', '${items[2]}', 'must_not', 5)"
  run -0 "$COURANT" stories --corrections -C "$work"
  [[ $output == *"2026-03-02T09:00:00"*"Z  one story"*"1970-01-01T00:00:00.005Z  two stories, overruled by a newer one"* ]]
  run -0 story forget "${items[1]}" "${items[2]}"
  [ "$output" = "Forgotten: 1 correction(s). The posts stay where they are until something new is said of them." ]
  run -0 story forget "${items[0]}"
  run -0 "$COURANT" stories --corrections -C "$work"
  [ "$output" = "Nothing was corrected: \"courant story\" merges and splits stories." ]
}

@test "corrections are dumped, and survive backup and return" {
  two_stories "a"
  story merge "$older" "$younger"
  [ "$("$COURANT" dump -C "$work" | jq -c 'select(.type == "correction") | [.kind, .made_ms]')" = '["must",1772442000000]' ]
  [ "$("$COURANT" dump -C "$work" | jq -r 'select(.merged_into) | .id, .merged_into' | xargs)" = "$younger $older" ]
  "$COURANT" export -q -C "$work" --backup "$BATS_TEST_TMPDIR/backup"
  make_workspace "$BATS_TEST_TMPDIR/other"
  "$COURANT" import -q -C "$BATS_TEST_TMPDIR/other" "$BATS_TEST_TMPDIR/backup"
  cmp <("$COURANT" dump -C "$work") <("$COURANT" dump -C "$BATS_TEST_TMPDIR/other")
}

@test "a store of the version before is brought up to date" {
  sql "ALTER TABLE stories DROP COLUMN is_regrouped; ALTER TABLE articles DROP COLUMN told_as; ALTER TABLE story_evidence DROP COLUMN kind;
    PRAGMA user_version = 4"
  two_stories "a"
  run -0 story merge "$older" "$younger"
  [ -f "$work/data/courant.db.v4" ]
}

@test "what cannot be merged, split or forgotten changes nothing and says what to do" {
  two_stories "a"
  local before item
  before=$("$COURANT" dump -C "$work" | sha256sum)
  item=$(sql "SELECT lead_item FROM stories WHERE id = '$older'")
  run -1 story merge "$older" nothing-like-it
  [[ $output == *"no story \"nothing-like-it\": give at least 4 digits of its id"* ]]
  run -1 story merge "$older" "$item"
  [[ $output == *"\"$older\" and \"$item\" are of story $older, both: there is nothing to merge"* ]]
  run -1 story split "$younger" "$item"
  [[ $output == *"\"$item\" is no post of story $younger; \"courant why $younger\" lists them"* ]]
  mapfile -t items < <(sql "SELECT item_id FROM members WHERE story_id = '$older'")
  run -1 story split "$older" "${items[@]}"
  [[ $output == *"these are all posts of story $older, none would stay"* ]]
  run -1 story forget "$item"
  [[ $output == *"nothing was said of $item; \"courant stories --corrections\" lists what was"* ]]
  local words
  for words in "merge x" "merge x y z" "split x" "join x y" "forget" "merge x y --now never"; do
    # shellcheck disable=SC2086
    run -2 "$COURANT" story $words -C "$work"
  done
  run -75 flock "$work/data/lock" "$COURANT" story merge "$older" "$younger" -C "$work"
  [ "$("$COURANT" dump -C "$work" | sha256sum)" = "$before" ]
  rm -r "$work/data"
  run -1 "$COURANT" story merge x y -C "$work"
  [[ $output == *"run \"courant run\" first"* ]]
  [ ! -e "$work/data" ]
}
