/*
 * How Hugo is run over a workspace, for deploy and preview alike.
 */
#pragma once

#include "model/config.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * DeployPlace:
 * @folder: the workspace, absolute
 * @datadir: holds `theme/`, absolute
 * @now_ms: Hugo's clock
 */
typedef struct {
  const char *folder;
  const char *datadir;
  int64_t now_ms;
} DeployPlace;

/**
 * deploy_check_place:
 * @folder: the workspace, @live where its site shall stand, both absolute
 *
 * Errors: CONFIG when @live would take the workspace with it, its data, or what its site is made from; IO when there is
 *   something that is no site of ours
 */
bool deploy_check_place(const char *folder, const char *live, GError **error);

/** deploy_has_config: whether a deployment left the data/site/hugo.json that Hugo's arguments name. */
bool deploy_has_config(const char *folder);

/** deploy_hugo_arguments: @subcommand (nullable). Returns: (transfer full) (element-type utf8): "hugo" and its arguments, not
 * yet NULL-terminated */
GPtrArray *deploy_hugo_arguments(const DeployPlace *place, const char *subcommand);
