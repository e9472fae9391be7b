/* Two threads add to one number without a lock: ThreadSanitizer must stop this program, else its silence means nothing. */
#include <pthread.h>
#include <stdio.h>

enum { ADDITIONS = 1000 };

static void *
add(void *data)
{
  long *total = data;
  for (int i = 0; i < ADDITIONS; i++)
    *total += 1;
  return NULL;
}

int
main(void)
{
  long total = 0;
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) {
    if (pthread_create(&threads[i], NULL, add, &total) != 0)
      return 1;
  }
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  printf("%ld additions and no report\n", total);
  return 0;
}
