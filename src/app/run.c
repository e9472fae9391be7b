/* run, and the stages one by one. */
#include "app/plan.h"
#include "app/session.h"
#include "base/time.h"
#include "store/store.h"

#include <errno.h>
#include <unistd.h>

/* The stages that each command is made of. */
static const struct {
  const char *command;
  Stage stages[6];
} PLANS[] = {
    {"run",
     {{"collect", collect_run},
      {"group", group_run},
      {"enrich", enrich_run},
      {"generate", generate_run},
      {"deploy", deploy_run}}},
    {"collect", {{"collect", collect_run}, {"group", group_run}}},
    {"enrich", {{"enrich", enrich_run}}},
    {"generate", {{"generate", generate_run}}},
    {"deploy", {{"deploy", deploy_run}}},
};

/* Of --workers; 0 and less is refused. */
enum { NOT_GIVEN = -1 };

static const Stage *
find_stages(const char *command)
{
  size_t i = 0;
  while (!g_str_equal(PLANS[i].command, command))
    i++;
  return PLANS[i].stages;
}

/* That what happened cannot be written down is told before the run, not after it. Returns: 0, or why not, as errno has it */
static int
reason_against(const char *path)
{
  if (g_file_test(path, G_FILE_TEST_IS_DIR))
    return EISDIR;
  if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR))
    return EINVAL;
  g_autofree char *folder = g_path_get_dirname(path);
  return access(folder, W_OK | X_OK) == 0 ? 0 : errno;
}

/* Returns: (transfer full) (nullable) */
static char *
problem_with(const char *option, const char *path)
{
  int reason = path != NULL ? reason_against(path) : 0;
  return reason != 0 ? g_strdup_printf("%s: cannot write %s: %s", option, path, g_strerror(reason)) : NULL;
}

static int
check_and_run(Invocation *invocation, RunOptions *options, const char *now, bool is_dry)
{
  if (options->workers < 1 && options->workers != NOT_GIVEN)
    return fail_usage(invocation, "--workers takes a number from 1");
  if (options->record != NULL && options->replay != NULL)
    return fail_usage(invocation, "--record and --replay exclude each other");
  if (is_dry && (options->record != NULL || options->replay != NULL))
    return fail_usage(invocation, "--dry-run asks nothing, so there is nothing to record or to replay");
  if (is_dry && options->timeline != NULL)
    return fail_usage(invocation, "--dry-run does nothing, so there is no timeline of it");
  g_autofree char *timeline_problem = problem_with("--timeline", options->timeline);
  g_autofree char *record_problem = problem_with("--record", options->record);
  if (timeline_problem != NULL || record_problem != NULL)
    return fail_usage(invocation, timeline_problem != NULL ? timeline_problem : record_problem);
  if (now != NULL && !time_parse(now, &options->now_ms))
    return fail_usage(invocation, "--now takes a time such as 2026-03-02T08:00:00Z");
  g_autofree char *data_folder = g_build_filename(invocation->folder, "data", NULL);
  if (options->replay != NULL && store_exists(data_folder))
    return fail_usage(invocation, "--replay wants a workspace without a store; name an empty folder with -C");
  options->workers = MAX(options->workers, 0);
  const Stage *stages = find_stages(invocation->command->name);
  return is_dry ? plan_run(invocation, options, stages) : session_run(invocation, options, stages);
}

static int
run_stages(Invocation *invocation)
{
  int workers = NOT_GIVEN;
  gboolean is_fresh = false;
  gboolean is_dry = false;
  g_autofree char *now = NULL;
  g_autofree char *record = NULL;
  g_autofree char *replay = NULL;
  g_autofree char *timeline = NULL;
  const GOptionEntry own[] = {
      {"workers", 0, 0, G_OPTION_ARG_INT, &workers, "Jobs and requests at once (1: one of each)", "N"},
      {"dry-run", 'n', 0, G_OPTION_ARG_NONE, &is_dry, "Only tell what would be asked, written and spent at most", NULL},
      {"fresh", 0, 0, G_OPTION_ARG_NONE, &is_fresh, "Do not continue an unfinished run", NULL},
      {"now", 0, 0, G_OPTION_ARG_STRING, &now, "The time that counts as now, such as 2026-03-02T08:00:00Z", "TIME"},
      {"record", 0, 0, G_OPTION_ARG_FILENAME, &record, "Record the run to FILE", "FILE"},
      {"replay", 0, 0, G_OPTION_ARG_FILENAME, &replay, "Replay a recording, without a network", "FILE"},
      {"timeline", 0, 0, G_OPTION_ARG_FILENAME, &timeline, "Write what happened when: a page (.html), or a Chrome trace",
       "FILE"},
      {0},
  };
  int status = EXIT_OK;
  if (!invocation_parse(invocation, own, &status))
    return status;
  RunOptions options = {.workers = workers, .record = record, .replay = replay, .timeline = timeline, .is_fresh = is_fresh};
  return check_and_run(invocation, &options, now, is_dry);
}

const Command run_command = {
    .name = "run",
    .usage = "",
    .summary = "collect, group, enrich, generate and deploy",
    .examples = "  courant run                          in the workspace of this folder\n"
                "  courant run -n                       what it would ask, write and spend at most\n"
                "  courant run -C blog --json           one document about what was done\n"
                "  courant run --timeline run.html      a page that draws what happened when\n"
                "  courant run --log-format json        one JSON object a line on stderr, with the pace of each stage\n"
                "  courant run --record day.rec         keep every reply\n"
                "  courant run -C empty --replay day.rec --workers 8\n",
    .run = run_stages,
};

const Command collect_command = {
    .name = "collect",
    .usage = "",
    .summary = "fetch the sources and group what is new into stories",
    .examples = "  courant collect -n                   which sources would be asked, and when their limits open\n"
                "  courant collect --json\n",
    .run = run_stages,
};

const Command enrich_command = {
    .name = "enrich",
    .usage = "",
    .summary = "read the pages behind new stories and score them",
    .examples = "  courant enrich --workers 4\n",
    .run = run_stages,
};

const Command generate_command = {
    .name = "generate",
    .usage = "",
    .summary = "write the articles of the best stories",
    .examples = "  courant generate\n",
    .run = run_stages,
};

const Command deploy_command = {
    .name = "deploy",
    .usage = "",
    .summary = "build the site and swap it in",
    .examples = "  courant deploy -C blog\n",
    .run = run_stages,
};
