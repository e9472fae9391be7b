#include "base/error.h"

static const char *const CODE_NAMES[] = {
    [ERROR_RETRY] = "retry",   [ERROR_THROTTLED] = "throttled", [ERROR_REJECTED] = "rejected",   [ERROR_BAD_DATA] = "bad_data",
    [ERROR_BUDGET] = "budget", [ERROR_BUSY] = "busy",           [ERROR_CANCELLED] = "cancelled", [ERROR_CONFIG] = "config",
    [ERROR_IO] = "io",         [ERROR_DATABASE] = "database",
};

GQuark
error_quark(void)
{
  return g_quark_from_static_string("courant-error");
}

const char *
error_code_name(int code)
{
  g_assert(code >= 0 && (size_t) code < G_N_ELEMENTS(CODE_NAMES));
  return CODE_NAMES[code];
}

bool
error_code_parse(const char *name, ErrorCode *ret_code)
{
  for (size_t i = 0; i < G_N_ELEMENTS(CODE_NAMES); i++)
    if (g_strcmp0(name, CODE_NAMES[i]) == 0) {
      *ret_code = (ErrorCode) i;
      return true;
    }
  return false;
}

void
error_set(GError **error, ErrorCode code, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  g_autoptr(GError) made = g_error_new_valist(COURANT_ERROR, (int) code, format, arguments);
  va_end(arguments);
  g_propagate_error(error, g_steal_pointer(&made));
}

bool
error_is(const GError *error, ErrorCode code)
{
  return g_error_matches(error, COURANT_ERROR, (int) code);
}
