#include "pipeline/scorer.h"

#include "os/file.h"

enum { MAX_DATA_BYTES = 1024 * 1024 };

static char *
read_data(const char *datadir, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(datadir, "data", name, NULL);
  return file_read(path, MAX_DATA_BYTES, NULL, error);
}

Scorer *
scorer_open_tables(const char *datadir, const Background *background, GError **error)
{
  g_autoptr(Scorer) scorer = g_new0(Scorer, 1);
  g_autofree char *words = read_data(datadir, "score-words-en.tsv", error);
  scorer->vocabulary = words != NULL ? vocabulary_new(words, error) : NULL;
  g_autofree char *domains = scorer->vocabulary != NULL ? read_data(datadir, "domains.tsv", error) : NULL;
  scorer->domains = domains != NULL ? domains_new(domains, error) : NULL;
  if (scorer->domains == NULL)
    return NULL;
  scorer->gauge = (Gauge){.background = background, .vocabulary = scorer->vocabulary, .domains = scorer->domains};
  return g_steal_pointer(&scorer);
}

Scorer *
scorer_open(const char *datadir, const Background *background, GError **error)
{
  g_autoptr(Scorer) scorer = scorer_open_tables(datadir, background, error);
  g_autofree char *weights = scorer != NULL ? read_data(datadir, "score-weights.tsv", error) : NULL;
  ScoreModel *model = weights != NULL ? score_model_new(weights, error) : NULL;
  if (model == NULL)
    return NULL;
  scorer->model = model;
  return g_steal_pointer(&scorer);
}

void
scorer_free(Scorer *scorer)
{
  if (scorer == NULL)
    return;
  vocabulary_free(scorer->vocabulary);
  domains_free(scorer->domains);
  score_model_free(scorer->model);
  g_free(scorer);
}
