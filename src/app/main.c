/* Start-up, and the way from a command's name to its descriptor. */
#include "app/command.h"
#include "base/error.h"
#include "base/text.h"
#include "threads/cancel.h"

#include <curl/curl.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Pages, answers and drawings go back to the system when they are freed; without a fixed threshold the heaps would keep them.
 */
enum { LARGE_BLOCK_BYTES = 128 * 1024 };

/* What libraries want before the first thread starts. */
static void
start_up(void)
{
  mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
  setlocale(LC_CTYPE, "C.UTF-8");
  error_quark();
  json_object_seed(0);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  xmlInitParser();
  cancel_install();
}

static void
shut_down(void)
{
  xmlCleanupParser();
  curl_global_cleanup();
}

static int
say_unknown(const Log *log, const char *name)
{
  if (*name == '-') {
    log_line(log, LOG_ERROR, "%s: options stand behind the command, as in \"courant status -C blog\"", name);
    return EXIT_USAGE;
  }
  g_autoptr(GPtrArray) names = g_ptr_array_new();
  for (const Command *const *command = commands_all(); *command != NULL; command++)
    g_ptr_array_add(names, (void *) (*command)->name);
  g_ptr_array_add(names, NULL);
  const char *near = text_nearest(name, (const char *const *) names->pdata);
  if (near != NULL)
    log_line(log, LOG_ERROR, "no command \"%s\"; did you mean \"%s\"?", name, near);
  else
    log_line(log, LOG_ERROR, "no command \"%s\"; \"courant help\" lists them", name);
  return EXIT_USAGE;
}

/* The word that names the command; plain -h and --version are words for help and version. */
static const char *
command_word(int argc, char **argv)
{
  if (argc < 2 || g_str_equal(argv[1], "-h") || g_str_equal(argv[1], "--help"))
    return "help";
  return g_str_equal(argv[1], "--version") ? "version" : argv[1];
}

static int
dispatch(int argc, char **argv)
{
  const Log log = {.level = LOG_INFO, .is_json = wants_json_log(argv)};
  const char *word = command_word(argc, argv);
  const Command *command = command_find(word);
  if (command == NULL)
    return say_unknown(&log, word);
  char *no_words[] = {argv[0], NULL};
  Invocation invocation = {
      .command = command,
      .argc = argc < 2 ? 1 : argc - 1,
      .argv = argc < 2 ? no_words : argv + 1,
      .environment = (const char *const *) environ,
      .log = log,
  };
  int status = command->run(&invocation);
  invocation_clear(&invocation);
  return status;
}

int
main(int argc, char **argv)
{
  start_up();
  int status = dispatch(argc, argv);
  shut_down();
  return status;
}
