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

static const Source *
find(const char *name, size_t length)
{
  for (size_t i = 0; SOURCES[i] != NULL; i++)
    if (strncmp(SOURCES[i]->section.name, name, length) == 0 && SOURCES[i]->section.name[length] == '\0')
      return SOURCES[i];
  return NULL;
}

const Source *
source_find(const char *name)
{
  return find(name, strlen(name));
}

const Source *
source_of_key(const char *key)
{
  return find(key, strcspn(key, ":"));
}
