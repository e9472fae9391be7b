/*
 * The wish to stop: SIGINT and SIGTERM set a flag that the run's loop reads. A second signal ends the program at once.
 */
#pragma once

/** cancel_install: takes over SIGINT and SIGTERM, ignores SIGPIPE. Thread: once, before others start. */
void cancel_install(void);

/** cancel_signal: Returns: the signal that asked to stop, 0 while none did. Thread: any. */
int cancel_signal(void);
