/*
 * A store of its own for each test, in a folder that goes with it.
 */
#pragma once

#include "os/file.h"
#include "store/store.h"

#include <glib.h>

typedef struct {
  char *folder;
  Store *store;
} Fixture;

static inline void
set_up(Fixture *fixture, gconstpointer data)
{
  (void) data;
  g_autoptr(GError) error = NULL;
  fixture->folder = g_dir_make_tmp("courant-store-XXXXXX", NULL);
  fixture->store = store_open(fixture->folder, STORE_WRITE, &error);
  g_assert_no_error(error);
}

static inline void
tear_down(Fixture *fixture, gconstpointer data)
{
  (void) data;
  store_free(fixture->store);
  g_assert_true(file_remove_tree(fixture->folder, NULL));
  g_free(fixture->folder);
}
