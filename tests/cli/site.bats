# What a built site holds besides pages, as others read it.
bats_require_minimum_version 1.5.0

setup_file() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  start_sim --no-limits
  make_workspace "$BATS_FILE_TMPDIR/work"
  printf 'enrich: {threshold: 0}\ngenerate: {articles_per_run: 100}\n' >>"$BATS_FILE_TMPDIR/work/courant.yaml"
  "$COURANT" run -q -C "$BATS_FILE_TMPDIR/work" --now 2026-03-02T08:00:00Z
  stop_sim
}

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  /usr/bin/python3 -c 'import feedparser' 2>/dev/null || skip "there is no feedparser"
  site=$BATS_TEST_TMPDIR/site
  cp -r "$BATS_FILE_TMPDIR/work/public" "$site"
}

read_feeds() {
  "$BATS_TEST_DIRNAME/../web/feeds.py" "$site" https://courant.example/
}

@test "the feeds of the site and of topics pass an independent parser and tell the same" {
  run -0 read_feeds
  [[ $output =~ ^([0-9]+)\ feeds$ ]]
  [ "${BASH_REMATCH[1]}" -ge 9 ]
}

@test "a feed that is broken in one way or another does not pass" {
  local edit
  for edit in 's#</channel>##' 's#<guid isPermaLink="false">[^<]*#<guid isPermaLink="false">one#' 's#<pubDate>[^<]*#<pubDate>soon#' \
    's#courant.example/posts/#courant.example/elsewhere/#' '0,/<item>/s#<item>#<item><title>x</title>#'; do
    cp "$BATS_FILE_TMPDIR/work/public/index.xml" "$site/index.xml"
    sed -i "$edit" "$site/index.xml"
    run -1 read_feeds
  done
  cp "$BATS_FILE_TMPDIR/work/public/index.xml" "$site/index.xml"
  rm "$site/feed.json"
  run -1 read_feeds
}
