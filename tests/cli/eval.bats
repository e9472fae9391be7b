# Labelled data in, figures out.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
  pairs=$BATS_TEST_TMPDIR/pairs.ndjson
  titles=$BATS_TEST_TMPDIR/titles.ndjson
  write_pairs >"$pairs"
  write_titles >"$titles"
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

@test "what cannot be is a usage error" {
  run -2 "$COURANT" eval scores "$pairs"
  run -2 "$COURANT" eval stories "$pairs" --folds -1
  run -2 "$COURANT" eval stories "$titles" --fit
}
