/*
 * A workspace: a folder with courant.yaml, data/, content/ and the deployed site.
 */
#pragma once

#include "app/command.h"
#include "model/config.h"
#include "store/store.h"
#include "text/discover.h"

/** CONFIG_FILE: the configuration's name in a workspace. */
#define CONFIG_FILE "courant.yaml"

/**
 * Workspace:
 * @data_folder: holds the store
 * @config_text: as read
 * @environment: (array zero-terminated=1): the lines that may beat it, and no others; of secrets only that they are set
 */
typedef struct {
  char *data_folder;
  char *config_text;
  char **environment;
  Config *config;
} Workspace;

/** workspace_open: reads the configuration. Returns: (transfer full) (nullable). Errors: CONFIG also when there is no
 * courant.yaml, or nobody knows its profile */
Workspace *workspace_open(const Invocation *invocation, GError **error);

/** workspace_from: as workspace_open(), from a configuration and environment (both transfer full) that were recorded. */
Workspace *workspace_from(const Invocation *invocation, char *config_text, char **environment, GError **error);

/** workspace_write_config: makes @text the courant.yaml of @folder (made when absent), through a link and with the mode it has,
 * if a workspace comes of it. Errors: as workspace_open(), and nothing is written then; IO */
bool workspace_write_config(const Invocation *invocation, const char *folder, const char *text, GError **error);

/** workspace_free: NULL-safe. */
void workspace_free(Workspace *workspace);

/** workspace_read_store: the store for reading. Returns: (transfer full) (nullable) */
Store *workspace_read_store(const Workspace *workspace, GError **error);

/** workspace_source_sections: Returns: (transfer full) (array zero-terminated=1): what may stand in `sources`; free the array
 * only */
const OptionSection **workspace_source_sections(void);

/** workspace_provider_sections: as workspace_source_sections(), of what may stand in `llm`. */
const OptionSection **workspace_provider_sections(void);

/** feed_entry_line: Returns: (transfer full): @feed as an entry of `sources`: `feed: {url: "...", title: "..."}` */
char *feed_entry_line(const FeedLink *feed);

/** workspace_slug: Returns: (transfer full): the slug in the address of one of our own pages, wherever the site is read; else
 * @word */
char *workspace_slug(const char *word);

/** workspace_page_url: Returns: (transfer full): where the article called @slug is read, or will be */
char *workspace_page_url(const Workspace *workspace, const char *slug);

/**
 * workspace_begin:
 * @own: (nullable): as of invocation_parse()
 * @ret_workspace: (out) (transfer full)
 * @ret_store: (out) (optional) (transfer full): the store for reading, which must exist
 * @ret_exit: (out): set when false is returned
 *
 * How a command begins that changes nothing: its options, the workspace, the store. Returns: false when all is said
 */
bool
workspace_begin(Invocation *invocation, const GOptionEntry *own, Workspace **ret_workspace, Store **ret_store, int *ret_exit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Workspace, workspace_free)
