/*
 * The one error domain. The code says what the caller does next; the text says what happened, where, why and
 * what to do, and never holds a key.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * ErrorCode:
 * @ERROR_RETRY: may succeed when tried again later
 * @ERROR_THROTTLED: a limit or the stage's deadline; try again later
 * @ERROR_REJECTED: refused for good (4xx, address filter, robots.txt)
 * @ERROR_BAD_DATA: the input is malformed
 * @ERROR_BUDGET: a spending cap stopped it
 * @ERROR_BUSY: another writer holds the workspace
 * @ERROR_CANCELLED: the run was asked to stop
 * @ERROR_CONFIG: the configuration is wrong
 * @ERROR_IO: a file, folder or program failed
 * @ERROR_DATABASE: the store failed
 */
typedef enum {
  ERROR_RETRY,
  ERROR_THROTTLED,
  ERROR_REJECTED,
  ERROR_BAD_DATA,
  ERROR_BUDGET,
  ERROR_BUSY,
  ERROR_CANCELLED,
  ERROR_CONFIG,
  ERROR_IO,
  ERROR_DATABASE,
} ErrorCode;

/** COURANT_ERROR: the domain of every error courant makes. */
#define COURANT_ERROR (error_quark())

/** error_quark: Returns: the domain. Thread: call once before threads start. */
GQuark error_quark(void);

/** error_code_name: Returns: (transfer none): the name of an #ErrorCode as stored and shown, such as "bad_data". */
const char *error_code_name(int code);

/** error_code_parse: reads a name made by error_code_name(). Returns: false when @name is none, @ret_code untouched. */
bool error_code_parse(const char *name, ErrorCode *ret_code);

/** error_set: sets @error (nullable) in the one domain, as g_set_error() does. */
void error_set(GError **error, ErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** error_is: Returns: true when @error (nullable) is of the one domain and has @code. */
bool error_is(const GError *error, ErrorCode code);
