/*
 * Where the answer to a request comes from, in this order: this run's row at the same place (resume, replay); an equal
 * request in flight or answered in this run; an earlier run, while young enough for its kind; the network, after robots.txt for
 * pages, and with money reserved for paid calls. Every answer is a row before anybody sees it. Thread: the run's own.
 */
#pragma once

#include "model/exchange.h"
#include "net/client.h"
#include "pipeline/budget.h"
#include "pipeline/timeline.h"
#include "store/exchanges.h"
#include "store/runs.h"

typedef struct Answers Answers;

/**
 * AnswersOptions: all borrowed.
 * @budget: what paid calls are paid from
 * @timeline: (nullable): is told of every answer
 * @is_replay: rows of this run are the only source; a request they lack is an error that names it
 * @robots_token: our product token in robots.txt
 * @deliver: called with what answers_ask() was given and the reply (transfer full); the row is written but not yet committed
 */
typedef struct {
  Store *store;
  const Run *run;
  Client *client;
  Budget *budget;
  Timeline *timeline;
  bool is_replay;
  const char *robots_token;
  void (*deliver)(void *asker, int64_t ordinal, Reply *reply);
} AnswersOptions;

/** answers_new: Returns: (transfer full) */
Answers *answers_new(const AnswersOptions *options);

/** answers_free: forgets what is under way; NULL-safe. */
void answers_free(Answers *answers);

/**
 * answers_ask:
 * @key: place of the request; its run is filled in, its job is borrowed until the answer
 * @request: (transfer full)
 * @asker: for @deliver, which may be called before this returns
 *
 * Errors: DATABASE
 */
bool answers_ask(Answers *answers, const ExchangeKey *key, Request *request, void *asker, GError **error);

/** answers_move: moves all transfers without waiting and delivers what ended. What it wrote is to be committed, then
 * answers_send() called. Errors: DATABASE */
bool answers_move(Answers *answers, GError **error);

/** answers_send: the money for what is due is committed: it goes out. */
void answers_send(Answers *answers);

/** answers_waited: seconds that requests have waited for limits, pauses and back-off. */
double answers_waited(const Answers *answers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Answers, answers_free)
