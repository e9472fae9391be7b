#include "pipeline/driver.h"

#include "base/error.h"
#include "os/clock.h"
#include "pipeline/answers.h"
#include "store/peers.h"
#include "threads/cancel.h"
#include "threads/pool.h"

#include <unistd.h>

enum {
  LONGEST_WAIT_MS = 500, /* a signal may come just before a wait begins */
  TOLD_WAIT_MS = 3000,
  SECOND_PASS_MIN_JOBS = 5,
  SECOND_PASS_PART = 5, /* more than one job in five */
};

struct Driver {
  DriverOptions options;
  Pool *pool;
  Answers *answers;
  GPtrArray *ready; /* Work whose replies are all in, until the turn is committed */
  unsigned in_pool;
  uint64_t saved_changes;
  double idle_ms;
};

/* A job under way. It belongs to the pool while in it, otherwise to the driver's thread. */
typedef struct {
  Driver *driver;
  Job *job;
  const StageSpec *stage;
  int64_t pass;
  GPtrArray *replies; /* in the order asked; NULL while pending */
  unsigned pending;
  unsigned rounds;
  int64_t began_ms;
  double computed_ms;
  StepOutcome outcome;
  bool is_done;
} Work;

/* Jobs of pass @number: started in order, at most @limit at once. */
typedef struct {
  int64_t number;
  GPtrArray *works;
  guint next;
  guint done;
  int64_t limit;
} Pass;

Job *
job_new(const char *stage, const char *subject, void *input, GDestroyNotify input_free, GDestroyNotify result_free)
{
  Job *job = g_new0(Job, 1);
  job->name = g_strconcat(stage, ":", subject, NULL);
  job->input = input;
  job->input_free = input_free;
  job->result_free = result_free;
  return job;
}

void
job_free(Job *job)
{
  if (job == NULL)
    return;
  if (job->input_free != NULL)
    job->input_free(job->input);
  if (job->result != NULL && job->result_free != NULL)
    job->result_free(job->result);
  g_clear_error(&job->error);
  g_free(job->name);
  g_free(job);
}

static void
free_reply(void *reply)
{
  reply_free(reply);
}

static void
free_work(void *data)
{
  Work *work = data;
  step_outcome_clear(&work->outcome, work->job->result_free);
  g_ptr_array_unref(work->replies);
  g_free(work);
}

static Work *
new_work(Driver *driver, Job *job, const StageSpec *stage, int64_t pass)
{
  Work *work = g_new0(Work, 1);
  work->driver = driver;
  work->job = job;
  work->stage = stage;
  work->pass = pass;
  work->replies = g_ptr_array_new_with_free_func(free_reply);
  return work;
}

/* Runs unlocked on a pool thread: owns its Work, reads job input and snapshot. */
static void
run_step(void *data)
{
  Work *work = data;
  double began_ms = clock_precise_ms();
  work->stage->step(work->job->input, work->stage->snapshot, work->replies, &work->outcome);
  work->computed_ms += clock_precise_ms() - began_ms;
}

static void
wake_driver(void *client)
{
  client_wake(client);
}

static void
submit_work(Driver *driver, Work *work)
{
  driver->in_pool++;
  pool_submit(driver->pool, work);
}

static void
report_work(const Work *work)
{
  progress_job(work->driver->options.progress, work->job->name, (int64_t) work->replies->len - work->pending,
               work->replies->len, work->is_done);
}

static void
deliver(void *asker, int64_t ordinal, Reply *reply)
{
  Work *work = asker;
  g_ptr_array_index(work->replies, (guint) ordinal) = reply;
  if (--work->pending == 0)
    g_ptr_array_add(work->driver->ready, work);
  report_work(work);
}

/* What a host allows outlives this process, however it ends. */
static bool
save_hosts(Driver *driver, GError **error)
{
  uint64_t changes = client_changes(driver->options.client);
  if (changes == driver->saved_changes)
    return true;
  if (!store_is_writing(driver->options.store) && !store_begin(driver->options.store, false, error))
    return false;
  g_autoptr(GPtrArray) states = client_host_states(driver->options.client);
  if (!peers_save_hosts(driver->options.store, states, error))
    return false;
  driver->saved_changes = changes;
  return true;
}

/* What was learned is committed before any step sees it, and money before it is spent. */
static bool
end_turn(Driver *driver, GError **error)
{
  if (!save_hosts(driver, error))
    return false;
  if (store_is_writing(driver->options.store) && !store_commit(driver->options.store, error))
    return false;
  answers_send(driver->answers);
  for (guint i = 0; i < driver->ready->len; i++)
    submit_work(driver, g_ptr_array_index(driver->ready, i));
  g_ptr_array_set_size(driver->ready, 0);
  return true;
}

static void
note_work(const Work *work)
{
  const TimelineJob job = {
      .name = work->job->name,
      .pass = work->pass,
      .began_ms = work->began_ms,
      .ended_ms = clock_monotonic_ms(),
      .computed_ms = work->computed_ms,
      .outcome = work->job->error != NULL ? error_code_name(work->job->error->code) : "ok",
  };
  if (work->driver->options.timeline != NULL)
    timeline_job(work->driver->options.timeline, &job);
}

static void
end_work(Work *work, void *result, GError *failure)
{
  work->job->result = result;
  work->job->error = failure;
  work->is_done = true;
  budget_release(work->driver->options.budget, work->job->name);
  g_ptr_array_set_size(work->replies, 0);
  report_work(work);
  note_work(work);
}

/* All places are made before the first answer can come. */
static bool
ask_all(Driver *driver, Work *work, GPtrArray *requests, GError **error)
{
  guint first = work->replies->len;
  work->pending = requests->len;
  g_ptr_array_set_size(work->replies, (gint) (first + requests->len));
  for (guint i = 0; i < requests->len; i++) {
    ExchangeKey key = {.job = work->job->name, .pass = work->pass, .ordinal = first + i};
    Request *request = g_steal_pointer(&g_ptr_array_index(requests, i));
    if (!answers_ask(driver->answers, &key, request, work, error))
      return false;
  }
  return true;
}

static bool
handle_step(Driver *driver, Work *work, GError **error)
{
  StepOutcome outcome = work->outcome;
  work->outcome = (StepOutcome){0};
  g_assert((outcome.requests != NULL) + (outcome.result != NULL) + (outcome.error != NULL) == 1);
  if (outcome.requests == NULL) {
    end_work(work, outcome.result, outcome.error);
    return true;
  }
  g_autoptr(GPtrArray) requests = outcome.requests;
  if (++work->rounds <= STEP_MAX_ROUNDS)
    return ask_all(driver, work, requests, error);
  GError *failure = NULL;
  error_set(&failure, ERROR_BAD_DATA, "asked more than %d times", STEP_MAX_ROUNDS);
  end_work(work, NULL, failure);
  return true;
}

static bool
take_steps(Driver *driver, Pass *pass, GError **error)
{
  Work *work = NULL;
  while ((work = pool_take(driver->pool)) != NULL) {
    driver->in_pool--;
    if (!handle_step(driver, work, error))
      return false;
    pass->done += work->is_done;
  }
  return true;
}

static bool
is_cancelled(GError **error)
{
  if (cancel_signal() == 0)
    return false;
  error_set(error, ERROR_CANCELLED, "stopped by signal %d; run again to continue", cancel_signal());
  return true;
}

/* In the order of the plan: behind one that waits for money all wait. */
static void
start_jobs(Driver *driver, Pass *pass)
{
  while (pass->next < pass->works->len && pass->next - pass->done < pass->limit) {
    Work *work = g_ptr_array_index(pass->works, pass->next);
    if (budget_admit(driver->options.budget, work->job->name, work->job->worst_micros) == BUDGET_WAITING)
      return;
    work->began_ms = clock_monotonic_ms();
    submit_work(driver, work);
    pass->next++;
  }
}

/* Jobs start after others have ended, so that no turn ends with a place free. */
static bool
run_turn(Driver *driver, Pass *pass, GError **error)
{
  if (!take_steps(driver, pass, error))
    return false;
  start_jobs(driver, pass);
  return answers_move(driver->answers, error) && end_turn(driver, error) && !is_cancelled(error);
}

/* After a failure: the pool gives back what it holds, so that it can be freed. */
static void
drain_pool(Driver *driver)
{
  while (driver->in_pool > 0) {
    while (pool_take(driver->pool) != NULL)
      driver->in_pool--;
    if (driver->in_pool > 0)
      client_wait(driver->options.client, LONGEST_WAIT_MS);
  }
}

/* A person who sees nothing move is told why. */
static void
tell_wait(const Driver *driver)
{
  const char *host = NULL;
  int64_t wait_ms = driver->in_pool == 0 ? client_held_ms(driver->options.client, &host) : 0;
  if (wait_ms >= TOLD_WAIT_MS)
    progress_wait(driver->options.progress, host, wait_ms);
}

/* While a step is worked nobody is idle. */
static void
await_news(Driver *driver)
{
  double began_ms = clock_precise_ms();
  client_wait(driver->options.client, LONGEST_WAIT_MS);
  if (driver->in_pool == 0)
    driver->idle_ms += clock_precise_ms() - began_ms;
}

static bool
run_pass(Driver *driver, Pass *pass, GError **error)
{
  while (pass->done < pass->works->len) {
    if (!run_turn(driver, pass, error)) {
      drain_pool(driver);
      store_rollback(driver->options.store);
      return false;
    }
    if (pass->done == pass->works->len)
      break;
    tell_wait(driver);
    progress_tick(driver->options.progress);
    await_news(driver);
  }
  return end_turn(driver, error);
}

static bool
may_succeed_later(const Job *job)
{
  return error_is(job->error, ERROR_RETRY) || error_is(job->error, ERROR_THROTTLED);
}

static guint
count_failed(const GPtrArray *jobs, bool only_passing)
{
  guint count = 0;
  for (guint i = 0; i < jobs->len; i++) {
    const Job *job = g_ptr_array_index(jobs, i);
    count += job->error != NULL && (!only_passing || may_succeed_later(job));
  }
  return count;
}

/* Runs the jobs that wait for an ending. */
static bool
run_unfinished(Driver *driver, const StageSpec *stage, GPtrArray *jobs, Pass pass, GError **error)
{
  g_autoptr(GPtrArray) works = g_ptr_array_new_with_free_func(free_work);
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = g_ptr_array_index(jobs, i);
    if (job->result == NULL && job->error == NULL)
      g_ptr_array_add(works, new_work(driver, job, stage, pass.number));
  }
  pass.works = works;
  return run_pass(driver, &pass, error);
}

static bool
run_second_pass(Driver *driver, const StageSpec *stage, GPtrArray *jobs, GError **error)
{
  progress_begin(driver->options.progress, stage->name, count_failed(jobs, true), 1, "what failed for now, once more");
  for (guint i = 0; i < jobs->len; i++) {
    Job *job = g_ptr_array_index(jobs, i);
    if (may_succeed_later(job))
      g_clear_error(&job->error);
  }
  return run_unfinished(driver, stage, jobs, (Pass){.number = 2, .limit = 1}, error);
}

bool
driver_run(Driver *driver, const StageSpec *stage, GPtrArray *jobs, StageTally *ret_tally, GError **error)
{
  int64_t began_ms = clock_monotonic_ms();
  double waited = answers_waited(driver->answers);
  double idle_ms = driver->idle_ms;
  StageTally tally = {.jobs = jobs->len};
  tally.workers = workers_for_jobs(&driver->options.workers, jobs->len, &tally.reason);
  progress_begin(driver->options.progress, stage->name, tally.jobs, tally.workers, tally.reason);
  client_set_deadline(driver->options.client, began_ms + stage->deadline_ms);
  budget_begin_stage(driver->options.budget, stage->name, stage->kept_back_micros);

  bool is_done = run_unfinished(driver, stage, jobs, (Pass){.number = 1, .limit = tally.workers}, error);
  tally.has_second_pass =
      is_done && jobs->len >= SECOND_PASS_MIN_JOBS && count_failed(jobs, true) * SECOND_PASS_PART > jobs->len;
  if (tally.has_second_pass)
    is_done = run_second_pass(driver, stage, jobs, error);
  progress_end(driver->options.progress);
  if (!is_done)
    return false;

  tally.failed = count_failed(jobs, false);
  tally.seconds = (double) (clock_monotonic_ms() - began_ms) / 1000;
  tally.idle = (driver->idle_ms - idle_ms) / 1000;
  tally.waited = answers_waited(driver->answers) - waited;
  *ret_tally = tally;
  return true;
}

static void
restore_host(const HostState *state, void *data)
{
  const Driver *driver = data;
  client_restore_host(driver->options.client, state, driver->options.is_after_crash);
}

static unsigned
thread_count(const Workers *workers)
{
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  unsigned wanted = cores > 0 ? (unsigned) cores : 1;
  return workers->count > 0 ? (unsigned) MIN(workers->count, (int64_t) wanted) : wanted;
}

Driver *
driver_new(const DriverOptions *options, GError **error)
{
  g_autoptr(Driver) driver = g_new0(Driver, 1);
  driver->options = *options;
  driver->ready = g_ptr_array_new();
  if (!peers_each_host(options->store, restore_host, driver, error))
    return NULL;
  driver->pool = pool_new(
      &(PoolSpec){
          .threads = thread_count(&options->workers), .work = run_step, .wake = wake_driver, .wake_data = options->client},
      error);
  if (driver->pool == NULL)
    return NULL;
  driver->answers = answers_new(&(AnswersOptions){.store = options->store,
                                                  .run = options->run,
                                                  .client = options->client,
                                                  .budget = options->budget,
                                                  .timeline = options->timeline,
                                                  .is_replay = options->is_replay,
                                                  .robots_token = options->robots_token,
                                                  .deliver = deliver});
  return g_steal_pointer(&driver);
}

void
driver_free(Driver *driver)
{
  if (driver == NULL)
    return;
  pool_free(driver->pool);
  answers_free(driver->answers);
  g_ptr_array_unref(driver->ready);
  g_free(driver);
}
