#include "model/item.h"

#include "base/text.h"
#include "base/url.h"

enum { MAX_FAILURE_INPUT_BYTES = 4096 };

Item *
item_new(void)
{
  Item *item = g_new0(Item, 1);
  item->id = g_strdup("");
  item->source = g_strdup("");
  item->url = g_strdup("");
  item->title = g_strdup("");
  item->text = g_strdup("");
  item->author = g_strdup("");
  item->links = g_ptr_array_new_with_free_func(g_free);
  item->likes = item->shares = item->replies = item->score = -1;
  return item;
}

void
item_free(Item *item)
{
  if (item == NULL)
    return;
  g_free(item->id);
  g_free(item->source);
  g_free(item->url);
  g_free(item->canonical_url);
  g_free(item->title);
  g_free(item->text);
  g_free(item->author);
  g_free(item->language);
  g_ptr_array_unref(item->links);
  g_free(item->extra);
  g_free(item);
}

void
item_add_link(Item *item, const char *url)
{
  if (item->links->len >= ITEM_MAX_LINKS)
    return;
  g_autofree char *canonical = url_canonical(url, NULL);
  if (canonical == NULL || g_ptr_array_find_with_equal_func(item->links, canonical, g_str_equal, NULL))
    return;
  g_ptr_array_add(item->links, g_steal_pointer(&canonical));
}

int64_t
item_engagement(const Item *item)
{
  const int64_t parts[] = {item->likes, item->shares, item->score};
  int64_t sum = -1;
  for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
    if (parts[i] >= 0)
      sum = MAX(sum, 0) + MIN(parts[i], INT32_MAX);
  return sum;
}

/* Returns: the length of @bytes cut to at most @max bytes, not within a character */
static size_t
measure_cut(const char *bytes, size_t length, size_t max)
{
  if (length <= max)
    return length;
  size_t cut = max;
  while (cut > 0 && max - cut < 3 && ((unsigned char) bytes[cut] & 0xC0) == 0x80)
    cut--;
  return cut;
}

Failure *
failure_new(int code, const char *message, const char *input, size_t length)
{
  Failure *failure = g_new0(Failure, 1);
  failure->code = code;
  failure->message = g_strdup(message);
  if (input == NULL)
    return failure;
  failure->input = text_clean(input, measure_cut(input, length, MAX_FAILURE_INPUT_BYTES));
  /* a broken byte became three */
  failure->input[measure_cut(failure->input, strlen(failure->input), MAX_FAILURE_INPUT_BYTES)] = '\0';
  return failure;
}

void
failure_free(Failure *failure)
{
  if (failure == NULL)
    return;
  g_free(failure->message);
  g_free(failure->input);
  g_free(failure);
}

/* By reason: its name, and what it says to people. */
static const struct {
  const char *name;
  const char *words;
} REASONS[] = {
    [DROP_REMOVED] = {"removed", "its author or a moderator removed it"},
    [DROP_NO_STORY] = {"no_story", "it is no post of its own: a reply, a job, a notice or a copy"},
    [DROP_REPEATED] = {"repeated", "the same listing had it before"},
    [DROP_OPTED_OUT] = {"opted_out", "its author does not want to be found"},
    [DROP_ADULT] = {"adult", "it is marked as not safe for work"},
    [DROP_NOT_TRENDING] = {"not_trending", "it is known and has not grown enough"},
    [DROP_ENGAGEMENT] = {"engagement", "too few people took an interest"},
    [DROP_TOO_OLD] = {"too_old", "it is too old"},
    [DROP_LANGUAGE] = {"language", "it is in another language"},
    [DROP_EXCLUDED] = {"excluded", "it holds what is excluded"},
    [DROP_NOT_INCLUDED] = {"not_included", "it holds nothing of what is asked for"},
};

const char *
drop_reason_name(DropReason reason)
{
  g_assert((size_t) reason < G_N_ELEMENTS(REASONS));
  return REASONS[reason].name;
}

const char *
drop_reason_words(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(REASONS); i++)
    if (g_str_equal(REASONS[i].name, name))
      return REASONS[i].words;
  return name;
}

Drop *
drop_new(const Item *item, DropReason reason, char *detail)
{
  Drop *drop = g_new0(Drop, 1);
  drop->id = g_strdup(item->id);
  drop->url = g_strdup(item->url);
  drop->about_url = g_strdup(item->canonical_url);
  drop->reason = reason;
  drop->detail = detail;
  return drop;
}

void
drop_free(Drop *drop)
{
  if (drop == NULL)
    return;
  g_free(drop->id);
  g_free(drop->url);
  g_free(drop->about_url);
  g_free(drop->detail);
  g_free(drop);
}

ItemBatch *
item_batch_new(void)
{
  ItemBatch *batch = g_new0(ItemBatch, 1);
  batch->items = g_ptr_array_new_with_free_func((GDestroyNotify) item_free);
  batch->failures = g_ptr_array_new_with_free_func((GDestroyNotify) failure_free);
  batch->drops = g_ptr_array_new_with_free_func((GDestroyNotify) drop_free);
  return batch;
}

void
item_batch_drop(ItemBatch *batch, const char *id, const char *url, DropReason reason, const char *detail)
{
  Drop *drop = g_new0(Drop, 1);
  drop->id = g_strdup(id);
  drop->url = g_strdup(url);
  drop->reason = reason;
  drop->detail = g_strdup(detail);
  g_ptr_array_add(batch->drops, drop);
}

void
item_batch_free(ItemBatch *batch)
{
  if (batch == NULL)
    return;
  g_ptr_array_unref(batch->items);
  g_ptr_array_unref(batch->failures);
  g_ptr_array_unref(batch->drops);
  g_free(batch->moved_to);
  g_free(batch->memory);
  g_free(batch);
}
