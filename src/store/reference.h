/*
 * What the store holds, in the shapes of the state files that the earlier pipeline in Python kept. docs/export.md tells what
 * each key means here.
 */
#pragma once

#include "base/json.h"
#include "store/store.h"

/** ReferenceFile: a list or an object, and the name of the file it goes to. */
typedef struct {
  char *name;
  json_t *document;
} ReferenceFile;

/** reference_file_free: NULL-safe. */
void reference_file_free(ReferenceFile *file);

/** reference_files: all of one moment, the same for equal stores; what was collected is of the newest run that collected.
 * Returns: (transfer full) (element-type ReferenceFile) (nullable). Errors: IO no run was made yet; DATABASE */
GPtrArray *reference_files(Store *store, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ReferenceFile, reference_file_free)
