# Lists of feeds: OPML in and out, and the feed behind an address.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim
  work=$BATS_TEST_TMPDIR/work
  make_workspace "$work"
  blog=http://www.bytesmith.localhost:$sim_port
}

teardown() {
  stop_sim
}

@test "init takes a list of feeds, sources gives one back" {
  cat >"$BATS_TEST_TMPDIR/list.opml" <<'XML'
<?xml version="1.0"?><opml version="2.0"><body><outline text="Tech">
<outline type="rss" text="One &amp; two" xmlUrl="https://one.example/feed?a=1&amp;b=2"/>
<outline type="rss" text="Two" xmlUrl="https://two.example/atom.xml"/></outline></body></opml>
XML
  run -0 "$COURANT" init "$BATS_TEST_TMPDIR/blog" --opml "$BATS_TEST_TMPDIR/list.opml"
  [[ $output == *"with 2 feeds"* ]]
  run -0 "$COURANT" sources -C "$BATS_TEST_TMPDIR/blog" --opml
  xmllint --noout - <<<"$output"
  [ "$(xmllint --xpath 'string(//outline[1]/@xmlUrl)' - <<<"$output")" = "https://one.example/feed?a=1&b=2" ]
  [ "$(xmllint --xpath 'string(//outline[1]/@text)' - <<<"$output")" = "One & two" ]
  [ "$(xmllint --xpath 'count(//outline)' - <<<"$output")" -eq 2 ]
  "$COURANT" sources -C "$BATS_TEST_TMPDIR/blog" --json | jq -e 'any(.sources[]; .key == "hackernews")'
  echo '<opml/>' >"$BATS_TEST_TMPDIR/empty.opml"
  run -1 "$COURANT" init "$BATS_TEST_TMPDIR/other" --opml "$BATS_TEST_TMPDIR/empty.opml"
  [[ $output == *"empty.opml: no outline with the address of a feed"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/other" ]
}

@test "sources add finds the feed that a page announces, and adds it with comments kept" {
  ask_sim -X POST --data-binary '[{"path": "/about", "status": 200, "headers": {"Content-Type": "text/html"},
    "body": "<!DOCTYPE html><title>x</title><link rel=alternate type=application/rss+xml href=/feed.xml><link rel=alternate type=application/atom+xml href=/gone.xml>"}]' /_sim/script
  printf '# mine\nsources:\n  # the first\n  - hackernews\n\n# the end\nsite: {base_url: http://x.example}\n' >"$work/courant.yaml"
  cp "$work/courant.yaml" "$BATS_TEST_TMPDIR/before"
  run -0 --separate-stderr "$COURANT" sources -C "$work" add "http://www.bytesmith.localhost:$sim_port/about"
  [[ $output == *"- feed: {url: \"http://www.bytesmith.localhost:$sim_port/feed.xml\", title: \"Bytesmith\"}  # "* ]]
  [[ $stderr == *"/gone.xml: HTTP 404"* ]]
  cmp "$work/courant.yaml" "$BATS_TEST_TMPDIR/before"
  run -0 "$COURANT" sources -q -C "$work" add "http://www.bytesmith.localhost:$sim_port/feed.xml" --write
  [ "$(sed -n 1,4p "$work/courant.yaml")" = "$(sed -n 1,4p "$BATS_TEST_TMPDIR/before")" ]
  [[ $(sed -n 5p "$work/courant.yaml") == "  - feed: {url: \"http://www.bytesmith"* ]]
  [ "$(tail -n 2 "$work/courant.yaml")" = "$(tail -n 2 "$BATS_TEST_TMPDIR/before")" ]
  run -3 "$COURANT" sources -q -C "$work" add "http://www.bytesmith.localhost:$sim_port/feed.xml" --write
  [[ $output == *"is configured twice"* ]]
  run -1 "$COURANT" sources -q -C "$work" add "http://www.lanternfs.localhost:$sim_port/blog/2.0.html"
  [[ $output == *"is no feed and announces none that could be read"* ]]
}

@test "init counts the outlines it passed over" {
  cat >"$BATS_TEST_TMPDIR/list.opml" <<'XML'
<opml><body><outline text="One" xmlUrl="https://one.example/feed"/><outline text="Tech"><outline xmlUrl="feed://two.example/feed"/>
<outline xmlUrl="https://user:sesame@three.example/feed"/></outline></body></opml>
XML
  run -0 "$COURANT" init "$BATS_TEST_TMPDIR/blog" --opml "$BATS_TEST_TMPDIR/list.opml"
  [[ $output == *"with 1 feed (2 outlines had no address that can be fetched)."* ]]
  [[ $output != *sesame* ]]
}

@test "init makes no workspace that no command could read" {
  {
    printf '<opml><body>'
    printf "<outline xmlUrl='https://%s.example/$(printf 'x%.0s' {1..90})'/>" {1..10000}
    printf '</body></opml>'
  } >"$BATS_TEST_TMPDIR/list.opml"
  run -3 "$COURANT" init "$BATS_TEST_TMPDIR/blog" --opml "$BATS_TEST_TMPDIR/list.opml"
  [[ $output == *"courant.yaml would have "*" bytes, more than the 1048576 that are read; add fewer sources"* ]]
  [ ! -e "$BATS_TEST_TMPDIR/blog" ]
}

@test "sources add --write says added only of what was added" {
  local text
  for text in "sources:\n  - feed: {url: 'http://a.example/', title: 'long\nname'}\n" "filters:\n  exclude:\n  - giveaway\nsources: [hackernews]\n"; do
    printf '%b' "$text" >"$work/courant.yaml"
    run -3 "$COURANT" sources -C "$work" add "$blog/feed.xml" --write
    [[ $output == *"\"- feed: {url: \"$blog/feed.xml\", title: \"Bytesmith\"}\" was not added: courant.yaml: "*"by hand"* ]]
    [[ $output != *", added"* ]]
    cmp "$work/courant.yaml" <(printf '%b' "$text")
  done
}

@test "sources add --write keeps a link and the file's mode" {
  mkdir "$BATS_TEST_TMPDIR/elsewhere"
  mv "$work/courant.yaml" "$BATS_TEST_TMPDIR/elsewhere/real.yaml"
  ln -s "$BATS_TEST_TMPDIR/elsewhere/real.yaml" "$work/courant.yaml"
  chmod 600 "$work/courant.yaml"
  sed -i '/bytesmith.*feed\.xml/d' "$BATS_TEST_TMPDIR/elsewhere/real.yaml"
  run -0 "$COURANT" sources -q -C "$work" add "$blog/feed.xml" --write
  [ -L "$work/courant.yaml" ]
  grep -q 'title: "Bytesmith"' "$BATS_TEST_TMPDIR/elsewhere/real.yaml"
  [ "$(stat -c %a "$BATS_TEST_TMPDIR/elsewhere/real.yaml")" = 600 ]
}

@test "sources add writes where a feed moved for good, not where it was sent for a while" {
  local status
  printf 'sources:\n  - hackernews\nnetwork: {allow_private: ["www.bytesmith.localhost:%s"]}\n' "$sim_port" >"$work/courant.yaml"
  for status in 301 302; do
    ask_sim -X POST --data-binary "[{\"path\": \"/old\", \"status\": $status, \"headers\": {\"Location\": \"/feed.xml?session=123\"}}]" /_sim/script
    "$COURANT" sources -C "$work" add "$blog/old" --json >"$BATS_TEST_TMPDIR/found-$status"
  done
  [ "$(jq -r '.found[0].url' "$BATS_TEST_TMPDIR/found-301")" = "$blog/feed.xml?session=123" ]
  [ "$(jq -r '.found[0].url' "$BATS_TEST_TMPDIR/found-302")" = "$blog/old" ]
}

@test "sources add asks no host that asked for a pause" {
  printf 'sources:\n  - feed: {url: "%s/feed.xml"}\nnetwork: {deadline: 2}\n' "$blog" >"$work/courant.yaml"
  ask_sim -X POST --data-binary '[{"path": "/feed.xml", "status": 429, "headers": {"Retry-After": "600"}}]' /_sim/script
  run -1 "$COURANT" collect -q -C "$work"
  run -1 "$COURANT" sources -C "$work" add "$blog/atom.xml"
  [[ $output == *"deadline"* ]]
  [ "$(ask_sim /_sim/log | grep -c bytesmith)" -eq 1 ]
}

@test "sources add with words that make no sense is a wrong use" {
  run -2 "$COURANT" sources -C "$work" add example.org
  [[ $output == *'"example.org"'*"begin it with https://"* ]]
  run -2 "$COURANT" sources -C "$work" add "$blog/feed.xml" --opml
  [[ $output == *"--opml does not go with"* ]]
}
