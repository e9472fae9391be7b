#include "llm/lexrank.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MAX_ROUNDS = 50 };

/* The share of rank that goes along the similarities, as in PageRank; and the change that ends the rounds. */
static const double DAMPING = 0.85;
static const double SETTLED = 1e-9;

/* What of a sentence's merit is its score, the rest being that it is news; who repeats more than this is never chosen; and the
 * share of the best score below which there is nothing worth saying. */
static const double RELEVANCE = 0.7;
static const double MAX_SIMILARITY = 0.55;
static const double MIN_SHARE = 0.15;

static double
similarity_of(const Similarities *similarities, size_t row, size_t column)
{
  return similarities->values[row * similarities->stride + column];
}

/* Returns: (transfer full): what each sentence is similar to all others, in sum */
static double *
sum_rows(const Similarities *similarities)
{
  double *sums = g_new0(double, similarities->count + 1);
  for (size_t row = 0; row < similarities->count; row++)
    for (size_t column = 0; column < similarities->count; column++)
      sums[row] += row != column ? similarity_of(similarities, row, column) : 0;
  return sums;
}

/* One round of the power iteration. Returns: how much changed */
static double
spread_ranks(const Similarities *similarities, const double *sums, const double *ranks, double *next)
{
  size_t count = similarities->count;
  double lonely = 0;
  for (size_t row = 0; row < count; row++)
    lonely += sums[row] > 0 ? 0 : ranks[row];
  for (size_t column = 0; column < count; column++)
    next[column] = (1 - DAMPING + DAMPING * lonely) / (double) count;
  for (size_t row = 0; row < count; row++) {
    double share = sums[row] > 0 ? DAMPING * ranks[row] / sums[row] : 0;
    for (size_t column = 0; column < count; column++)
      next[column] += row != column ? share * similarity_of(similarities, row, column) : 0;
  }
  double change = 0;
  for (size_t i = 0; i < count; i++)
    change += fabs(next[i] - ranks[i]);
  return change;
}

double *
lexrank(const Similarities *similarities)
{
  size_t count = similarities->count;
  double *ranks = g_new(double, count + 1);
  for (size_t i = 0; i < count; i++)
    ranks[i] = 1 / (double) count;
  g_autofree double *next = g_new(double, count + 1);
  g_autofree double *sums = sum_rows(similarities);
  double change = 1;
  for (int round = 0; round < MAX_ROUNDS && change > SETTLED; round++) {
    change = spread_ranks(similarities, sums, ranks, next);
    memcpy(ranks, next, count * sizeof *ranks);
  }
  return ranks;
}

/* Returns: how similar the sentence is to the nearest of those chosen, 1 when it is one of them */
static double
nearest_chosen(const Similarities *similarities, const GArray *chosen, size_t candidate)
{
  double nearest = 0;
  for (guint i = 0; i < chosen->len; i++) {
    size_t place = g_array_index(chosen, size_t, i);
    nearest = MAX(nearest, place == candidate ? 1 : similarity_of(similarities, candidate, place));
  }
  return nearest;
}

GArray *
lexrank_choose(const Similarities *similarities, const double *scores, size_t max_chosen)
{
  GArray *chosen = g_array_new(FALSE, FALSE, sizeof(size_t));
  double best_score = 0;
  for (size_t i = 0; i < similarities->count; i++)
    best_score = MAX(best_score, scores[i]);
  while (chosen->len < max_chosen) {
    size_t best = similarities->count;
    double best_merit = -1;
    for (size_t i = 0; i < similarities->count; i++) {
      if (scores[i] <= 0 || scores[i] < best_score * MIN_SHARE)
        continue;
      double nearest = nearest_chosen(similarities, chosen, i);
      double merit = RELEVANCE * scores[i] / best_score - (1 - RELEVANCE) * nearest;
      if (nearest > MAX_SIMILARITY || merit <= best_merit)
        continue;
      best = i;
      best_merit = merit;
    }
    if (best == similarities->count)
      break;
    g_array_append_val(chosen, best);
  }
  return chosen;
}
