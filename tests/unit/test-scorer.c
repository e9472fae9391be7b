#include "pipeline/scorer.h"

#include "base/error.h"
#include "shipped-score.h"
#include "store-fixture.h"
#include "store/knowledge.h"
#include "store/runs.h"

#include <string.h>

static Scorer *
open_scorer(void)
{
  g_autofree char *datadir = g_build_filename(g_getenv("COURANT_TEST_DATA"), "..", "..", NULL);
  g_autoptr(GError) error = NULL;
  Scorer *scorer = scorer_open(datadir, shipped_gauge()->background, &error);
  g_assert_no_error(error);
  return scorer;
}

static int64_t
begin_run(Store *store)
{
  g_autoptr(GError) error = NULL;
  const Run wanted = {.command = "run", .now_ms = 1000, .config_sha256 = "c", .version = "0.1.0", .started_ms = 1000};
  g_autoptr(Run) run = runs_begin(store, &wanted, &error);
  g_assert_no_error(error);
  return run->id;
}

static unsigned
learn(Scorer *scorer, Fixture *fixture, int64_t run_id, double given)
{
  const ScorePost post = make_post("Rust compiler internals", "");
  g_autoptr(Score) score = score_post(scorer->model, &scorer->gauge, &post);
  const ScoreAnswer answer = {&score->measured, score->value, given, false};
  g_autoptr(GArray) answers = g_array_new(FALSE, FALSE, sizeof(ScoreAnswer));
  g_autoptr(GError) error = NULL;
  g_array_append_val(answers, answer);
  g_assert_true(scorer_learn(scorer, fixture->store, run_id, answers, &error));
  g_assert_no_error(error);
  return (unsigned) score_model_learned(scorer->model);
}

static void
test_next_run_goes_on(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  int64_t run_id = begin_run(fixture->store);
  g_autoptr(Scorer) first = open_scorer();
  g_assert_true(scorer_recall(first, fixture->store, &error));
  g_assert_cmpuint(learn(first, fixture, run_id, 7), ==, 0);
  g_autofree char *nothing = knowledge_get(fixture->store, "score_model", &error);
  g_assert_null(nothing);
  g_assert_cmpuint(learn(first, fixture, run_id, 0.2), ==, 1);
  g_autoptr(Scorer) second = open_scorer();
  g_assert_true(scorer_recall(second, fixture->store, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(score_model_learned(second->model), ==, 1);
  g_assert_cmpuint(learn(second, fixture, run_id, 0.2), ==, 1);
}

static void
test_damaged_knowledge(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Scorer) scorer = open_scorer();
  g_assert_true(knowledge_set(fixture->store, begin_run(fixture->store), "score_model", "{\"version\":", NULL));
  g_assert_false(scorer_recall(scorer, fixture->store, &error));
  g_assert_true(error_is(error, ERROR_BAD_DATA));
  g_assert_cmpuint(score_model_learned(scorer->model), ==, 0);
}

static void
test_missing_tables(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(scorer_open("/nonexistent", shipped_gauge()->background, &error));
  g_assert_true(error_is(error, ERROR_IO));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  error_quark();
  g_test_add("/scorer/next-run-goes-on", Fixture, NULL, set_up, test_next_run_goes_on, tear_down);
  g_test_add("/scorer/damaged-knowledge", Fixture, NULL, set_up, test_damaged_knowledge, tear_down);
  g_test_add_func("/scorer/missing-tables", test_missing_tables);
  return g_test_run();
}
