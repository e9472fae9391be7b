/*
 * Addresses: parsed by curl's URL API, brought to one canonical form, compared by registrable domain.
 * Only http and https addresses are accepted. Thread: all functions are pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/** Url: the parts of an absolute http(s) address. @host is a lower-case A-label, @path begins with "/", @query may be NULL. */
typedef struct {
  char *scheme;
  char *host;
  int port;
  char *path;
  char *query;
} Url;

/**
 * url_parse:
 * @text: an absolute address
 * @ret_url: (out caller-allocates): filled on success, release with url_clear(); untouched on failure
 *
 * Surrounding white space is no part of it; what an address may not hold (spaces, non-ASCII) is escaped in path and query.
 *
 * Errors: BAD_DATA for another scheme, user information (never shown), backslash, control characters, no host or one that
 * is no name, an IPv6 zone, more than 8192 bytes.
 */
bool url_parse(const char *text, Url *ret_url, GError **error);

/** url_clear: frees the parts of @url and zeroes it. */
void url_clear(Url *url);

/**
 * url_canonical:
 *
 * The form in which two addresses of one page are equal: host lower case and IDN as A-labels (libidn2), default
 * port, fragment and tracking parameters (utm_*, fbclid, gclid, mc_cid, mc_eid, ref, igshid) dropped, dot segments resolved,
 * %XX upper case, unreserved characters decoded. Order of parameters and a trailing slash stay.
 *
 * Returns: (transfer full) (nullable): NULL on error. Errors: as url_parse()
 */
char *url_canonical(const char *text, GError **error);

/** url_resolve: @reference against the absolute @base, not canonicalised. Returns: (transfer full) (nullable). Errors: as
 * url_parse() */
char *url_resolve(const char *base, const char *reference, GError **error);

/** url_origin: "https://host" or "http://host:8080". Returns: (transfer full) (nullable): NULL when @text is no address */
char *url_origin(const char *text);

/** url_host: Returns: (transfer full) (nullable): the host of @text, lower case, NULL when @text is no address */
char *url_host(const char *text);

/** url_domain: the registrable domain of an address's host (libpsl), the host itself where there is none. Returns: (transfer
 * full) (nullable) */
char *url_domain(const char *text);

/** url_ends_in_domain: whether the last label of @host, an A-label, is a top-level domain that there is (libpsl). */
bool url_ends_in_domain(const char *host);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Url, url_clear)
