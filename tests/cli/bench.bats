# Measuring: that it measures; how fast is for `courant bench` itself to say.
bats_require_minimum_version 1.5.0

setup() {
  source "$BATS_TEST_DIRNAME/helpers.bash"
}

@test "a group is measured in a world of its own, which is gone afterwards" {
  export TMPDIR=$BATS_TEST_TMPDIR
  run -0 --separate-stderr "$COURANT" bench --json --only workers --rounds 1 --out "$BATS_TEST_TMPDIR/bench.json"
  [ "$output" = "$(cat "$BATS_TEST_TMPDIR/bench.json")" ]
  jq -e '.schema == "courant.bench/1" and .machine.cores > 0 and (.rows | length) == 1' <<<"$output"
  jq -e '.rows[0] | .value == 1 and .must == 1 and .sense == "at most" and .rounds == 1 and .ok' <<<"$output"
  [ -z "$(find "$BATS_TEST_TMPDIR" -name 'courant-bench-*')" ]
}

@test "without a simulator there is one clear line" {
  COURANT_SIM=/nowhere/courant-sim run -1 "$COURANT" bench --only workers
  [[ $output == *"cannot start /nowhere/courant-sim: "* ]]
  run -2 "$COURANT" bench --only nothing
  [[ $output == *"--only takes one of collection, tls, enrichment, limits, run, workers"* ]]
}
