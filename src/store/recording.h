/*
 * A recording: one SQLite file with the store as it stood when a run began, the configuration it read, and the
 * run's exchanges with their bodies. A replay lays it down as a workspace's store and resumes the run without a network.
 */
#pragma once

#include "store/runs.h"
#include "store/store.h"

/**
 * RecordedSettings: what a run was configured by.
 * @config: courant.yaml as read
 * @environment: (array zero-terminated=1): the NAME=value lines that beat it
 */
typedef struct {
  char *config;
  char **environment;
} RecordedSettings;

/**
 * recording_begin:
 * @path: the file to make
 * @run: just begun, nothing done yet
 *
 * Errors: IO when @path exists or cannot be written; DATABASE
 */
bool recording_begin(Store *store, const char *path, const Run *run, const RecordedSettings *settings, GError **error);

/** recording_is_of: whether @path is the recording that was begun for @run. */
bool recording_is_of(const char *path, const Run *run);

/** recording_finish: adds the run's exchanges and bodies; once more does no harm. To be done before the run is ended. */
bool recording_finish(Store *store, const char *path, const Run *run, GError **error);

/** recording_settings: what the recorded run was configured by; @ret_settings's members are (transfer full). Errors: BAD_DATA,
 * IO, DATABASE */
bool recording_settings(const char *path, RecordedSettings *ret_settings, GError **error);

/**
 * recording_lay_down:
 * @path: a finished recording
 * @folder: the data folder of a workspace without a store
 *
 * Lays the recorded store down there, under the lock; its run's command becomes "replay", so that no other command continues
 * it.
 *
 * Errors: BAD_DATA when @path is no finished recording; BUSY; IO when there is a store; DATABASE
 */
bool recording_lay_down(const char *path, const char *folder, GError **error);
