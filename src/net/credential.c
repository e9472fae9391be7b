#include "net/credential.h"

#include "base/error.h"
#include "base/json.h"

#include <string.h>

enum {
  MARGIN_SECONDS = 60,
  UNTOLD_SECONDS = 3600,
  MAX_SECONDS = 24 * 3600,
  LEAST_HIDDEN_BYTES = 8, /* shorter ones are names, and words of the text */
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

bool
credential_check(const Service *service, const Request *request, GError **error)
{
  bool is_known = service != NULL && service->secret != NULL && g_strcmp0(service->auth, request->auth) == 0;
  if (!is_known || !request_kind_is_trusted(request->kind)) {
    error_set(error, ERROR_CONFIG, "no credential named \"%s\"", request->auth);
    return false;
  }
  /* those of a client are encoded */
  if (service->credential != CREDENTIAL_CLIENT && !is_printable(service->secret)) {
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

static void
hide(char *text, size_t length, const char *secret)
{
  size_t secret_length = strlen(secret);
  for (char *at = memmem(text, length, secret, secret_length); at != NULL;) {
    memset(at, 'x', secret_length);
    char *rest = at + secret_length;
    at = memmem(rest, length - (size_t) (rest - text), secret, secret_length);
  }
}

void
credential_hide(const Service *service, Reply *reply)
{
  if (service->credential != CREDENTIAL_QUERY)
    return;
  g_auto(GStrv) parameters = g_strsplit(service->secret, "&", -1);
  for (char **parameter = parameters; *parameter != NULL; parameter++) {
    const char *equals = strchr(*parameter, '=');
    const char *value = equals != NULL ? equals + 1 : *parameter;
    if (strlen(value) < LEAST_HIDDEN_BYTES)
      continue;
    hide(reply->headers, strlen(reply->headers), value);
    hide(reply->body, reply->body_length, value);
  }
}
