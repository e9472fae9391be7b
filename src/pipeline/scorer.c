#include "pipeline/scorer.h"

#include "os/file.h"
#include "store/knowledge.h"

enum { MAX_DATA_BYTES = 1024 * 1024 };

/* What is learned goes by this name in the store. */
static const char KNOWLEDGE[] = "score_model";

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

bool
scorer_recall(Scorer *scorer, Store *store, GError **error)
{
  GError *failure = NULL;
  g_autofree char *state = knowledge_get(store, KNOWLEDGE, &failure);
  if (failure != NULL) {
    g_propagate_error(error, failure);
    return false;
  }
  return state == NULL || score_model_restore(scorer->model, state, error);
}

bool
scorer_learn(Scorer *scorer, Store *store, int64_t run_id, const GArray *answers, GError **error)
{
  if (score_model_learn(scorer->model, answers) == 0)
    return true;
  g_autofree char *state = score_model_save(scorer->model);
  return knowledge_set(store, run_id, KNOWLEDGE, state, error);
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
