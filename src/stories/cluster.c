#include "stories/cluster.h"

#include <string.h>

#include "base/digest.h"
#include "stories/agglomerate.h"
#include "stories/fingerprint.h"
#include "stories/similarity.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t TEXT_WINDOW_MS = 14 * DAY_MS;
static const int64_t COPY_WINDOW_MS = 3 * DAY_MS;

/* Pairs less alike than this count as not alike at all: it bounds the work and takes next to nothing from an average. */
static const double PAIR_FLOOR = 0.05;

/* Stands for "too old to be compared by text". */
static const guint NO_DOCUMENT = G_MAXUINT;

/* Two words may be anybody's title. */
enum { MIN_COPY_STEMS = 3, STORY_ID_LENGTH = 16 };

/*
 * @known: (nullable): NULL for a new item
 * @time_ms: when it was published, never unknown and never in the future
 * @anchor: the post whose link it shares or that it is a copy of, itself when it is the first
 * @bond: (nullable): the rule that binds it to @anchor, NULL for the first
 * @document: position in the corpus
 */
typedef struct Post Post;
struct Post {
  const Item *item;
  const KnownItem *known;
  int64_t time_ms;
  Fingerprint *fingerprint;
  const Post *anchor;
  const char *bond;
  guint group;
  guint document;
};

/*
 * @posts: (element-type Post), by item id
 * @corpus: the posts of the last 14 days
 * @documents: (element-type Post): those posts, by position in the corpus
 * @groups: the posts that a link or an existing story binds together, then by text
 */
typedef struct {
  GPtrArray *posts;
  int64_t now_ms;
  Corpus *corpus;
  GPtrArray *documents;
  Agglomeration *groups;
} Batch;

static void
free_post(gpointer data)
{
  Post *post = data;
  fingerprint_free(post->fingerprint);
  g_free(post);
}

static void
clear_batch(Batch *batch)
{
  g_ptr_array_unref(batch->posts);
  corpus_free(batch->corpus);
  g_ptr_array_unref(batch->documents);
  agglomeration_free(batch->groups);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, clear_batch)

static int
compare_ids(const void *a, const void *b)
{
  const Post *first = *(const Post *const *) a;
  const Post *second = *(const Post *const *) b;
  return strcmp(first->item->id, second->item->id);
}

static int
compare_numbers(int64_t a, int64_t b)
{
  return (a > b) - (a < b);
}

static int
compare_times(const void *a, const void *b)
{
  int order = compare_numbers((*(const Post *const *) a)->time_ms, (*(const Post *const *) b)->time_ms);
  return order != 0 ? order : compare_ids(a, b);
}

/* The order in which posts lay claim to a link: members of the oldest story first, then the earliest new post. */
static int
compare_claims(const void *a, const void *b)
{
  const KnownItem *first = (*(const Post *const *) a)->known;
  const KnownItem *second = (*(const Post *const *) b)->known;
  if (first == NULL || second == NULL)
    return first != NULL ? -1 : second != NULL ? 1 : compare_times(a, b);
  int order = compare_numbers(first->founded_ms, second->founded_ms);
  order = order != 0 ? order : strcmp(first->story_id, second->story_id);
  return order != 0 ? order : compare_ids(a, b);
}

/* Returns: (transfer container): the same posts in another order */
static GPtrArray *
sorted(const GPtrArray *posts, GCompareFunc compare)
{
  GPtrArray *copy = g_ptr_array_sized_new(posts->len);
  g_ptr_array_extend(copy, (GPtrArray *) posts, NULL, NULL);
  g_ptr_array_sort(copy, compare);
  return copy;
}

static void
add_post(Batch *batch, const Item *item, const KnownItem *known)
{
  Post *post = g_new0(Post, 1);
  post->item = item;
  post->known = known;
  post->time_ms = item->published_ms != 0 ? MIN(item->published_ms, batch->now_ms) : batch->now_ms;
  post->fingerprint = fingerprint_new(item);
  post->anchor = post;
  post->document = NO_DOCUMENT;
  g_ptr_array_add(batch->posts, post);
}

/*
 * A link is a hub when one feed gives it to entries of different titles (all changes on one page, no link but the site's).
 * Returns: (transfer full) (element-type utf8): the links that are hubs, borrowed from @posts
 */
static GHashTable *
find_hubs(const GPtrArray *posts)
{
  GHashTable *hubs = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) titles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < posts->len; i++) {
    const Post *post = posts->pdata[i];
    if (post->fingerprint->link == NULL || !g_str_has_prefix(post->item->source, "feed:"))
      continue;
    char *use = g_strdup_printf("%s %s", post->fingerprint->link, post->item->source);
    const char *title = g_hash_table_lookup(titles, use);
    if (title != NULL && strcmp(title, post->item->title) != 0)
      g_hash_table_add(hubs, post->fingerprint->link);
    g_hash_table_replace(titles, use, post->item->title);
  }
  return hubs;
}

static void
bind(Post *post, const Post *anchor, const char *bond)
{
  post->anchor = anchor;
  post->bond = bond;
}

/* @claims (element-type Post): in the order of their claims */
static void
bind_by_links(const GPtrArray *claims)
{
  g_autoptr(GHashTable) hubs = find_hubs(claims);
  g_autoptr(GHashTable) anchors = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < claims->len; i++) {
    Post *post = claims->pdata[i];
    char *link = post->fingerprint->link;
    if (link == NULL || g_hash_table_contains(hubs, link))
      continue;
    const Post *first = g_hash_table_lookup(anchors, link);
    if (first == NULL)
      g_hash_table_insert(anchors, link, post);
    else if (post->known == NULL)
      bind(post, first, "link");
  }
}

/*
 * Posts of one head are copies of its first when another source tells each. They are bound before any text is compared, for
 * what many repeat is too common to lead from one to another. A source that says the same again begins anew: it may be a
 * series.
 */
static void
bind_copies(const GPtrArray *claims)
{
  g_autoptr(GHashTable) firsts = g_hash_table_new(g_str_hash, g_str_equal);
  g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < claims->len; i++) {
    Post *post = claims->pdata[i];
    char *head = post->fingerprint->head;
    if (post->fingerprint->head_stems < MIN_COPY_STEMS)
      continue;
    const Post *first = g_hash_table_lookup(firsts, head);
    if (first != NULL && ABS(post->time_ms - first->time_ms) <= COPY_WINDOW_MS &&
        g_hash_table_add(told, g_strdup_printf("%s %s", first->item->id, post->item->source))) {
      if (post->known == NULL && post->bond == NULL)
        bind(post, first, "copy");
    } else {
      g_hash_table_insert(firsts, head, post);
      g_hash_table_add(told, g_strdup_printf("%s %s", post->item->id, post->item->source));
    }
  }
}

static void
make_corpus(Batch *batch)
{
  g_autoptr(GPtrArray) fingerprints = g_ptr_array_new();
  batch->documents = g_ptr_array_new();
  for (guint i = 0; i < batch->posts->len; i++) {
    Post *post = batch->posts->pdata[i];
    if (post->time_ms < batch->now_ms - TEXT_WINDOW_MS)
      continue;
    post->document = batch->documents->len;
    g_ptr_array_add(batch->documents, post);
    g_ptr_array_add(fingerprints, post->fingerprint);
  }
  batch->corpus = corpus_new(fingerprints);
}

static const Post *
root_of(const Post *post)
{
  while (post->anchor != post)
    post = post->anchor;
  return post;
}

/* What is bound, or in an existing story, is one group; item ids and story ids are never equal. */
static const char *
group_name(const Post *post)
{
  const Post *root = root_of(post);
  return root->known != NULL ? root->known->story_id : root->item->id;
}

static void
make_groups(Batch *batch)
{
  g_autoptr(GHashTable) sizes = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < batch->documents->len; i++) {
    const char *name = group_name(batch->documents->pdata[i]);
    guint size = GPOINTER_TO_UINT(g_hash_table_lookup(sizes, name));
    g_hash_table_insert(sizes, (char *) name, GUINT_TO_POINTER(size + 1));
  }

  batch->groups = agglomeration_new();
  g_autoptr(GHashTable) positions = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < batch->posts->len; i++) {
    Post *post = batch->posts->pdata[i];
    const char *name = group_name(post);
    gpointer position = NULL;
    if (!g_hash_table_lookup_extended(positions, name, NULL, &position)) {
      guint size = GPOINTER_TO_UINT(g_hash_table_lookup(sizes, name));
      position = GUINT_TO_POINTER(agglomeration_add_group(batch->groups, size, root_of(post)->known != NULL));
      g_hash_table_insert(positions, (char *) name, position);
    }
    post->group = GPOINTER_TO_UINT(position);
  }
}

/* Entries of one title in one feed, the work of one publisher: "Open thread", "Security updates for Monday". */
static bool
is_series(const Post *a, const Post *b)
{
  return g_str_has_prefix(a->item->source, "feed:") && g_str_equal(a->item->source, b->item->source) &&
         g_str_equal(a->fingerprint->head, b->fingerprint->head);
}

static void
compare_posts(Batch *batch, const Post *post, const Post *other)
{
  double similarity = corpus_similarity(batch->corpus, post->document, other->document);
  bool is_vetoed = is_series(post, other) || fingerprint_conflicts(post->fingerprint, other->fingerprint);
  if (is_vetoed || similarity >= PAIR_FLOOR)
    agglomeration_add_pair(batch->groups, post->group, other->group, similarity, is_vetoed);
}

static void
join_by_text(Batch *batch)
{
  for (guint i = 0; i < batch->documents->len; i++) {
    const Post *post = batch->documents->pdata[i];
    if (post->known != NULL)
      continue;
    g_autoptr(GArray) candidates = corpus_candidates(batch->corpus, i);
    for (guint j = 0; j < candidates->len; j++) {
      const Post *other = batch->documents->pdata[g_array_index(candidates, guint, j)];
      bool is_seen = other->known == NULL && other->document < i;
      if (!is_seen && other->group != post->group)
        compare_posts(batch, post, other);
    }
  }
  agglomeration_run(batch->groups, SIMILARITY_CUT);
}

/*
 * @founder: (nullable): the post its id is made from, NULL for an existing story
 * @posts: (element-type Post): by time
 */
typedef struct {
  char *id;
  const Post *founder;
  GPtrArray *posts;
} Outcome;

static void
free_outcome(gpointer data)
{
  Outcome *outcome = data;
  g_free(outcome->id);
  g_ptr_array_unref(outcome->posts);
  g_free(outcome);
}

static void
found_story(Outcome *outcome, GHashTable *taken_ids, GHashTable *founded_ids)
{
  outcome->founder = outcome->posts->pdata[0];
  g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT " %s", outcome->founder->time_ms, outcome->founder->item->id);
  for (unsigned try = 1; outcome->id == NULL; try++) {
    g_autofree char *tried = try == 1 ? g_strdup(name) : g_strdup_printf("%s %u", name, try);
    g_autofree char *digest = digest_sha256(tried, strlen(tried));
    digest[STORY_ID_LENGTH] = '\0';
    if (!g_hash_table_contains(taken_ids, digest) && !g_hash_table_contains(founded_ids, digest))
      outcome->id = g_strdup(digest);
  }
  g_hash_table_add(founded_ids, outcome->id);
}

/* Returns: (transfer full) (element-type guint Outcome): by position of the root group */
static GHashTable *
tell_outcomes(const Batch *batch, GHashTable *taken_ids)
{
  GHashTable *outcomes = g_hash_table_new_full(NULL, NULL, NULL, free_outcome);
  g_autoptr(GPtrArray) in_order = g_ptr_array_new();
  g_autoptr(GPtrArray) posts = sorted(batch->posts, compare_times);
  for (guint i = 0; i < posts->len; i++) {
    const Post *post = posts->pdata[i];
    gpointer root = GUINT_TO_POINTER(agglomeration_root(batch->groups, post->group));
    Outcome *outcome = g_hash_table_lookup(outcomes, root);
    if (outcome == NULL) {
      outcome = g_new0(Outcome, 1);
      outcome->posts = g_ptr_array_new();
      g_hash_table_insert(outcomes, root, outcome);
      g_ptr_array_add(in_order, outcome);
    }
    g_ptr_array_add(outcome->posts, (Post *) post);
    if (outcome->id == NULL && post->known != NULL)
      outcome->id = g_strdup(post->known->story_id);
  }

  g_autoptr(GHashTable) founded_ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < in_order->len; i++) {
    Outcome *outcome = in_order->pdata[i];
    if (outcome->id == NULL)
      found_story(outcome, taken_ids, founded_ids);
  }
  return outcomes;
}

/* Returns: (transfer none): the post of another group of its story that is most like @post; the earliest of equals */
static const Post *
find_nearest(const Batch *batch, const Post *post, const Outcome *outcome)
{
  const Post *nearest = NULL;
  double highest = -1;
  for (guint i = 0; i < outcome->posts->len; i++) {
    const Post *other = outcome->posts->pdata[i];
    if (other->group == post->group || other->document == NO_DOCUMENT || post->document == NO_DOCUMENT)
      continue;
    double similarity = corpus_similarity(batch->corpus, post->document, other->document);
    if (similarity > highest) {
      highest = similarity;
      nearest = other;
    }
  }
  return nearest;
}

static Membership *
tell_membership(const Batch *batch, const Post *post, const Outcome *outcome)
{
  Membership *membership = g_new0(Membership, 1);
  membership->item_id = g_strdup(post->item->id);
  membership->story_id = g_strdup(outcome->id);
  membership->probability = 1;
  const Post *nearest = NULL;
  if (post == outcome->founder) {
    membership->rule = "founded";
  } else if (post->bond != NULL) {
    membership->rule = post->bond;
    nearest = post->anchor;
  } else {
    membership->rule = "text";
    membership->probability = agglomeration_joined_at(batch->groups, post->group);
    nearest = find_nearest(batch, post, outcome);
  }
  membership->nearest = nearest != NULL ? g_strdup(nearest->item->id) : NULL;
  return membership;
}

static void
free_membership(gpointer membership)
{
  membership_free(membership);
}

GPtrArray *
cluster_items(const GPtrArray *new_items, const GPtrArray *known, GHashTable *taken_ids, int64_t now_ms)
{
  g_auto(Batch) batch = {.posts = g_ptr_array_new_with_free_func(free_post), .now_ms = now_ms};
  for (guint i = 0; i < new_items->len; i++)
    add_post(&batch, new_items->pdata[i], NULL);
  for (guint i = 0; i < known->len; i++) {
    const KnownItem *member = known->pdata[i];
    add_post(&batch, member->item, member);
  }
  g_ptr_array_sort(batch.posts, compare_ids);

  g_autoptr(GPtrArray) claims = sorted(batch.posts, compare_claims);
  bind_by_links(claims);
  bind_copies(claims);
  make_corpus(&batch);
  make_groups(&batch);
  join_by_text(&batch);

  g_autoptr(GHashTable) outcomes = tell_outcomes(&batch, taken_ids);
  GPtrArray *memberships = g_ptr_array_new_with_free_func(free_membership);
  for (guint i = 0; i < batch.posts->len; i++) {
    const Post *post = batch.posts->pdata[i];
    gpointer root = GUINT_TO_POINTER(agglomeration_root(batch.groups, post->group));
    if (post->known == NULL)
      g_ptr_array_add(memberships, tell_membership(&batch, post, g_hash_table_lookup(outcomes, root)));
  }
  return memberships;
}

void
membership_free(Membership *membership)
{
  if (membership == NULL)
    return;
  g_free(membership->item_id);
  g_free(membership->story_id);
  g_free(membership->nearest);
  g_free(membership);
}
