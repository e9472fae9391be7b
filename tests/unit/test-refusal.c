#include "model/refusal.h"

#include <string.h>

static const struct {
  const char *body;
  const char *expected;
} BODIES[] = {
    {"{\"error\":{\"message\":\"No\\u0007 such\\n model\",\"type\":\"x\"}}", "No such model"},
    {"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"m: Field required\"}}",
     "m: Field required"},
    {"{\"error\":\"model not found\"}", "model not found"},
    {"{\"error\":{\"code\":7}}", "{\"code\":7}"},
    {"{\"object\":\"error\",\"message\":{\"detail\":[{\"loc\":[\"body\",\"x\"]}]}}",
     "{\"detail\":[{\"loc\":[\"body\",\"x\"]}]}"},
    {"{\"detail\":\"Not Found\"}", "Not Found"},
    {"{\"message\":\"Forbidden\"}", "Forbidden"},
    {"{\"error\":null}", NULL},
    {"{}", NULL},
    {"[]", NULL},
    {"404 page not found\n", "404 page not found"},
    {" \n<!doctype html><p>no", NULL},
    {" ", NULL},
    {"", NULL},
};

static void
test_bodies(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(BODIES); i++) {
    const Reply reply = {.body = (char *) BODIES[i].body, .body_length = strlen(BODIES[i].body)};
    g_autofree char *words = refusal_read(&reply);
    g_test_message("%s", BODIES[i].body);
    g_assert_cmpstr(words, ==, BODIES[i].expected);
  }
}

static void
test_long(void)
{
  g_autofree char *letters = g_strnfill(10 * 1000, 'a');
  g_autofree char *body = g_strdup_printf("{\"error\":\"%s\"}", letters);
  const Reply reply = {.body = body, .body_length = strlen(body)};
  g_autofree char *words = refusal_read(&reply);
  g_assert_cmpint(g_utf8_strlen(words, -1), <=, 300);
  g_autofree char *more = g_strnfill(100 * 1000, 'a');
  const Reply longer = {.body = more, .body_length = strlen(more)};
  g_assert_null(refusal_read(&longer));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/refusal/bodies", test_bodies);
  g_test_add_func("/refusal/long", test_long);
  return g_test_run();
}
