/*
 * The wish to stop: the first SIGINT, SIGTERM or SIGHUP sets a flag that the run's loop reads. A SIGINT after it ends the
 * program at once.
 */
#pragma once

/** cancel_install: takes over those of them that are not ignored, and ignores SIGPIPE. Thread: once, before others start. */
void cancel_install(void);

/** cancel_let_go: from now on those signals end the program at once: for a command that may wait for long and has nothing to
 * put in order. Thread: as cancel_install(). */
void cancel_let_go(void);

/** cancel_signal: Returns: SIGINT or SIGTERM (for SIGHUP too) when one asked to stop, 0 while none did. Thread: any. */
int cancel_signal(void);
