#include "app/command.h"

#include "base/error.h"
#include "threads/cancel.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static const Command *const COMMANDS[] = {
#define COMMAND(name) &name##_command,
#include "app/commands.def"
#undef COMMAND
    NULL,
};

const Command *const *
commands_all(void)
{
  return COMMANDS;
}

const Command *
command_find(const char *name)
{
  for (size_t i = 0; COMMANDS[i] != NULL; i++)
    if (g_str_equal(COMMANDS[i]->name, name))
      return COMMANDS[i];
  return NULL;
}

static bool
is_set(const Invocation *invocation, const char *name)
{
  const char *value = g_environ_getenv((char **) invocation->environment, name);
  return value != NULL && *value != '\0';
}

static bool
has_folder(const char *parent, const char *name)
{
  g_autofree char *path = g_build_filename(parent, name, NULL);
  return g_file_test(path, G_FILE_TEST_IS_DIR);
}

/* COURANT_DATADIR, else the installed one, else the source tree that a build folder lies in. */
static char *
find_datadir(const Invocation *invocation)
{
  const char *given = g_environ_getenv((char **) invocation->environment, "COURANT_DATADIR");
  if (given != NULL && *given != '\0')
    return g_canonicalize_filename(given, NULL);
  if (has_folder(INSTALLED_DATADIR, "theme"))
    return g_strdup(INSTALLED_DATADIR);
  g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
  g_autofree char *build = program != NULL ? g_path_get_dirname(program) : g_strdup(".");
  return g_path_get_dirname(build);
}

int
fail_usage(const Invocation *invocation, const char *problem)
{
  log_line(&invocation->log, LOG_ERROR, "%s: %s (see \"courant help %s\")", invocation->command->name, problem,
           invocation->command->name);
  return EXIT_USAGE;
}

static bool
say_usage(const Invocation *invocation, const char *problem, int *ret_exit)
{
  *ret_exit = fail_usage(invocation, problem);
  return false;
}

/* Whoever read has seen enough, as in `courant dump | head`. */
static bool
is_reader_gone(void)
{
  struct pollfd output = {.fd = STDOUT_FILENO};
  return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

int
end_output(const Invocation *invocation)
{
  if ((fflush(stdout) == 0 && !ferror(stdout)) || is_reader_gone())
    return EXIT_OK;
  log_line(&invocation->log, LOG_ERROR, "cannot write to standard output");
  return EXIT_FAILED;
}

static bool
say_help(const Invocation *invocation, GOptionContext *context, int *ret_exit)
{
  g_autofree char *help = g_option_context_get_help(context, true, NULL);
  printf("%s%s%s", help, *invocation->command->examples != '\0' ? "Examples:\n" : "", invocation->command->examples);
  *ret_exit = end_output(invocation);
  return false;
}

/* The options as they were written, before they mean anything. */
typedef struct {
  char *folder;
  char *log_format;
  char *colour;
  gboolean is_json;
  gboolean is_quiet;
  gboolean wants_help;
} Written;

static void
clear_written(Written *written)
{
  g_free(written->folder);
  g_free(written->log_format);
  g_free(written->colour);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Written, clear_written)

static bool
apply(Invocation *invocation, const Written *written, int *ret_exit)
{
  const char *format = written->log_format != NULL ? written->log_format : "text";
  const char *colour = written->colour != NULL ? written->colour : "auto";
  if (!g_str_equal(format, "text") && !g_str_equal(format, "json"))
    return say_usage(invocation, "--log-format takes text or json", ret_exit);
  if (!g_str_equal(colour, "auto") && !g_str_equal(colour, "always") && !g_str_equal(colour, "never"))
    return say_usage(invocation, "--color takes auto, always or never", ret_exit);
  bool is_terminal =
      isatty(STDERR_FILENO) && g_strcmp0(g_environ_getenv((char **) invocation->environment, "TERM"), "dumb") != 0;
  invocation->is_json = written->is_json;
  invocation->log.is_json = g_str_equal(format, "json");
  invocation->log.level = written->is_quiet ? LOG_WARNING : LOG_INFO;
  invocation->log.is_colour =
      g_str_equal(colour, "always") || (g_str_equal(colour, "auto") && is_terminal && !is_set(invocation, "NO_COLOR"));
  invocation->is_live = is_terminal && !written->is_quiet && !invocation->log.is_json && !is_set(invocation, "CI");
  invocation->folder = g_canonicalize_filename(written->folder != NULL ? written->folder : ".", NULL);
  invocation->datadir = find_datadir(invocation);
  return true;
}

static bool
check_arguments(const Invocation *invocation, int *ret_exit)
{
  int count = (int) g_strv_length(invocation->arguments);
  if (count > invocation->command->max_arguments)
    return say_usage(invocation, "too many arguments", ret_exit);
  if (count < invocation->command->min_arguments)
    return say_usage(invocation, "an argument is missing", ret_exit);
  return true;
}

bool
wants_json_log(char **words)
{
  for (size_t i = 1; words[i] != NULL; i++)
    if (g_str_equal(words[i], "--log-format=json") ||
        (g_str_equal(words[i], "--log-format") && g_strcmp0(words[i + 1], "json") == 0))
      return true;
  return false;
}

bool
invocation_parse(Invocation *invocation, const GOptionEntry *own, int *ret_exit)
{
  g_auto(Written) written = {0};
  const GOptionEntry json[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &written.is_json, "Print one JSON document", NULL}, {0}};
  const GOptionEntry shared[] = {
      {"directory", 'C', 0, G_OPTION_ARG_FILENAME, &written.folder, "The workspace (default: this folder)", "DIR"},
      {"log-format", 0, 0, G_OPTION_ARG_STRING, &written.log_format, "How stderr is written: text or json", "FORMAT"},
      {"color", 0, 0, G_OPTION_ARG_STRING, &written.colour, "auto, always or never", "WHEN"},
      {"quiet", 'q', 0, G_OPTION_ARG_NONE, &written.is_quiet, "Tell of warnings and errors only", NULL},
      {"help", 'h', 0, G_OPTION_ARG_NONE, &written.wants_help, "Show this help", NULL},
      {0},
  };
  g_autofree char *title = g_strdup_printf("%s - %s", invocation->command->usage, invocation->command->summary);
  g_autoptr(GOptionContext) context = g_option_context_new(title);
  g_option_context_set_help_enabled(context, false);
  if (own != NULL)
    g_option_context_add_main_entries(context, own, NULL);
  if (!invocation->command->is_text_only)
    g_option_context_add_main_entries(context, json, NULL);
  g_option_context_add_main_entries(context, shared, NULL);

  g_auto(GStrv) words = g_strdupv(invocation->argv);
  g_autofree char *program = g_strdup_printf("courant %s", invocation->command->name);
  g_set_prgname(program);
  g_autoptr(GError) problem = NULL;
  if (!g_option_context_parse_strv(context, &words, &problem))
    return say_usage(invocation, problem->message, ret_exit);
  if (written.wants_help)
    return say_help(invocation, context, ret_exit);
  invocation->arguments = g_strdupv(words + 1);
  return check_arguments(invocation, ret_exit) && apply(invocation, &written, ret_exit);
}

void
invocation_clear(Invocation *invocation)
{
  g_strfreev(invocation->arguments);
  g_free(invocation->folder);
  g_free(invocation->datadir);
}

static int
exit_for(const GError *error)
{
  if (error_is(error, ERROR_CONFIG))
    return EXIT_CONFIG;
  if (error_is(error, ERROR_BUSY))
    return EXIT_BUSY;
  if (error_is(error, ERROR_CANCELLED))
    return EXIT_SIGNAL + cancel_signal();
  return EXIT_FAILED;
}

bool
is_stopped(GError **error)
{
  if (cancel_signal() == 0)
    return false;
  error_set(error, ERROR_CANCELLED, "stopped by signal %d", cancel_signal());
  return true;
}

int
fail_with(const Invocation *invocation, GError *error)
{
  g_autoptr(GError) owned = error;
  g_auto(GStrv) lines = g_strsplit(owned->message, "\n", -1);
  for (size_t i = 0; lines[i] != NULL; i++)
    log_line(&invocation->log, LOG_ERROR, "%s", lines[i]);
  return exit_for(owned);
}

int
print_json(const Invocation *invocation, json_t *document)
{
  g_autoptr(json_t) owned = document;
  g_autofree char *text = json_write(owned);
  puts(text);
  return end_output(invocation);
}

int
print_document(const Invocation *invocation, json_t *document, void (*print)(const json_t *document))
{
  if (invocation->is_json)
    return print_json(invocation, document);
  g_autoptr(json_t) owned = document;
  print(owned);
  return end_output(invocation);
}
