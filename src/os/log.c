#include "os/log.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "os/clock.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
  const char *name;
  const char *prefix;
  const char *coloured;
} LEVELS[] = {
    [LOG_INFO] = {"info", "", ""},
    [LOG_WARNING] = {"warning", "warning: ", "\033[33mwarning:\033[0m "},
    [LOG_ERROR] = {"error", "error: ", "\033[31merror:\033[0m "},
};

static json_t *
json_event(LogLevel level, const char *message)
{
  g_autofree char *time = time_format(clock_now_ms());
  return json_pack("{ss ss ss}", "time", time, "level", LEVELS[level].name, "message", message);
}

static void
add_phase(json_t *event, const LogPhase *phase)
{
  double rate = phase->seconds > 0 ? (double) phase->items / phase->seconds : 0;
  g_autoptr(json_t) members = json_pack("{ss ss sf sI sf sI}", "phase", phase->phase, "event", phase->event, "time_seconds",
                                        phase->seconds, "items_processed", (json_int_t) phase->items, "rate_items_per_sec",
                                        rate, "workers", (json_int_t) phase->workers);
  json_object_update(event, members);
}

/* @phase: (nullable) */
static void
    G_GNUC_PRINTF(4, 0) write_line(const Log *log, LogLevel level, const LogPhase *phase, const char *format, va_list arguments)
{
  if (level < log->level)
    return;
  g_autofree char *foreign = g_strdup_vprintf(format, arguments);
  g_autofree char *message = text_printable(foreign);
  if (!log->is_json) {
    fprintf(stderr, "courant: %s%s\n", log->is_colour ? LEVELS[level].coloured : LEVELS[level].prefix, message);
    return;
  }
  g_autoptr(json_t) event = json_event(level, message);
  if (phase != NULL)
    add_phase(event, phase);
  g_autofree char *line = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
  fprintf(stderr, "%s\n", line);
}

void
log_line(const Log *log, LogLevel level, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  write_line(log, level, NULL, format, arguments);
  va_end(arguments);
}

void
log_phase(const Log *log, const LogPhase *phase, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  write_line(log, LOG_INFO, phase, format, arguments);
  va_end(arguments);
}
