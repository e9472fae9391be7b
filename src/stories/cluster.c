#include "stories/cluster.h"

#include <string.h>

#include "base/digest.h"
#include "stories/agglomerate.h"
#include "stories/candidates.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t TEXT_WINDOW_MS = 14 * DAY_MS;
static const int64_t COPY_WINDOW_MS = 3 * DAY_MS;

/* Pairs less probable than this count 0: it bounds the work and takes next to nothing from an average. */
static const double PAIR_FLOOR = 0.02;

/* Stands for "too old to be compared by text". */
static const guint NO_DOCUMENT = G_MAXUINT;

/* Two words may be anybody's title. */
enum { MIN_COPY_STEMS = 3, STORY_ID_LENGTH = 16 };

/*
 * @known: (nullable): NULL for a new item
 * @time_ms: when it was published, never unknown and never in the future
 * @anchor: the post whose link it shares or that it is a copy of, itself when it is the first
 * @bond: (nullable): the rule that binds it to @anchor, NULL for the first
 * @document: position among the posts that are compared by text
 */
typedef struct Member Member;
struct Member {
  const Item *item;
  const KnownItem *known;
  int64_t time_ms;
  Fingerprint *fingerprint;
  const Member *anchor;
  const char *bond;
  guint group;
  guint document;
};

/*
 * @posts: (element-type Member), by item id
 * @documents: (element-type Member): those of the last 14 days, as @candidates numbers them
 * @groups: the posts that a link or an existing story binds together, then by text
 */
typedef struct {
  GPtrArray *posts;
  const ClusterSpec *spec;
  Candidates *candidates;
  GPtrArray *documents;
  Agglomeration *groups;
} Batch;

static void
free_member(gpointer data)
{
  Member *post = data;
  fingerprint_free(post->fingerprint);
  g_free(post);
}

static void
clear_batch(Batch *batch)
{
  g_ptr_array_unref(batch->posts);
  candidates_free(batch->candidates);
  g_ptr_array_unref(batch->documents);
  agglomeration_free(batch->groups);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Batch, clear_batch)

static int
compare_ids(const void *a, const void *b)
{
  const Member *first = *(const Member *const *) a;
  const Member *second = *(const Member *const *) b;
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
  int order = compare_numbers((*(const Member *const *) a)->time_ms, (*(const Member *const *) b)->time_ms);
  return order != 0 ? order : compare_ids(a, b);
}

/* The order in which posts lay claim to a link: members of the oldest story first, then the earliest new post. */
static int
compare_claims(const void *a, const void *b)
{
  const KnownItem *first = (*(const Member *const *) a)->known;
  const KnownItem *second = (*(const Member *const *) b)->known;
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
add_member(Batch *batch, const Item *item, const KnownItem *known)
{
  Member *post = g_new0(Member, 1);
  post->item = item;
  post->known = known;
  post->time_ms = item->published_ms != 0 ? MIN(item->published_ms, batch->spec->now_ms) : batch->spec->now_ms;
  const Post text = {.source = item->source,
                     .link = item->canonical_url,
                     .title = item->title,
                     .text = item->text,
                     .language = item->language};
  post->fingerprint = fingerprint_new(&text, batch->spec->lexicon);
  post->anchor = post;
  post->document = NO_DOCUMENT;
  g_ptr_array_add(batch->posts, post);
}

/*
 * A link is a hub when one feed gives it to entries of different titles (all changes on one page, no link but the site's).
 * Returns: (transfer full): the hashes of the links that are hubs, as a set
 */
static GHashTable *
find_hubs(const GPtrArray *posts)
{
  GHashTable *hubs = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) titles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < posts->len; i++) {
    const Member *post = posts->pdata[i];
    if (post->fingerprint->link == 0 || !g_str_has_prefix(post->item->source, "feed:"))
      continue;
    char *use = g_strdup_printf("%" G_GINT64_MODIFIER "x %s", post->fingerprint->link, post->item->source);
    const char *title = g_hash_table_lookup(titles, use);
    if (title != NULL && strcmp(title, post->item->title) != 0)
      g_hash_table_add(hubs, GSIZE_TO_POINTER(post->fingerprint->link));
    g_hash_table_replace(titles, use, post->item->title);
  }
  return hubs;
}

static void
bind(Member *post, const Member *anchor, const char *bond)
{
  post->anchor = anchor;
  post->bond = bond;
}

/* @claims (element-type Member): in the order of their claims */
static void
bind_by_links(const GPtrArray *claims)
{
  g_autoptr(GHashTable) hubs = find_hubs(claims);
  g_autoptr(GHashTable) anchors = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < claims->len; i++) {
    Member *post = claims->pdata[i];
    void *link = GSIZE_TO_POINTER(post->fingerprint->link);
    if (link == NULL || g_hash_table_contains(hubs, link))
      continue;
    const Member *first = g_hash_table_lookup(anchors, link);
    if (first == NULL)
      g_hash_table_insert(anchors, link, post);
    else if (post->known == NULL)
      bind(post, first, "link");
  }
}

static unsigned
count_head_stems(const Fingerprint *fingerprint)
{
  unsigned count = 0;
  for (unsigned i = 0; i < fingerprint->term_count; i++)
    count += fingerprint->terms[i].is_head;
  return count;
}

/*
 * Posts of one head are copies of its first when another source tells each. They are bound before any text is compared, for
 * what many repeat is too common to lead from one to another. A source that says the same again begins anew: it may be a
 * series.
 */
static void
bind_copies(const GPtrArray *claims)
{
  g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < claims->len; i++) {
    Member *post = claims->pdata[i];
    void *head = GSIZE_TO_POINTER(post->fingerprint->head);
    if (count_head_stems(post->fingerprint) < MIN_COPY_STEMS)
      continue;
    const Member *first = g_hash_table_lookup(firsts, head);
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
index_documents(Batch *batch)
{
  batch->documents = g_ptr_array_new();
  batch->candidates = candidates_new();
  for (guint i = 0; i < batch->posts->len; i++) {
    Member *post = batch->posts->pdata[i];
    if (post->time_ms < batch->spec->now_ms - TEXT_WINDOW_MS)
      continue;
    post->document = candidates_add(batch->candidates, post->fingerprint);
    g_ptr_array_add(batch->documents, post);
  }
}

static const Member *
root_of(const Member *post)
{
  while (post->anchor != post)
    post = post->anchor;
  return post;
}

/* What is bound, or in an existing story, is one group; item ids and story ids are never equal. */
static const char *
group_name(const Member *post)
{
  const Member *root = root_of(post);
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
    Member *post = batch->posts->pdata[i];
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
is_series(const Member *a, const Member *b)
{
  return g_str_has_prefix(a->item->source, "feed:") && g_str_equal(a->item->source, b->item->source) &&
         a->fingerprint->head == b->fingerprint->head;
}

static double
measure(const Batch *batch, const Member *post, const Member *other)
{
  double values[LIKENESS_COUNT];
  likeness_measure(post->fingerprint, other->fingerprint, values);
  return likeness_probability(batch->spec->model, values);
}

static void
compare_posts(Batch *batch, const Member *post, const Member *other)
{
  double probability = measure(batch, post, other);
  bool is_vetoed = is_series(post, other) || likeness_veto(post->fingerprint, other->fingerprint) != NULL;
  if (is_vetoed || probability >= PAIR_FLOOR)
    agglomeration_add_pair(batch->groups, post->group, other->group, probability, is_vetoed);
}

static int
compare_pairs(const void *a, const void *b)
{
  uint64_t first = *(const uint64_t *) a;
  uint64_t second = *(const uint64_t *) b;
  return (first > second) - (first < second);
}

/* Returns: (transfer full) (element-type uint64): the two documents of each pair that is worth comparing, the lower one in the
 * high half; a pair that both find stands twice, one behind the other */
static GArray *
find_pairs(const Batch *batch)
{
  GArray *pairs = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  g_autoptr(CandidateSearch) search = candidate_search_new();
  for (guint i = 0; i < batch->documents->len; i++) {
    const Member *post = batch->documents->pdata[i];
    uint32_t found[CANDIDATES_MAX];
    unsigned count = post->known == NULL ? candidates_find(batch->candidates, search, post->fingerprint, found) : 0;
    for (unsigned j = 0; j < count; j++) {
      const Member *other = batch->documents->pdata[found[j]];
      uint64_t pair = (uint64_t) MIN(i, found[j]) << 32 | MAX(i, found[j]);
      if (other->group != post->group)
        g_array_append_val(pairs, pair);
    }
  }
  g_array_sort(pairs, compare_pairs);
  return pairs;
}

static void
join_by_text(Batch *batch)
{
  g_autoptr(GArray) pairs = find_pairs(batch);
  for (guint i = 0; i < pairs->len; i++) {
    uint64_t pair = g_array_index(pairs, uint64_t, i);
    if (i == 0 || pair != g_array_index(pairs, uint64_t, i - 1))
      compare_posts(batch, batch->documents->pdata[pair >> 32], batch->documents->pdata[pair & UINT32_MAX]);
  }
  agglomeration_run(batch->groups, batch->spec->model->cut);
}

/*
 * @founder: (nullable): the post its id is made from, NULL for an existing story
 * @posts: (element-type Member): by time
 */
typedef struct {
  char *id;
  const Member *founder;
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
    const Member *post = posts->pdata[i];
    gpointer root = GUINT_TO_POINTER(agglomeration_root(batch->groups, post->group));
    Outcome *outcome = g_hash_table_lookup(outcomes, root);
    if (outcome == NULL) {
      outcome = g_new0(Outcome, 1);
      outcome->posts = g_ptr_array_new();
      g_hash_table_insert(outcomes, root, outcome);
      g_ptr_array_add(in_order, outcome);
    }
    g_ptr_array_add(outcome->posts, (Member *) post);
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
static const Member *
find_nearest(const Batch *batch, const Member *post, const Outcome *outcome)
{
  const Member *nearest = NULL;
  double highest = -1;
  for (guint i = 0; i < outcome->posts->len; i++) {
    const Member *other = outcome->posts->pdata[i];
    if (other->group == post->group || other->document == NO_DOCUMENT || post->document == NO_DOCUMENT)
      continue;
    double probability = measure(batch, post, other);
    if (probability > highest) {
      highest = probability;
      nearest = other;
    }
  }
  return nearest;
}

static Membership *
tell_membership(const Batch *batch, const Member *post, const Outcome *outcome)
{
  Membership *membership = g_new0(Membership, 1);
  membership->item_id = g_strdup(post->item->id);
  membership->story_id = g_strdup(outcome->id);
  membership->probability = 1;
  const Member *nearest = NULL;
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
cluster_items(const ClusterSpec *spec)
{
  g_auto(Batch) batch = {.posts = g_ptr_array_new_with_free_func(free_member), .spec = spec};
  for (guint i = 0; i < spec->new_items->len; i++)
    add_member(&batch, spec->new_items->pdata[i], NULL);
  for (guint i = 0; i < spec->known->len; i++) {
    const KnownItem *member = spec->known->pdata[i];
    add_member(&batch, member->item, member);
  }
  g_ptr_array_sort(batch.posts, compare_ids);

  g_autoptr(GPtrArray) claims = sorted(batch.posts, compare_claims);
  bind_by_links(claims);
  bind_copies(claims);
  index_documents(&batch);
  make_groups(&batch);
  join_by_text(&batch);

  g_autoptr(GHashTable) outcomes = tell_outcomes(&batch, spec->taken_ids);
  GPtrArray *memberships = g_ptr_array_new_with_free_func(free_membership);
  for (guint i = 0; i < batch.posts->len; i++) {
    const Member *post = batch.posts->pdata[i];
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
