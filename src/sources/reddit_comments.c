#include "sources/reddit.h"

#include "base/url.h"
#include "sources/reading.h"
#include "sources/reddit_place.h"
#include "sources/source.h"

#include <string.h>

/* Returns: (transfer full) (nullable): where a reader opens @comment, which is one on @item */
static char *
find_page(const Item *item, const json_t *comment)
{
  const char *id = json_read_text(comment, "id");
  const char *page = json_read_text(comment, "permalink");
  const char *post = strstr(item->id, "t3_");
  if (id == NULL || page == NULL || *page != '/' || post == NULL || !reddit_place_is_at(page, post + strlen("t3_")))
    return NULL;
  g_autofree char *end = g_strconcat("/", id, "/", NULL);
  g_autofree char *address = g_strconcat(REDDIT_SITE, page, NULL);
  return g_str_has_suffix(page, end) ? url_canonical(address, NULL) : NULL;
}

/* Whether moderators speak, or who spoke is gone. */
static bool
is_left_out(const json_t *comment)
{
  const char *distinguished = json_read_text(comment, "distinguished");
  const char *author = json_read_text(comment, "author");
  bool is_gone = author == NULL || g_str_equal(author, "[deleted]") || g_str_equal(author, "[removed]");
  return is_gone || reading_flag(comment, "stickied") || (distinguished != NULL && *distinguished != '\0');
}

/* A reply is two listings: of the post, and of the comments on it. */
void
reddit_read_comments(const Item *item, const Reply *reply, GPtrArray *comments)
{
  g_autoptr(json_t) listings = reading_json(reply, reply->url, NULL);
  const json_t *children = json_object_get(json_object_get(json_array_get(listings, 1), "data"), "children");
  for (size_t i = 0; i < json_array_size(children) && comments->len < COMMENTS_AT_MOST; i++) {
    const json_t *child = json_array_get(children, i);
    const json_t *comment = json_object_get(child, "data");
    if (g_strcmp0(json_read_text(child, "kind"), "t1") == 0 && !is_left_out(comment))
      reading_add_comment(comments, find_page(item, comment), json_read_text(comment, "author"),
                          json_read_text(comment, "body_html"), reply->answered_ms);
  }
}
