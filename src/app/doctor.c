/* Is all well with this workspace? One line a check. */
#include "app/doctor.h"

#include "base/text.h"
#include "pipeline/chain.h"
#include "threads/cancel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MS_AN_HOUR = 60 * 60 * 1000, MAX_AGE_HOURS = 24 * 365 * 10 };

void
examination_add(Examination *examination, const char *check, Finding finding, const char *format, ...)
{
  static const char *const NAMES[] = {[FINDING_OK] = "ok", [FINDING_NOTE] = "note", [FINDING_FAULT] = "fault"};
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *message = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_autofree char *clean = text_clean_line(message, strlen(message));
  examination->has_fault |= finding == FINDING_FAULT;
  json_array_append_new(examination->checks, json_pack("{ss sb ss ss}", "check", check, "ok", finding != FINDING_FAULT,
                                                       "finding", NAMES[finding], "message", clean));
}

void
examination_judge(Examination *examination, const char *check, const char *remark, GError *fault)
{
  g_autoptr(GError) owned = fault;
  if (owned != NULL)
    examination_add(examination, check, FINDING_FAULT, "%s", owned->message);
  else
    examination_add(examination, check, FINDING_OK, "%s", remark != NULL ? remark : "");
}

static void
print_checks(const json_t *document)
{
  size_t index = 0;
  json_t *check = NULL;
  json_array_foreach(json_object_get(document, "checks"), index, check)
  {
    const char *finding = json_read_text(check, "finding");
    g_autofree char *message = text_printable(json_read_text(check, "message"));
    g_autofree char *line = g_strdup_printf("%-9s %-5s %s", json_read_text(check, "check"),
                                            g_str_equal(finding, "fault") ? "FAULT" : finding, message);
    puts(g_strchomp(line));
  }
}

/* "26h", "7d": hours, days or weeks. */
static bool
read_age(const char *text, int64_t *ret_ms)
{
  static const struct {
    const char *unit;
    guint64 hours;
  } UNITS[] = {{"h", 1}, {"d", 24}, {"w", 7 * 24}};
  char *end = NULL;
  guint64 count = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, 10) : 0;
  for (size_t i = 0; i < G_N_ELEMENTS(UNITS) && count > 0 && count <= MAX_AGE_HOURS; i++)
    if (g_str_equal(end, UNITS[i].unit)) {
      *ret_ms = (int64_t) (count * UNITS[i].hours) * MS_AN_HOUR;
      return true;
    }
  return false;
}

static int
examine(Examination *examination)
{
  examination_add(examination, "config", FINDING_OK, "%u sources", examination->workspace->config->sources->len);
  doctor_check_programs(examination);
  doctor_check_folders(examination);
  doctor_check_store(examination);
  doctor_check_runs(examination);
  doctor_check_network(examination);
  store_free(examination->store);
  bool is_ok = !examination->has_fault;
  json_t *document = json_pack("{ss sb so}", "schema", "courant.doctor/1", "ok", is_ok, "checks", examination->checks);
  int told = print_document(examination->invocation, document, print_checks);
  if (cancel_signal() != 0)
    return EXIT_SIGNAL + cancel_signal();
  return is_ok ? told : EXIT_FAILED;
}

/* The stages that may ask language models. */
static const Stage ASKING_STAGES[] = {{"enrich", enrich_run}, {"generate", generate_run}, {0}};

static int
run_doctor(Invocation *invocation)
{
  int status = EXIT_OK;
  gboolean is_offline = false;
  g_autofree char *max_age = NULL;
  const GOptionEntry own[] = {
      {"offline", 0, 0, G_OPTION_ARG_NONE, &is_offline, "Ask nothing of the network", NULL},
      {"max-age", 0, 0, G_OPTION_ARG_STRING, &max_age, "How old the last good run may be, such as 7d (26h)", "AGE"},
      {0},
  };
  g_autoptr(Workspace) workspace = NULL;
  if (!workspace_begin(invocation, own, &workspace, NULL, &status))
    return status;
  Examination examination = {.invocation = invocation, .workspace = workspace, .is_offline = is_offline};
  if (!read_age(max_age != NULL ? max_age : "26h", &examination.max_age_ms))
    return fail_usage(invocation, "--max-age takes a number of hours, days or weeks, such as 26h, 7d or 1w");
  GError *error = NULL;
  if (!chain_check(workspace->config, invocation->datadir, ASKING_STAGES, &error))
    return fail_with(invocation, error);
  examination.checks = json_array();
  return examine(&examination);
}

const Command doctor_command = {
    .name = "doctor",
    .usage = "",
    .summary = "check Hugo, folders, store, the last run, credentials, and that each host answers; exit 1 on a fault",
    .examples = "  courant doctor -C blog\n"
                "  courant doctor --offline             ask nothing of the network\n"
                "  courant doctor --max-age 7d          for a workspace that runs once a week\n",
    .run = run_doctor,
};
