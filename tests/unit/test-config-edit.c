#include "model/config_edit.h"

#include "base/error.h"

#include <string.h>

/* @after: (nullable): NULL for an error */
typedef struct {
  const char *name;
  const char *before;
  const char *after;
} Case;

static const Case CASES[] = {
    {"after-the-last", "sources:\n  - hackernews\nsite: {base_url: http://x.example}\n",
     "sources:\n  - hackernews\n  - feed: {url: \"u\"}\nsite: {base_url: http://x.example}\n"},
    {"comments-are-kept", "# mine\nsources:   # where from\n  # first\n  - hackernews\n  # last\n\n# the site\nsite: {}\n",
     "# mine\nsources:   # where from\n  # first\n  - hackernews\n  - feed: {url: \"u\"}\n  # last\n\n# the site\nsite: {}\n"},
    {"options-below-the-last", "sources:\n  - hackernews:\n      limit: 3\n      # list: new\n  # - other:\nsite: {}\n",
     "sources:\n  - hackernews:\n      limit: 3\n      # list: new\n  - feed: {url: \"u\"}\n  # - other:\nsite: {}\n"},
    {"several-lines-in-braces", "sources:\n- feed: {url: a,\n   limit: 3}\nsite: {}\n",
     "sources:\n- feed: {url: a,\n   limit: 3}\n- feed: {url: \"u\"}\nsite: {}\n"},
    {"dash-on-its-own-line", "sources:\n  -\n    hackernews: {limit: 3}\n",
     "sources:\n  -\n    hackernews: {limit: 3}\n  - feed: {url: \"u\"}\n"},
    {"without-an-end", "sources:\n  - hackernews", "sources:\n  - hackernews\n  - feed: {url: \"u\"}"},
    {"carriage-returns", "sources:\r\n  - hackernews\r\nsite: {}\r\n",
     "sources:\r\n  - hackernews\r\n  - feed: {url: \"u\"}\nsite: {}\r\n"},
    {"several-lines-in-quotes", "sources:\n  - feed: {url: a, title: 'long\nname'}\nsite: {}\n", NULL},
    {"braces-end-further-left", "sources:\n  - feed: {url: a,\n title: x}\n", NULL},
    {"list-in-brackets", "sources: [hackernews]\n", NULL},
    {"list-in-brackets-below-another", "filters:\n  exclude:\n  - giveaway\nsources: [hackernews]\n", NULL},
    {"list-in-brackets-below-a-dash", "filters:\n  exclude:\n  -\nsources: [hackernews]\n", NULL},
    {"lines-of-another-kind",
     "# a\xE2\x80\xA8"
     "b\nsources:\n  - hackernews\nsite: {}\n",
     NULL},
    {"lines-beyond-the-last", "sources:\r  - hackernews\r", NULL},
    {"no-list", "title: x\n", NULL},
    {"empty", "", NULL},
    {"no-yaml", "sources: [\n", NULL},
};

static void
test_case(const void *data)
{
  const Case *given = data;
  g_autoptr(GPtrArray) entries = g_ptr_array_new();
  g_ptr_array_add(entries, (char *) "feed: {url: \"u\"}");
  g_autoptr(GError) error = NULL;
  g_autofree char *changed = config_add_sources(given->before, strlen(given->before), "courant.yaml", entries, &error);
  g_assert_cmpstr(changed, ==, given->after);
  if (given->after == NULL)
    g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
  else
    g_assert_no_error(error);
}

/* What no command could read is refused, and not as something to be done by hand. */
static void
test_too_large(void)
{
  g_autofree char *filler = g_strnfill(CONFIG_MAX_BYTES - 30, 'x');
  g_autofree char *before = g_strdup_printf("sources:\n  - hackernews\n# %s\n", filler);
  g_autoptr(GPtrArray) entries = g_ptr_array_new();
  g_ptr_array_add(entries, (char *) "feed: {url: \"u\"}");
  g_autoptr(GError) error = NULL;
  g_assert_null(config_add_sources(before, strlen(before), "courant.yaml", entries, &error));
  g_assert_error(error, COURANT_ERROR, ERROR_CONFIG);
  g_assert_cmpstr(error->message, ==,
                  "courant.yaml would have 1048594 bytes, more than the 1048576 that are read; add fewer sources");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
    g_autofree char *path = g_strconcat("/config-edit/", CASES[i].name, NULL);
    g_test_add_data_func(path, &CASES[i], test_case);
  }
  g_test_add_func("/config-edit/too-large", test_too_large);
  return g_test_run();
}
