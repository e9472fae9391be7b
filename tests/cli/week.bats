# The first week with courant: a dry run, review, hiding, and what the doctor sees.
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
  ask_sim -X POST --data-binary '[]' /_sim/script
  ask_sim -X POST /_sim/reset
  ask_sim -X POST "/_sim/day?n=1"
}

sql() {
  sqlite3 "$work/data/courant.db" "$1"
}

# state_of SLUG: what the site shows of the article, and how many revisions are held
state_of() {
  "$COURANT" article list -C "$work" --json | jq -r --arg slug "$1" '.articles[] | select(.slug == $slug) | "\(.state) \(.held)"'
}

# has_page SLUG: whether the article is on the site
has_page() {
  [ -f "$work/public/posts/$1/index.html" ]
}

@test "a dry run of a new workspace tells what would be asked, and does nothing" {
  make_workspace "$work"
  local before
  before=$(tree_sha "$work")
  run -0 "$COURANT" run -n -C "$work"
  [[ $output == *"nothing is asked, nothing is changed"* && $output == *"Cost: at most \$0.00."* ]]
  [[ $output == *"  hackernews: http://hn.localhost:$sim_port/v0/topstories.json"* ]]
  run -0 --separate-stderr "$COURANT" run --dry-run -C "$work" --json --workers 3
  jq -e --arg port "$sim_port" '.schema == "courant.run/1" and .dry_run and .cost_micros == 0
    and .workers.requests == 3 and .workers.reason == "--workers"
    and ([.collect.sources[] | select(.asked)] | length) == 10
    and any(.collect.sources[]; .key == "lobsters" and .host == "lobsters.localhost:" + $port)
    and .collect.posts_at_most == 385 and .enrich.waiting == 0 and .enrich.new_at_most == 385
    and .generate.articles_at_most == 12 and .deploy.pages == 0' <<<"$output"
  [ "$(tree_sha "$work")" = "$before" ]
  [ -z "$(ask_sim /_sim/log)" ]
}

@test "a dry run reads the store beside whoever works there, and changes nothing" {
  cp -r "$ready" "$work"
  sql "DELETE FROM scores"
  local before
  before=$(tree_sha "$work")
  run -0 --separate-stderr flock "$work/data/lock" "$COURANT" run -n -C "$work" --json
  jq -e '.enrich.waiting > 40 and .enrich.pages_at_most > .enrich.new_at_most * 3
    and .enrich.pages_at_most < (.enrich.new_at_most + .enrich.waiting) * 3 and .deploy.pages == 12' <<<"$output"
  [ "$(tree_sha "$work")" = "$before" ]
  [ -z "$(ask_sim /_sim/log)" ]
}

@test "a dry run knows limits, sources that are gone, and an unfinished run" {
  cp -r "$ready" "$work"
  local later
  later=$(($(date +%s) + 3600))000
  sql "INSERT OR REPLACE INTO hosts(host, window, paused_until_ms) VALUES('hn.localhost:$sim_port', '[]', $later)"
  sql "UPDATE sources SET disabled = 1, last_ok_ms = (SELECT now_ms FROM runs) WHERE key LIKE '%/atom.xml'"
  sql "UPDATE runs SET state = 'running'"
  run -0 "$COURANT" run -n -C "$work" --now "$now"
  [[ $output == *"hackernews: http"*", whose limit opens at $(date -u -d "@${later%000}" +%Y-%m-%dT%H:%M)"* ]]
  [[ $output == *"/atom.xml: not asked before tomorrow, for it said that it is gone for good"* ]]
  [[ $output == *"Run 1 (run) of $now is not finished"* ]]
}

@test "a dry run of one stage tells of that stage" {
  cp -r "$ready" "$work"
  run -0 "$COURANT" deploy -n -C "$work"
  [[ $output == *"Deploy: 12 articles so far"* && $output != *"Collect:"* ]]
  run -0 --separate-stderr "$COURANT" collect -n -C "$work" --json
  jq -e '.schema == "courant.collect/1" and has("collect") and (has("enrich") or has("deploy") | not)' <<<"$output"
}

@test "a dry run says that Hugo is not there" {
  cp -r "$ready" "$work"
  mkdir "$BATS_TEST_TMPDIR/bin"
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" "$COURANT" run -n -C "$work"
  [[ $output == *"Deploy: would fail: hugo, which builds the site, is not in PATH"* ]]
}

@test "doctor: where the site is read was never said" {
  cp -r "$ready" "$work"
  run -0 "$COURANT" doctor -C "$work" --offline
  [[ $output == *"address   ok    https://courant.example"* ]]
  HUGO_BASE_URL=http://localhost:1313 run -0 "$COURANT" doctor -C "$work" --offline
  [[ $output == *"address   note  links in feeds and the sitemap say http://localhost:1313: set site.base_url or HUGO_BASE_URL"* ]]
}

@test "a dry run with nothing to record or replay is refused" {
  make_workspace "$work"
  local option
  for option in --record --replay; do
    run -2 "$COURANT" run -n -C "$work" "$option" "$BATS_TEST_TMPDIR/file"
    [[ $output == *"--dry-run asks nothing"* ]]
  done
  [ ! -e "$BATS_TEST_TMPDIR/file" ]
}

@test "hiding takes an article off the site, showing puts it back" {
  cp -r "$ready" "$work"
  local slug
  slug=$(sql "SELECT slug FROM articles ORDER BY slug LIMIT 1")
  has_page "$slug"
  run -0 "$COURANT" article hide -C "$work" "https://courant.example/posts/$slug/"
  [[ $output == "Hidden: "*"($slug). \"courant deploy\" takes it off the site." ]]
  [ "$(state_of "$slug")" = "hidden 0" ]
  "$COURANT" deploy -q -C "$work"
  run ! has_page "$slug"
  [ "$(find "$work/public/posts" -mindepth 2 -name index.html | wc -l)" -eq 11 ]
  run -0 --separate-stderr "$COURANT" article hide -C "$work" "$slug" --json
  jq -e --arg slug "$slug" '.schema == "courant.article/1" and .slug == $slug and .state == "hidden" and (.changed | not)' <<<"$output"
  run -0 "$COURANT" article hide -C "$work" "$slug"
  [ "$output" = "$slug is hidden already." ]
  run -0 --separate-stderr "$COURANT" article show -C "$work" "$slug" --json
  jq -e '.state == "published" and .changed and .order == "show"' <<<"$output"
  "$COURANT" deploy -q -C "$work"
  has_page "$slug"
}

@test "what waits for review is on the site when it is approved" {
  make_workspace "$work"
  printf 'generate: {review: true, articles_per_run: 3}\n' >>"$work/courant.yaml"
  run -0 "$COURANT" run -C "$work" --now "$now"
  [[ $output == *"Articles: 0 written, 0 updated, 0 withheld, 3 held."*"courant article list --held"* ]]
  jq -e '.articles.held == 3 and .articles.written == 0' <<<"$(sql "SELECT summary FROM runs")"
  [ ! -d "$work/public/posts" ] || [ -z "$(find "$work/public/posts" -mindepth 2 -name index.html)" ]
  run -0 "$COURANT" status -C "$work"
  [[ $output == *"3 articles are held: \"courant article list --held\" lists them" ]]
  [ "$("$COURANT" status -C "$work" --json | jq .held)" -eq 3 ]
  run -0 "$COURANT" article list --held -C "$work"
  [[ $output == *"held"*"3 wait to be approved: courant article view SLUG, then approve SLUG, or approve --all" ]]
  local slug
  slug=$(sql "SELECT slug FROM articles ORDER BY slug LIMIT 1")
  run -0 "$COURANT" article view -C "$work" "$slug"
  [[ $output == "held, revision 1 of $now"*"https://courant.example/posts/$slug/"*"Topics: "*"What happened"*"  > "*"Sources"*"http"* ]]
  run -1 "$COURANT" article show -C "$work" "$slug"
  [[ $output == *"article $slug: it was never hidden but waits to be approved: \"courant article approve\" publishes it" ]]
  run -0 "$COURANT" article approve -C "$work" "$slug"
  [[ $output == "Approved: "*"($slug). \"courant deploy\" puts it on the site." ]]
  [ "$(state_of "$slug")" = "published 0" ]
  run -0 "$COURANT" article approve -C "$work" "$slug"
  [ "$output" = "$slug is published already." ]
  "$COURANT" deploy -q -C "$work"
  has_page "$slug"
  [ "$(find "$work/public/posts" -mindepth 2 -name index.html | wc -l)" -eq 1 ]
  [ "$("$COURANT" article list --held -C "$work" --json | jq '.articles | length')" -eq 2 ]
}

@test "several articles are approved at once, all or none" {
  make_workspace "$work"
  printf 'generate: {review: true, articles_per_run: 4}\n' >>"$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$now"
  local -a slugs
  mapfile -t slugs < <(sql "SELECT slug FROM articles ORDER BY slug")
  run -1 "$COURANT" article approve -C "$work" "${slugs[@]:0:2}" no-such-thing
  [[ $output == *"no article \"no-such-thing\""*"; nothing was changed" ]]
  [ "$(state_of "${slugs[0]}")" = "held 1" ]
  run -0 "$COURANT" article approve -C "$work" "${slugs[@]:0:2}"
  [ "$(grep -c '^Approved: ' <<<"$output")" -eq 2 ]
  [[ $output == *'"courant deploy" puts them on the site.' ]]
  run -0 --separate-stderr "$COURANT" article approve --all -C "$work" --json
  jq -e '.order == "approve" and [.articles[] | select(.changed and .state == "published")] == .articles and (.articles | length) == 2' \
    <<<"$output"
  run -0 "$COURANT" article approve --all -C "$work"
  [ "$output" = "Nothing waits to be approved." ]
}

@test "what an article quotes obeys no terminal when it is viewed" {
  cp -r "$ready" "$work"
  local slug
  slug=$(sql "SELECT slug FROM articles ORDER BY slug LIMIT 1")
  sql "UPDATE articles SET document = replace(replace(document, '\"teaser\":\"', '\"teaser\":\"\\u001b[2J'), '\"text\":\"', '\"text\":\"\\u001b[1m')
    WHERE slug = '$slug'"
  run -0 "$COURANT" article view -C "$work" "$slug"
  [[ $output == "published, revision 1 of "* && $output == *'\x1B[2J'* && $output == *'  > \x1B[1m'* && $output != *$'\e'* ]]
}

# two_days [SQL [LINE]]: everything is written on the first day; after that SQL, and with that line for generate, the second follows
two_days() {
  make_workspace "$work"
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$work/courant.yaml"
  "$COURANT" run -q -C "$work" --now "$now"
  [[ -z ${1:-} ]] || sql "$1"
  [[ -z ${2:-} ]] || sed -i "s/^generate:.*/$2/" "$work/courant.yaml"
  ask_sim -X POST "/_sim/day?n=2"
  "$COURANT" run -q -C "$work" --now 2026-03-03T08:00:00Z
}

@test "what is hidden stays hidden when there is news of it" {
  two_days "UPDATE articles SET state = 'hidden'"
  [ "$(sql "SELECT count(*) FROM articles WHERE revision > 1")" -gt 0 ]
  [ "$(sql "SELECT count(*) FROM articles WHERE revision > 1 AND state <> 'hidden'")" -eq 0 ]
}

@test "an approved revision takes the place of the page that was shown" {
  two_days "" "generate: {review: true, articles_per_run: 100}"
  local slug page before
  slug=$(sql "SELECT slug FROM articles WHERE revision = 2 AND state = 'held' LIMIT 1")
  page=$work/content/posts/$slug/index.html
  before=$(sha256sum <"$page")
  [ "$(state_of "$slug")" = "published 1" ]
  run -0 "$COURANT" article view -C "$work" "$slug"
  [[ $output == "held, revision 2 of "*"Revision 1 is on the site. Since then: headline "*"; quotations: "*" new, "*" gone; sources: "* ]]
  run -0 "$COURANT" why -C "$work" "$slug"
  [[ $output == *"Its article is published, a newer revision is held: https://courant.example/posts/$slug/"* ]]
  "$COURANT" article approve -C "$work" "$slug"
  run -0 --separate-stderr "$COURANT" deploy -C "$work" --now 2026-03-03T09:00:00Z
  [[ $stderr != *"changed by hand"* ]]
  [ "$(sha256sum <"$page")" != "$before" ]
}

@test "what its authors took back is neither shown nor approved" {
  cp -r "$ready" "$work"
  local slug order
  slug=$(sql "SELECT slug FROM articles ORDER BY slug LIMIT 1")
  sql "UPDATE articles SET state = 'withdrawn', headline = '', document = '{}' WHERE slug = '$slug'"
  for order in show approve; do
    run -1 "$COURANT" article "$order" -C "$work" "$slug"
    [[ $output == *"article $slug: its authors took back what it was about"* ]]
  done
  run -0 "$COURANT" article view -C "$work" "$slug"
  [[ $output == "withdrawn, revision 1 of "*"its text was forgotten." ]]
  [ "$(state_of "$slug")" = "withdrawn 0" ]
}

@test "an article nobody knows, and the one that was meant" {
  cp -r "$ready" "$work"
  local slug
  slug=$(sql "SELECT slug FROM articles ORDER BY slug LIMIT 1")
  run -1 "$COURANT" article hide -C "$work" "${slug:0:20}"
  [[ $output == *"no article \"${slug:0:20}\"; did you mean \"$slug\"?" ]]
  run -1 "$COURANT" article hide -C "$work" "${slug%?}z"
  [[ $output == *"did you mean \"$slug\"?" ]]
  run -1 "$COURANT" article hide -C "$work" nothing-like-it
  [[ $output == *"no article \"nothing-like-it\"; \"courant article list\" lists them" ]]
  run -1 "$COURANT" article hide -C "$work" ""
  run -1 "$COURANT" article hide -C "$work" "$(head -c 100000 /dev/zero | tr '\0' a)"
}

@test "article: the words it takes, the lock, and a workspace without a store" {
  cp -r "$ready" "$work"
  local words
  for words in "hide" "list x" "remove x" "hide x --held" "view" "view x y" "approve" "approve x --all" "hide --all"; do
    # shellcheck disable=SC2086
    run -2 "$COURANT" article $words -C "$work"
  done
  run -2 "$COURANT" article -C "$work"
  run -75 flock "$work/data/lock" "$COURANT" article hide -C "$work" x
  run -0 flock "$work/data/lock" "$COURANT" article list -C "$work"
  [ "$(grep -c '^published' <<<"$output")" -eq 12 ]
  rm -r "$work/data"
  for words in "hide x" "list" "view x" "approve --all"; do
    # shellcheck disable=SC2086
    run -1 "$COURANT" article $words -C "$work"
    [[ $output == *"run \"courant run\" first" ]]
  done
  [ ! -e "$work/data" ]
}

# faults CHECK MESSAGE [ARGUMENT...]: the doctor finds one fault, of that check, with that message
faults() {
  run -1 "$COURANT" doctor -C "$work" "${@:3}"
  echo "$output"
  [ "$(grep -c FAULT <<<"$output")" -eq 1 ]
  [[ $output == *"$1"*" FAULT "*"$2"* ]]
}

@test "doctor: all is well, and every host was asked once" {
  cp -r "$ready" "$work"
  run -0 "$COURANT" doctor -C "$work"
  [[ $output != *FAULT* && $output == *"reach     ok    oauth.reddit.localhost:$sim_port answers with the credential"* ]]
  [ "$(grep -c '^reach     ok' <<<"$output")" -eq 9 ]
  [ "$(ask_sim /_sim/log | wc -l)" -eq 10 ] # Reddit's token is asked for, too
  ask_sim -X POST /_sim/reset
  run -0 --separate-stderr "$COURANT" doctor -C "$work" --offline --json
  jq -e '.schema == "courant.doctor/1" and .ok and all(.checks[]; .check != "reach")' <<<"$output"
  [ -z "$(ask_sim /_sim/log)" ]
}

@test "doctor: what it asked counts for the next run" {
  cp -r "$ready" "$work"
  sql "DELETE FROM hosts"
  "$COURANT" doctor -C "$work"
  [ "$(sql "SELECT json_array_length(window) FROM hosts WHERE host = 'oauth.reddit.localhost:$sim_port/'")" -eq 1 ]
}

@test "doctor: a credential by halves" {
  cp -r "$ready" "$work"
  unset REDDIT_CLIENT_SECRET
  faults keys "REDDIT_CLIENT_ID is set, but REDDIT_CLIENT_SECRET is not" --offline
  unset REDDIT_CLIENT_ID
  REDDIT_FEED_TOKEN=secret-token faults keys "REDDIT_FEED_TOKEN is set, but REDDIT_FEED_USER is not" --offline
  [[ $output != *secret-token* ]]
  GITHUB_TOKEN=secret-token run -0 "$COURANT" doctor -C "$work" --offline
  [[ $output == *"keys      ok    GITHUB_TOKEN"* && $output != *secret-token* ]]
}

@test "doctor: a host that does not answer, and a credential that is refused" {
  cp -r "$ready" "$work"
  ask_sim -X POST --data-binary '[{"host": "hn.localhost", "status": 404}]' /_sim/script
  faults reach "hackernews: GET http://hn.localhost:$sim_port/v0/topstories.json: HTTP 404"
  ask_sim -X POST --data-binary '[{"host": "www.reddit.localhost", "status": 401}]' /_sim/script
  faults reach "the client id or secret is not accepted"
  ask_sim -X POST --data-binary '[{"host": "api.github.localhost", "status": 401}]' /_sim/script
  GITHUB_TOKEN=secret-token faults reach "is the credential still good?"
  [[ $output != *secret-token* ]]
  ask_sim -X POST --data-binary '[{"host": "lobsters.localhost", "status": 410}]' /_sim/script
  faults reach "lobsters: gone for good (HTTP 410); remove it"
}

@test "doctor: a host that wants to be left alone is not asked" {
  cp -r "$ready" "$work"
  local later
  later=$(($(date +%s) + 3600))000
  sql "INSERT OR REPLACE INTO hosts(host, window, paused_until_ms) VALUES('hn.localhost:$sim_port', '[]', $later)"
  run -0 "$COURANT" doctor -C "$work"
  [[ $output == *"limits    note  hn.localhost:$sim_port wants to be left alone until "* ]]
  [[ $output == *"reach     note  hn.localhost:$sim_port is not asked before "* ]]
  run -1 grep '"host":"hn.localhost' <<<"$(ask_sim /_sim/log)"
  ask_sim -X POST /_sim/reset
  run -0 flock "$work/data/lock" "$COURANT" doctor -C "$work"
  [[ $output == *"reach     note  nothing is asked while another courant works in this workspace"* ]]
  [ -z "$(ask_sim /_sim/log)" ]
}

@test "doctor: a host is asked for another source when the first said that it is gone" {
  cp -r "$ready" "$work"
  sql "UPDATE sources SET disabled = 1, last_ok_ms = $(date +%s)000
    WHERE key = (SELECT key FROM sources WHERE key LIKE 'reddit:%' ORDER BY rowid LIMIT 1)"
  run -0 "$COURANT" doctor -C "$work"
  [[ $output == *"reach     note  reddit:"*" said that it is gone for good (HTTP 410); remove it"* ]]
  [[ $output == *"reach     ok    oauth.reddit.localhost:$sim_port answers with the credential"* ]]
}

@test "doctor: no secret stands in what it says" {
  cp -r "$ready" "$work"
  unset REDDIT_CLIENT_ID REDDIT_CLIENT_SECRET
  ask_sim -X POST --data-binary '[{"host": "*.localhost", "status": 404}]' /_sim/script
  REDDIT_FEED_USER=me REDDIT_FEED_TOKEN=secret-token MASTODON_ACCESS_TOKEN=secret-token GITHUB_TOKEN=secret-token \
    run -1 "$COURANT" doctor -C "$work"
  [[ $output == *"REDDIT_FEED_TOKEN"* && $output == *"HTTP 404"* && $output != *secret-token* ]]
  [[ $(sqlite3 "$work/data/courant.db" .dump) != *secret-token* ]]
}

@test "doctor: Hugo is too old, is no Hugo, is not there" {
  cp -r "$ready" "$work"
  mkdir "$BATS_TEST_TMPDIR/bin"
  local version
  for version in "hugo v0.110.0+extended linux/amd64" "hugo v0.92.2 linux/amd64" "something else"; do
    printf '#!/bin/sh\necho "%s"\n' "$version" >"$BATS_TEST_TMPDIR/bin/hugo"
    chmod +x "$BATS_TEST_TMPDIR/bin/hugo"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH faults hugo "is too old, 0.111.0 is needed; install the hugo package" --offline
  done
  for version in "hugo v0.111.0 linux/amd64" "hugo v0.140.2-abc linux/arm64" "hugo v1.2.0 linux/amd64"; do
    printf '#!/bin/sh\necho "%s"\n' "$version" >"$BATS_TEST_TMPDIR/bin/hugo"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run -0 "$COURANT" doctor -C "$work" --offline
  done
  rm "$BATS_TEST_TMPDIR/bin/hugo"
  run -1 env PATH="$BATS_TEST_TMPDIR/bin" "$COURANT" doctor -C "$work" --offline
  [[ $output == *"hugo      FAULT "*"not installed"*"install the hugo package"* ]]
}

@test "doctor: a store that is damaged, folders that are none, a theme that is not there" {
  cp -r "$ready" "$work"
  dd if=/dev/zero of="$work/data/courant.db" bs=4096 seek=5 count=20 conv=notrunc status=none
  faults store "" --offline
  rm -r "$work/data"
  touch "$work/data"
  faults folders "$work/data is no folder" --offline
  rm "$work/data"
  COURANT_DATADIR=$work faults theme "set COURANT_DATADIR" --offline
}

@test "doctor: a folder that is another's" {
  ((EUID != 0)) || skip "root may write everywhere"
  cp -r "$ready" "$work"
  chmod a-w "$work/data"
  faults folders "give it to the user who runs courant" --offline
  chmod u+w "$work/data"
}

@test "doctor: a disk that is full" {
  unshare -rm mount -t tmpfs tmpfs /mnt 2>/dev/null || skip "no file system can be mounted here"
  mkdir "$work"
  # shellcheck disable=SC2016
  run -1 unshare -rm sh -c 'mount -t tmpfs -o size=50m tmpfs "$1" && cp "$2/courant.yaml" "$1" && "$3" doctor -C "$1" --offline' - \
    "$work" "$ready" "$COURANT"
  [[ $output == *"disk      FAULT "*" MB free, data/ holds 0.0 MB; make room, 256 MB at least"* ]]
  [ "$(grep -c FAULT <<<"$output")" -eq 1 ]
}

@test "doctor: a clock that is behind the last run" {
  cp -r "$ready" "$work"
  sql "UPDATE runs SET started_ms = started_ms + 3600000"
  faults clock "but the last run began at" --offline
}

@test "doctor: the last good run is too old, or there is none" {
  cp -r "$ready" "$work"
  sql "UPDATE runs SET ended_ms = ended_ms - 27 * 3600000"
  faults "last run" "more than 26 h ago" --offline
  run -0 "$COURANT" doctor -C "$work" --offline --max-age 28h
  run -0 "$COURANT" doctor -C "$work" --offline --max-age 7d
  sql "UPDATE runs SET ended_ms = ended_ms + 27 * 3600000, exit_code = 1"
  faults "last run" "none has brought out the site yet" --offline
  sql "UPDATE runs SET exit_code = 4"
  run -0 "$COURANT" doctor -C "$work" --offline
  sql "UPDATE runs SET command = 'collect'"
  faults "last run" "none has brought out the site yet" --offline
  local age
  for age in 0h 26 h -1d 1y 1.5d ""; do
    run -2 "$COURANT" doctor -C "$work" --offline --max-age "$age"
    [[ $output == *"--max-age takes a number of hours, days or weeks"* ]]
  done
}
