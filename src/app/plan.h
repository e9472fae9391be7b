/*
 * What a run would do: asked of the configuration and the store alone. Nothing is sent, nothing is written.
 */
#pragma once

#include "app/session.h"

/**
 * plan_run:
 * @stages: as of session_run()
 *
 * Tells on stdout what session_run() would ask, read, write and spend at most. Takes no lock and needs no store.
 *
 * Returns: an exit code
 */
int plan_run(const Invocation *invocation, const RunOptions *options, const Stage *stages);
