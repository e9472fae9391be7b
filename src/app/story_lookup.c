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

/* @url: (nullable): only posts that are there count. Returns: (transfer full) (nullable): the one story of the posts */
static char *
story_of_items(Store *store, const GPtrArray *items, const char *url, const char *word, GError **error)
{
  g_autofree char *found = NULL;
  for (guint i = 0; i < items->len; i++) {
    const Item *item = g_ptr_array_index(items, i);
    GError *failure = NULL;
    g_autofree char *id = url == NULL || g_str_equal(item->url, url) ? stories_of_item(store, item->id, &failure) : NULL;
    if (failure == NULL && id != NULL && found != NULL && !g_str_equal(id, found))
      error_set(&failure, ERROR_BAD_DATA, "more than one story has posts at \"%s\": name the one you mean, such as %s or %s",
                word, found, id);
    if (failure != NULL) {
      g_propagate_error(error, failure);
      return NULL;
    }
    if (found == NULL)
      found = g_steal_pointer(&id);
  }
  return g_steal_pointer(&found);
}

/* Who gives a post's own address means that post, not others about it. */
static char *
story_of_address(Store *store, const char *word, GError **error)
{
  g_autofree char *canonical = url_canonical(word, NULL);
  g_autoptr(GPtrArray) items = canonical != NULL ? items_by_url(store, canonical, error) : NULL;
  GError *failure = NULL;
  char *id = items != NULL ? story_of_items(store, items, canonical, word, &failure) : NULL;
  if (items != NULL && id == NULL && failure == NULL)
    id = story_of_items(store, items, NULL, word, &failure);
  if (failure != NULL)
    g_propagate_error(error, failure);
  return id;
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
