#include "app/story_lookup.h"

#include "app/workspace.h"
#include "base/error.h"
#include "base/url.h"
#include "store/articles.h"
#include "store/items.h"
#include "store/stories.h"

#include <string.h>

/* How a word may name a story. Returns: (transfer full) (nullable): its id; NULL without error when @word does not */
typedef char *Lookup(Store *store, const char *word, GError **error);

static char *
story_of_article(Store *store, const char *word, GError **error)
{
  g_autofree char *slug = workspace_slug(word);
  return articles_story_of_slug(store, slug, error);
}

static char *
story_of_address(Store *store, const char *word, GError **error)
{
  g_autofree char *canonical = url_canonical(word, NULL);
  if (canonical == NULL)
    return NULL;
  g_autoptr(GPtrArray) items = items_by_url(store, canonical, error);
  return items != NULL && items->len > 0 ? stories_of_item(store, ((const Item *) g_ptr_array_index(items, 0))->id, error)
                                         : NULL;
}

static char *
story_that_begins_with(Store *store, const char *word, GError **error)
{
  g_autoptr(GHashTable) ids = strlen(word) >= STORY_PREFIX_DIGITS ? stories_ids(store, error) : NULL;
  if (ids == NULL)
    return NULL;
  const char *found = NULL;
  unsigned count = 0;
  GHashTableIter all;
  g_hash_table_iter_init(&all, ids);
  for (void *id; g_hash_table_iter_next(&all, &id, NULL);)
    if (g_str_has_prefix(id, word)) {
      found = id;
      count++;
    }
  if (count > 1)
    error_set(error, ERROR_BAD_DATA, "%u stories begin with \"%s\": give more of the id", count, word);
  return count == 1 ? g_strdup(found) : NULL;
}

char *
story_lookup(Store *store, const char *word, GError **error)
{
  static Lookup *const LOOKUPS[] = {stories_of_item, story_of_address, story_of_article, story_that_begins_with};
  for (size_t i = 0; i < G_N_ELEMENTS(LOOKUPS); i++) {
    GError *failure = NULL;
    char *id = LOOKUPS[i](store, word, &failure);
    if (failure != NULL)
      g_propagate_error(error, failure);
    if (id != NULL || failure != NULL)
      return id;
  }
  return NULL;
}
