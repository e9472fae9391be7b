#include "sources/source.h"

#include <string.h>

static const Source *const SOURCES[] = {
#define SOURCE(name) &name##_source,
#include "sources/sources.def"
#undef SOURCE
    NULL,
};

SourcePart *
source_part_new(char *key, char *subject, char *origin)
{
  SourcePart *part = g_new0(SourcePart, 1);
  part->key = key;
  part->subject = subject;
  part->origin = origin;
  return part;
}

void
source_part_free(SourcePart *part)
{
  if (part == NULL)
    return;
  g_free(part->key);
  g_free(part->subject);
  g_free(part->origin);
  g_free(part->title);
  g_free(part);
}

GPtrArray *
source_parts_new(void)
{
  return g_ptr_array_new_with_free_func((GDestroyNotify) source_part_free);
}

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
