/* What is bound before any text is compared: a forest whose roots are the first posts of their groups. */
#include "stories/batch.h"

#include <stdlib.h>

const char BOND_STORY[] = "story";

static const int64_t COPY_WINDOW_MS = 3LL * 24 * 60 * 60 * 1000;

/* Two words may be anybody's title. */
enum { MIN_COPY_STEMS = 3 };

/*
 * @said: (element-type utf8 guint): the first post, counted from 1, by what corrections_root() says of it
 * @forbidden: (element-type guint64): pairs of such posts, the lower one in the high half, sorted
 * @told: (element-type guint GArray): by the root of a tree: such posts in it, where there are some
 * @roots: leads from each post to the root of its tree, shorter than anchors do
 */
typedef struct {
  Batch *batch;
  uint32_t *roots;
  GHashTable *said;
  GArray *forbidden;
  GHashTable *told;
} Binding;

static void
clear_binding(Binding *binding)
{
  g_free(binding->roots);
  g_hash_table_unref(binding->said);
  g_hash_table_unref(binding->told);
  g_clear_pointer(&binding->forbidden, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Binding, clear_binding)

static uint32_t
root_of(const Binding *binding, uint32_t post)
{
  uint32_t *roots = binding->roots;
  while (roots[post] != post) {
    roots[post] = roots[roots[post]];
    post = roots[post];
  }
  return post;
}

/* Turns round what leads from @post to its root. */
static void
make_root(Batch *batch, uint32_t post)
{
  uint32_t below = post;
  const char *bond = NULL;
  for (uint32_t at = post, above = 0;; at = above) {
    Member *member = &batch->members[at];
    const char *own = member->bond;
    above = member->anchor;
    member->anchor = below;
    member->bond = bond;
    if (above == at)
      return;
    below = at;
    bond = own;
  }
}

static int
compare_numbers(const void *a, const void *b)
{
  uint64_t first = *(const uint64_t *) a;
  uint64_t second = *(const uint64_t *) b;
  return (first > second) - (first < second);
}

static bool
is_forbidden(const Binding *binding, uint32_t root_a, uint32_t root_b)
{
  const GArray *first = g_hash_table_lookup(binding->told, GUINT_TO_POINTER(root_a));
  const GArray *second = g_hash_table_lookup(binding->told, GUINT_TO_POINTER(root_b));
  for (guint i = 0; first != NULL && second != NULL && i < first->len; i++)
    for (guint j = 0; j < second->len; j++) {
      uint64_t a = g_array_index(first, uint32_t, i);
      uint64_t b = g_array_index(second, uint32_t, j);
      uint64_t pair = MIN(a, b) << 32 | MAX(a, b);
      if (g_array_binary_search(binding->forbidden, &pair, compare_numbers, NULL))
        return true;
    }
  return false;
}

/* The root of the lower position stays one. */
static void
unite(Binding *binding, uint32_t a, uint32_t b, const char *bond)
{
  uint32_t root_a = root_of(binding, a);
  uint32_t root_b = root_of(binding, b);
  if (root_a == root_b)
    return;
  uint32_t joining = root_a < root_b ? b : a;
  binding->roots[MAX(root_a, root_b)] = MIN(root_a, root_b);
  make_root(binding->batch, joining);
  binding->batch->members[joining].anchor = joining == a ? b : a;
  binding->batch->members[joining].bond = bond;

  GArray *gone = g_hash_table_lookup(binding->told, GUINT_TO_POINTER(MAX(root_a, root_b)));
  GArray *kept = g_hash_table_lookup(binding->told, GUINT_TO_POINTER(MIN(root_a, root_b)));
  if (gone != NULL && kept != NULL)
    g_array_append_vals(kept, gone->data, gone->len);
  else if (gone != NULL)
    g_hash_table_insert(binding->told, GUINT_TO_POINTER(MIN(root_a, root_b)), g_array_ref(gone));
  g_hash_table_remove(binding->told, GUINT_TO_POINTER(MAX(root_a, root_b)));
}

static void
unite_if_allowed(Binding *binding, uint32_t a, uint32_t b, const char *bond)
{
  if (!is_forbidden(binding, root_of(binding, a), root_of(binding, b)))
    unite(binding, a, b, bond);
}

/* Members of a story stand one behind the other. */
static void
bind_stories(Binding *binding)
{
  const Member *members = binding->batch->members;
  for (uint32_t i = 1, first = 0; i < binding->batch->count && members[i].known != NULL; i++) {
    if (g_str_equal(members[i].known->story_id, members[first].known->story_id))
      unite(binding, i, first, BOND_STORY);
    else
      first = i;
  }
}

static void
note_forbidden(Binding *binding, const Corrections *corrections)
{
  const GArray *all = corrections_forbidden(corrections);
  for (guint i = 0; i < all->len; i++) {
    const CorrectionPair *pair = &g_array_index(all, CorrectionPair, i);
    uint64_t a = GPOINTER_TO_UINT(g_hash_table_lookup(binding->said, pair->root_a));
    uint64_t b = GPOINTER_TO_UINT(g_hash_table_lookup(binding->said, pair->root_b));
    uint64_t posts = (MIN(a, b) - 1) << 32 | (MAX(a, b) - 1);
    if (MIN(a, b) > 0)
      g_array_append_val(binding->forbidden, posts);
  }
  g_array_sort(binding->forbidden, compare_numbers);
}

static void
note_told(Binding *binding, uint32_t post)
{
  gpointer root = GUINT_TO_POINTER(root_of(binding, post));
  GArray *told = g_hash_table_lookup(binding->told, root);
  if (told == NULL) {
    told = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_hash_table_insert(binding->told, root, told);
  }
  g_array_append_val(told, post);
}

static void
bind_by_corrections(Binding *binding, const Corrections *corrections)
{
  for (uint32_t i = 0; corrections != NULL && i < binding->batch->count; i++) {
    const char *root = corrections_root(corrections, binding->batch->members[i].item->id);
    uint32_t first = root != NULL ? GPOINTER_TO_UINT(g_hash_table_lookup(binding->said, root)) : 0;
    if (first > 0)
      unite(binding, i, first - 1, "correction");
    else if (root != NULL)
      g_hash_table_insert(binding->said, (char *) root, GUINT_TO_POINTER(i + 1));
    if (root != NULL && first == 0)
      note_told(binding, i);
  }
  if (corrections != NULL)
    note_forbidden(binding, corrections);
}

/*
 * A link is a hub when one feed gives it to entries of different titles (all changes on one page, no link but the site's).
 * Returns: (transfer full): the hashes of the links that are hubs, as a set
 */
static GHashTable *
find_hubs(const Batch *batch)
{
  GHashTable *hubs = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) heads = g_hash_table_new(NULL, NULL);
  for (uint32_t i = 0; i < batch->count; i++) {
    const Fingerprint *fingerprint = batch->members[i].fingerprint;
    if (fingerprint->link == 0 || !fingerprint->is_feed)
      continue;
    gpointer use = GSIZE_TO_POINTER(fingerprint->link ^ fingerprint->source * 0x9E3779B97F4A7C15);
    gpointer head = NULL;
    if (g_hash_table_lookup_extended(heads, use, NULL, &head) && head != GSIZE_TO_POINTER(fingerprint->head))
      g_hash_table_add(hubs, GSIZE_TO_POINTER(fingerprint->link));
    g_hash_table_insert(heads, use, GSIZE_TO_POINTER(fingerprint->head));
  }
  return hubs;
}

/* What existing stories share is nothing new, but where a new post has it too. */
static void
bind_by_links(Binding *binding)
{
  const Batch *batch = binding->batch;
  g_autoptr(GHashTable) hubs = find_hubs(batch);
  g_autoptr(GHashTable) is_new = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
  for (uint32_t i = 0; i < batch->count; i++)
    if (batch->members[i].known == NULL && batch->members[i].fingerprint->link != 0)
      g_hash_table_add(is_new, GSIZE_TO_POINTER(batch->members[i].fingerprint->link));
  for (uint32_t i = 0; i < batch->count; i++) {
    gpointer link = GSIZE_TO_POINTER(batch->members[i].fingerprint->link);
    gpointer first = NULL;
    if (!g_hash_table_contains(is_new, link) || g_hash_table_contains(hubs, link))
      continue;
    if (g_hash_table_lookup_extended(firsts, link, NULL, &first))
      unite_if_allowed(binding, i, GPOINTER_TO_UINT(first), "link");
    else
      g_hash_table_insert(firsts, link, GUINT_TO_POINTER(i));
  }
}

static bool
has_head_of_its_own(const Fingerprint *fingerprint)
{
  unsigned count = 0;
  for (unsigned i = 0; i < fingerprint->term_count; i++)
    count += fingerprint->terms[i].is_head;
  return count >= MIN_COPY_STEMS;
}

/* Existing stories do not become one by a copy. */
static void
bind_copy(Binding *binding, uint32_t post, uint32_t first)
{
  const Member *members = binding->batch->members;
  bool joins_stories = members[root_of(binding, post)].known != NULL && members[root_of(binding, first)].known != NULL;
  if (members[post].known == NULL && !joins_stories)
    unite_if_allowed(binding, post, first, "copy");
}

/* @told: first posts with the feeds that told each. Returns: whether @post, of the head of @first, begins anew: a feed that
 * says the same again tells the next of a series */
static bool
begins_anew(const Member *members, GHashTable *told, uint32_t post, uint32_t first)
{
  uint32_t source = members[post].fingerprint->source;
  if (ABS(members[post].time_ms - members[first].time_ms) > COPY_WINDOW_MS)
    return true;
  return members[post].fingerprint->is_feed && (source == members[first].fingerprint->source ||
                                                !g_hash_table_add(told, GSIZE_TO_POINTER((uint64_t) first << 32 | source)));
}

/*
 * Posts of one head are copies of its first. They are bound before any text is compared, for what many repeat is too common to
 * lead from one to another.
 */
static void
bind_copies(Binding *binding)
{
  const Member *members = binding->batch->members;
  g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
  g_autoptr(GHashTable) told = g_hash_table_new(NULL, NULL);
  for (uint32_t i = 0; i < binding->batch->count; i++) {
    const Fingerprint *own = members[i].fingerprint;
    gpointer head = GSIZE_TO_POINTER(own->head);
    gpointer value = NULL;
    if (!has_head_of_its_own(own))
      continue;
    bool is_repeated = g_hash_table_lookup_extended(firsts, head, NULL, &value);
    uint32_t first = GPOINTER_TO_UINT(value);
    if (is_repeated && !begins_anew(members, told, i, first))
      bind_copy(binding, i, first);
    else
      g_hash_table_insert(firsts, head, GUINT_TO_POINTER(i));
  }
}

static void
number_groups(const Binding *binding)
{
  Batch *batch = binding->batch;
  for (uint32_t i = 0; i < batch->count; i++) {
    uint32_t root = root_of(binding, i);
    batch->members[i].group = root == i ? batch->groups++ : batch->members[root].group;
  }
}

static void
unref_array(gpointer array)
{
  g_array_unref(array);
}

/* The first recent post of the group that has this too. */
static uint32_t
claim_voice(GHashTable *firsts, uint64_t group, uint64_t what, uint32_t post)
{
  gpointer key = GSIZE_TO_POINTER(what ^ (group + 1) * 0x9E3779B97F4A7C15);
  gpointer first = NULL;
  if (what == 0)
    return post;
  if (g_hash_table_lookup_extended(firsts, key, NULL, &first))
    return GPOINTER_TO_UINT(first);
  g_hash_table_insert(firsts, key, GUINT_TO_POINTER(post));
  return post;
}

static void
find_voices(Batch *batch)
{
  g_autoptr(GHashTable) firsts = g_hash_table_new(NULL, NULL);
  for (uint32_t i = 0; i < batch->count; i++) {
    Member *member = &batch->members[i];
    member->voice = i;
    if (!member->is_recent)
      continue;
    uint32_t by_link = claim_voice(firsts, member->group, member->fingerprint->link, i);
    uint32_t by_head = claim_voice(firsts, member->group, member->fingerprint->head, i);
    uint32_t first = MIN(by_link, by_head);
    member->voice = batch->members[first].voice;
  }
}

GArray *
batch_bind(Batch *batch)
{
  g_auto(Binding) binding = {.batch = batch,
                             .roots = g_new(uint32_t, MAX(batch->count, 1)),
                             .said = g_hash_table_new(g_str_hash, g_str_equal),
                             .forbidden = g_array_new(FALSE, FALSE, sizeof(uint64_t)),
                             .told = g_hash_table_new_full(NULL, NULL, NULL, unref_array)};
  for (uint32_t i = 0; i < batch->count; i++)
    binding.roots[i] = i;
  bind_stories(&binding);
  bind_by_corrections(&binding, batch->spec->corrections);
  bind_by_links(&binding);
  bind_copies(&binding);
  number_groups(&binding);
  find_voices(batch);
  return g_steal_pointer(&binding.forbidden);
}
