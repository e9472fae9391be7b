/* Ridge logistic regression: the few features, with a constant for each kind of examples. */
#include "stories/likeness.h"

#include <math.h>
#include <string.h>

enum { UNKNOWNS = LIKENESS_COUNT + LIKENESS_GROUPS, MAX_STEPS = 50 };

/* Of constants the penalty is next to nothing: it only keeps those of kinds that are absent at 0. */
static const double CONSTANT_RIDGE = 1e-4;
static const double CONVERGED = 1e-9;

/* Solves @matrix x = @right by Cholesky's method, in the place of both. */
static void
solve(double matrix[UNKNOWNS][UNKNOWNS], double right[UNKNOWNS])
{
  for (int i = 0; i < UNKNOWNS; i++)
    for (int j = i; j < UNKNOWNS; j++) {
      double sum = matrix[i][j];
      for (int k = 0; k < i; k++)
        sum -= matrix[i][k] * matrix[j][k];
      matrix[j][i] = i == j ? sqrt(sum) : sum / matrix[i][i];
    }
  for (int i = 0; i < UNKNOWNS; i++) {
    for (int k = 0; k < i; k++)
      right[i] -= matrix[i][k] * right[k];
    right[i] /= matrix[i][i];
  }
  for (int i = UNKNOWNS - 1; i >= 0; i--) {
    for (int k = i + 1; k < UNKNOWNS; k++)
      right[i] -= matrix[k][i] * right[k];
    right[i] /= matrix[i][i];
  }
}

static void
read_row(const LikenessExample *example, double row[UNKNOWNS])
{
  memset(row, 0, UNKNOWNS * sizeof *row);
  memcpy(row, example->values, sizeof example->values);
  row[LIKENESS_COUNT + example->group] = 1;
}

/* Adds what one example asks for to the gradient and the Hessian at @weights. */
static void
add_example(const LikenessExample *example, const double weights[UNKNOWNS], double hessian[UNKNOWNS][UNKNOWNS],
            double gradient[UNKNOWNS])
{
  double row[UNKNOWNS];
  double sum = 0;
  read_row(example, row);
  for (int i = 0; i < UNKNOWNS; i++)
    sum += weights[i] * row[i];
  double probability = 1 / (1 + exp(-sum));
  double residual = ((example->is_same ? 1 : 0) - probability) * example->weight;
  double curvature = MAX(probability * (1 - probability), 1e-9) * example->weight;
  for (int i = 0; i < UNKNOWNS; i++) {
    gradient[i] += residual * row[i];
    for (int j = 0; j < UNKNOWNS; j++)
      hessian[i][j] += curvature * row[i] * row[j];
  }
}

LikenessModel
likeness_fit(const GArray *examples, double ridge)
{
  double weights[UNKNOWNS] = {0};
  double change = 1;
  for (int step = 0; step < MAX_STEPS && change > CONVERGED; step++) {
    double hessian[UNKNOWNS][UNKNOWNS] = {0};
    double gradient[UNKNOWNS] = {0};
    for (guint i = 0; i < examples->len; i++)
      add_example(&g_array_index(examples, LikenessExample, i), weights, hessian, gradient);
    for (int i = 0; i < UNKNOWNS; i++) {
      double penalty = i < LIKENESS_COUNT ? ridge : CONSTANT_RIDGE;
      gradient[i] -= penalty * weights[i];
      hessian[i][i] += penalty;
    }
    solve(hessian, gradient);
    change = 0;
    for (int i = 0; i < UNKNOWNS; i++) {
      weights[i] += gradient[i];
      change = MAX(change, fabs(gradient[i]));
    }
  }
  LikenessModel model = {.constant = weights[LIKENESS_COUNT]};
  memcpy(model.weights, weights, sizeof model.weights);
  return model;
}
