#include "model/summary.h"
#include "model/topic.h"

#include "base/error.h"

static void
test_slugs_are_distinct(void)
{
  static const char *const CASES[][2] = {{"C", "c"},
                                         {"C++", "cpp"},
                                         {"C#", "csharp"},
                                         {"F#", "fsharp"},
                                         {".NET", "dotnet"},
                                         {"Go", "go"},
                                         {"Node.js", "node-js"},
                                         {"Łódź trams", "lodz-trams"},
                                         {"Notepad++", "notepadplusplus"}};
  for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(Topic) topic = topic_new(CASES[i][0]);
    g_assert_cmpstr(topic->slug, ==, CASES[i][1]);
    g_assert_cmpstr(topic->label, ==, CASES[i][0]);
  }
  g_assert_null(topic_new("!?"));
}

static void
test_summary_there_and_back(void)
{
  g_autoptr(Summary) summary = summary_new();
  topics_add(summary->topics, topic_new("C++"));
  topics_add(summary->topics, topic_new("c++"));
  topics_add(summary->topics, topic_new("C"));
  topics_add(summary->topics, NULL);
  summary_add_statement(summary, "It \"works\".", "https://a.example/");
  g_autofree char *topics = summary_topics_json(summary);
  g_autofree char *statements = summary_statements_json(summary);
  g_assert_cmpstr(topics, ==, "[\"C++\",\"C\"]");
  g_autoptr(Summary) read = summary_from_json(topics, statements, NULL);
  g_assert_cmpuint(read->topics->len, ==, 2);
  const Statement *statement = read->statements->pdata[0];
  g_assert_cmpstr(statement->text, ==, "It \"works\".");
  g_assert_cmpstr(statement->url, ==, "https://a.example/");
  g_autoptr(Summary) none = summary_from_json(NULL, NULL, NULL);
  g_assert_cmpuint(none->topics->len + none->statements->len, ==, 0);
}

static void
test_broken_summaries(void)
{
  static const char *const CASES[][2] = {{"{}", "[]"}, {"[]", "7"}, {"[", "[]"}, {"[]", "[{\"text\":\"t\"}]"}};
  for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(summary_from_json(CASES[i][0], CASES[i][1], &error));
    g_assert_true(error_is(error, ERROR_BAD_DATA));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/topic/slugs-are-distinct", test_slugs_are_distinct);
  g_test_add_func("/summary/there-and-back", test_summary_there_and_back);
  g_test_add_func("/summary/broken", test_broken_summaries);
  return g_test_run();
}
