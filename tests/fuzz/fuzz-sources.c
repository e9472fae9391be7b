/*
 * Whatever a service answers, each source makes of it items that are clean, within their bounds and distinct, or fails with a
 * reason. The input is the replies in the order asked for, each after its length in decimal digits and a line feed; what begins
 * with no such length is the last, and answers all that is asked for after it.
 */
#include "source-checks.h"

#include "fuzz.h"

typedef struct {
  const char *at;
  const char *end;
} Input;

/* Returns: (transfer full): the next reply of @input, which ends before it unless it is the last */
static Reply *
take_reply(const Request *request, Input *input)
{
  size_t length = 0;
  const char *start = input->at;
  while (start < input->end && g_ascii_isdigit(*start) && length <= (size_t) (input->end - input->at))
    length = length * 10 + (size_t) (*start++ - '0');
  bool has_length = start > input->at && start < input->end && *start == '\n';
  start = has_length ? start + 1 : input->at;
  size_t rest = (size_t) (input->end - start);
  length = has_length ? MIN(length, rest) : rest;
  Reply *reply = reply_new();
  reply->status = 200;
  reply->url = g_strdup(request->url);
  reply->headers = g_strdup("");
  reply->body = g_malloc0(length + 1);
  if (length > 0)
    memcpy(reply->body, start, length);
  reply->body_length = length;
  if (has_length)
    input->at = start + length;
  return reply;
}

/* Steps one part of @source over @input. */
static void
run_part(const Source *source, const SourceInput *asked, Input input)
{
  g_autoptr(GPtrArray) replies = g_ptr_array_new_with_free_func((GDestroyNotify) reply_free);
  bool is_over = false;
  for (int round = 0; !is_over && round <= STEP_MAX_ROUNDS; round++) {
    StepOutcome outcome = {0};
    source->step(asked, NULL, replies, &outcome);
    g_assert_cmpstr(find_outcome_fault(&outcome), ==, NULL);
    for (guint i = 0; outcome.requests != NULL && i < outcome.requests->len; i++)
      g_ptr_array_add(replies, take_reply(outcome.requests->pdata[i], &input));
    is_over = outcome.requests == NULL;
    step_outcome_clear(&outcome, (GDestroyNotify) item_batch_free);
  }
  g_assert_true(is_over);
}

/* With and without secrets, which some sources choose their address by, and with a memory that may be anything. */
static void
run_source(const Source *source, Input input)
{
  for (int has_secrets = 0; has_secrets <= 1; has_secrets++) {
    void *options = make_options(source, NULL, has_secrets);
    g_autoptr(GPtrArray) parts = source->parts(options);
    const SourcePart *part = parts->pdata[0];
    g_autofree char *memory = g_strndup(input.at, (gsize) (input.end - input.at));
    const SourceInput asked = {.key = part->key,
                               .subject = part->subject,
                               .options = options,
                               .memory = has_secrets ? memory : NULL,
                               .now_ms = 1772438400000};
    run_part(source, &asked, input);
    options_free(&source->section, options);
  }
}

/* What people say of a post is clean, bounded and at an address, and nobody is named. */
static void
run_comments(const Source *source, Input input)
{
  static const char *const POSTS[] = {"hn:47336100", "reddit:t3_6vx01b"};
  for (size_t i = 0; i < G_N_ELEMENTS(POSTS) && source->read_comments != NULL; i++) {
    g_autoptr(Item) item = item_new();
    g_free(item->id);
    item->id = g_strdup(POSTS[i]);
    g_autoptr(Request) request = request_new(REQUEST_ITEM, "https://source.example/");
    g_autoptr(Reply) reply = take_reply(request, &input);
    g_autoptr(GPtrArray) comments = g_ptr_array_new_with_free_func((GDestroyNotify) evidence_free);
    source->read_comments(item, reply, comments);
    g_assert_cmpuint(comments->len, <=, COMMENTS_AT_MOST);
    for (guint j = 0; j < comments->len; j++) {
      const Evidence *comment = comments->pdata[j];
      g_assert_true(is_address(comment->url) && is_clean_text(comment->text) && g_utf8_strlen(comment->text, -1) <= 1000);
    }
  }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const Input input = {.at = (const char *) data, .end = (const char *) data + size};
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    run_source(*source, input);
  for (const Source *const *source = sources_all(); *source != NULL; source++)
    run_comments(*source, input);
  return 0;
}
