# Two days of the bundled world, whose posts were read by hand: one piece of news is one story, and everybody can see why.
bats_require_minimum_version 1.5.0

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  export sim_port sim_pid day1=2026-03-02T08:00:00Z day2=2026-03-03T08:00:00Z
  export first=$BATS_FILE_TMPDIR/first ready=$BATS_FILE_TMPDIR/ready
  make_hasty_workspace "$first"
  "$COURANT" run -q -C "$first" --now "$day1"
  cp -r "$first" "$ready"
  second_day "$ready"
}

teardown_file() {
  kill "$sim_pid"
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  work=$ready
}

# make_hasty_workspace FOLDER: one that does not wait between runs
make_hasty_workspace() {
  make_workspace "$1"
  sed -i -E 's/- (github|reddit|mastodon): *\{/&requests_per_minute: 600, /' "$1/courant.yaml"
}

# second_day WORKSPACE: its run of the second day
second_day() {
  ask_sim -X POST "/_sim/day?n=2" >"$BATS_FILE_TMPDIR/out"
  "$COURANT" run -q -C "$1" --now "$day2" "${@:2}"
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# story_of POST: the story of the one post whose id ends so; GitHub's ids and ports may be left out
story_of() {
  sql "SELECT story_id FROM members WHERE item_id LIKE '%$1' OR item_id LIKE 'github:$1@%'"
}

# expect_together NAME POST...: they are one story; sets id to it
expect_together() {
  local post found
  id=$(story_of "$2")
  for post in "${@:2}"; do
    found=$(story_of "$post")
    [[ -n $id && $found == "$id" ]] || {
      echo "$1: $post is of story ${found:-none}, $2 of ${id:-none}"
      "$COURANT" why -C "$work" "$(sql "SELECT id FROM items WHERE id LIKE '%$post' OR id LIKE 'github:$post@%'")"
      return 1
    }
  done
}

# expect_apart POST POST
expect_apart() {
  local a b
  a=$(story_of "$1") b=$(story_of "$2")
  [[ $a == [0-9a-f]* && $b == [0-9a-f]* && $a != "$b" && $a != *$'\n'* && $b != *$'\n'* ]] || {
    echo "$1 is of story $a, $2 of $b"
    "$COURANT" why -C "$work" "$a"
    return 1
  }
}

# What the posts tell, as people read them: a piece of news a line, its posts of the first day, and after "/" the follow-ups of
# the second. Of a Mastodon status, the number; of a feed's entry and a shared link, how the id ends.
together() {
  grep -v '^$' <<'POSTS'
Lantern-2.0     hn:45600101 hn:45600118 reddit:t3_1rk2c07 lobsters:lan2ok bytesmith-lantern-2-0 lantern-shrink 116154299894082042 116154634107354251 116155739039370584 / hn:45600202 reddit:t3_1rl4i98 116161295191320599
zpak            hn:45600102 reddit:t3_1rj1a77 bytesmith-zpak-3-8-1 zpak-distributions reddit:t3_1rk5e30 zpak-mirrors.html 116148889247101897 116153450553187584 / hn:45600201 reddit:t3_1rl2a10 zpak.localhost:%/post-mortem.html 116160430093033110
Finch-3B        hn:45600109 finchlab/finch-run finch-3b.html finch-phones.html 116152907874094670 116152919700533543 / feed.json#%finch-withdrawn.html link:%finch-withdrawn.html reddit:t3_1rl4e54 116161039577241421
Corvid-One      hn:45600110 reddit:t3_1rh8a55 bytesmith-corvid-one-review 116149813249201234 / hn:45600203 bytesmith-corvid-delay corvid-june.html reddit:t3_1rl3h87 116160850848467033
sched_tide      hn:45600103 reddit:t3_1rk1f44 lobsters:schtid 2026:sched-tide 116153257824763622 / sched-tide-queued reddit:t3_1rl4g76 116161432800210056
Pontoon         reddit:t3_1rk3h71 116155652524502224 116155829495609517 / reddit:t3_1rl2f65 116160292489829548
Quill-0.14      hn:45600104 reddit:t3_1rh5b31 lobsters:qui014 bytesmith-quill-0-14 116148535323705862
Tidepool-5      hn:45600105 reddit:t3_1ri9c20 lobsters:tide50 tidepool-5.html
Marl            hn:45600106 esolberg/marl reddit:t3_1rj0b18 reddit:t3_1rj2x40 116148220768966394
Ironwharf       hn:45600108 reddit:t3_1rg7e19 lobsters:noindx
Kelder-buses    hn:45600119 kelder-buses.html 116147965168303765
Osprey-12       reddit:t3_1rj0d92 osprey-12.html 116147748886548688
Fennmark        heritage/timetable.html 116147453953351596
Wick            pidone/wick reddit:t3_1rj4k29
C-survey        reddit:t3_1rj6d08 116149596983480689
jobserver       hn:45600130 bytesmith-jobserver
build-move      reddit:t3_1rk1p55 reddit:t3_1rk2q33
Ferry           / bytesmith-ferry cwhitlock/ferry reddit:t3_1rl1c32 reddit:t3_1rl2j09 116159014529142200
Nettle          / hn:45600204 fgray/nettle reddit:t3_1rl1k10 116159270112814497
Quill-0.14.1    / reddit:t3_1rl0d43 116159525708791750
own-mail        / hn:45600206 own-mail.html 116158837591255814
POSTS
}

# Posts that look alike and tell of different things: other versions, other products, entries of series, the same words.
apart() {
  grep -v '^$' <<'POSTS'
hn:45600101                 lantern-1-9-4.html
hn:45600101                 reddit:t3_1rk0g66
lantern-1-9-4.html          reddit:t3_1rl4i98
hn:45600104                 quill-0-13-2.html
hn:45600104                 reddit:t3_1rl0d43
quill-0-13-2.html           reddit:t3_1rl0d43
hn:45600105                 reddit:t3_1rh9x52
hn:45600105                 hn:45600116
weekly-212                  weekly-213
weekly-213                  weekly-214
dataset-42.html             dataset-43.html
weekly-213                  dataset-42.html
hn:45600110                 116153568515619324
hn:45600110                 hn:45600115
bytesmith-ferry             bytesmith-zpak-3-8-1
pagecache-trace             sched-tide-queued
hn:45600121                 hn:45600107
reddit:t3_1rk1p55           hn:45600106
halyard-sec/archive-diff    hn:45600102
116155161007876075          hn:45600101
POSTS
}

@test "what people read as one piece of news is one story, follow-ups of the second day with it" {
  local name posts id seen=" "
  while read -r name posts; do
    # shellcheck disable=SC2086
    expect_together "$name" ${posts/\/ /}
    [[ $seen != *" $id "* ]] || {
      echo "$name: story $id tells something else, too"
      false
    }
    seen+="$id "
  done < <(together)
  [ "$(sql "SELECT count(*) FROM members WHERE run_id = 2 AND story_id IN (SELECT story_id FROM members WHERE run_id = 1)")" -ge 17 ]
}

@test "what only looks alike is two stories" {
  local a b
  while read -r a b; do
    expect_apart "$a" "$b"
  done < <(apart)
}

@test "no title and no page is in two stories" {
  local what
  for what in "i.title" "coalesce(i.canonical_url, i.url)"; do
    run -0 sql "SELECT $what, group_concat(DISTINCT m.story_id) FROM items i JOIN members m ON m.item_id = i.id
      GROUP BY $what HAVING count(DISTINCT m.story_id) > 1"
    [ -z "$output" ] || {
      echo "in two stories: $output"
      false
    }
  done
  [ "$(sql "SELECT count(*) FROM items")" -eq "$(sql "SELECT count(*) FROM members")" ]
  [ "$(sql "SELECT count(*) FROM stories WHERE merged_into IS NULL")" -eq "$(sql "SELECT count(DISTINCT story_id) FROM members")" ]
}

@test "why tells of every post in which story it is, and what brought it there" {
  local url asked
  asked=$(sql "SELECT DISTINCT url || char(9) || story_id FROM items i JOIN members m ON m.item_id = i.id
    WHERE story_id IN (SELECT story_id FROM members GROUP BY story_id HAVING count(*) > 1) AND url NOT LIKE '%/explore/links'
    UNION SELECT canonical_url || char(9) || story_id FROM items i JOIN members m ON m.item_id = i.id WHERE id LIKE 'mastodon:link:%'")
  while IFS=$'\t' read -r url _; do
    "$COURANT" why -C "$work" "$url" --json
  done <<<"$asked" >"$BATS_TEST_TMPDIR/why"
  run -0 diff <(cut -f 2 <<<"$asked") <(jq -r .story "$BATS_TEST_TMPDIR/why")
  run -0 jq -c 'select(.schema != "courant.why/1" or ([.members[] | select(.rule == "founded")] | length) != 1)' "$BATS_TEST_TMPDIR/why"
  [ -z "$output" ]
  run -0 jq -c '.members[] | select(.rule | IN("founded", "link", "copy", "text") | not)
    , select((.probability > 0 and .probability <= 1) | not)
    , select(.rule != "founded" and ((.features.nearest // "") | length) == 0)
    , select(.rule != "text" and .probability != 1)
    , select(.rule == "text" and (.probability < 0.4 or (.features.likeness | length) == 0 or (.features.shared | length) == 0
        or (.features.pair | type) != "number"))' "$BATS_TEST_TMPDIR/why"
  [ -z "$output" ] || { echo "$output"; false; }
  [ "$(jq -r '.members[].rule' "$BATS_TEST_TMPDIR/why" | sort -u | xargs)" = "copy founded link text" ]
}

@test "why says it in words, by which rule and how surely" {
  local story
  for story in $(sql "SELECT story_id FROM members GROUP BY story_id HAVING count(*) > 1"); do
    "$COURANT" why -C "$work" "$story"
  done >"$BATS_TEST_TMPDIR/words"
  sql "SELECT item_id || ': ' || CASE rule WHEN 'founded' THEN 'founded the story' WHEN 'link' THEN 'links to the same page as '
      WHEN 'copy' THEN 'has the title of ' WHEN 'text' THEN 'reads like ' END || coalesce(features ->> 'nearest', '')
      || printf(' (%.2f)', probability) FROM members
    WHERE story_id IN (SELECT story_id FROM members GROUP BY story_id HAVING count(*) > 1)" | sort >"$BATS_TEST_TMPDIR/expected"
  run -0 diff "$BATS_TEST_TMPDIR/expected" <(awk '/^  [a-z]/ { id = $1 } /^    [a-z]/ { sub(/^ +/, ""); print id, $0 }' \
    "$BATS_TEST_TMPDIR/words" | sort)
  [ "$(grep -c '^      for it: ' "$BATS_TEST_TMPDIR/words")" -eq "$(grep -c '^    reads like ' "$BATS_TEST_TMPDIR/words")" ]
}

@test "an address where several stories have posts names none of them" {
  local address
  address=$(sql "SELECT url FROM items WHERE url LIKE '%/explore/links' LIMIT 1")
  run -1 "$COURANT" why -C "$work" "$address"
  [[ $output == *"more than one story has posts at \"$address\": name the one you mean, such as "* ]]
  run -1 "$COURANT" story merge -C "$work" "$address" hn:45600101
  [[ $output == *"more than one story has posts"* ]]
}

# expect_corrected: the trains are told with Osprey 12, and the warning is a story of its own
expect_corrected() {
  expect_together merged osprey-12.html reddit:t3_1rj0d92 116147748886548688 heritage/timetable.html 116147453953351596
  expect_together split hn:45600101 bytesmith-lantern-2-0 116154299894082042
  expect_apart hn:45600101 116155739039370584
}

# correct VERB WORD...
correct() {
  "$COURANT" story "$1" -C "$work" --now "$2" "${@:3}" >"$BATS_TEST_TMPDIR/out"
}

# corrections: as they are listed, but for the titles, which their authors may change
corrections() {
  "$COURANT" stories --corrections -C "$work" --json | jq -c '.corrections[] | [.item_a, .item_b, .kind, .made, .holds]'
}

@test "what people said holds in later runs, on the next day, and after export and import" {
  work=$BATS_TEST_TMPDIR/work
  cp -r "$first" "$work"
  ask_sim -X POST "/_sim/day?n=1"
  local warning other=$BATS_TEST_TMPDIR/other said
  warning=$(sql "SELECT id FROM items WHERE id LIKE '%116155739039370584'")
  correct merge 2026-03-02T08:10:00Z reddit:t3_1rj0d92 "$(sql "SELECT id FROM items WHERE id LIKE '%116147453953351596'")"
  correct split 2026-03-02T08:20:00Z hn:45600101 "$warning"
  expect_corrected
  said=$(corrections)
  [ "$(jq -r '.[2:] | @tsv' <<<"$said" | uniq -c | tr -s '[:space:]' ' ')" = \
    " 8 must_not 2026-03-02T08:20:00Z true 1 must 2026-03-02T08:10:00Z true " ]

  "$COURANT" run -q -C "$work" --now 2026-03-02T09:00:00Z
  expect_corrected
  second_day "$work"
  expect_corrected
  expect_together "the follow-up" hn:45600101 hn:45600202
  diff <(echo "$said") <(corrections)

  "$COURANT" export -q -C "$work" --backup "$BATS_TEST_TMPDIR/backup"
  make_hasty_workspace "$other"
  work=$other
  "$COURANT" import -q -C "$work" "$BATS_TEST_TMPDIR/backup"
  expect_corrected
  "$COURANT" run -q -C "$work" --now 2026-03-03T09:00:00Z
  expect_corrected
  diff <(echo "$said") <(corrections)

  # the newest wins, in the run after it, too
  correct merge 2026-03-03T09:10:00Z "$warning" hn:45600101
  "$COURANT" run -q -C "$work" --now 2026-03-03T10:00:00Z
  expect_together "merged again" hn:45600101 116155739039370584 hn:45600202
  [ "$(corrections | grep -F "$warning" | jq -r '"\(.[2]) \(.[4])"' | sort | uniq -c | xargs)" = "8 must true" ]

  correct forget 2026-03-03T10:10:00Z "$warning"
  [ "$(corrections | jq -r '.[2]')" = must ]
  correct forget 2026-03-03T10:20:00Z "$(corrections | jq -r '.[0]')" "$(corrections | jq -r '.[1]')"
  [ -z "$(corrections)" ]
  "$COURANT" run -q -C "$work" --now 2026-03-03T11:00:00Z
  expect_together "nothing moves back" osprey-12.html heritage/timetable.html
  expect_together "nothing moves back" hn:45600101 116155739039370584
}

@test "the groups are the same for any number of workers" {
  local workers day groups="SELECT item_id, story_id, run_id, rule, probability, features FROM members ORDER BY item_id"
  for workers in 1 2 8 64; do
    make_hasty_workspace "$BATS_TEST_TMPDIR/$workers"
  done
  for day in 1 2; do
    ask_sim -X POST "/_sim/day?n=$day"
    local -a jobs=()
    for workers in 1 2 8 64; do
      "$COURANT" collect -q -C "$BATS_TEST_TMPDIR/$workers" --now "2026-03-0$((day + 1))T08:00:00Z" --workers "$workers" &
      jobs+=($!)
    done
    for workers in "${jobs[@]}"; do
      wait "$workers"
    done
  done
  sql "$groups" >"$BATS_TEST_TMPDIR/expected"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/expected")" -gt 100 ]
  for workers in 1 2 8 64; do
    work=$BATS_TEST_TMPDIR/$workers
    diff "$BATS_TEST_TMPDIR/expected" <(sql "$groups")
  done
}
