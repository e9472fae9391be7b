#include "sources/github.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "sources/reading.h"

#include <inttypes.h>
#include <string.h>

/* GitHub allows 350 characters of description. */
enum { MAX_NAME_BYTES = 200, MAX_DESCRIPTION_CHARS = 1000 };

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
                                 .stars = reading_count(entry, "stargazers_count")};
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
  g_autofree char *language = reading_line(repository->entry, "language");
  g_autoptr(json_t) extra =
      json_pack("{s:s, s:s, s:o, s:s*}", "site_name", "GitHub", "full_name", repository->full_name, "topics",
                reading_tags(json_object_get(repository->entry, "topics")), "programming_language", language);
  return json_write(extra);
}

static char *
read_description(const json_t *entry)
{
  g_autofree char *text = reading_plain(json_read_text(entry, "description"));
  g_autofree char *line = text_clean_line(text, strlen(text));
  return text_truncate(line, MAX_DESCRIPTION_CHARS);
}

Item *
github_make_item(const Repository *repository, const char *key)
{
  Item *item = item_new();
  reading_set(&item->id, github_make_id(repository));
  reading_set(&item->source, g_strdup(key));
  reading_set(&item->url, make_page_url(repository));
  item->canonical_url = g_strdup(item->url);
  reading_set(&item->text, read_description(repository->entry));
  const char *mark = *item->text != '\0' ? ": " : "";
  reading_set(&item->title, reading_title(g_strconcat(repository->full_name, mark, item->text, NULL)));
  reading_set(&item->author, reading_line(json_object_get(repository->entry, "owner"), "login"));
  const char *homepage = json_read_text(repository->entry, "homepage");
  if (homepage != NULL)
    item_add_link(item, homepage);
  item->extra = make_extra(repository);
  item->score = repository->stars;
  item->shares = reading_count(repository->entry, "forks_count");
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
