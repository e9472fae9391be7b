/*
 * What a run would ask each part of each source first.
 */
#pragma once

#include "model/config.h"
#include "model/exchange.h"
#include "store/store.h"

/**
 * FirstRequest:
 * @key: of the part
 * @request: to its listing
 * @host: the listing's, with ":port" where the address has one
 * @most_posts: how many posts may come of it
 * @is_gone: it said less than a day before that it is gone for good, and would not be asked
 */
typedef struct {
  char *key;
  Request *request;
  char *host;
  int64_t most_posts;
  bool is_gone;
} FirstRequest;

/** first_request_free: NULL-safe. */
void first_request_free(FirstRequest *first);

/** first_requests_find: @store (nullable): what earlier runs learnt. Returns: (transfer full) (element-type FirstRequest)
 * (nullable): in the order of the configuration */
GPtrArray *first_requests_find(const Config *config, Store *store, int64_t now_ms, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FirstRequest, first_request_free)
