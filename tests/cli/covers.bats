# What deploy makes of the articles: pages, covers, topics; and what it does with those that are at fault.
bats_require_minimum_version 1.5.0

day1=2026-03-02T08:00:00Z

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim
  make_workspace "$BATS_FILE_TMPDIR/work"
  local status=0
  "$COURANT" run -q -C "$BATS_FILE_TMPDIR/work" --now "$day1" || status=$?
  stop_sim
  return "$status"
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  work=$BATS_TEST_TMPDIR/work
  cp -a "$BATS_FILE_TMPDIR/work" "$work"
}

deploy() {
  "$COURANT" deploy -C "$work" --now "$day1" "$@"
}

# change_store SQL
change_store() {
  sqlite3 "$work/data/courant.db" "$1"
}

# pick N COLUMN: of the Nth article
pick() {
  change_store "SELECT $2 FROM articles ORDER BY story_id LIMIT 1 OFFSET $1"
}

covers() {
  (cd "$work/$1" && find . -name '*.png' | sort)
}

# cover_of SLUG: what its page shows
cover_of() {
  grep -oE 'og:image" content="[^"]*' "$work/public/posts/$1/index.html" | sed 's|.*/||'
}

@test "every article has a cover, which its page names and which is on the disk once" {
  while read -r slug; do
    local cover
    cover=$(cover_of "$slug")
    [ "$(head -c 8 "$work/public/covers/$cover" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
    [ "$work/public/covers/$cover" -ef "$work/data/site/covers/$cover" ]
  done < <(ls "$work/public/posts")
  [ "$(covers public/covers | wc -l)" -eq 12 ]
  [ "$(covers public/covers)" = "$(covers data/site/covers)" ]
}

@test "only the cover of what changed is drawn, and the old one goes" {
  local slug old inodes
  slug=$(pick 3 slug)
  old=$(cover_of "$slug")
  inodes=$(cd "$work/data/site/covers" && stat -c '%i %n' -- *.png | grep -v "$old")
  change_store "UPDATE articles SET document = json_set(document, '$.headline', 'Another headline') WHERE slug = '$slug'"
  run -0 --separate-stderr deploy
  [[ $stderr == *"1 covers drawn"* ]]
  [ "$(cover_of "$slug")" != "$old" ]
  [ ! -e "$work/data/site/covers/$old" ] && [ ! -e "$work/public/covers/$old" ]
  [ "$(cd "$work/data/site/covers" && stat -c '%i %n' -- *.png | grep -v "$(cover_of "$slug")")" = "$inodes" ]
  [ "$(covers public/covers)" = "$(covers data/site/covers)" ]
}

@test "with nothing changed nothing is drawn and the site is left alone" {
  local before
  before=$(stat -c '%i %Y' "$work/public" && tree_sha "$work/public")
  run -0 --separate-stderr deploy
  [[ $stderr != *"covers drawn"* ]]
  [ "$(stat -c '%i %Y' "$work/public" && tree_sha "$work/public")" = "$before" ]
}

@test "covers that were lost are drawn again, the same, by any number of workers" {
  local before
  before=$(tree_sha "$work/data/site/covers")
  for workers in 1 8; do
    rm -r "$work/data/site/covers"
    run -0 --separate-stderr deploy --workers "$workers"
    [[ $stderr == *"12 covers drawn"* ]]
    [ "$(tree_sha "$work/data/site/covers")" = "$before" ]
  done
}

@test "a hidden article's page and cover go, and come back" {
  local slug cover before
  slug=$(pick 5 slug)
  cover=$(cover_of "$slug")
  before=$(tree_sha "$work/public")
  echo note >"$work/content/posts/$slug/note.txt"
  change_store "UPDATE articles SET state = 'hidden' WHERE slug = '$slug'"
  run -0 deploy
  [ ! -e "$work/public/posts/$slug/index.html" ] && [ ! -e "$work/content/posts/$slug/index.html" ]
  [ ! -e "$work/public/covers/$cover" ] && [ ! -e "$work/data/site/covers/$cover" ]
  [ -f "$work/content/posts/$slug/note.txt" ]
  rm "$work/content/posts/$slug/note.txt"
  change_store "UPDATE articles SET state = 'published' WHERE slug = '$slug'"
  run -0 deploy
  [ "$(tree_sha "$work/public")" = "$before" ]
}

@test "a page changed by hand is left alone, with the cover it shows" {
  local slug cover
  slug=$(pick 5 slug)
  cover=$(cover_of "$slug")
  echo "by hand" >>"$work/content/posts/$slug/index.html"
  change_store "UPDATE articles SET document = json_set(document, '$.headline', 'Another headline') WHERE slug = '$slug'"
  run -0 --separate-stderr deploy
  [[ $stderr == *"/$slug/index.html was changed by hand: left alone"* ]]
  [ "$(cover_of "$slug")" = "$cover" ] && [ -f "$work/public/covers/$cover" ]
}

@test "what is hidden or withdrawn leaves the site though its page was changed by hand, and that is kept" {
  local slug cover before state page
  slug=$(pick 5 slug)
  page=$work/content/posts/$slug
  cover=$(cover_of "$slug")
  before=$(tree_sha "$work/public")
  for state in hidden withdrawn; do
    echo "$state by hand" >>"$page/index.html"
    change_store "UPDATE articles SET state = '$state' WHERE slug = '$slug'"
    run -0 --separate-stderr deploy
    [[ $stderr == *"/$slug/index.html was changed by hand, and its "*"is kept as $page/.index.html.kept"* ]]
    [ ! -e "$work/public/posts/$slug" ] && [ ! -e "$work/public/covers/$cover" ]
    run -1 grep -rlF "$slug" "$work/public"
    run -0 --separate-stderr deploy
    [[ $stderr != *"by hand"* ]]

    change_store "UPDATE articles SET state = 'published' WHERE slug = '$slug'"
    run -0 deploy
    [ "$(tree_sha "$work/public")" = "$before" ]
  done
  grep -q "hidden by hand" "$page/.index.html.kept"
  grep -q "withdrawn by hand" "$page/.index.html.kept2"
}

@test "an article whose document cannot be read is held back without the others" {
  local slug cover before
  slug=$(pick 4 slug)
  cover=$(cover_of "$slug")
  before=$(tree_sha "$work/public")
  change_store "CREATE TABLE kept AS SELECT slug, document FROM articles; UPDATE articles SET document = '{' WHERE slug = '$slug'"
  run -4 --separate-stderr deploy --json
  [ "$(jq -r '.failures[] | "\(.stage) \(.job) \(.code)"' <<<"$output")" = "deploy deploy:$slug bad_data" ]
  [ ! -e "$work/public/posts/$slug" ] && [ ! -e "$work/public/covers/$cover" ]
  [ "$(find "$work/public/posts" -name index.html | wc -l)" -eq 11 ]
  change_store "UPDATE articles SET document = (SELECT document FROM kept k WHERE k.slug = articles.slug); DROP TABLE kept"
  run -0 deploy
  [ "$(tree_sha "$work/public")" = "$before" ]
}

# refuse CONDITION: a layout of the user's that fails on some pages
refuse() {
  mkdir -p "$work/layouts/posts"
  {
    echo "{{ define \"main\" }}{{ if $1 }}{{ errorf \"%s is refused\" .File.Path }}{{ end }}"
    echo '<h1>{{ .Title }}</h1>{{ .Content }}{{ end }}'
  } >"$work/layouts/posts/single.html"
}

@test "pages that Hugo refuses are held back without the others" {
  local one other before
  one=$(pick 2 slug)
  other=$(pick 7 slug)
  before=$(tree_sha "$work/public")
  refuse "in (slice \"$one\" \"$other\") .Params.slug"
  run -4 --separate-stderr deploy --json
  [ "$(jq -r '.failures[] | "\(.job) \(.code)"' <<<"$output")" = "deploy:$one io"$'\n'"deploy:$other io" ]
  jq -r '.failures[0].message' <<<"$output" | grep -F "posts/$one/index.html is refused"
  [ ! -e "$work/public/posts/$one" ] && [ ! -e "$work/public/posts/$other" ]
  [ "$(find "$work/public/posts" -name index.html | wc -l)" -eq 10 ]
  [ "$(covers public/covers | wc -l)" -eq 10 ]

  local held
  held=$(stat -c '%i %Y' "$work/public" && tree_sha "$work/public")
  run -4 deploy
  [ "$(stat -c '%i %Y' "$work/public" && tree_sha "$work/public")" = "$held" ]

  rm -r "$work/layouts"
  run -0 deploy
  [ "$(tree_sha "$work/public")" = "$before" ]
}

@test "when all pages are refused it is not their fault: the old site stays" {
  local before
  before=$(tree_sha "$work/public")
  refuse true
  run -1 --separate-stderr deploy
  [[ $stderr == *"the site cannot be built, the old one stays: hugo: "*"is refused"* ]]
  [ "$(tree_sha "$work/public")" = "$before" ]
}

@test "a broken page of the user's own is named, and the old site stays" {
  local before
  before=$(tree_sha "$work/public")
  printf -- '---\ntitle: About\n---\n{{< nothing >}}\n' >"$work/content/about.md"
  run -1 --separate-stderr deploy
  [[ $stderr == *"the site cannot be built, the old one stays: hugo: "*"/content/about.md"* ]]
  [ "$(tree_sha "$work/public")" = "$before" ]
  [ "$(find "$work/content/posts" -name index.html | wc -l)" -eq 12 ]
}

@test "a topic has a page when two articles have it, called as the newest calls it" {
  local first second third
  first=$(pick 0 story_id)
  second=$(pick 1 story_id)
  third=$(pick 2 story_id)
  change_store "UPDATE articles SET document = json_set(document, '$.topics', json('[{\"label\":\"shared Thing\"}]')) WHERE story_id = '$first';
    UPDATE articles SET document = json_set(document, '$.topics', json('[{\"label\":\"Shared Thing\"}]')),
      created_ms = created_ms + 1000 WHERE story_id = '$second';
    UPDATE articles SET document = json_set(document, '$.topics', json('[{\"label\":\"Lonely Thing\"}]')) WHERE story_id = '$third'"
  run -0 deploy
  [ -f "$work/public/topics/shared-thing/index.html" ]
  [ ! -e "$work/public/topics/lonely-thing" ]
  [ "$(jq -r '.params.topics["shared-thing"]' "$work/data/site/hugo.json")" = "Shared Thing" ]
  grep -q 'Lonely Thing' "$work/public/posts/$(pick 2 slug)/index.html"
}
