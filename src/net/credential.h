/*
 * What a credential adds to a request as it goes out, and the token that a client id and its secret are given for (RFC 6749,
 * section 4.4). Pure.
 */
#pragma once

#include "model/exchange.h"
#include "model/service.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** CREDENTIAL_TOKEN_BODY: what is sent to ask for a token. */
#define CREDENTIAL_TOKEN_BODY "grant_type=client_credentials"

/** credential_check: whether @request may have the credential it names. @service: (nullable): of a trusted request's address.
 * Errors: CONFIG */
bool credential_check(const Service *service, const Request *request, GError **error);

/** credential_address: Returns: (transfer full): @url, with the credential in its query where that is the kind */
char *credential_address(const Service *service, const char *url);

/** credential_header: @token: where one is needed. Returns: (transfer full) (nullable): the "Name: value" line it adds */
char *credential_header(const Service *service, const char *token);

/** credential_client_header: Returns: (transfer full): the line by which a request for a token shows client id and secret */
char *credential_client_header(const Service *service);

/**
 * credential_read_token:
 * @reply: to the request for a token
 * @ret_life_ms: for how long it is to be used
 *
 * Returns: (transfer full) (nullable). Errors: CONFIG for 401 and 403, REJECTED for a reply without a bearer token, else what
 * @reply ended with
 */
char *credential_read_token(const Reply *reply, int64_t *ret_life_ms, GError **error);

/** credential_hide: makes the key or token that @service adds unreadable in @reply, for some put the address they were asked
 * for into it, or say which key was wrong: the secret alone, however it is escaped. */
void credential_hide(const Service *service, Reply *reply);
