/*
 * Included by the compiler before every file of src/ and sim/: functions that are forbidden here fail to compile
 * (they are marked deprecated, and warnings are errors). Either they cannot be used safely, or ThreadSanitizer
 * cannot see into them, or they are a second dialect of something the project already has.
 */
#pragma once

#include <glib-object.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(use_instead) __attribute__((deprecated("banned here: use " use_instead)))

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef g_object_new

extern char *strcpy(char *target, const char *source) BANNED("g_strdup or GString");
extern char *strcat(char *target, const char *source) BANNED("GString");
extern char *strncpy(char *target, const char *source, size_t size) BANNED("g_strndup");
extern char *strncat(char *target, const char *source, size_t size) BANNED("GString");
extern int sprintf(char *target, const char *format, ...) BANNED("g_strdup_printf");
extern char *strtok(char *text, const char *separators) BANNED("g_strsplit");
/* What the C library defines inline clang cannot deprecate, and says so: the build with gcc refuses it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
extern int atoi(const char *text) BANNED("g_ascii_string_to_signed");
extern long atol(const char *text) BANNED("g_ascii_string_to_signed");
extern double atof(const char *text) BANNED("g_ascii_strtod");
#pragma GCC diagnostic pop
extern int system(const char *command) BANNED("os/process.h");
extern FILE *popen(const char *command, const char *mode) BANNED("os/process.h");
extern struct tm *gmtime(const time_t *time) BANNED("base/time.h");
extern struct tm *localtime(const time_t *time) BANNED("base/time.h");

GThread *g_thread_new(const gchar *name, GThreadFunc function, gpointer data) BANNED("threads/pool.h");
void g_mutex_lock(GMutex *mutex) BANNED("threads/queue.h");
void g_cond_wait(GCond *condition, GMutex *mutex) BANNED("threads/queue.h");
GAsyncQueue *g_async_queue_new(void) BANNED("threads/queue.h");
gpointer g_object_new(GType type, const gchar *first_property, ...) BANNED("a plain struct");
GMainLoop *g_main_loop_new(GMainContext *context, gboolean is_running) BANNED("the driver's loop");
void g_usleep(gulong microseconds) BANNED("client_wait or a condition");
