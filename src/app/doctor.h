/*
 * The checks of `courant doctor`: each tells what it found, one line or more, and what to do.
 */
#pragma once

#include "app/workspace.h"
#include "net/client.h"

/** Finding: @FINDING_OK all is well; @FINDING_NOTE worth knowing, no fault; @FINDING_FAULT to be mended. */
typedef enum { FINDING_OK, FINDING_NOTE, FINDING_FAULT } Finding;

/**
 * Examination:
 * @max_age_ms: how old the last good run may be
 * @is_offline: nothing is asked of the network
 * @store: (nullable): for reading; @is_store_sound: it is, or there is none yet
 * @checks: a JSON array of what was found
 */
typedef struct {
  const Invocation *invocation;
  const Workspace *workspace;
  int64_t max_age_ms;
  bool is_offline;
  Store *store;
  bool is_store_sound;
  json_t *checks;
  bool has_fault;
} Examination;

/** examination_add: a line about @check. */
void examination_add(Examination *examination, const char *check, Finding finding, const char *format, ...) G_GNUC_PRINTF(4, 5);

/** examination_judge: a line about @check: @fault (transfer full) (nullable), else that all is well; @remark (nullable) then
 * says more. */
void examination_judge(Examination *examination, const char *check, const char *remark, GError *fault);

/** doctor_check_programs: Hugo, and what ships with courant. */
void doctor_check_programs(Examination *examination);

/** doctor_check_folders: permissions, disk, where the site goes, and where it is read. */
void doctor_check_folders(Examination *examination);

/** doctor_check_store: opens the store, if there is one; must come before the checks below. */
void doctor_check_store(Examination *examination);

/** doctor_check_runs: the clock, and the last good run. */
void doctor_check_runs(Examination *examination);

/** doctor_check_network: credentials, the rules of the network, limits of hosts; then each host is asked, unless offline. */
void doctor_check_network(Examination *examination);
