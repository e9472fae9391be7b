/*
 * How a host of a source wants to be asked: its limits, how we introduce ourselves, the credential. A source makes it of its
 * options and the client alone reads it: no job, row, recording or log ever holds a secret.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/**
 * CredentialKind: what is done with a credential.
 * @CREDENTIAL_BEARER: the secret follows "Authorization: Bearer "
 * @CREDENTIAL_API_KEY: the secret follows "x-api-key: "
 * @CREDENTIAL_QUERY: the secret, one pair "name=token", escaped, is added to the address's query as it goes out
 * @CREDENTIAL_CLIENT: the client id and the secret get a bearer token at the token's address (RFC 6749 section 4.4), anew when
 *   it ends or is refused
 */
typedef enum { CREDENTIAL_BEARER, CREDENTIAL_API_KEY, CREDENTIAL_QUERY, CREDENTIAL_CLIENT } CredentialKind;

/**
 * Service: the limits, name and credential for what a source asks of the addresses that begin with @prefix; of several the
 * longest counts. What strangers' links ask of them goes by our own name and the host's pauses alone.
 * @prefix: an origin and a path that ends in "/": "https://api.github.com/search/"
 * @requests: at most so many in any @window_ms (a sliding window); 0 when no limit is known. What
 *   the host itself says can only tighten it
 * @tokens: of a language model: at most so many in any @window_ms; 0 when no limit is known
 * @in_flight: requests at once; 0 for as many as to any host
 * @timeout_ms: of one try; 0 for that of any request of its kind
 * @user_agent: (nullable): sent instead of ours
 * @auth: (nullable): the credential's name, by which requests ask for it (#Request.auth)
 * @secret: (nullable), @client_id: (nullable), @token_url: (nullable): as @credential says
 */
typedef struct {
  char *prefix;
  int64_t requests;
  int64_t window_ms;
  int64_t tokens;
  int64_t in_flight;
  int64_t timeout_ms;
  char *user_agent;
  char *auth;
  CredentialKind credential;
  char *secret;
  char *client_id;
  char *token_url;
} Service;

/** service_new: Returns: (transfer full): without limit, name or credential; @prefix (transfer full) */
Service *service_new(char *prefix);

/** service_copy: Returns: (transfer full): a deep copy */
Service *service_copy(const Service *service);

/** service_free: NULL-safe. */
void service_free(Service *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Service, service_free)
