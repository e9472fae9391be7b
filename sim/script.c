#include "script.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

#include <zlib.h>

static const size_t BOMB_BYTES = 64 * 1024 * 1024;
static const size_t HEADER_LINE_BYTES = 1000;
static const int64_t MAX_NUMBER = 1 << 30;

typedef enum { VALUE_TEXT, VALUE_NUMBER, VALUE_TRUE, VALUE_OBJECT } ValueKind;

static const char *const VALUE_NAMES[] = {
    [VALUE_TEXT] = "a text",
    [VALUE_NUMBER] = "a number from 0 to 1073741824",
    [VALUE_TRUE] = "true",
    [VALUE_OBJECT] = "an object",
};

/* Change: what an effect works on: its rule, the value its key has there, and the answer it changes. */
typedef struct {
  const json_t *rule;
  const json_t *value;
  const Asked *asked;
  Answer *answer;
} Change;

typedef void (*Effect)(const Change *change);

typedef struct {
  const char *name;
  ValueKind kind;
  Effect effect;
} RuleKey;

typedef struct {
  json_t *json;
  int64_t matches;
} Rule;

struct Script {
  GArray *rules;
};

static int64_t
read_number(const json_t *object, const char *key, int64_t fallback)
{
  const json_t *value = json_object_get(object, key);
  return json_is_integer(value) ? json_integer_value(value) : fallback;
}

static char *
self_address(const Asked *asked, const char *query)
{
  return g_strdup_printf("http://%s:%u%s%s%s", asked->host, asked->port, asked->path, query != NULL ? "?" : "",
                         query != NULL ? query : "");
}

static void
expect_status(const Change *change)
{
  change->answer->status = (unsigned) json_integer_value(change->value);
  const char *body = json_string_value(json_object_get(change->rule, "body"));
  g_string_assign(change->answer->body, body != NULL ? body : "");
  answer_set_header(change->answer, "Content-Type", "text/plain; charset=utf-8");
}

static void
delay(const Change *change)
{
  change->answer->delay_ms = json_integer_value(change->value);
}

/* By the request and the rule's seed alone: the same however requests overtake each other. */
static uint64_t
draw(const json_t *rule, const Asked *asked)
{
  g_autofree char *seed = g_strdup_printf("%" G_GINT64_FORMAT, read_number(rule, "seed", 0));
  const char *const fields[] = {seed, asked->method, asked->host, asked->path, asked->query, asked->body->str};
  g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
    digest_add(checksum, fields[i]);
  g_autofree char *head = g_strndup(g_checksum_get_string(checksum), 8);
  return g_ascii_strtoull(head, NULL, 16);
}

static void
jitter(const Change *change)
{
  uint64_t most_ms = (uint64_t) json_integer_value(change->value);
  change->answer->delay_ms += (int64_t) (draw(change->rule, change->asked) % (most_ms + 1));
}

static void
truncate_body(const Change *change)
{
  change->answer->truncate_at = json_integer_value(change->value);
}

static void
reset(const Change *change)
{
  change->answer->is_reset = true;
}

static void
slow_down(const Change *change)
{
  change->answer->bytes_per_second = json_integer_value(json_object_get(change->value, "bytes_per_second"));
}

static void
redirect(const Change *change)
{
  g_autofree char *self = self_address(change->asked, change->asked->query);
  g_autofree char *port = g_strdup_printf("%u", change->asked->port);
  g_autoptr(GString) target = g_string_new(json_string_value(change->value));
  g_string_replace(target, "%SELF%", self, 0);
  g_string_replace(target, "%PORT%", port, 0);
  int64_t status = read_number(change->rule, "redirect_status", 302);
  change->answer->status = (unsigned) status;
  answer_set_header(change->answer, "Location", target->str);
}

static void
redirect_for_ever(const Change *change)
{
  int64_t turn = 0;
  if (change->asked->query != NULL && g_str_has_prefix(change->asked->query, "turn="))
    turn = g_ascii_strtoll(change->asked->query + strlen("turn="), NULL, 10);
  g_autofree char *query = g_strdup_printf("turn=%" G_GINT64_FORMAT, turn + 1);
  g_autofree char *target = self_address(change->asked, query);
  change->answer->status = 302;
  answer_set_header(change->answer, "Location", target);
}

static void
answer_html(const Change *change)
{
  change->answer->status = 200;
  answer_set_header(change->answer, "Content-Type", "text/html; charset=utf-8");
  g_string_printf(change->answer->body,
                  "<!DOCTYPE html>\n<html><head><title>Down for maintenance</title></head>\n"
                  "<body><h1>We will be right back</h1><p>%s is being upgraded.</p></body></html>\n",
                  change->asked->host);
}

static void
plant_bomb(const Change *change)
{
  static const unsigned char ZEROS[64 * 1024] = {0};
  z_stream stream = {0};
  int ok = deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  g_assert(ok == Z_OK);
  g_string_set_size(change->answer->body, deflateBound(&stream, BOMB_BYTES / 64));
  stream.next_out = (unsigned char *) change->answer->body->str;
  stream.avail_out = (unsigned) change->answer->body->len;
  for (size_t done = 0; done < BOMB_BYTES; done += sizeof ZEROS) {
    stream.next_in = (unsigned char *) ZEROS;
    stream.avail_in = sizeof ZEROS;
    deflate(&stream, done + sizeof ZEROS < BOMB_BYTES ? Z_NO_FLUSH : Z_FINISH);
  }
  g_string_truncate(change->answer->body, stream.total_out);
  deflateEnd(&stream);
  change->answer->status = 200;
  answer_set_header(change->answer, "Content-Type", "text/html; charset=utf-8");
  answer_set_header(change->answer, "Content-Encoding", "gzip");
}

static void
swell_headers(const Change *change)
{
  g_autofree char *filler = g_strnfill(HEADER_LINE_BYTES, 'x');
  for (int64_t line = 0; line * (int64_t) HEADER_LINE_BYTES < json_integer_value(change->value); line++) {
    g_autofree char *name = g_strdup_printf("X-Filler-%" G_GINT64_FORMAT, line);
    answer_set_header(change->answer, name, filler);
  }
}

static void
never_end(const Change *change)
{
  change->answer->status = 200;
  change->answer->is_endless = true;
  g_string_append(change->answer->body, "<p>And so on, and so on.</p>\n");
}

static void
pad(const Change *change)
{
  gsize length = (gsize) json_integer_value(change->value);
  while (change->answer->body->len < length)
    g_string_append(change->answer->body, "<!-- and nothing more to read here -->\n");
}

static void
set_headers(const Change *change)
{
  const char *name;
  json_t *value;
  json_object_foreach((json_t *) change->value, name, value)
  {
    const char *first = json_string_value(json_is_array(value) ? json_array_get(value, 0) : value);
    answer_set_header(change->answer, name, first);
    for (size_t i = 1; i < json_array_size(value); i++)
      answer_add_header(change->answer, name, json_string_value(json_array_get(value, i)));
  }
}

/* Applied in this order. */
static const RuleKey KEYS[] = {
    {"host", VALUE_TEXT, NULL},
    {"path", VALUE_TEXT, NULL},
    {"query", VALUE_TEXT, NULL},
    {"method", VALUE_TEXT, NULL},
    {"percent", VALUE_NUMBER, NULL},
    {"times", VALUE_NUMBER, NULL},
    {"skip", VALUE_NUMBER, NULL},
    {"body", VALUE_TEXT, NULL},
    {"redirect_status", VALUE_NUMBER, NULL},
    {"seed", VALUE_NUMBER, NULL},
    {"status", VALUE_NUMBER, expect_status},
    {"delay_ms", VALUE_NUMBER, delay},
    {"jitter_ms", VALUE_NUMBER, jitter},
    {"truncate", VALUE_NUMBER, truncate_body},
    {"reset", VALUE_TRUE, reset},
    {"slow", VALUE_OBJECT, slow_down},
    {"redirect", VALUE_TEXT, redirect},
    {"loop", VALUE_TRUE, redirect_for_ever},
    {"html", VALUE_TRUE, answer_html},
    {"bomb", VALUE_TRUE, plant_bomb},
    {"headers_bytes", VALUE_NUMBER, swell_headers},
    {"endless", VALUE_TRUE, never_end},
    {"pad_to_bytes", VALUE_NUMBER, pad},
    {"headers", VALUE_OBJECT, set_headers},
};

static bool
is_of_kind(const json_t *value, ValueKind kind)
{
  switch (kind) {
  case VALUE_TEXT:
    return json_is_string(value);
  case VALUE_NUMBER:
    return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= MAX_NUMBER;
  case VALUE_TRUE:
    return json_is_true(value);
  case VALUE_OBJECT:
    return json_is_object(value);
  }
  g_assert_not_reached();
}

static const RuleKey *
find_key(const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
    if (strcmp(KEYS[i].name, name) == 0)
      return &KEYS[i];
  return NULL;
}

static char *
known_keys(void)
{
  g_autoptr(GString) names = g_string_new(NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++)
    g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", KEYS[i].name);
  return g_string_free(g_steal_pointer(&names), FALSE);
}

static bool
is_header(const json_t *value)
{
  size_t index;
  json_t *text;
  json_array_foreach(value, index, text) if (!json_is_string(text)) return false;
  return json_is_string(value) || json_array_size(value) > 0;
}

static bool
check_insides(const json_t *rule, GError **error)
{
  const json_t *slow = json_object_get(rule, "slow");
  if (slow != NULL && (json_object_size(slow) != 1 || read_number(slow, "bytes_per_second", 0) < 1)) {
    error_set(error, ERROR_BAD_DATA, "slow: expected {\"bytes_per_second\": N} and nothing else");
    return false;
  }
  int64_t status = read_number(rule, "status", 200);
  int64_t redirect_status = read_number(rule, "redirect_status", 302);
  if (status < 200 || status > 599 || redirect_status < 300 || redirect_status > 399) {
    error_set(error, ERROR_BAD_DATA, "status is from 200 to 599, redirect_status from 300 to 399");
    return false;
  }
  const char *name;
  json_t *value;
  json_object_foreach(json_object_get(rule, "headers"), name, value) if (!is_header(value))
  {
    error_set(error, ERROR_BAD_DATA, "headers: \"%s\" must be a text, or a list of texts", name);
    return false;
  }
  return true;
}

static bool
check_rule(const json_t *rule, GError **error)
{
  if (!json_is_object(rule)) {
    error_set(error, ERROR_BAD_DATA, "must be an object");
    return false;
  }
  bool has_effect = false;
  const char *name;
  json_t *value;
  json_object_foreach((json_t *) rule, name, value)
  {
    const RuleKey *key = find_key(name);
    if (key == NULL) {
      g_autofree char *known = known_keys();
      error_set(error, ERROR_BAD_DATA, "unknown key \"%s\"; known: %s", name, known);
      return false;
    }
    if (!is_of_kind(value, key->kind)) {
      error_set(error, ERROR_BAD_DATA, "\"%s\" must be %s", name, VALUE_NAMES[key->kind]);
      return false;
    }
    has_effect = has_effect || key->effect != NULL;
  }
  if (!has_effect)
    error_set(error, ERROR_BAD_DATA, "does nothing: it names no status, delay_ms or other effect");
  return has_effect && check_insides(rule, error);
}

static void
rule_clear(Rule *rule)
{
  json_decref(rule->json);
}

Script *
script_new(const json_t *rules, const char *name, GError **error)
{
  if (!json_is_array(rules)) {
    error_set(error, ERROR_BAD_DATA, "%s: expected a list of rules", name);
    return NULL;
  }
  g_autoptr(Script) script = g_new0(Script, 1);
  script->rules = g_array_new(FALSE, FALSE, sizeof(Rule));
  g_array_set_clear_func(script->rules, (GDestroyNotify) rule_clear);
  size_t index;
  json_t *json;
  json_array_foreach(rules, index, json)
  {
    if (!check_rule(json, error)) {
      g_prefix_error(error, "%s: rule %zu: ", name, index + 1);
      return NULL;
    }
    Rule rule = {.json = json_incref(json)};
    g_array_append_val(script->rules, rule);
  }
  return g_steal_pointer(&script);
}

Script *
script_parse(const char *text, size_t length, const char *name, GError **error)
{
  json_error_t problem;
  g_autoptr(json_t) rules = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
  if (rules == NULL) {
    error_set(error, ERROR_BAD_DATA, "%s:%d:%d: %s", name, problem.line, problem.column, problem.text);
    return NULL;
  }
  return script_new(rules, name, error);
}

void
script_free(Script *script)
{
  if (script == NULL)
    return;
  g_array_unref(script->rules);
  g_free(script);
}

void
script_rewind(Script *script)
{
  for (guint i = 0; i < script->rules->len; i++)
    g_array_index(script->rules, Rule, i).matches = 0;
}

static bool
is_drawn(const json_t *rule, const Asked *asked)
{
  int64_t percent = read_number(rule, "percent", 100);
  return percent >= 100 || draw(rule, asked) % 100 < (uint64_t) percent;
}

static bool
fits(const json_t *rule, const Asked *asked)
{
  const char *host = json_string_value(json_object_get(rule, "host"));
  const char *path = json_string_value(json_object_get(rule, "path"));
  const char *query = json_string_value(json_object_get(rule, "query"));
  const char *method = json_string_value(json_object_get(rule, "method"));
  return (query == NULL || g_pattern_match_simple(query, asked->query != NULL ? asked->query : "")) &&
         (method == NULL || strcmp(method, asked->method) == 0) &&
         (host == NULL || g_pattern_match_simple(host, asked->host)) &&
         (path == NULL || g_pattern_match_simple(path, asked->path)) && is_drawn(rule, asked);
}

static bool
is_due(Rule *rule)
{
  int64_t skip = read_number(rule->json, "skip", 0);
  int64_t times = read_number(rule->json, "times", INT64_MAX - skip);
  if (rule->matches >= skip + times)
    return false;
  rule->matches++;
  return rule->matches > skip;
}

const char *
script_apply(Script *script, const Asked *asked, Answer *answer)
{
  Rule *rule = NULL;
  for (guint i = 0; i < script->rules->len && rule == NULL; i++) {
    Rule *candidate = &g_array_index(script->rules, Rule, i);
    if (fits(candidate->json, asked) && is_due(candidate))
      rule = candidate;
  }
  if (rule == NULL)
    return NULL;
  const char *done = NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(KEYS); i++) {
    const json_t *value = json_object_get(rule->json, KEYS[i].name);
    if (value == NULL || KEYS[i].effect == NULL)
      continue;
    Change change = {rule->json, value, asked, answer};
    KEYS[i].effect(&change);
    done = done != NULL ? done : KEYS[i].name;
  }
  return done;
}
