/*
 * What all providers share that are asked over the network: options, limits, key, and the frame of a call. Thread: pure.
 */
#pragma once

#include "llm/provider.h"

/** EndpointOptions: the struct of their option tables, most of whose lines stand in endpoint_options.def. */
typedef struct {
  char *base_url;
  char *model;
  char *reasoning_effort;
  int64_t in_flight;
  int64_t requests_per_minute;
  int64_t tokens_per_minute;
  int64_t max_output_tokens;
  int64_t timeout;
  int64_t input_price;
  int64_t output_price;
  char *key;
} EndpointOptions;

/**
 * Endpoint: how those of one language differ from those of another; static.
 * @provider: its name in courant.yaml, and of its credential
 * @key: the environment variable of its key
 * @version: a path that follows the configured address, unless that ends so already; perhaps ""
 * @header: (nullable): one more "Name: value" line of each call
 */
typedef struct {
  const char *provider;
  const char *key;
  const char *version;
  CredentialKind credential;
  const char *header;
} Endpoint;

/** endpoint_check_model, endpoint_check_effort: Returns: (nullable): what is wrong with the option, as #Option.check wants it
 */
const char *endpoint_check_model(const char *text);
const char *endpoint_check_effort(const char *text);

/** endpoint_terms: #Provider.terms */
ProviderTerms endpoint_terms(const void *options);

/** endpoint_check: an endpoint on this machine or its network needs no key. Errors: CONFIG */
bool endpoint_check(const Endpoint *endpoint, const EndpointOptions *options, GError **error);

/** endpoint_service: Returns: (transfer full) */
Service *endpoint_service(const Endpoint *endpoint, const EndpointOptions *options);

/** endpoint_probe: asks which models there are: costs nothing. Returns: (transfer full) */
Request *endpoint_probe(const Endpoint *endpoint, const EndpointOptions *options);

/** endpoint_is_local: whether it is on this machine or its network: nobody's service. */
bool endpoint_is_local(const EndpointOptions *options);

/** endpoint_effort: Returns: (nullable): how long the model may reason, NULL when nothing is to be said of that */
const char *endpoint_effort(const EndpointOptions *options, unsigned lacks);

/** endpoint_call: a call that posts @body to @path below the endpoint's address; @read_usage: static. Returns: (transfer full)
 */
Request *endpoint_call(const Endpoint *endpoint, const EndpointOptions *options, const char *path, const json_t *body,
                       UsageReader read_usage);

/** endpoint_fail: sets @error to what @reply ended with, told of the key where that was refused. Returns: whether @reply ended
 * with an error */
bool endpoint_fail(const Endpoint *endpoint, const Reply *reply, GError **error);

/** LackWord: a word of a refusal, in lower case, and what it may tell: the first of @lacks that is not known yet. Of a refusal
 * with several of the words the first in the table counts; the others' turn comes with the next refusal. */
typedef struct {
  const char *word;
  unsigned lacks[2];
} LackWord;

/** endpoint_lacks: #Provider.read_lacks by @words, ended by one without a word */
unsigned endpoint_lacks(const EndpointOptions *options, const Reply *reply, unsigned lacks, const LackWord *words);
