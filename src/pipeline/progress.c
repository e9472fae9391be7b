#include "pipeline/progress.h"

#include "base/text.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_CELLS = 24, NAME_CELLS = 44, FRAME_CELLS = 4, COUNT_CELLS = 9, MIN_COLUMNS = 40, MAX_BARS = 16 };
enum { REDRAW_MS = 50, TICK_MS = 250, TELL_MS = 1000 };

struct Progress {
  const Log *log;
  bool is_live;
  char *stage;
  char *waited_for;
  int64_t waits_until_ms;
  int64_t told_seconds;
  int64_t jobs;
  int64_t done;
  int64_t workers;
  int64_t began_ms;
  int64_t told_ms;
  GPtrArray *bars;
  unsigned drawn_lines;
  unsigned drawn_columns;
  int64_t drawn_ms;
};

typedef struct {
  char *name;
  int64_t answered;
  int64_t asked;
  bool is_done;
} Bar;

static void
free_bar(void *data)
{
  Bar *bar = data;
  g_free(bar->name);
  g_free(bar);
}

Progress *
progress_new(const Log *log, bool is_live)
{
  Progress *progress = g_new0(Progress, 1);
  progress->log = log;
  progress->is_live = is_live;
  progress->bars = g_ptr_array_new_with_free_func(free_bar);
  return progress;
}

void
progress_free(Progress *progress)
{
  if (progress == NULL)
    return;
  g_ptr_array_unref(progress->bars);
  g_free(progress->stage);
  g_free(progress->waited_for);
  g_free(progress);
}

/* How wide name and bar may be. */
typedef struct {
  int columns;
  int name;
  int bar;
} Layout;

static struct winsize
terminal_size(void)
{
  struct winsize size = {0};
  bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  return is_known ? size : (struct winsize){.ws_col = 80, .ws_row = 24};
}

/* The last column stays free: a terminal may begin a new line after it. */
static Layout
lay_out(int columns)
{
  int space = MAX(columns - 1 - FRAME_CELLS - COUNT_CELLS, 0);
  int bar = MIN(space / 3, BAR_CELLS);
  return (Layout){.columns = columns - 1, .name = MIN(space - bar, NAME_CELLS), .bar = bar};
}

/* @note: what stands behind the count, as far as it fits */
static void
append_bar(GString *text, const Layout *layout, const Bar *bar, const char *note)
{
  g_autoptr(GString) line = g_string_new(NULL);
  g_autofree char *short_name = text_truncate(bar->name, (size_t) layout->name);
  g_string_append(line, short_name);
  for (glong i = g_utf8_strlen(short_name, -1); i < layout->name; i++)
    g_string_append_c(line, ' ');
  int64_t filled = bar->asked > 0 ? bar->answered * layout->bar / bar->asked : 0;
  g_string_append(line, " [");
  for (int64_t i = 0; i < layout->bar; i++)
    g_string_append_c(line, i < filled ? '#' : '.');
  g_string_append_printf(line, "] %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT "%s", bar->answered, bar->asked, note);
  g_autofree char *shown = g_utf8_substring(line->str, 0, MIN(g_utf8_strlen(line->str, -1), layout->columns));
  g_string_append_printf(text, "%s\n", shown);
}

static double
elapsed_seconds(const Progress *progress)
{
  return (double) (clock_monotonic_ms() - progress->began_ms) / 1000;
}

/* Returns: (transfer full): how fast the stage is, for how long, and what holds it up */
static char *
describe_pace(const Progress *progress)
{
  double seconds = elapsed_seconds(progress);
  GString *text = g_string_new(NULL);
  if (progress->done > 0 && seconds > 0)
    g_string_append_printf(text, "  %.1f/s", (double) progress->done / seconds);
  g_string_append_printf(text, "  %.1f s", seconds);
  int64_t wait_ms = progress->waits_until_ms - clock_monotonic_ms();
  if (progress->waited_for != NULL && wait_ms > 0)
    g_string_append_printf(text, "  waiting %" G_GINT64_FORMAT " s for %s", (wait_ms + 999) / 1000, progress->waited_for);
  return g_string_free(text, false);
}

/* One write, so that no half-drawn state is seen. */
static void
draw(Progress *progress)
{
  struct winsize size = terminal_size();
  const Layout layout = lay_out(size.ws_col);
  g_autoptr(GString) text = g_string_new(NULL);
  /* A terminal that became narrower broke the old lines at places of its own: they are left above. */
  if (progress->drawn_lines > 0 && size.ws_col >= progress->drawn_columns)
    g_string_append_printf(text, "\033[%uA", progress->drawn_lines);
  g_string_append(text, "\033[J");
  const Bar whole = {.name = progress->stage, .answered = progress->done, .asked = progress->jobs};
  g_autofree char *pace = describe_pace(progress);
  append_bar(text, &layout, &whole, pace);
  bool has_room = size.ws_col >= MIN_COLUMNS && progress->jobs <= MIN(MAX_BARS, size.ws_row - 2);
  guint shown = has_room ? progress->bars->len : 0;
  for (guint i = 0; i < shown; i++) {
    const Bar *bar = g_ptr_array_index(progress->bars, i);
    const Bar asking = {
        .name = bar->name, .answered = bar->is_done && bar->asked == 0 ? 1 : bar->answered, .asked = MAX(bar->asked, 1)};
    append_bar(text, &layout, &asking, "");
  }
  fputs(text->str, stderr);
  fflush(stderr);
  progress->drawn_lines = shown + 1;
  progress->drawn_columns = size.ws_col;
  progress->drawn_ms = clock_monotonic_ms();
}

static void
erase(Progress *progress)
{
  if (progress->drawn_lines == 0)
    return;
  fprintf(stderr, "\033[%uA\033[J", progress->drawn_lines);
  fflush(stderr);
  progress->drawn_lines = 0;
}

static void
tell(Progress *progress, const char *event, const char *message)
{
  const LogPhase phase = {.phase = progress->stage,
                          .event = event,
                          .seconds = elapsed_seconds(progress),
                          .items = progress->done,
                          .workers = progress->workers};
  progress->told_ms = clock_monotonic_ms();
  log_phase(progress->log, &phase, "%s: %s", progress->stage, message);
}

/* Returns: (transfer full): "8 jobs, 4 at once" */
static char *
describe_jobs(int64_t jobs, int64_t workers)
{
  if (jobs == 1)
    return g_strdup("1 job");
  if (workers == 1)
    return g_strdup_printf("%" G_GINT64_FORMAT " jobs, one at a time", jobs);
  return g_strdup_printf("%" G_GINT64_FORMAT " jobs, %" G_GINT64_FORMAT " at once", jobs, workers);
}

/* A stage that hands out jobs more than once began with the first. */
void
progress_begin(Progress *progress, const char *stage, int64_t jobs, int64_t workers, const char *reason)
{
  bool goes_on = g_strcmp0(progress->stage, stage) == 0;
  if (!goes_on) {
    g_free(progress->stage);
    progress->stage = g_strdup(stage);
    progress->began_ms = clock_monotonic_ms();
  }
  g_clear_pointer(&progress->waited_for, g_free);
  progress->jobs = jobs;
  progress->workers = workers;
  progress->done = 0;
  g_ptr_array_set_size(progress->bars, 0);
  if (jobs == 0)
    return;
  g_autofree char *described = describe_jobs(jobs, workers);
  g_autofree char *message = g_strdup_printf("%s (%s)", described, reason);
  tell(progress, goes_on ? "progress" : "start", message);
  if (progress->is_live)
    draw(progress);
}

static Bar *
find_bar(Progress *progress, const char *name)
{
  for (guint i = 0; i < progress->bars->len; i++) {
    Bar *bar = g_ptr_array_index(progress->bars, i);
    if (g_str_equal(bar->name, name))
      return bar;
  }
  Bar *bar = g_new0(Bar, 1);
  bar->name = g_strdup(name);
  g_ptr_array_add(progress->bars, bar);
  return bar;
}

static void
tell_done(Progress *progress)
{
  if (!progress->log->is_json || clock_monotonic_ms() - progress->told_ms < TELL_MS)
    return;
  g_autofree char *message =
      g_strdup_printf("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " jobs done", progress->done, progress->jobs);
  tell(progress, "progress", message);
}

void
progress_job(Progress *progress, const char *name, int64_t answered, int64_t asked, bool is_done)
{
  progress->done += is_done;
  progress->waits_until_ms = 0;
  if (!progress->is_live) {
    tell_done(progress);
    return;
  }
  if (progress->jobs <= MAX_BARS) {
    const char *colon = strchr(name, ':');
    g_autofree char *shown = text_printable(colon != NULL ? colon + 1 : name);
    Bar *bar = find_bar(progress, shown);
    bar->answered = is_done ? bar->asked : answered;
    bar->asked = is_done ? bar->asked : asked;
    bar->is_done = is_done;
  }
  if (progress->done == progress->jobs || clock_monotonic_ms() - progress->drawn_ms >= REDRAW_MS)
    draw(progress);
}

void
progress_tick(Progress *progress)
{
  if (progress->drawn_lines > 0 && clock_monotonic_ms() - progress->drawn_ms >= TICK_MS)
    draw(progress);
}

void
progress_wait(Progress *progress, const char *host, int64_t wait_ms)
{
  int64_t seconds = (wait_ms + 999) / 1000;
  progress->waits_until_ms = clock_monotonic_ms() + wait_ms;
  if (g_strcmp0(progress->waited_for, host) == 0 && (progress->is_live || seconds <= progress->told_seconds))
    return;
  g_free(progress->waited_for);
  progress->waited_for = text_printable(host);
  progress->told_seconds = seconds;
  if (progress->is_live)
    draw(progress);
  else
    log_line(progress->log, LOG_INFO, "%s: waiting %" G_GINT64_FORMAT " s for %s, as its limits want", progress->stage, seconds,
             host);
}

void
progress_end(Progress *progress)
{
  erase(progress);
}
