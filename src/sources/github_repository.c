#include "sources/github.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_NAME_BYTES = 200, MAX_TOPICS = 20, MAX_TOPIC_CHARS = 50 };

static bool
is_name(const char *text, size_t length)
{
  bool is_relative = (length == 1 && text[0] == '.') || (length == 2 && text[0] == '.' && text[1] == '.');
  size_t usual = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
  return length > 0 && !is_relative && usual >= length;
}

bool
github_is_full_name(const char *text)
{
  const char *slash = text != NULL ? strchr(text, '/') : NULL;
  if (slash == NULL || strnlen(text, MAX_NAME_BYTES + 1) > MAX_NAME_BYTES)
    return false;
  return is_name(text, (size_t) (slash - text)) && is_name(slash + 1, strlen(slash + 1));
}

/* Returns: (transfer full): @key of @object on one clean line, "" when it is no text */
static char *
read_line(const json_t *object, const char *key)
{
  const char *text = json_read_text(object, key);
  return text != NULL ? text_clean_line(text, strlen(text)) : g_strdup("");
}

/* Returns: how many, -1 when @entry does not say */
static int64_t
read_count(const json_t *entry, const char *key)
{
  int64_t count = json_read_int(entry, key, -1);
  return count < 0 ? -1 : MIN(count, INT32_MAX);
}

bool
github_read_repository(const json_t *entry, Repository *ret_repository, GError **error)
{
  if (!json_is_object(entry)) {
    error_set(error, ERROR_BAD_DATA, "expected a repository, got %s", reading_json_kind(entry));
    return false;
  }
  const Repository repository = {.entry = entry,
                                 .number = json_read_int(entry, "id", 0),
                                 .full_name = json_read_text(entry, "full_name"),
                                 .stars = read_count(entry, "stargazers_count")};
  if (!github_is_full_name(repository.full_name)) {
    error_set(error, ERROR_BAD_DATA, "expected a repository, but its full_name is not \"owner/name\"");
    return false;
  }
  if (repository.number <= 0) {
    error_set(error, ERROR_BAD_DATA, "expected a repository, but its id is no positive number");
    return false;
  }
  *ret_repository = repository;
  return true;
}

char *
github_make_id(const Repository *repository)
{
  return g_strdup_printf("github:%s@%" PRId64, repository->full_name, repository->number);
}

/* Returns: (transfer full): where a reader opens it, canonical */
static char *
make_page_url(const Repository *repository)
{
  const char *told = json_read_text(repository->entry, "html_url");
  char *url = told != NULL ? url_canonical(told, NULL) : NULL;
  return url != NULL ? url : g_strconcat("https://github.com/", repository->full_name, NULL);
}

static char *
make_extra(const Repository *repository)
{
  json_t *topics = json_array();
  size_t index;
  json_t *value;
  json_array_foreach(json_object_get(repository->entry, "topics"), index, value)
  {
    if (!json_is_string(value) || json_array_size(topics) >= MAX_TOPICS)
      continue;
    g_autofree char *line = text_clean_line(json_string_value(value), json_string_length(value));
    g_autofree char *topic = text_truncate(line, MAX_TOPIC_CHARS);
    json_array_append_new(topics, json_string(topic));
  }
  g_autofree char *language = reading_title(read_line(repository->entry, "language"));
  g_autoptr(json_t) extra = json_pack("{s:s, s:s, s:o, s:s*}", "site_name", "GitHub", "full_name", repository->full_name,
                                      "topics", topics, "programming_language", *language != '\0' ? language : NULL);
  return json_write(extra);
}

Item *
github_make_item(const Repository *repository, const char *key)
{
  Item *item = item_new();
  g_free(item->id);
  item->id = github_make_id(repository);
  g_free(item->source);
  item->source = g_strdup(key);
  g_free(item->url);
  item->url = make_page_url(repository);
  item->canonical_url = g_strdup(item->url);
  g_autofree char *description = read_line(repository->entry, "description");
  g_free(item->title);
  item->title = reading_title(g_strconcat(repository->full_name, *description != '\0' ? ": " : "", description, NULL));
  g_free(item->text);
  item->text = reading_text(g_steal_pointer(&description));
  g_free(item->author);
  item->author = reading_title(read_line(json_object_get(repository->entry, "owner"), "login"));
  const char *homepage = json_read_text(repository->entry, "homepage");
  if (homepage != NULL)
    item_add_link(item, homepage);
  item->extra = make_extra(repository);
  item->score = repository->stars;
  item->shares = read_count(repository->entry, "forks_count");
  return item;
}

const char *
github_find_obstacle(const Repository *repository)
{
  static const char *const FLAGS[] = {"fork", "archived", "disabled", "private"};
  for (size_t i = 0; i < G_N_ELEMENTS(FLAGS); i++)
    if (reading_flag(repository->entry, FLAGS[i]))
      return FLAGS[i];
  return NULL;
}
