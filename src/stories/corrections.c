#include "stories/corrections.h"

#include <string.h>

/*
 * Items that must be in one story hang below one node.
 * @name: of the root: the smallest id of its items
 * @apart: of the root: the roots its items must not be with, as a set
 */
typedef struct Node Node;
struct Node {
  Node *parent;
  const char *name;
  GHashTable *apart;
};

struct Corrections {
  GHashTable *nodes;
  bool *holds;
  GPtrArray *obeyed;
  GArray *forbidden;
};

void
correction_free(Correction *correction)
{
  if (correction == NULL)
    return;
  g_free(correction->item_a);
  g_free(correction->item_b);
  g_free(correction);
}

static void
free_correction(void *correction)
{
  correction_free(correction);
}

static Correction *
copy_correction(const Correction *correction)
{
  Correction *copy = g_new(Correction, 1);
  *copy = (Correction){g_strdup(correction->item_a), g_strdup(correction->item_b), correction->is_must, correction->made_ms};
  return copy;
}

static void
free_node(void *data)
{
  Node *node = data;
  g_hash_table_unref(node->apart);
  g_free(node);
}

static Node *
find_root(Node *node)
{
  for (; node->parent != node; node = node->parent)
    node->parent = node->parent->parent;
  return node;
}

static Node *
open_root(Corrections *corrections, const char *item_id)
{
  Node *node = g_hash_table_lookup(corrections->nodes, item_id);
  if (node == NULL) {
    char *name = g_strdup(item_id);
    node = g_new(Node, 1);
    *node = (Node){.parent = node, .name = name, .apart = g_hash_table_new(NULL, NULL)};
    g_hash_table_insert(corrections->nodes, name, node);
  }
  return find_root(node);
}

/* The one with fewer that it must not be with is moved, so that none is moved often. */
static void
join(Node *a, Node *b)
{
  bool is_a_larger = g_hash_table_size(a->apart) >= g_hash_table_size(b->apart);
  Node *root = is_a_larger ? a : b;
  Node *moved = is_a_larger ? b : a;
  GHashTableIter all;
  g_hash_table_iter_init(&all, moved->apart);
  for (void *other; g_hash_table_iter_next(&all, &other, NULL);) {
    g_hash_table_remove(((Node *) other)->apart, moved);
    g_hash_table_add(((Node *) other)->apart, root);
    g_hash_table_add(root->apart, other);
  }
  g_hash_table_remove_all(moved->apart);
  moved->parent = root;
  if (strcmp(moved->name, root->name) < 0)
    root->name = moved->name;
}

/* Returns: whether it does not contradict what was obeyed before */
static bool
obey(Corrections *corrections, const Correction *correction)
{
  Node *a = open_root(corrections, correction->item_a);
  Node *b = open_root(corrections, correction->item_b);
  if (a == b)
    return correction->is_must;
  if (g_hash_table_contains(a->apart, b))
    return !correction->is_must;
  if (correction->is_must) {
    join(a, b);
  } else {
    g_hash_table_add(a->apart, b);
    g_hash_table_add(b->apart, a);
  }
  return true;
}

static int
compare_ages(const void *a, const void *b, void *data)
{
  const GPtrArray *all = data;
  const Correction *first = g_ptr_array_index(all, *(const guint *) a);
  const Correction *second = g_ptr_array_index(all, *(const guint *) b);
  if (first->made_ms != second->made_ms)
    return first->made_ms > second->made_ms ? -1 : 1;
  int order = strcmp(first->item_a, second->item_a);
  order = order != 0 ? order : strcmp(first->item_b, second->item_b);
  return order != 0 ? order : second->is_must - first->is_must;
}

/* Returns: (transfer full) (element-type guint): positions, the newest first */
static GArray *
newest_first(const GPtrArray *all)
{
  GArray *order = g_array_sized_new(false, false, sizeof(guint), all->len);
  for (guint i = 0; i < all->len; i++)
    g_array_append_val(order, i);
  g_array_sort_with_data(order, compare_ages, (void *) all);
  return order;
}

static int
compare_pairs(const void *a, const void *b)
{
  const CorrectionPair *first = a;
  const CorrectionPair *second = b;
  int order = strcmp(first->root_a, second->root_a);
  return order != 0 ? order : strcmp(first->root_b, second->root_b);
}

static GArray *
list_forbidden(const Corrections *corrections)
{
  GArray *pairs = g_array_new(false, false, sizeof(CorrectionPair));
  GHashTableIter nodes;
  g_hash_table_iter_init(&nodes, corrections->nodes);
  for (void *value; g_hash_table_iter_next(&nodes, NULL, &value);) {
    const Node *node = value;
    GHashTableIter others;
    g_hash_table_iter_init(&others, node->apart);
    for (void *other; g_hash_table_iter_next(&others, &other, NULL);) {
      const CorrectionPair pair = {node->name, ((const Node *) other)->name};
      if (strcmp(pair.root_a, pair.root_b) < 0)
        g_array_append_val(pairs, pair);
    }
  }
  g_array_sort(pairs, compare_pairs);
  return pairs;
}

/* Readers may be many at once: they find each root without changing anything. */
static void
flatten(Corrections *corrections)
{
  GHashTableIter nodes;
  g_hash_table_iter_init(&nodes, corrections->nodes);
  for (void *node; g_hash_table_iter_next(&nodes, NULL, &node);)
    ((Node *) node)->parent = find_root(node);
}

Corrections *
corrections_new(const GPtrArray *all)
{
  Corrections *corrections = g_new(Corrections, 1);
  corrections->nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_node);
  corrections->holds = g_new(bool, all->len);
  corrections->obeyed = g_ptr_array_new_with_free_func(free_correction);
  g_autoptr(GArray) order = newest_first(all);
  for (guint i = 0; i < order->len; i++) {
    guint index = g_array_index(order, guint, i);
    const Correction *correction = g_ptr_array_index(all, index);
    corrections->holds[index] = obey(corrections, correction);
    if (corrections->holds[index])
      g_ptr_array_add(corrections->obeyed, copy_correction(correction));
  }
  flatten(corrections);
  corrections->forbidden = list_forbidden(corrections);
  return corrections;
}

void
corrections_free(Corrections *corrections)
{
  if (corrections == NULL)
    return;
  g_hash_table_unref(corrections->nodes);
  g_free(corrections->holds);
  g_ptr_array_unref(corrections->obeyed);
  g_array_unref(corrections->forbidden);
  g_free(corrections);
}

bool
corrections_holds(const Corrections *corrections, guint index)
{
  return corrections->holds[index];
}

const char *
corrections_root(const Corrections *corrections, const char *item_id)
{
  const Node *node = g_hash_table_lookup(corrections->nodes, item_id);
  return node != NULL ? node->parent->name : NULL;
}

const GPtrArray *
corrections_obeyed(const Corrections *corrections)
{
  return corrections->obeyed;
}

const GArray *
corrections_forbidden(const Corrections *corrections)
{
  return corrections->forbidden;
}
