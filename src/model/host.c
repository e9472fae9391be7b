#include "model/host.h"

void
host_state_free(HostState *state)
{
  if (state == NULL)
    return;
  g_free(state->host);
  g_free(state->window);
  g_free(state);
}
