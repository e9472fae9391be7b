#include "threads/cancel.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* A signal handler has no other way to say something. */
static atomic_int asked_by;

static void
remember(int signal_number)
{
  atomic_store(&asked_by, signal_number);
}

void
cancel_install(void)
{
  struct sigaction action = {.sa_handler = remember, .sa_flags = (int) SA_RESETHAND};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
}

int
cancel_signal(void)
{
  return atomic_load(&asked_by);
}
