/*
 * What kind of place an address leads to: by a table that ships, by what it imitates, and by what stories from there were given
 * in this workspace. Pure.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/json.h"

/** DomainKind: as data/domains.tsv says; DOMAIN_LOOKALIKE: not in it, and made to be taken for one that is. */
typedef enum {
  DOMAIN_UNKNOWN,
  DOMAIN_OFFICIAL,
  DOMAIN_FORGE,
  DOMAIN_PRESS,
  DOMAIN_ENGINEERING,
  DOMAIN_HUB,
  DOMAIN_HOST,
  DOMAIN_SHORTENER,
  DOMAIN_FARM,
  DOMAIN_LOOKALIKE,
} DomainKind;

typedef struct Domains Domains;

/** domains_new: @text: data/domains.tsv: a kind, a tab and domains a line, "#" before comments. Returns: (transfer full)
 * (nullable). Errors: BAD_DATA with the line */
Domains *domains_new(const char *text, GError **error);

/** domains_free: NULL-safe. */
void domains_free(Domains *domains);

/** domains_kind: @address: an address; the kind of its host, or of the longest domain above it that is listed. A lookalike has
 * letters of another script, a digit for a letter, or one letter but the first too many, too few, wrong or exchanged, of the
 * name of an official place, a forge or a newsroom, with the same ending. */
DomainKind domains_kind(const Domains *domains, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Domains, domains_free)

/** HISTORY_MAX: of so many places at most is kept what they were given; those with the fewest answers go first. */
enum { HISTORY_MAX = 500 };

/** History: what places were given before: scores less HISTORY_MIDDLE, summed. */
typedef struct History History;

/** HISTORY_MIDDLE: what a place is taken to be given that nothing is known of. */
#define HISTORY_MIDDLE 0.4

/** history_new: Returns: (transfer full): of nothing */
History *history_new(void);

/** history_free: NULL-safe. */
void history_free(History *history);

/** history_add: @place was @given a score. */
void history_add(History *history, const char *place, double given);

/** history_mean: Returns: how much more than usual @place ((nullable)) is given, brought towards 0 as by five answers of 0 */
double history_mean(const History *history, const char *place);

/** history_json: Returns: (transfer full): `{place: [answers, sum]}` */
json_t *history_json(const History *history);

/** history_read: Returns: (transfer full) (nullable): NULL when @json is not what history_json() makes */
History *history_read(const json_t *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(History, history_free)
