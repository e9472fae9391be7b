#include "shipped-score.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

enum { MANY = 300 };

/* A run of answers and what they rest on. */
typedef struct {
  Features features[MANY];
  GArray *answers;
} Run;

static void
run_clear(Run *run)
{
  for (guint i = 0; i < run->answers->len; i++)
    features_clear(&run->features[i]);
  g_array_unref(run->answers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static void
add_answer(Run *run, const ScoreModel *model, const char *title, double given)
{
  guint i = run->answers->len;
  Gauge gauge = *shipped_gauge();
  gauge.history = score_model_history(model);
  ScorePost post = make_post(title, "");
  post.link = "https://example.org/page";
  run->features[i] = features_measure(&post, &gauge);
  const ScoreAnswer answer = {&run->features[i], score_model_predict(model, run->features[i].values), given, false};
  g_array_append_val(run->answers, answer);
}

static Run
make_run(void)
{
  return (Run){.answers = g_array_new(FALSE, FALSE, sizeof(ScoreAnswer))};
}

/* Cats are good, Rust is not: another taste than what ships. */
static void
add_many(Run *run, const ScoreModel *model, guint count, guint from)
{
  for (guint i = 0; i < count; i++) {
    g_autofree char *title =
        g_strdup_printf(i % 2 ? "My cat number %u sleeps in the garden" : "Rust compiler number %u", from + i);
    add_answer(run, model, title, i % 2 ? 0.9 : 0.1);
  }
}

static double
predict(const ScoreModel *model, const char *title)
{
  const ScorePost post = make_post(title, "");
  g_autoptr(Score) score = score_post(model, shipped_gauge(), &post);
  return score->value;
}

static void
test_learns_another_taste(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_assert_cmpfloat(predict(model, "Rust compiler internals"), >, predict(model, "A cat in the garden"));
  g_auto(Run) run = make_run();
  add_many(&run, model, MANY, 0);
  g_assert_cmpuint(score_model_learn(model, run.answers), ==, MANY);
  g_assert_cmpuint(score_model_learned(model), ==, MANY);
  g_assert_cmpfloat(predict(model, "Rust compiler internals"), <, 0.3);
  g_assert_cmpfloat(predict(model, "A cat in the garden"), >, 0.6);
  g_autoptr(json_t) tenths = score_model_calibration(model);
  size_t index = 0;
  json_t *entry = NULL;
  json_int_t answers = 0;
  json_array_foreach(tenths, index, entry) answers += json_integer_value(json_object_get(entry, "answers"));
  g_assert_cmpint(answers, ==, MANY);
}

static char *
learn_and_save(ScoreModel *model, const GArray *answers)
{
  score_model_learn(model, answers);
  return score_model_save(model);
}

/* The same answers in the same order make the same bytes; a repeat changes none. */
static void
test_order_and_repeats(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_autoptr(ScoreModel) twin = open_shipped_model();
  g_auto(Run) run = make_run();
  add_many(&run, model, 40, 0);
  g_autofree char *state = learn_and_save(model, run.answers);
  g_autofree char *twin_state = learn_and_save(twin, run.answers);
  g_assert_cmpstr(state, ==, twin_state);
  g_assert_cmpuint(score_model_learn(model, run.answers), ==, 0);
  g_auto(Run) again = make_run();
  add_answer(&again, model, "Rust compiler number 0", 0.9);
  add_answer(&again, model, "Rust compiler number 2", 0.8);
  g_assert_cmpuint(score_model_learn(model, again.answers), ==, 0);
  g_autofree char *same = score_model_save(model);
  g_assert_cmpstr(state, ==, same);
}

static void
test_what_teaches_nothing(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_autofree char *before = score_model_save(model);
  static const double BAD[] = {NAN, -0.1, 7, 1e308, INFINITY};
  for (size_t i = 0; i < G_N_ELEMENTS(BAD); i++) {
    g_auto(Run) run = make_run();
    add_answer(&run, model, "A title", BAD[i]);
    g_assert_cmpuint(score_model_learn(model, run.answers), ==, 0);
  }
  g_auto(Run) constant = make_run();
  for (guint i = 0; i < 3; i++) {
    g_autofree char *title = g_strdup_printf("Title %u", i);
    add_answer(&constant, model, title, 0.5);
  }
  g_assert_cmpuint(score_model_learn(model, constant.answers), ==, 0);
  g_auto(Run) empty = make_run();
  g_assert_cmpuint(score_model_learn(model, empty.answers), ==, 0);
  g_autofree char *after = score_model_save(model);
  g_assert_cmpstr(before, ==, after);
  g_array_set_size(constant.answers, 2);
  features_clear(&constant.features[2]);
  g_assert_cmpuint(score_model_learn(model, constant.answers), ==, 2);
}

/* What was kept goes on as if it had never been put away. */
static void
test_state(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_autoptr(ScoreModel) other = open_shipped_model();
  g_auto(Run) run = make_run();
  g_auto(Run) more = make_run();
  g_autoptr(GError) error = NULL;
  add_many(&run, model, 60, 0);
  g_autofree char *state = learn_and_save(model, run.answers);
  g_assert_true(score_model_restore(other, state, &error));
  g_assert_no_error(error);
  g_assert_cmpuint(score_model_learned(other), ==, 60);
  add_many(&more, model, 60, 1000);
  g_autofree char *first = learn_and_save(model, more.answers);
  g_autofree char *second = learn_and_save(other, more.answers);
  g_assert_cmpstr(first, ==, second);
  g_assert_cmpuint(strlen(first), <, 10000);
}

static void
test_damaged_state(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_autoptr(ScoreModel) teacher = open_shipped_model();
  g_auto(Run) run = make_run();
  add_many(&run, teacher, 10, 0);
  g_autofree char *good = learn_and_save(teacher, run.answers);
  g_autofree char *before = score_model_save(model);
  static const char *const DAMAGES[][2] = {
      {"\"answers\":\"", "\"answers\":\"x"},
      {"\"answers\"", "\"anwsers\""},
      {"\"learned\":10", "\"learned\":-1"},
      {"\"learned\":10", "\"learned\":9"},
      {"\"learned\":10", "\"learned\":\"\""},
      {"\"titled\"", "\"tilted\""},
      {"\"titled\":[", "\"titled\":[99,"},
      {"\"titled\":[", "\"titled\":[1e308,0],\"x\":["},
      {"\"history\":{", "\"history\":{\"x\":[0,0],"},
      {"\"history\":{", "\"history\":{\"x\":[1,7],"},
      {"\"constant\":[", "\"constant\":[null,"},
      {"\"history\":{", "\"history\":{\"x\":1,"},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(DAMAGES); i++) {
    g_autoptr(GString) bad = g_string_new(good);
    g_autoptr(GError) error = NULL;
    g_assert_cmpuint(g_string_replace(bad, DAMAGES[i][0], DAMAGES[i][1], 1), ==, 1);
    g_assert_false(score_model_restore(model, bad->str, &error));
    g_assert_true(error_is(error, ERROR_BAD_DATA));
  }
  for (size_t length = 0; length < strlen(good); length += 1 + length / 7) {
    g_autofree char *cut = g_strndup(good, length);
    g_assert_false(score_model_restore(model, cut, NULL));
  }
  g_assert_false(score_model_restore(model, "[]", NULL));
  g_autofree char *after = score_model_save(model);
  g_assert_cmpstr(before, ==, after);

  g_autoptr(GString) older = g_string_new(good);
  g_string_replace(older, score_model_rule(model, 0.5, 0.95).version, "0123456789ab", 1);
  g_assert_true(score_model_restore(model, older->str, NULL));
  g_assert_cmpuint(score_model_learned(model), ==, 0);
}

static void
test_threshold(void)
{
  g_autoptr(GArray) kept = g_array_new(FALSE, FALSE, sizeof(Kept));
  g_assert_cmpfloat(score_threshold(kept, 0.5, 0.95), ==, 0);
  for (guint i = 0; i < 100; i++) {
    const Kept entry = {(99 - i) / 100.0, 0.7, 1};
    const Kept bad = {i / 100.0, 0.3, 1};
    g_array_append_val(kept, entry);
    g_array_append_val(kept, bad);
  }
  g_assert_cmpfloat(score_threshold(kept, 0.5, 0.95), ==, 0.05);
  g_assert_cmpfloat(score_threshold(kept, 0.5, 1), ==, 0);
  g_assert_cmpfloat(score_threshold(kept, 0.9, 0.95), ==, 0);
  const Kept explored = {0.01, 0.6, 100.0 / 3};
  g_array_append_val(kept, explored);
  g_assert_cmpfloat(score_threshold(kept, 0.5, 0.95), ==, 0.01);
}

static void
test_sparing(void)
{
  g_autoptr(ScoreModel) model = open_shipped_model();
  g_auto(Run) run = make_run();
  g_auto(Run) rest = make_run();
  add_many(&run, model, SCORE_LEAST_LEARNED - 1, 0);
  score_model_learn(model, run.answers);
  g_assert_cmpfloat(score_model_rule(model, 0.5, 0.95).threshold, ==, 0);
  add_many(&rest, model, 20, 5000);
  score_model_learn(model, rest.answers);
  const SparingRule rule = score_model_rule(model, 0.5, 0.95);
  g_assert_cmpfloat(rule.threshold, >, 0);
  unsigned explored = 0;
  for (guint i = 0; i < 10000; i++) {
    g_autofree char *id = g_strdup_printf("%016x", i);
    ScoreDecision decision = score_decide(&rule, id, rule.threshold - 0.001);
    g_assert_cmpint(decision, ==, score_decide(&rule, id, 0));
    g_assert_cmpint(decision, !=, SCORE_ASK);
    g_assert_cmpint(score_decide(&rule, id, rule.threshold), ==, SCORE_ASK);
    g_assert_cmpint(score_decide(&rule, id, NAN), ==, SCORE_ASK);
    explored += decision == SCORE_EXPLORE;
  }
  g_assert_cmpuint(explored, >, 240);
  g_assert_cmpuint(explored, <, 360);
  const SparingRule known = {0.5, "0"};
  g_assert_cmpint(score_decide(&known, "a", 0), ==, SCORE_SPARE);
  g_assert_cmpfloat(score_model_rule(model, 0.95, 0.95).threshold, ==, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/score-learn/another-taste", test_learns_another_taste);
  g_test_add_func("/score-learn/order-and-repeats", test_order_and_repeats);
  g_test_add_func("/score-learn/what-teaches-nothing", test_what_teaches_nothing);
  g_test_add_func("/score-learn/state", test_state);
  g_test_add_func("/score-learn/damaged-state", test_damaged_state);
  g_test_add_func("/score-learn/threshold", test_threshold);
  g_test_add_func("/score-learn/sparing", test_sparing);
  return g_test_run();
}
