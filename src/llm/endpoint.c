#include "llm/endpoint.h"

#include "base/error.h"
#include "base/url.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAX_MODEL_BYTES = 100, MAX_EFFORT_BYTES = 20, MS_A_MINUTE = 60 * 1000 };

enum { HTTP_BAD_REQUEST = 400, HTTP_UNAUTHORIZED = 401, HTTP_FORBIDDEN = 403, HTTP_UNPROCESSABLE = 422 };

const char *
endpoint_check_model(const char *text)
{
  bool is_name = strlen(text) <= MAX_MODEL_BYTES;
  for (const char *byte = text; *byte != '\0'; byte++)
    is_name = is_name && g_ascii_isgraph(*byte) && strchr("\"\\", *byte) == NULL;
  return is_name ? NULL : "is no model's name";
}

const char *
endpoint_check_effort(const char *text)
{
  bool is_word = strlen(text) <= MAX_EFFORT_BYTES && text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
  return is_word ? NULL : "is no effort such as \"minimal\"";
}

static bool
has_key(const EndpointOptions *options)
{
  return *options->key != '\0';
}

/* Private ranges: RFC 1918, RFC 4193; loopback and link-local ones: RFC 6890. */
static bool
is_local(const char *host)
{
  struct in_addr four;
  struct in6_addr six;
  if (inet_pton(AF_INET, host, &four) == 1) {
    uint32_t address = ntohl(four.s_addr);
    return address >> 24 == 127 || address >> 24 == 10 || address >> 20 == 0xAC1 || address >> 16 == 0xC0A8 ||
           address >> 16 == 0xA9FE;
  }
  g_autofree char *bare = g_str_has_prefix(host, "[") ? g_strndup(host + 1, strcspn(host + 1, "]")) : g_strdup(host);
  if (inet_pton(AF_INET6, bare, &six) == 1)
    return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) || (six.s6_addr[0] & 0xFE) == 0xFC;
  return strchr(host, '.') == NULL || g_str_has_suffix(host, ".localhost") || g_str_has_suffix(host, ".local") ||
         g_str_has_suffix(host, ".internal");
}

ProviderTerms
endpoint_terms(const void *options)
{
  const EndpointOptions *own = options;
  return (ProviderTerms){
      .base_url = own->base_url,
      .model = own->model,
      .input_price = own->input_price,
      .output_price = own->output_price,
      .max_output_tokens = own->max_output_tokens,
  };
}

bool
endpoint_is_local(const EndpointOptions *options)
{
  g_autofree char *host = url_host(options->base_url);
  return is_local(host);
}

bool
endpoint_check(const Endpoint *endpoint, const EndpointOptions *options, GError **error)
{
  if (has_key(options) || endpoint_is_local(options))
    return true;
  g_autofree char *host = url_host(options->base_url);
  error_set(error, ERROR_CONFIG, "llm.%s: %s is not set, and %s wants a key; set it in the environment", endpoint->provider,
            endpoint->key, host);
  return false;
}

/* Returns: (transfer full): the address of @path, whether the configured one ends in a slash or not */
static char *
make_url(const Endpoint *endpoint, const EndpointOptions *options, const char *path)
{
  g_autofree char *base = g_strdup(options->base_url);
  for (size_t length = strlen(base); length > 0 && base[length - 1] == '/'; length--)
    base[length - 1] = '\0';
  const char *version = g_str_has_suffix(base, endpoint->version) ? "" : endpoint->version;
  return g_strconcat(base, version, "/", path, NULL);
}

Service *
endpoint_service(const Endpoint *endpoint, const EndpointOptions *options)
{
  Service *service = service_new(make_url(endpoint, options, ""));
  service->requests = options->requests_per_minute;
  service->tokens = options->tokens_per_minute;
  service->window_ms = MS_A_MINUTE;
  service->in_flight = options->in_flight;
  service->timeout_ms = options->timeout * 1000;
  if (has_key(options)) {
    service->auth = g_strdup(endpoint->provider);
    service->credential = endpoint->credential;
    service->secret = g_strdup(options->key);
  }
  return service;
}

static Request *
make_request(const Endpoint *endpoint, const EndpointOptions *options, const char *path)
{
  g_autofree char *url = make_url(endpoint, options, path);
  Request *request = request_new(REQUEST_LLM, url);
  request->auth = has_key(options) ? g_strdup(endpoint->provider) : NULL;
  request->headers = g_ptr_array_new_with_free_func(g_free);
  if (endpoint->header != NULL)
    g_ptr_array_add(request->headers, g_strdup(endpoint->header));
  return request;
}

Request *
endpoint_probe(const Endpoint *endpoint, const EndpointOptions *options)
{
  return make_request(endpoint, options, "models");
}

const char *
endpoint_effort(const EndpointOptions *options, unsigned lacks)
{
  return *options->reasoning_effort != '\0' && (lacks & LACKS_EFFORT) == 0 ? options->reasoning_effort : NULL;
}

Request *
endpoint_call(const Endpoint *endpoint, const EndpointOptions *options, const char *path, const json_t *body,
              UsageReader read_usage)
{
  Request *request = make_request(endpoint, options, path);
  g_ptr_array_add(request->headers, g_strdup("Content-Type: application/json"));
  request->body = json_write(body);
  request->expense = g_new0(Expense, 1);
  request->expense->model = g_strdup(options->model);
  request->expense->input_tokens = (int64_t) strlen(request->body);
  request->expense->output_tokens = options->max_output_tokens;
  request->expense->read_usage = read_usage;
  return request;
}

bool
endpoint_fail(const Endpoint *endpoint, const Reply *reply, GError **error)
{
  if (reply->error == NULL)
    return false;
  bool is_key = reply->status == HTTP_UNAUTHORIZED || reply->status == HTTP_FORBIDDEN;
  g_propagate_error(error, g_error_copy(reply->error));
  if (is_key)
    g_prefix_error(error, "is %s still good? ", endpoint->key);
  return true;
}

unsigned
endpoint_lacks(const EndpointOptions *options, const Reply *reply, unsigned lacks, const LackWord *words)
{
  bool is_refusal = reply->status == HTTP_BAD_REQUEST || reply->status == HTTP_UNPROCESSABLE;
  const char *status = is_refusal && error_is(reply->error, ERROR_REJECTED) ? strstr(reply->error->message, ": HTTP ") : NULL;
  if (status == NULL)
    return lacks;
  unsigned known = lacks | (endpoint_effort(options, lacks) == NULL ? LACKS_EFFORT : 0);
  g_autofree char *said = g_ascii_strdown(status, -1);
  for (const LackWord *word = words; word->word != NULL; word++)
    for (size_t i = 0; i < G_N_ELEMENTS(word->lacks); i++)
      if (strstr(said, word->word) != NULL && (word->lacks[i] & ~known) != 0)
        return lacks | word->lacks[i];
  return lacks;
}
