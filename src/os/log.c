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

static char *
json_event(LogLevel level, const char *message)
{
  g_autofree char *time = time_format(clock_now_ms());
  g_autoptr(json_t) event = json_object();
  json_object_set_new(event, "time", json_string(time));
  json_object_set_new(event, "level", json_string(LEVELS[level].name));
  json_object_set_new(event, "message", json_string(message));
  return json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);
}

void
log_line(const Log *log, LogLevel level, const char *format, ...)
{
  if (level < log->level)
    return;
  va_list arguments;
  va_start(arguments, format);
  g_autofree char *foreign = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_autofree char *message = text_printable(foreign);
  if (log->is_json) {
    g_autofree char *event = json_event(level, message);
    fprintf(stderr, "%s\n", event);
    return;
  }
  fprintf(stderr, "courant: %s%s\n", log->is_colour ? LEVELS[level].coloured : LEVELS[level].prefix, message);
}
