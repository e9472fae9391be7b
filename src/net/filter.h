/*
 * Which addresses a stranger may make us dial: public ones on ports 80 and 443, and what the user's rules allow.
 * The address that is really dialled is judged, so no spelling of it and no name server gets around it. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/socket.h>

typedef struct Filter Filter;

/**
 * filter_new:
 * @rules: (array zero-terminated=1) (nullable): host, `*.suffix`, address or CIDR, each with optional `:port`, an IPv6 one then
 * in brackets (`[fd00::/8]:8080`); without a port a rule is for 80 and 443
 *
 * Returns: (transfer full) (nullable). Errors: CONFIG, naming the rule
 */
Filter *filter_new(const char *const *rules, GError **error);

/** filter_free: NULL-safe. */
void filter_free(Filter *filter);

/**
 * filter_allows:
 * @host: lower-case host of the URL
 * @address: about to be dialled
 *
 * Returns: whether it may be. Errors: REJECTED: `address 127.0.0.1 of host.example is private; ...`, or the port
 */
bool filter_allows(const Filter *filter, const char *host, const struct sockaddr *address, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Filter, filter_free)
