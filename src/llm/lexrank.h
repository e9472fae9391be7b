/*
 * Which of many sentences speak for the rest: continuous LexRank (Erkan and Radev, "LexRank: Graph-based Lexical Centrality as
 * Salience in Text Summarization", 2004), and maximal marginal relevance (Carbonell and Goldstein, 1998) to choose among them.
 * Thread: pure.
 */
#pragma once

#include <glib.h>

/**
 * Similarities:
 * @values: (array): of each sentence to each other, row by row, 0 to 1; a row begins every @stride values
 */
typedef struct {
  const double *values;
  size_t count;
  size_t stride;
} Similarities;

/** lexrank: Returns: (transfer full): how central each sentence is; they add up to 1 */
double *lexrank(const Similarities *similarities);

/**
 * lexrank_choose:
 * @scores: of each sentence; those of 0 are never chosen
 * @max_chosen: no more
 *
 * Takes the best sentence, and then again and again the one that is good and says what none taken before says. Ends where
 * only repetition is left, and what scores far below the first. Equals go by their place.
 *
 * Returns: (transfer full) (element-type size_t): their places, in the order they were taken
 */
GArray *lexrank_choose(const Similarities *similarities, const double *scores, size_t max_chosen);
