#include "threads/parallel.h"

#include <glib.h>

enum { MAX_COUNT = 1000 };

static void
count_visits(void *data, size_t begin, size_t end)
{
  unsigned *visits = data;
  for (size_t i = begin; i < end; i++)
    visits[i]++;
}

static void
test_every_position_once(void)
{
  static const size_t COUNTS[] = {0, 1, 63, 64, 65, 128, MAX_COUNT};
  for (size_t i = 0; i < G_N_ELEMENTS(COUNTS); i++)
    for (unsigned threads = 0; threads <= 8; threads++) {
      unsigned visits[MAX_COUNT + 1] = {0};
      parallel_for(COUNTS[i], threads, count_visits, visits);
      for (size_t j = 0; j <= MAX_COUNT; j++)
        g_assert_cmpuint(visits[j], ==, j < COUNTS[i]);
    }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/parallel/every-position-once", test_every_position_once);
  return g_test_run();
}
