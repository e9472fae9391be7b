#include "base/url.h"

#include "base/error.h"
#include "base/text.h"

#include <curl/curl.h>
#include <idn2.h>
#include <libpsl.h>
#include <string.h>

/* what servers commonly refuse (RFC 9110 section 4.1 asks for 8000 at least); parsers take time with more */
enum { MAX_URL_BYTES = 8192, MAX_SHOWN_CHARS = 200 };

static const char NO_WEB_ADDRESS[] = "does not begin with http:// or https://";

/**
 * Spelling: what happens to the path and the query of an address.
 * @SPELLING_KEPT: only what no address may hold is escaped
 * @SPELLING_CANONICAL: escapes are brought to one form as well
 */
typedef enum { SPELLING_KEPT, SPELLING_CANONICAL } Spelling;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

static bool
is_unreserved(char byte)
{
  return g_ascii_isalnum(byte) || (byte != '\0' && strchr("-._~", byte) != NULL);
}

static bool
is_reserved(char byte)
{
  return byte != '\0' && strchr(":/?#[]@!$&'()*+,;=", byte) != NULL;
}

static void
append_escape(GString *text, const char *escape, Spelling spelling)
{
  char byte = (char) (g_ascii_xdigit_value(escape[1]) * 16 + g_ascii_xdigit_value(escape[2]));
  if (spelling == SPELLING_KEPT)
    g_string_append_len(text, escape, 3);
  else if (is_unreserved(byte))
    g_string_append_c(text, byte);
  else
    g_string_append_printf(text, "%%%02X", (unsigned) (unsigned char) byte);
}

static void
append_spelled(GString *text, const char *tail, Spelling spelling)
{
  for (const char *at = tail; *at != '\0'; at++) {
    if (*at == '%' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
      append_escape(text, at, spelling);
      at += 2;
    } else if (is_unreserved(*at) || is_reserved(*at) || (*at == '%' && spelling == SPELLING_KEPT)) {
      g_string_append_c(text, *at);
    } else {
      g_string_append_printf(text, "%%%02X", (unsigned) (unsigned char) *at);
    }
  }
}

/* Returns: the length of the scheme that @address begins with, of what could be one */
static size_t
measure_scheme(const char *address)
{
  return strspn(address, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}

static bool
has_scheme(const char *address)
{
  return g_ascii_isalpha(*address) && address[measure_scheme(address)] == ':';
}

/* Returns: how many bytes of @address stand before its path */
static size_t
measure_authority(const char *address)
{
  size_t start = measure_scheme(address);
  if (g_str_has_prefix(address + start, "://"))
    start += 3;
  else if (g_str_has_prefix(address, "//"))
    start = 2;
  else
    return 0;
  return start + strcspn(address + start, "/?#");
}

static void
set_error(GError **error, const char *address, const char *reason)
{
  /* what stands before an @ may be a password */
  const char *user_end = g_strrstr_len(address, (gssize) measure_authority(address), "@");
  g_autofree char *told = g_strconcat(user_end != NULL ? "…" : "", user_end != NULL ? user_end : address, NULL);
  g_autofree char *printable = text_printable(told);
  g_autofree char *shown = text_truncate(printable, MAX_SHOWN_CHARS);
  error_set(error, ERROR_BAD_DATA, "address \"%s\": %s", shown, reason);
}

/* Returns: (transfer full) (nullable): @address with surrounding space gone and its path spelled as asked */
static char *
tidy(const char *address, Spelling spelling, GError **error)
{
  size_t length = strnlen(address, MAX_URL_BYTES + 1);
  if (length > MAX_URL_BYTES) {
    set_error(error, address, "is longer than 8192 bytes");
    return NULL;
  }
  g_autofree char *stripped = g_strstrip(g_strdup(address));
  for (const char *at = stripped; *at != '\0'; at++)
    if (*at == '\\' || g_ascii_iscntrl(*at)) {
      set_error(error, address, *at == '\\' ? "holds a backslash" : "holds a control character");
      return NULL;
    }
  size_t authority = measure_authority(stripped);
  GString *tidied = g_string_new_len(stripped, (gssize) authority);
  append_spelled(tidied, stripped + authority, spelling);
  return g_string_free(tidied, FALSE);
}

static bool
is_web_address(const char *address)
{
  size_t scheme = strcspn(address, ":");
  bool is_web = (scheme == 4 && g_ascii_strncasecmp(address, "http", 4) == 0) ||
                (scheme == 5 && g_ascii_strncasecmp(address, "https", 5) == 0);
  return is_web && g_str_has_prefix(address + scheme, "://");
}

/* Returns: (transfer full) (nullable) */
static char *
get_part(CURLU *handle, CURLUPart part, unsigned flags)
{
  char *text = NULL;
  return curl_url_get(handle, part, &text, flags) == CURLUE_OK ? text : NULL;
}

/* Returns: (transfer full) (nullable): @host as lower-case A-labels, NULL when no host is called so */
static char *
spell_host(const char *host)
{
  if (host[0] == '[')
    return g_ascii_strdown(host, -1);
  g_autofree char *spelled = NULL;
  if (g_str_is_ascii(host)) {
    /* not by libidn2, which refuses hosts in use such as r3---sn.example */
    spelled = g_ascii_strdown(host, -1);
  } else {
    uint8_t *labels = NULL;
    int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
    if (idn2_lookup_u8((const uint8_t *) host, &labels, flags) != IDN2_OK)
      return NULL;
    spelled = g_strdup((const char *) labels);
    idn2_free(labels);
  }
  /* the mapping of some characters holds a slash or a question mark */
  size_t length = strspn(spelled, "abcdefghijklmnopqrstuvwxyz0123456789-._");
  if (length == 0 || spelled[length] != '\0' || spelled[0] == '.' || strstr(spelled, "..") != NULL)
    return NULL;
  if (spelled[length - 1] == '.')
    spelled[length - 1] = '\0';
  return g_steal_pointer(&spelled);
}

/* A last label that is a number makes the host an IPv4 address for a browser, whether or not it is a sound one. Returns:
 * whether curl, which brings sound ones to their usual form, would take @host for a name all the same */
static bool
is_broken_ipv4(const char *host)
{
  const char *dot = strrchr(host, '.');
  const char *label = dot != NULL ? dot + 1 : host;
  bool is_hex = label[0] == '0' && label[1] == 'x';
  const char *digits = is_hex ? label + 2 : label;
  bool is_number = digits[strspn(digits, is_hex ? "0123456789abcdef" : "0123456789")] == '\0';
  return is_number && !g_hostname_is_ip_address(host);
}

/* Reads @address, absolute or relative to what @handle holds, into @handle; @shown is told when it is none. */
static bool
set_address(CURLU *handle, const char *address, const char *shown, GError **error)
{
  CURLUcode code = curl_url_set(handle, CURLUPART_URL, address, CURLU_DISALLOW_USER);
  if (code != CURLUE_OK)
    set_error(error, shown, code == CURLUE_USER_NOT_ALLOWED ? "holds user information" : curl_url_strerror(code));
  return code == CURLUE_OK;
}

/* Brings the host of @handle to its one spelling. */
static bool
tidy_host(CURLU *handle, const char *shown, GError **error)
{
  g_autofree char *host = get_part(handle, CURLUPART_HOST, 0);
  g_autofree char *spelled = spell_host(host);
  g_autofree char *zone = get_part(handle, CURLUPART_ZONEID, 0);
  if (spelled == NULL || zone != NULL || curl_url_set(handle, CURLUPART_HOST, spelled, 0) != CURLUE_OK) {
    set_error(error, shown, "its host is no host name");
    return false;
  }
  /* once more as a whole: only so are IPv4 numbers of any spelling brought to one */
  g_autofree char *whole = get_part(handle, CURLUPART_URL, 0);
  if (!set_address(handle, whole, shown, error))
    return false;
  g_autofree char *final = get_part(handle, CURLUPART_HOST, 0);
  if (!is_broken_ipv4(final))
    return true;
  set_error(error, shown, "its host is no IPv4 address");
  return false;
}

/* Escapes and A-labels take more room: what was accepted must be accepted again. */
static bool
check_length(CURLU *handle, const char *shown, GError **error)
{
  g_autofree char *whole = get_part(handle, CURLUPART_URL, 0);
  if (strlen(whole) <= MAX_URL_BYTES)
    return true;
  set_error(error, shown, "is longer than 8192 bytes when escaped");
  return false;
}

/* curl's handle of a checked address, its host spelled as A-labels. Returns: (transfer full) (nullable) */
static CURLU *
open_address(const char *address, Spelling spelling, GError **error)
{
  g_autofree char *tidied = tidy(address, spelling, error);
  if (tidied == NULL)
    return NULL;
  if (!is_web_address(tidied)) {
    set_error(error, address, NO_WEB_ADDRESS);
    return NULL;
  }
  if (strchr("/?#", tidied[strcspn(tidied, ":") + 3]) != NULL) {
    set_error(error, address, "has no host");
    return NULL;
  }
  g_autoptr(CURLU) handle = curl_url();
  bool is_sound =
      set_address(handle, tidied, address, error) && tidy_host(handle, address, error) && check_length(handle, address, error);
  return is_sound ? g_steal_pointer(&handle) : NULL;
}

static int
default_port(const char *scheme)
{
  return g_strcmp0(scheme, "https") == 0 ? 443 : 80;
}

static bool
is_tracking(const char *parameter)
{
  static const char *const NAMES[] = {"fbclid", "gclid", "mc_cid", "mc_eid", "ref", "igshid", "share_id", NULL};
  g_autofree char *name = g_ascii_strdown(parameter, (gssize) strcspn(parameter, "="));
  return g_str_has_prefix(name, "utm_") || g_strv_contains(NAMES, name);
}

/* Returns: (transfer full) (nullable): @query (nullable) without tracking parameters, NULL when nothing is left */
static char *
drop_tracking(const char *query)
{
  if (query == NULL)
    return NULL;
  GString *kept = g_string_new(NULL);
  g_auto(GStrv) parameters = g_strsplit(query, "&", -1);
  for (char **parameter = parameters; *parameter != NULL; parameter++)
    if (**parameter != '\0' && !is_tracking(*parameter))
      g_string_append_printf(kept, "%s%s", kept->len > 0 ? "&" : "", *parameter);
  return g_string_free(kept, kept->len == 0);
}

static char *
write_origin(const Url *url)
{
  if (url->port == default_port(url->scheme))
    return g_strdup_printf("%s://%s", url->scheme, url->host);
  return g_strdup_printf("%s://%s:%d", url->scheme, url->host, url->port);
}

bool
url_parse(const char *text, Url *ret_url, GError **error)
{
  g_autoptr(CURLU) handle = open_address(text, SPELLING_CANONICAL, error);
  if (handle == NULL)
    return false;
  g_autofree char *port = get_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  *ret_url = (Url){
      .scheme = get_part(handle, CURLUPART_SCHEME, 0),
      .host = get_part(handle, CURLUPART_HOST, 0),
      .port = (int) g_ascii_strtoll(port, NULL, 10),
      .path = get_part(handle, CURLUPART_PATH, 0),
      .query = get_part(handle, CURLUPART_QUERY, 0),
  };
  return true;
}

void
url_clear(Url *url)
{
  g_free(url->scheme);
  g_free(url->host);
  g_free(url->path);
  g_free(url->query);
  *url = (Url){0};
}

char *
url_canonical(const char *text, GError **error)
{
  g_auto(Url) url = {0};
  if (!url_parse(text, &url, error))
    return NULL;
  g_autofree char *origin = write_origin(&url);
  g_autofree char *query = drop_tracking(url.query);
  return g_strconcat(origin, url.path, query != NULL ? "?" : NULL, query, NULL);
}

char *
url_resolve(const char *base, const char *reference, GError **error)
{
  g_autoptr(CURLU) handle = open_address(base, SPELLING_KEPT, error);
  g_autofree char *tidied = handle != NULL ? tidy(reference, SPELLING_KEPT, error) : NULL;
  if (tidied == NULL)
    return NULL;
  /* curl takes an empty path for the folder's */
  if (*tidied == '\0' || *tidied == '#') {
    curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    g_autofree char *page = get_part(handle, CURLUPART_URL, 0);
    return g_strconcat(page, tidied, NULL);
  }
  /* "http:a", which some take for relative and some for absolute, would be mended by curl */
  if (has_scheme(tidied) && !is_web_address(tidied)) {
    set_error(error, reference, NO_WEB_ADDRESS);
    return NULL;
  }
  if (!set_address(handle, tidied, reference, error))
    return NULL;
  g_autofree char *whole = get_part(handle, CURLUPART_URL, 0);
  g_autoptr(CURLU) resolved = open_address(whole, SPELLING_KEPT, error);
  return resolved != NULL ? get_part(resolved, CURLUPART_URL, 0) : NULL;
}

char *
url_origin(const char *text)
{
  g_auto(Url) url = {0};
  return url_parse(text, &url, NULL) ? write_origin(&url) : NULL;
}

char *
url_host(const char *text)
{
  g_auto(Url) url = {0};
  return url_parse(text, &url, NULL) ? g_steal_pointer(&url.host) : NULL;
}

char *
url_domain(const char *text)
{
  g_autofree char *host = url_host(text);
  if (host == NULL || host[0] == '[' || g_hostname_is_ip_address(host))
    return g_steal_pointer(&host);
  const char *domain = psl_registrable_domain(psl_builtin(), host);
  return g_strdup(domain != NULL ? domain : host);
}

bool
url_ends_in_domain(const char *host)
{
  const char *dot = strrchr(host, '.');
  return psl_is_public_suffix2(psl_builtin(), dot != NULL ? dot + 1 : host, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}
