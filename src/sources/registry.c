#include "sources/source.h"

#include <string.h>

static const Source *const SOURCES[] = {
#define SOURCE(name) &name##_source,
#include "sources/sources.def"
#undef SOURCE
    NULL,
};

const Source *const *
sources_all(void)
{
  return SOURCES;
}

const Source *
source_find(const char *name)
{
  for (size_t i = 0; SOURCES[i] != NULL; i++)
    if (strcmp(SOURCES[i]->section.name, name) == 0)
      return SOURCES[i];
  return NULL;
}
