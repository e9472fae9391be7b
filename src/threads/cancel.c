#include "threads/cancel.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* A signal handler has no other way to say something. */
static atomic_int asked_by;

/* The first signal is the wish, a closed terminal's being SIGTERM; a person who asks again does not want to wait. */
static void
remember(int signal_number)
{
  int none = 0;
  int wish = signal_number == SIGHUP ? SIGTERM : signal_number;
  if (atomic_compare_exchange_strong(&asked_by, &none, wish) || signal_number != SIGINT)
    return;
  signal(SIGINT, SIG_DFL);
  raise(SIGINT);
}

/* What nohup or a shell's "&" had ignored stays so. */
static void
listen_to(int signal_number)
{
  struct sigaction before = {0};
  struct sigaction action = {.sa_handler = remember};
  sigemptyset(&action.sa_mask);
  if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
    sigaction(signal_number, &action, NULL);
}

void
cancel_install(void)
{
  listen_to(SIGINT);
  listen_to(SIGTERM);
  listen_to(SIGHUP);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
}

void
cancel_let_go(void)
{
  static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++) {
    struct sigaction now = {0};
    if (sigaction(SIGNALS[i], NULL, &now) == 0 && now.sa_handler == remember)
      signal(SIGNALS[i], SIG_DFL);
  }
}

int
cancel_signal(void)
{
  return atomic_load(&asked_by);
}
