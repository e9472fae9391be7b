# Labelled data in, figures out.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  pairs=$BATS_TEST_TMPDIR/pairs.ndjson
  titles=$BATS_TEST_TMPDIR/titles.ndjson
  write_pairs >"$pairs"
  write_titles >"$titles"
  scores=$BATS_TEST_TMPDIR/scores.ndjson
  write_scores >"$scores"
}

# Three hundred posts by turns: what a newsroom of engineers would print, and what it would not.
write_scores() {
  local i good bad
  for i in {0..149}; do
    good=$((i % 4 + 6))
    bad=$((i % 3 + 1))
    printf '{"when":"2025-10-01T%02d:%02d:00Z","source":"hackernews","text":"Rust compiler internals, part %d","length":40,
      "metadata":{"score":%d,"comments":3},"ai_score":0.%d,"reference_heuristic":0.4}\n' $((i / 30)) $((i % 30)) "$i" "$i" "$good"
    printf '{"when":"2025-10-01T%02d:%02d:30Z","source":"mastodon","text":"lol my cat sleeps #cats %d","length":40,
      "metadata":{"favourites_count":%d,"instance":"https://m.example","language":"en"},"ai_score":0.%d,"reference_heuristic":0.6}\n' \
      $((i / 30)) $((i % 30)) "$i" "$i" "$bad"
  done | tr -d '\n' | sed 's/}{/}\n{/g'
  echo
}

# Sixty pairs by turns: the same news in other words, and another.
write_pairs() {
  local i same
  for i in {1..60}; do
    same=$((i % 2))
    ((same)) && other="Release of Zyzzyva$i is out" || other="Quokka$i visits a garden"
    printf '{"a":"Zyzzyva%d has been released","b":"%s","same":%d,"weight":%d}\n' "$i" "$other" "$same" $((i % 10 == 0 ? 35 : 1))
  done
}

# Forty titles of twenty stories.
write_titles() {
  local i
  for i in {1..40}; do
    printf '{"title":"Zyzzyva%s eats %s in the garden","story":"%d","published_ms":%d}\n' "${letters[i % 20]}" \
      "$((i < 20 ? 0 : 1))" $((i % 20)) $((1700000000000 + i * 60000))
  done
}
letters=(aa bb cc dd ee ff gg hh ii jj kk ll mm nn oo pp qq rr ss tt)

@test "one file of pairs: the figures stand at the top, by the shipped weights or by folds" {
  run -0 --separate-stderr "$COURANT" eval stories "$pairs" --json
  jq -e '.schema == "courant.eval/1" and .pairs == 60 and .skipped == 0 and .cut > 0' <<<"$output"
  jq -e '.auc == 1 and ([.precision, .recall, .f1, .weighted_precision] | all(type == "number"))' <<<"$output"
  run -0 --separate-stderr "$COURANT" eval stories "$pairs" --json --folds 4
  jq -e '.pairs == 48 and .dropped == 0 and .auc == 1 and .f1 > 0.9' <<<"$output"
  jq -e '[.baselines[].name] == ["TF-IDF cosine", "trigram cosine", "shingle Jaccard", "the reference'\''s rule"]' <<<"$output"
  jq -e '.auc_interval[0] <= .auc and .auc <= .auc_interval[1] and (.f1_interval | length) == 2' <<<"$output"
}

@test "one file of titles: B-cubed at the cut of the earlier part and at the product's" {
  run -0 --separate-stderr "$COURANT" eval stories "$titles" --json
  jq -e '.titles == 40 and (.bcubed | keys == ["cut", "f1", "precision", "recall"])' <<<"$output"
  jq -e '.bcubed_product | .precision > 0 and .recall > 0 and .f1 > 0 and .cut > 0' <<<"$output"
}

@test "several files stand in a list; people get a table, with calibration and the worst predictions where asked" {
  run -0 --separate-stderr "$COURANT" eval stories "$pairs" "$titles" --json
  jq -e '[.files[].file] == ["pairs.ndjson", "titles.ndjson"]' <<<"$output"
  run -0 "$COURANT" eval stories "$pairs" "$titles" --folds 4 --calibration --errors 3
  [[ $output == *"pairs.ndjson: 48 pairs predicted"*"likeness"*"TF-IDF cosine"*"predicted "*"at the product's cut"* ]]
}

@test "a bad line names file and line; with --skip-bad the rest is measured" {
  local line
  for line in '{"a":1}' 'nonsense' '{"a":"x","b":"y","same":7}' '{"a":"x","b":"y","same":1,"weight":0}' '{"title":"x","story":"y"}'; do
    write_pairs | sed "7i $line" >"$pairs"
    run ! "$COURANT" eval stories "$pairs"
    [[ $output == *"pairs.ndjson:7: "*"--skip-bad"* ]]
    run -0 --separate-stderr "$COURANT" eval stories "$pairs" --json --skip-bad
    jq -e '.pairs == 60 and .skipped == 1' <<<"$output"
    [[ $stderr == *"pairs.ndjson:7: "*"passed over: 1"* ]]
  done
  printf 'a\0b\n' >>"$pairs"
  run -0 --separate-stderr "$COURANT" eval stories "$pairs" --json --skip-bad
  jq -e '.skipped == 2' <<<"$output"
  run -1 "$COURANT" eval stories "$BATS_TEST_TMPDIR/none.ndjson"
  : >"$pairs"
  run ! "$COURANT" eval stories "$pairs"
  [[ $output == *"holds no labelled pair"* ]]
}

@test "--fit prints weights that the program reads" {
  mkdir -p "$BATS_TEST_TMPDIR/data"
  cp "$COURANT_DATADIR"/data/*.* "$BATS_TEST_TMPDIR/data/"
  run -0 --separate-stderr "$COURANT" eval stories "$pairs" --fit
  [[ $output == "# "*"pairs.ndjson (60 pairs)"* ]]
  echo "$output" >"$BATS_TEST_TMPDIR/data/story-weights.tsv"
  COURANT_DATADIR=$BATS_TEST_TMPDIR run -0 --separate-stderr "$COURANT" eval stories "$pairs" --json
  jq -e '.f1 == 1' <<<"$output"
}

@test "scores: every post is predicted before its score is learned, beside two baselines" {
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --json
  jq -e '.schema == "courant.eval/1" and .kind == "scores" and .posts == 300 and .counted == 100 and .skipped == 0' <<<"$output"
  jq -e '.auc > 0.95 and .mae < 0.15 and .pearson > 0.8 and .calls_saved > 0.3 and .recall > 0.9' <<<"$output"
  jq -e '[.baselines[].name] == ["mean of what came before", "the reference'\''s heuristic"]' <<<"$output"
  jq -e '.baselines[1] | .auc == 0 and .calls_saved == 0 and .recall == 1' <<<"$output"
  first=$output
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --json
  [ "$output" = "$first" ]
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --json --after 0 --calibration --errors 2
  jq -e '.counted == 300 and ([.calibration[].posts] | add) == 300 and (.errors | length) == 2' <<<"$output"
  run -0 "$COURANT" eval scores "$scores" --after 299 --calibration --errors 1
  [[ $output == *"1 of 300 posts predicted"*"linear model"*"mean of what came before"*"predicted "*"line 300: "* ]]
}

@test "scores: posts that are not counted are learned all the same" {
  sed 's/"ai_score":0.\([0-9]\)/"ai_score":0.\1/; s/Rust compiler/A cat/; s/lol my cat/ABC/' "$scores" >"$scores.other"
  run -0 --separate-stderr "$COURANT" eval scores "$scores.other" --json --after 250
  jq -e '.mae < 0.2' <<<"$output"
}

@test "scores: a bad line names file and line; with --skip-bad the rest is measured" {
  local line
  local start='{"when":"2025-10-01T00:01:30Z","source":"x","text":"a"'
  for line in 'nonsense' '[]' "$start}" "$start,\"ai_score\":7}" "$start,\"ai_score\":NaN}" "$start,\"ai_score\":1e999}" \
    "$start,\"ai_score\":\"0.5\"}" \
    '{"when":"never","source":"x","text":"a","ai_score":0.5}' '{"when":"2025-10-01T00:01:30Z","source":"x","ai_score":0.5}'; do
    write_scores | sed "5i $line" >"$scores"
    run -1 "$COURANT" eval scores "$scores"
    [[ $output == *"scores.ndjson:5: "*"--skip-bad"* ]]
    run -0 --separate-stderr "$COURANT" eval scores "$scores" --json --skip-bad
    jq -e '.posts == 300 and .skipped == 1' <<<"$output"
    [[ $stderr == *"scores.ndjson:5: "*"passed over: 1"* ]]
  done
  write_scores | sed '5i {"when":"2024-01-01T00:00:00Z","source":"x","text":"a","ai_score":0.5}' >"$scores"
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --json
  jq -e '.posts == 301 and .skipped == 0' <<<"$output"
  [[ $stderr == *"scores.ndjson:5: is earlier"* ]]
  : >"$scores"
  run -1 "$COURANT" eval scores "$scores"
  [[ $output == *"holds no post with a score"* ]]
  write_scores >"$scores"
  run -1 "$COURANT" eval scores "$scores" --after 300
  [[ $output == *"has 300 posts"*"--after"* ]]
}

@test "scores: odd posts are measured: no metadata, counts beyond all measure, no text, a megabyte of it" {
  local start='{"when":"2025-10-02T00:00:00Z","source":"mastodon","ai_score":0.5'
  {
    echo "$start,\"text\":\"\"}"
    echo "$start,\"text\":\"a\",\"length\":1e308,\"metadata\":{\"favourites_count\":1e308,\"reblogs_count\":-1e308,\"replies_count\":1e308}}"
    echo "$start,\"text\":\"b\",\"length\":\"x\",\"metadata\":[]}"
    echo "$start,\"text\":\"$(head -c 1000000 /dev/zero | tr '\0' x)\",\"metadata\":null}"
    echo "$start,\"text\":\"c\",\"metadata\":{\"instance\":7,\"language\":{}}}"
  } >>"$scores"
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --json
  jq -e '.posts == 305 and ([.auc, .mae, .pearson] | all(type == "number")) and (.baselines | length) == 1' <<<"$output"
}

@test "scores: --fit makes weights that the program reads, and refuses posts that measure them" {
  mkdir -p "$BATS_TEST_TMPDIR/data"
  cp "$COURANT_DATADIR"/data/*.* "$BATS_TEST_TMPDIR/data/"
  run -0 --separate-stderr "$COURANT" eval scores "$scores" --fit
  [[ $output == "# "*"first 300 posts of scores.ndjson"* && $stderr == "" ]]
  echo "$output" >"$BATS_TEST_TMPDIR/data/score-weights.tsv"
  COURANT_DATADIR=$BATS_TEST_TMPDIR run -0 --separate-stderr "$COURANT" eval scores "$scores" --json
  jq -e '.auc > 0.99 and .mae < 0.12' <<<"$output"
  sed -i 's/^words:ai.*/words:ai\tmuch\t0/' "$BATS_TEST_TMPDIR/data/score-weights.tsv"
  COURANT_DATADIR=$BATS_TEST_TMPDIR run -1 "$COURANT" eval scores "$scores"
  [[ $output == *"score-weights.tsv:"* ]]
  sed '7s/2025-10-01T/2025-11-02T/; 8,$d' "$scores" >"$scores.late"
  run -1 "$COURANT" eval scores "$scores.late" --fit
  [[ $output == *"scores.ndjson.late:7: "*"never make them"* ]]
}

@test "scores: the shipped weights are what --fit makes of the first 581 real posts, and the later ones bear them out" {
  [[ -n ${COURANT_SHARED:-} ]] || skip "the labelled data is in a folder that COURANT_SHARED names; it is not set"
  local real=$COURANT_SHARED/data/scores/scores.ndjson
  run -0 --separate-stderr "$COURANT" eval scores "$real" --fit
  [ "$output" = "$(cat "$COURANT_DATADIR/data/score-weights.tsv")" ]
  [[ $stderr == *"the first 581 posts are used and the other 388 are not"* ]]
  run -0 --separate-stderr "$COURANT" eval scores "$real" --after 581 --json
  jq -e '.counted == 388 and .auc >= 0.76 and .mae <= 0.125 and .calls_saved >= 0.13 and .recall >= 0.94' <<<"$output"
}

@test "what cannot be is a usage error" {
  run -1 "$COURANT" eval scores "$pairs"
  run -2 "$COURANT" eval posts "$pairs"
  run -2 "$COURANT" eval scores "$scores" "$scores"
  run -2 "$COURANT" eval scores "$scores" --folds 2
  run -2 "$COURANT" eval scores "$scores" --after -2
  run -2 "$COURANT" eval stories "$pairs" --after 2
  run -2 "$COURANT" eval stories "$pairs" --folds -1
  run -2 "$COURANT" eval stories "$titles" --fit
}
