#include "os/log.h"

typedef struct {
  const char *name;
  Log log;
  LogLevel level;
  const char *message;
  const char *expected;
} Case;

static const Case CASES[] = {
    {"info", {LOG_INFO, false, false}, LOG_INFO, "hello", "courant: hello\n"},
    {"warning", {LOG_INFO, false, false}, LOG_WARNING, "hello", "courant: warning: hello\n"},
    {"error", {LOG_INFO, false, false}, LOG_ERROR, "hello", "courant: error: hello\n"},
    {"colour", {LOG_INFO, false, true}, LOG_ERROR, "hello", "courant: \033[31merror:\033[0m hello\n"},
    {"below-level", {LOG_WARNING, false, false}, LOG_INFO, "hello", ""},
    {"escape-not-obeyed", {LOG_INFO, false, false}, LOG_INFO, "a\033[2Jb", "courant: a\\x1B[2Jb\n"},
};

static void
write_line(const Case *given)
{
  log_line(&given->log, given->level, "%s", given->message);
}

static void
test_text(const void *data)
{
  const Case *expected = data;
  if (g_test_subprocess()) {
    write_line(expected);
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr(expected->expected);
}

static void
test_json(void)
{
  if (g_test_subprocess()) {
    log_line(&(Log){LOG_INFO, true, true}, LOG_WARNING, "say \"%s\"", "a\\b\n");
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr("{\"time\":\"20*Z\",\"level\":\"warning\",\"message\":\"say \\\"a\\\\b\\\\x0A\\\"\"}\n");
}

static void
test_phase(void)
{
  static const LogPhase PHASE = {.phase = "collect", .event = "end", .seconds = 0.5, .items = 8, .workers = 4};
  if (g_test_subprocess()) {
    log_phase(&(Log){LOG_INFO, true, false}, &PHASE, "collect: %d new", 3);
    log_phase(&(Log){LOG_INFO, false, false}, &PHASE, "collect: %d new", 3);
    log_phase(&(Log){LOG_WARNING, true, false}, &PHASE, "collect: %d new", 3);
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_passed();
  g_test_trap_assert_stderr("{\"time\":\"20*Z\",\"level\":\"info\",\"message\":\"collect: 3 new\",\"phase\":\"collect\","
                            "\"event\":\"end\",\"time_seconds\":0.5,\"items_processed\":8,\"rate_items_per_sec\":16.0,"
                            "\"workers\":4}\ncourant: collect: 3 new\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strdup_printf("/log/text/%s", CASES[i].name);
    g_test_add_data_func(path, &CASES[i], test_text);
  }
  g_test_add_func("/log/json", test_json);
  g_test_add_func("/log/phase", test_phase);
  return g_test_run();
}
