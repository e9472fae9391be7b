#include "llm/provider.h"

static const Provider *const PROVIDERS[] = {
#define PROVIDER(name) &name##_provider,
#include "llm/providers.def"
#undef PROVIDER
    NULL,
};

const Provider *const *
providers_all(void)
{
  return PROVIDERS;
}

const Provider *
provider_find(const char *name)
{
  for (size_t i = 0; PROVIDERS[i] != NULL; i++)
    if (g_str_equal(PROVIDERS[i]->section.name, name))
      return PROVIDERS[i];
  return NULL;
}
