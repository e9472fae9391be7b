#include "llm/schema.h"

#include "base/error.h"

#include <string.h>

#define SOUND "\"score\":0.5,\"reason\":\"It is new.\",\"topics\":[\"C\"]"
#define FULL  "{" SOUND ",\"summary\":[{\"text\":\"It came.\",\"source\":2}]}"

static Prompt *
make_prompt(const char *user)
{
  Prompt *prompt = g_new0(Prompt, 1);
  prompt->user = g_strdup(user);
  prompt->urls = g_ptr_array_new();
  g_ptr_array_add(prompt->urls, (char *) "https://a.example/1");
  g_ptr_array_add(prompt->urls, (char *) "https://www.b.example/2");
  return prompt;
}

/* Returns: (transfer full): what was read on one line, or why not */
static char *
read_shown(const char *answer)
{
  g_autoptr(Prompt) prompt = make_prompt("[1] post on a.example: Get it at dl.kernel.org: README.md | 10.0.0.7");
  g_autoptr(GError) error = NULL;
  g_autoptr(Verdict) verdict = verdict_read(answer, prompt, &error);
  g_assert_true((verdict == NULL) == (error != NULL));
  if (verdict == NULL) {
    g_assert_true(error_is(error, ERROR_BAD_DATA));
    return g_strdup(error->message);
  }
  GString *shown = g_string_new(NULL);
  g_string_append_printf(shown, "%d%% %s |", (int) (verdict->score * 100 + 0.5), verdict->reason);
  for (guint i = 0; i < verdict->summary->topics->len; i++)
    g_string_append_printf(shown, " [%s]", ((const Topic *) verdict->summary->topics->pdata[i])->label);
  for (guint i = 0; i < verdict->summary->sentences->len; i++) {
    const Statement *sentence = verdict->summary->sentences->pdata[i];
    g_string_append_printf(shown, " | %s <%s>", sentence->text, sentence->url);
  }
  g_assert_cmpuint(verdict->summary->statements->len, ==, 0);
  return g_string_free(shown, false);
}

static const struct {
  const char *answer;
  const char *expected;
} ANSWERS[] = {
    {FULL, "50% It is new. | [C] | It came. <https://www.b.example/2>"},
    {"{\"more\":1,\"score\":1,\"reason\":\" a\\n\\tb \",\"topics\":[],\"summary\":[]}", "100% a b |"},
    {"{\"score\":0,\"reason\":\"r\",\"topics\":[\"a\",\"A\",\"\",\"!\",\"b\",\"c\",\"d\",\"e\",\"f\"],\"summary\":[]}",
     "0% r | [a] [b] [c] [d] [e]"},
    {"{\"score\":0,\"reason\":\"r\",\"topics\":[\"a label that is so long that it is a sentence, no label\"],\"summary\":[]}",
     "0% r |"},
    {"{" SOUND ",\"summary\":[{\"text\":\" \",\"source\":1}]}", "50% It is new. | [C]"},
    {"{" SOUND ",\"summary\":[{\"text\":\"<b>\\u202eA\\u0007</b>\",\"source\":1}]}",
     "50% It is new. | [C] | <b>A</b> <https://a.example/1>"},
    {"{\"score\":1.01,\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"{\"score\":-0.1,\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"{\"score\":7,\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"{\"score\":\"0.5\",\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"{\"score\":null,\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"{\"reason\":\"r\",\"topics\":[],\"summary\":[]}", "score is no number from 0 to 1"},
    {"[]", "score is no number from 0 to 1"},
    {"\"words\"", "score is no number from 0 to 1"},
    {"{\"score\":0.5,\"topics\":[],\"summary\":[]}", "reason is no text"},
    {"{\"score\":0.5,\"reason\":\" \\n \",\"topics\":[],\"summary\":[]}", "reason is empty"},
    {"{\"score\":0.5,\"reason\":\"see https://evil.example/\",\"topics\":[],\"summary\":[]}", "reason holds an address"},
    {"{\"score\":0.5,\"reason\":\"see WWW.evil.example\",\"topics\":[],\"summary\":[]}", "reason holds an address"},
    {"{\"score\":0.5,\"reason\":\"r\",\"summary\":[]}", "topics is no list"},
    {"{\"score\":0.5,\"reason\":\"r\",\"topics\":[3],\"summary\":[]}", "an entry of topics is no text"},
    {"{\"score\":0.5,\"reason\":\"r\",\"topics\":[\"http://x\"],\"summary\":[]}", "an entry of topics holds an address"},
    {"{" SOUND "}", "summary is no list"},
    {"{" SOUND ",\"summary\":[\"It came.\"]}", "text of summary is no text"},
    {"{" SOUND ",\"summary\":[{\"text\":\"a ftp://b\",\"source\":1}]}", "text of summary holds an address"},
    {"{" SOUND ",\"summary\":[{\"text\":\"a\"}]}", "source of a sentence of summary is no number from 1 to 2"},
    {"{" SOUND ",\"summary\":[{\"text\":\"a\",\"source\":0}]}", "source of a sentence of summary is no number from 1 to 2"},
    {"{" SOUND ",\"summary\":[{\"text\":\"a\",\"source\":3}]}", "source of a sentence of summary is no number from 1 to 2"},
    {"{" SOUND ",\"summary\":[{\"text\":\"a\",\"source\":1.5}]}", "source of a sentence of summary is no number from 1 to 2"},
};

#define REASON(text) "{\"score\":1,\"reason\":\"" text "\",\"topics\":[],\"summary\":[]}"
#define HOST(name)   "reason names " name ", which no source does"
#define LANGUAGE     "the answer is neither in English nor in a language of the sources"

/* What no source names is not named, in whatever letters; what only looks like a host is none. */
static const struct {
  const char *answer;
  const char *expected;
} HOSTS[] = {
    {REASON("See a.example or B.Example."), "100% See a.example or B.Example. |"},
    {REASON("At dl.kernel.org, in README.md, on 10.0.0.7."), "100% At dl.kernel.org, in README.md, on 10.0.0.7. |"},
    {REASON("See evil.example."), HOST("evil.example")},
    {REASON("See kernel.org"), HOST("kernel.org")},
    {REASON("See evil.dl.kernel.org"), HOST("evil.dl.kernel.org")},
    {REASON("dl.kernel.org.evil.test/x"), HOST("dl.kernel.org.evil.test")},
    {REASON("EVIL.COM!"), HOST("evil.com")},
    {REASON("me@evil.net"), HOST("evil.net")},
    {REASON("[x](evil.org)"), HOST("evil.org")},
    {REASON("evil\xe3\x80\x82"
            "com"),
     HOST("evil.com")},
    {REASON("ev\xe2\x80\x8bil.co\xc2\xadm"), HOST("evil.com")},
    {REASON("b\xc3\xbc"
            "cher.de"),
     HOST("b\xc3\xbc"
          "cher.de")},
    {REASON("at 10.0.0.8"), HOST("10.0.0.8")},
    {REASON("Node.js 3.8.1 e.g. in the U.S., v2.0 at 9.5 p.m... and 1.2.3"),
     "100% Node.js 3.8.1 e.g. in the U.S., v2.0 at 9.5 p.m... and 1.2.3 |"},
    {"{\"score\":1,\"reason\":\"r\",\"topics\":[\"evil.example\"],\"summary\":[]}",
     "an entry of topics names evil.example, which no source does"},
    {"{" SOUND ",\"summary\":[{\"text\":\"Go to evil.example\",\"source\":1}]}",
     "text of summary names evil.example, which no source does"},
    {REASON("\xe5\xae\x83\xe5\x80\xbc\xe5\xbe\x97\xe4\xb8\x80\xe8\xaf\xbb\xe5\x9b\xa0\xe4\xb8\xba\xe5\xae\x83\xe6\x9d\xa5"
            "\xe8\x87\xaa\xe5\x86\x85\xe6\xa0\xb8\xe7\x9a\x84\xe4\xbd\x9c\xe8\x80\x85\xe6\x9c\xac\xe4\xba\xba"),
     LANGUAGE},
    {REASON("Die neue Version ist da und sie ist schneller als die alte, weil der Kern nun auf allen Prozessoren arbeitet."),
     LANGUAGE},
    {REASON("La nueva versi\xc3\xb3n es m\xc3\xa1s r\xc3\xa1pida que la anterior porque el n\xc3\xba"
            "cleo ya trabaja en todos los "
            "procesadores."),
     LANGUAGE},
    {REASON("The kernel's new version is faster than the one before, for it works on all processors; \xe6\xbc\xa2 is a sign."),
     "100% The kernel's new version is faster than the one before, for it works on all processors; \xe6\xbc\xa2 is a sign. |"},
};

static void
test_bounds(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(HOSTS); i++) {
    g_autofree char *shown = read_shown(HOSTS[i].answer);
    g_test_message("%s", HOSTS[i].answer);
    g_assert_cmpstr(shown, ==, HOSTS[i].expected);
  }
  g_autoptr(Prompt) german = make_prompt("[1] Der Kern ist da, und er ist so schnell wie der alte, weil er auf allen "
                                         "Prozessoren arbeitet, wie es die Leute wollten.");
  g_autoptr(Verdict) verdict = verdict_read(HOSTS[G_N_ELEMENTS(HOSTS) - 3].answer, german, NULL);
  g_assert_nonnull(verdict);
}

static void
test_answers(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(ANSWERS); i++) {
    g_autofree char *shown = read_shown(ANSWERS[i].answer);
    g_test_message("%s", ANSWERS[i].answer);
    g_assert_cmpstr(shown, ==, ANSWERS[i].expected);
  }
}

/* What cannot be read at all: every answer cut short, and bytes changed at random. */
static void
test_broken(void)
{
  for (size_t length = 0; length < strlen(FULL); length++) {
    g_autofree char *cut = g_strndup(FULL, length);
    g_autoptr(Prompt) prompt = make_prompt("");
    g_autoptr(GError) error = NULL;
    g_assert_null(verdict_read(cut, prompt, &error));
    g_assert_true(error_is(error, ERROR_BAD_DATA));
  }
  for (int i = 0; i < 3000; i++) {
    g_autofree char *changed = g_strdup(FULL);
    for (int j = 0; j < 1 + i % 3; j++)
      changed[g_test_rand_int_range(0, (gint32) strlen(FULL))] = (char) g_test_rand_int_range(1, 256);
    g_free(read_shown(changed));
  }
}

static void
test_long(void)
{
  g_autofree char *words = g_strnfill(5000, 'a');
  g_autofree char *answer = g_strdup_printf("{\"score\":1,\"reason\":\"%s\",\"topics\":[],\"summary\":[]}", words);
  g_autofree char *shown = read_shown(answer);
  g_assert_cmpuint(strlen(shown), <, 400);
  g_autofree char *more = g_strnfill(70 * 1024, ' ');
  g_autofree char *longer = g_strconcat(FULL, more, NULL);
  g_autofree char *refused = read_shown(longer);
  g_assert_cmpstr(refused, ==, "the answer is longer than 65536 bytes");
}

/* Strict endpoints take a schema only when every object closes itself and requires all it has. */
static void
assert_strict(const json_t *schema)
{
  const char *key = NULL;
  json_t *value = NULL;
  json_t *properties = json_object_get(schema, "properties");
  if (properties != NULL) {
    g_assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
    g_assert_cmpuint(json_array_size(json_object_get(schema, "required")), ==, json_object_size(properties));
  }
  json_object_foreach(properties, key, value) assert_strict(value);
  if (json_object_get(schema, "items") != NULL)
    assert_strict(json_object_get(schema, "items"));
}

static void
test_schema(void)
{
  g_autoptr(json_t) schema = verdict_schema(2);
  assert_strict(schema);
  g_autofree char *text = json_write(schema);
  g_assert_nonnull(strstr(text, "\"source\":{\"enum\":[1,2],\"type\":\"integer\"}"));
  g_assert_nonnull(strstr(text, "\"score\":{\"type\":\"number\"}"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/schema/answers", test_answers);
  g_test_add_func("/schema/bounds", test_bounds);
  g_test_add_func("/schema/broken", test_broken);
  g_test_add_func("/schema/long", test_long);
  g_test_add_func("/schema/schema", test_schema);
  return g_test_run();
}
