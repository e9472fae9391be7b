/*
 * GitHub: repositories created within some days, and those whose stars grew since an earlier run
 * (https://docs.github.com/en/rest/search/search). What was famous all along is left out.
 */
#include "sources/github.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "sources/reading.h"
#include "sources/source.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
  char *query;
  char **topics;
  int64_t days;
  int64_t limit;
  int64_t min_engagement;
  int64_t requests_per_minute;
  char *token;
  char *base_url;
} GithubOptions;

/* Search: what is known while the replies are read.
 * @since_ms: what was created before is old, what was not seen since is forgotten
 * @seen: (element-type utf8): ids of the repositories read so far */
typedef struct {
  const SourceInput *input;
  int64_t since_ms;
  json_t *memory;
  GHashTable *seen;
  ItemBatch *batch;
} Search;

#define AUTH "github"

enum { MAX_MESSAGE_CHARS = 200 };

/* growth that is news: a quarter, and not of a handful */
enum { LEAST_GROWTH_PERCENT = 25, LEAST_GROWTH = 50 };

#define MS_A_MINUTE INT64_C(60000)
#define MS_AN_HOUR  (60 * MS_A_MINUTE)
#define MS_A_DAY    (24 * MS_AN_HOUR)

/* What is searched: what is new, and what is older but young enough to grow by a quarter. Without a bound of its age the most
 * starred of what is still worked on would always be the most famous there is. */
enum { SEARCH_NEW, SEARCH_GROWN, SEARCH_COUNT };

/* Growth is sought among what was new in so many times the days before. */
enum { GROWN_SPANS = 12, MAX_PAGE_SIZE = 100 };

static const char *
check_topic(const char *text)
{
  bool is_topic = *text != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
  return is_topic ? NULL : "is no topic (lower-case letters, digits and hyphens)";
}

static bool
has_token(const GithubOptions *options)
{
  return *options->token != '\0';
}

static char *
make_search_url(const GithubOptions *options, const char *words, const char *tail)
{
  g_autofree char *escaped = g_uri_escape_string(words, NULL, FALSE);
  g_autofree char *path = g_strconcat("search/repositories?q=", escaped, "&sort=stars&order=desc", tail, NULL);
  return reading_url(options->base_url, path);
}

/* Returns: the first moment of the day that is as far back as the option "days" says: searches know only whole days, and a run
 * a week measures a week although it is never quite on time */
static int64_t
find_start(const SourceInput *input)
{
  const GithubOptions *options = input->options;
  return (input->now_ms / MS_A_DAY - options->days) * MS_A_DAY;
}

static void
add_part(GPtrArray *parts, const GithubOptions *options, char *subject)
{
  char *origin = make_search_url(options, subject, "");
  g_ptr_array_add(parts, source_part_new(g_strconcat("github:", subject, NULL), subject, origin));
}

static GPtrArray *
make_parts(const void *options)
{
  const GithubOptions *own = options;
  GPtrArray *parts = source_parts_new();
  if (*own->topics == NULL)
    add_part(parts, own, g_strdup(own->query));
  for (char **topic = own->topics; *topic != NULL; topic++)
    add_part(parts, own, g_strstrip(g_strconcat(own->query, " topic:", *topic, NULL)));
  return parts;
}

static void
add_service(GPtrArray *services, const GithubOptions *options, Service limits)
{
  Service *service = service_copy(&limits);
  if (has_token(options)) {
    service->auth = g_strdup(AUTH);
    service->credential = CREDENTIAL_BEARER;
    service->secret = g_strdup(options->token);
  }
  g_ptr_array_add(services, service);
}

/* https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api and, for searches,
 * https://docs.github.com/en/rest/search/search#rate-limit */
static GPtrArray *
make_services(const void *options)
{
  const GithubOptions *own = options;
  int64_t searches = has_token(own) ? 30 : 10;
  g_autofree char *search = reading_url(own->base_url, "search/");
  g_autofree char *base = reading_url(own->base_url, "");
  GPtrArray *services = g_ptr_array_new_with_free_func((GDestroyNotify) service_free);
  add_service(services, own,
              (Service){.prefix = search,
                        .requests = own->requests_per_minute > 0 ? own->requests_per_minute : searches,
                        .window_ms = MS_A_MINUTE});
  add_service(services, own, (Service){.prefix = base, .requests = has_token(own) ? 5000 : 60, .window_ms = MS_AN_HOUR});
  return services;
}

static Request *
make_request(const GithubOptions *options, RequestKind kind, const char *url, const char *accept)
{
  Request *request = request_new(kind, url);
  request->auth = has_token(options) ? g_strdup(AUTH) : NULL;
  request->headers = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(request->headers, g_strconcat("Accept: ", accept, NULL));
  g_ptr_array_add(request->headers, g_strdup("X-GitHub-Api-Version: 2022-11-28"));
  return request;
}

static char *
describe_standstill(int64_t stars, const Baseline *known)
{
  if (stars < 0)
    return g_strdup("its stars are not told");
  if (known == NULL)
    return g_strdup_printf("%" PRId64 " stars, seen for the first time", stars);
  g_autofree char *taken = time_format(known->taken_ms);
  return g_strdup_printf("%" PRId64 " stars, %" PRId64 " on %.10s", stars, known->stars, taken);
}

/* An item that is known already is a change by it. */
static void
tell_growth(Item *item, int64_t stars, const Baseline *known)
{
  g_autofree char *taken = time_format(known->taken_ms);
  const char *gap = *item->text != '\0' ? "\n\n" : "";
  reading_set(&item->text, g_strdup_printf("%s%sFrom %" PRId64 " stars on %.10s to %" PRId64 ".", item->text, gap, known->stars,
                                           taken, stars));
}

/* Measures the stars against what is remembered, and remembers them from now on when that was told or is too old: growth is
 * measured once. Returns: (transfer full) (nullable): why it is no news; NULL when it is, and @item says since when and why */
static char *
judge(const Search *search, const Repository *repository, Item *item)
{
  int64_t now_ms = search->input->now_ms;
  int64_t stars = repository->stars;
  int64_t created_ms = reading_time(repository->entry, "created_at");
  bool is_young = created_ms > 0 && created_ms >= search->since_ms;
  item->published_ms = is_young ? created_ms : now_ms;
  if (stars < 0)
    return is_young ? NULL : describe_standstill(stars, NULL);

  Baseline known = {.stars = stars};
  bool is_known = github_memory_find(search->memory, repository->number, &known);
  int64_t growth = stars - MIN(known.stars, stars);
  bool has_grown = growth >= LEAST_GROWTH && growth * 100 >= known.stars * LEAST_GROWTH_PERCENT;
  bool is_news = is_young || has_grown;
  bool is_measured_anew = is_news || !is_known || known.taken_ms < search->since_ms;
  Baseline next = is_measured_anew ? (Baseline){.stars = stars, .taken_ms = now_ms} : known;
  next.seen_ms = now_ms;
  github_memory_keep(search->memory, repository->number, &next);
  if (!is_young && has_grown)
    tell_growth(item, stars, &known);
  return is_news ? NULL : describe_standstill(stars, is_known ? &known : NULL);
}

static void
add_repository(const Search *search, const Repository *repository)
{
  const GithubOptions *options = search->input->options;
  if (!g_hash_table_add(search->seen, github_make_id(repository)))
    return;
  g_autoptr(Item) item = github_make_item(repository, search->input->key);
  const char *obstacle = github_find_obstacle(repository);
  if (obstacle != NULL) {
    item_batch_drop(search->batch, item->id, item->url, DROP_NO_STORY, obstacle);
    return;
  }
  g_autofree char *standstill = judge(search, repository, item);
  if (standstill != NULL)
    item_batch_drop(search->batch, item->id, item->url, DROP_NOT_TRENDING, standstill);
  else
    reading_add_item(search->batch, NULL, g_steal_pointer(&item), options->min_engagement);
}

/* Stops at as many items as are wanted of one search: what else has grown is measured, and told, in a later run. */
static void
add_repositories(const Search *search, const json_t *entries, const char *url, int64_t page_size)
{
  const GithubOptions *options = search->input->options;
  size_t count = MIN(json_array_size(entries), (size_t) page_size);
  int64_t wanted = search->batch->items->len + options->limit;
  for (size_t i = 0; i < count && search->batch->items->len < wanted; i++) {
    const json_t *entry = json_array_get(entries, i);
    Repository repository;
    g_autoptr(GError) reason = NULL;
    if (github_read_repository(entry, &repository, &reason)) {
      add_repository(search, &repository);
      continue;
    }
    g_autofree char *input = json_write(entry);
    reading_add_malformed(search->batch, url, i + 1, reason->message, input);
  }
}

/* Returns: (transfer full) (nullable): an object with a list called "items". Errors: the reply's own, or BAD_DATA */
static json_t *
read_answer(const Reply *reply, const char *url, GError **error)
{
  g_autoptr(json_t) answer = reading_json(reply, url, error);
  if (answer == NULL || json_is_array(json_object_get(answer, "items")))
    return g_steal_pointer(&answer);
  g_autofree char *line = reading_line(answer, "message");
  g_autofree char *message = line != NULL ? text_truncate(line, MAX_MESSAGE_CHARS) : NULL;
  if (message != NULL)
    error_set(error, ERROR_BAD_DATA, "GET %s: expected a list of repositories, got the message \"%s\"", url, message);
  else
    error_set(error, ERROR_BAD_DATA, "GET %s: expected a list of repositories, got %s", url, reading_json_kind(answer));
  return NULL;
}

static int64_t
find_page_size(const SourceInput *input, int search)
{
  const GithubOptions *options = input->options;
  return search == SEARCH_NEW ? options->limit : MAX_PAGE_SIZE;
}

/* Returns: (transfer full): what is searched for, as in GitHub's own search */
static char *
make_words(const SourceInput *input, int search)
{
  const GithubOptions *options = input->options;
  int64_t start_ms = find_start(input);
  g_autofree char *start = time_format(start_ms);
  g_autofree char *first = time_format(start_ms - GROWN_SPANS * options->days * MS_A_DAY);
  g_autofree char *last = time_format(start_ms - MS_A_DAY);
  return search == SEARCH_NEW ? g_strdup_printf("%s created:>=%.10s", input->subject, start)
                              : g_strdup_printf("%s pushed:>=%.10s created:%.10s..%.10s", input->subject, start, first, last);
}

static char *
make_listing_url(const SourceInput *input, int search)
{
  g_autofree char *words = make_words(input, search);
  g_autofree char *tail = g_strdup_printf("&per_page=%" PRId64, find_page_size(input, search));
  return make_search_url(input->options, g_strstrip(words), tail);
}

static ItemBatch *
read_replies(const SourceInput *input, const GPtrArray *replies, GError **error)
{
  g_autoptr(ItemBatch) batch = item_batch_new();
  g_autoptr(json_t) memory = github_memory_read(input->memory, find_start(input));
  g_autoptr(GHashTable) seen = reading_seen_new();
  const Search search = {.input = input, .since_ms = find_start(input), .memory = memory, .seen = seen, .batch = batch};
  for (int i = 0; i < SEARCH_COUNT; i++) {
    g_autofree char *url = make_listing_url(input, i);
    g_autoptr(GError) reason = NULL;
    g_autoptr(json_t) answer = read_answer(replies->pdata[i], url, &reason);
    if (reading_flag(answer, "incomplete_results"))
      error_set(&reason, ERROR_RETRY, "GET %s: answered in part (incomplete_results)", url);
    add_repositories(&search, json_object_get(answer, "items"), url, find_page_size(input, i));
    if (reason != NULL)
      reading_add_failure(batch, reason, NULL, 0);
  }
  batch->memory = github_memory_write(memory);
  g_autofree char *url = make_listing_url(input, SEARCH_NEW);
  return reading_end(g_steal_pointer(&batch), url, error);
}

static void
step(const void *input, const void *snapshot G_GNUC_UNUSED, const GPtrArray *replies, StepOutcome *ret_outcome)
{
  const SourceInput *own = input;
  if (replies->len > 0) {
    g_assert(replies->len == SEARCH_COUNT);
    ret_outcome->result = read_replies(own, replies, &ret_outcome->error);
    return;
  }
  for (int i = 0; i < SEARCH_COUNT; i++) {
    g_autofree char *url = make_listing_url(own, i);
    step_ask(ret_outcome, make_request(own->options, REQUEST_LISTING, url, "application/vnd.github+json"));
  }
}

static Request *
make_evidence(const void *options, const Item *item)
{
  const GithubOptions *own = options;
  g_autoptr(json_t) extra = item->extra != NULL ? json_parse(item->extra, strlen(item->extra), NULL, NULL) : NULL;
  const char *full_name = json_read_text(extra, "full_name");
  if (!github_is_full_name(full_name))
    return NULL;
  g_autofree char *path = g_strconcat("repos/", full_name, "/readme", NULL);
  g_autofree char *url = reading_url(own->base_url, path);
  return make_request(options, REQUEST_ITEM, url, "application/vnd.github.html+json");
}

static const Option OPTIONS[] = {
    {.name = "query",
     .type = OPTION_TEXT,
     .fallback = "stars:>100",
     .offset = offsetof(GithubOptions, query),
     .help = "what to search for, as in GitHub's own search"},
    {.name = "topics",
     .type = OPTION_TEXTS,
     .fallback = "",
     .offset = offsetof(GithubOptions, topics),
     .check = check_topic,
     .help = "one search for each of these topics, such as [linux, compilers]"},
    {.name = "days",
     .type = OPTION_INT,
     .fallback = "7",
     .offset = offsetof(GithubOptions, days),
     .min = 1,
     .max = 365,
     .help = "repositories are new for so long, and their growth is measured over it, 1 to 365; new ones older than "
             "filters.max_age_days are left out all the same"},
    {.name = "limit",
     .type = OPTION_INT,
     .fallback = "20",
     .offset = offsetof(GithubOptions, limit),
     .min = 1,
     .max = 100,
     .help = "how many new repositories, and how many that grew, 1 to 100"},
    {.name = "min_engagement",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(GithubOptions, min_engagement),
     .max = 1000 * 1000,
     .help = "repositories with fewer stars and forks are left out"},
    {.name = "requests_per_minute",
     .type = OPTION_INT,
     .fallback = "0",
     .offset = offsetof(GithubOptions, requests_per_minute),
     .max = 5000,
     .help = "how many searches a minute; 0 is what GitHub allows: 10, or 30 with a token"},
    {.name = "token",
     .type = OPTION_TEXT,
     .fallback = "",
     .offset = offsetof(GithubOptions, token),
     .environment = "GITHUB_TOKEN",
     .is_secret = true,
     .help = "raises GitHub's limits; none is needed"},
    {.name = "base_url",
     .type = OPTION_URL,
     .fallback = "https://api.github.com",
     .offset = offsetof(GithubOptions, base_url),
     .help = "where the API is"},
    {.name = NULL},
};

const Source github_source = {
    .label = "GitHub",
    .section = {.name = "github", .options = OPTIONS, .size = sizeof(GithubOptions)},
    .parts = make_parts,
    .services = make_services,
    .step = step,
    .evidence = make_evidence,
};
