#include "net/credential.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

enum {
  MIN_HIDDEN_BYTES = 8, /* of a key: what is shorter is a word of tests, and stands everywhere */
  MARGIN_SECONDS = 60,
  UNTOLD_SECONDS = 3600,
  MAX_SECONDS = 24 * 3600,
};

/* Whether it may stand in an address or a header. */
static bool
is_printable(const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isgraph(*at))
      return false;
  return *text != '\0';
}

/* Returns: what of the secret is worth hiding: of a pair in the address what follows its name */
static const char *
find_token(const Service *service)
{
  const char *equals = service->credential == CREDENTIAL_QUERY ? strchr(service->secret, '=') : NULL;
  return equals != NULL ? equals + 1 : service->secret;
}

bool
credential_check(const Service *service, const Request *request, GError **error)
{
  bool is_known = service != NULL && service->secret != NULL && g_strcmp0(service->auth, request->auth) == 0;
  if (!is_known) {
    error_set(error, ERROR_CONFIG, "no credential named \"%s\"", request->auth);
    return false;
  }
  /* those of a client are encoded */
  bool is_sendable = is_printable(service->secret) && *find_token(service) != '\0';
  if (service->credential != CREDENTIAL_CLIENT && !is_sendable) {
    error_set(error, ERROR_CONFIG, "the credential \"%s\" is empty or holds a space or another character that none has",
              request->auth);
    return false;
  }
  return true;
}

char *
credential_address(const Service *service, const char *url)
{
  if (service->credential != CREDENTIAL_QUERY)
    return g_strdup(url);
  return g_strconcat(url, strchr(url, '?') != NULL ? "&" : "?", service->secret, NULL);
}

char *
credential_header(const Service *service, const char *token)
{
  if (service->credential == CREDENTIAL_QUERY)
    return NULL;
  if (service->credential == CREDENTIAL_API_KEY)
    return g_strconcat("x-api-key: ", service->secret, NULL);
  const char *secret = service->credential == CREDENTIAL_BEARER ? service->secret : token;
  return g_strconcat("Authorization: Bearer ", secret, NULL);
}

char *
credential_client_header(const Service *service)
{
  g_autofree char *id = g_uri_escape_string(service->client_id != NULL ? service->client_id : "", NULL, FALSE);
  g_autofree char *secret = g_uri_escape_string(service->secret, NULL, FALSE);
  g_autofree char *pair = g_strconcat(id, ":", secret, NULL);
  g_autofree char *encoded = g_base64_encode((const guchar *) pair, strlen(pair));
  return g_strconcat("Authorization: Basic ", encoded, NULL);
}

char *
credential_read_token(const Reply *reply, int64_t *ret_life_ms, GError **error)
{
  if (reply->error != NULL) {
    bool is_refused = error_is(reply->error, ERROR_REJECTED) && (reply->status == 401 || reply->status == 403);
    if (is_refused)
      error_set(error, ERROR_CONFIG, "token: HTTP %ld: the client id or secret is not accepted", reply->status);
    else if (error != NULL)
      *error = g_error_copy(reply->error);
    return NULL;
  }
  g_autoptr(json_t) object = json_parse(reply->body, reply->body_length, NULL, NULL);
  const char *token = json_read_text(object, "access_token");
  const char *type = json_read_text(object, "token_type");
  if (token == NULL || !is_printable(token) || (type != NULL && g_ascii_strcasecmp(type, "bearer") != 0)) {
    error_set(error, ERROR_REJECTED, "token: the reply holds no bearer token");
    return NULL;
  }
  int64_t seconds = CLAMP(json_read_int(object, "expires_in", UNTOLD_SECONDS), MARGIN_SECONDS, MAX_SECONDS);
  *ret_life_ms = (seconds - MARGIN_SECONDS) * 1000;
  return g_strdup(token);
}

/* Returns: how many bytes of @text begin it as @token does, each as it is or as %XX; 0 when they do not */
static size_t
spelled_length(const char *text, size_t length, const char *token)
{
  size_t at = 0;
  for (; *token != '\0'; token++) {
    const char *byte = text + at;
    bool is_escape = length - at >= 3 && *byte == '%' && g_ascii_isxdigit(byte[1]) && g_ascii_isxdigit(byte[2]) &&
                     g_ascii_xdigit_value(byte[1]) * 16 + g_ascii_xdigit_value(byte[2]) == (unsigned char) *token;
    if (!is_escape && (at == length || *byte != *token))
      return 0;
    at += is_escape ? 3 : 1;
  }
  return at;
}

static void
hide(char *text, size_t length, const char *token)
{
  for (size_t at = 0; at < length;) {
    size_t spelled = spelled_length(text + at, length - at, token);
    memset(text + at, 'x', spelled);
    at += MAX(spelled, 1);
  }
}

void
credential_hide(const Service *service, Reply *reply)
{
  const char *encoded = find_token(service);
  bool is_short = service->credential != CREDENTIAL_QUERY && strlen(encoded) < MIN_HIDDEN_BYTES;
  if (service->credential == CREDENTIAL_CLIENT || is_short)
    return;
  g_autofree char *decoded = g_uri_unescape_string(encoded, NULL);
  const char *token = decoded != NULL ? decoded : encoded;
  hide(reply->headers, strlen(reply->headers), token);
  hide(reply->body, reply->body_length, token);
}
