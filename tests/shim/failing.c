/*
 * Preloaded before the program under test: makes its calls to the system fail as a bad disk or an empty pool of descriptors
 * does, or kills it in the middle of them.
 *
 *   COURANT_FAULT=<class>:<what>:<first>:<last>   calls <first> to <last> (from 1; 0: no last one) of the class suffer <what>
 *   COURANT_FAULT_COUNTS=<file>                   how many calls of each class there were, written at the end
 *
 * Classes: write, sync, name (rename, link, mkdir, unlink and their like), truncate, all four of them together as "disk", and
 * descriptor (whatever makes one). Only regular files count, and never the three standard streams.
 * What: the number of an errno; "short", half of it is written and the disk is full from then on; "kill" before the call and
 * "killed" after it.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

typedef enum { WRITE, SYNC, NAME, TRUNCATE, DISK, DESCRIPTOR, CLASSES } Class;

static const char *const CLASS_NAMES[CLASSES] = {"write", "sync", "name", "truncate", "disk", "descriptor"};

/* What befalls a call. */
typedef enum { NOTHING, FAILS, IS_CUT, IS_LAST } Fate;

static struct {
  Class class;
  Fate fate;
  int reason;
  bool comes_after;
  long first;
  long last;
} fault;

static atomic_long counts[CLASSES];

__attribute__((constructor)) static void
read_fault(void)
{
  const char *given = getenv("COURANT_FAULT");
  char copy[64];
  char *text = copy;
  snprintf(copy, sizeof copy, "%s", given != NULL ? given : "");
  char *class = strsep(&text, ":");
  char *what = text != NULL ? strsep(&text, ":") : NULL;
  char *first = text != NULL ? strsep(&text, ":") : NULL;
  if (first == NULL || text == NULL)
    return;
  while (fault.class < CLASSES && strcmp(CLASS_NAMES[fault.class], class) != 0)
    fault.class ++;
  fault.comes_after = strcmp(what, "killed") == 0;
  fault.fate = strcmp(what, "short") == 0 ? IS_CUT : strcmp(what, "kill") == 0 || fault.comes_after ? IS_LAST : FAILS;
  fault.reason = fault.fate == IS_CUT ? ENOSPC : (int) strtol(what, NULL, 10);
  fault.first = strtol(first, NULL, 10);
  fault.last = strtol(text, NULL, 10);
}

__attribute__((destructor)) static void
write_counts(void)
{
  const char *path = getenv("COURANT_FAULT_COUNTS");
  FILE *file = path != NULL ? fopen(path, "we") : NULL;
  if (file == NULL)
    return;
  for (int i = 0; i < CLASSES; i++)
    fprintf(file, "%s %ld\n", CLASS_NAMES[i], atomic_load(&counts[i]));
  fclose(file);
}

static Fate
fate_of_one(Class class)
{
  long number = atomic_fetch_add(&counts[class], 1) + 1;
  if (fault.fate == NOTHING || class != fault.class || number < fault.first || (fault.last > 0 && number > fault.last))
    return NOTHING;
  return fault.fate == IS_CUT && number > fault.first ? FAILS : fault.fate;
}

static Fate
fate_of(Class class)
{
  Fate as_disk = class < DISK ? fate_of_one(DISK) : NOTHING;
  Fate fate = fate_of_one(class);
  return fate != NOTHING ? fate : as_disk;
}

static bool
is_regular(int descriptor)
{
  struct stat status;
  return descriptor > STDERR_FILENO && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

static void
end(void)
{
  kill(getpid(), SIGKILL);
}

/* Returns: whether a call of @class fails; errno says why. */
static bool
fails(Class class, Fate *ret_fate)
{
  *ret_fate = fate_of(class);
  if (*ret_fate == IS_LAST && !fault.comes_after)
    end();
  if (*ret_fate == FAILS)
    errno = fault.reason;
  return *ret_fate == FAILS;
}

static long
done(Fate fate, long result)
{
  if (fate == IS_LAST)
    end();
  return result;
}

/* Sets the function pointer @ret_function to what would have been called without us. */
static void
load(void *ret_function, const char *name)
{
  void *found = dlsym(RTLD_NEXT, name);
  memcpy(ret_function, &found, sizeof found);
}

/* ---- contents */

ssize_t
write(int descriptor, const void *data, size_t length)
{
  ssize_t (*next)(int, const void *, size_t);
  load(&next, "write");
  Fate fate = NOTHING;
  if (!is_regular(descriptor))
    return next(descriptor, data, length);
  if (fails(WRITE, &fate))
    return -1;
  return done(fate, next(descriptor, data, fate == IS_CUT ? (length + 1) / 2 : length));
}

static ssize_t
write_at(const char *name, int descriptor, const void *data, size_t length, off_t offset)
{
  ssize_t (*next)(int, const void *, size_t, off_t);
  load(&next, name);
  Fate fate = NOTHING;
  if (fails(WRITE, &fate))
    return -1;
  return done(fate, next(descriptor, data, fate == IS_CUT ? (length + 1) / 2 : length, offset));
}

ssize_t
pwrite(int descriptor, const void *data, size_t length, off_t offset)
{
  return write_at("pwrite", descriptor, data, length, offset);
}

ssize_t
pwrite64(int descriptor, const void *data, size_t length, off_t offset)
{
  return write_at("pwrite64", descriptor, data, length, offset);
}

ssize_t
writev(int descriptor, const struct iovec *parts, int count)
{
  ssize_t (*next)(int, const struct iovec *, int);
  load(&next, "writev");
  Fate fate = NOTHING;
  if (!is_regular(descriptor))
    return next(descriptor, parts, count);
  return fails(WRITE, &fate) ? -1 : done(fate, next(descriptor, parts, count));
}

static int
sync_one(const char *name, int descriptor)
{
  int (*next)(int);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(SYNC, &fate) ? -1 : (int) done(fate, next(descriptor));
}

int
fsync(int descriptor)
{
  return sync_one("fsync", descriptor);
}

int
fdatasync(int descriptor)
{
  return sync_one("fdatasync", descriptor);
}

int
syncfs(int descriptor)
{
  return sync_one("syncfs", descriptor);
}

static int
truncate_one(const char *name, int descriptor, off_t length)
{
  int (*next)(int, off_t);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(TRUNCATE, &fate) ? -1 : (int) done(fate, next(descriptor, length));
}

int
ftruncate(int descriptor, off_t length)
{
  return truncate_one("ftruncate", descriptor, length);
}

int
ftruncate64(int descriptor, off_t length)
{
  return truncate_one("ftruncate64", descriptor, length);
}

/* ---- names */

static int
name_two(const char *name, const char *from, const char *to)
{
  int (*next)(const char *, const char *);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(NAME, &fate) ? -1 : (int) done(fate, next(from, to));
}

int
rename(const char *from, const char *to)
{
  return name_two("rename", from, to);
}

int
link(const char *from, const char *to)
{
  return name_two("link", from, to);
}

int
renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
  int (*next)(int, const char *, int, const char *, unsigned);
  load(&next, "renameat2");
  Fate fate = NOTHING;
  return fails(NAME, &fate) ? -1 : (int) done(fate, next(from_folder, from, to_folder, to, flags));
}

int
mkdir(const char *path, mode_t mode)
{
  int (*next)(const char *, mode_t);
  load(&next, "mkdir");
  Fate fate = NOTHING;
  return fails(NAME, &fate) ? -1 : (int) done(fate, next(path, mode));
}

static int
name_one(const char *name, const char *path)
{
  int (*next)(const char *);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(NAME, &fate) ? -1 : (int) done(fate, next(path));
}

int
unlink(const char *path)
{
  return name_one("unlink", path);
}

int
rmdir(const char *path)
{
  return name_one("rmdir", path);
}

/* ---- descriptors */

static int
open_one(const char *name, const char *path, int flags, mode_t mode)
{
  int (*next)(const char *, int, ...);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? -1 : next(path, flags, mode);
}

static mode_t
mode_in(int flags, va_list *arguments)
{
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(*arguments, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_in(flags, &arguments);
  va_end(arguments);
  return open_one("open", path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_in(flags, &arguments);
  va_end(arguments);
  return open_one("open64", path, flags, mode);
}

static FILE *
open_stream(const char *name, const char *path, const char *mode)
{
  FILE *(*next)(const char *, const char *);
  load(&next, name);
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? NULL : next(path, mode);
}

FILE *
fopen(const char *path, const char *mode)
{
  return open_stream("fopen", path, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
  return open_stream("fopen64", path, mode);
}

DIR *
opendir(const char *path)
{
  DIR *(*next)(const char *);
  load(&next, "opendir");
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? NULL : next(path);
}

int
socket(int domain, int type, int protocol)
{
  int (*next)(int, int, int);
  load(&next, "socket");
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? -1 : next(domain, type, protocol);
}

int
socketpair(int domain, int type, int protocol, int ends[2])
{
  int (*next)(int, int, int, int *);
  load(&next, "socketpair");
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? -1 : next(domain, type, protocol, ends);
}

int
eventfd(unsigned value, int flags)
{
  int (*next)(unsigned, int);
  load(&next, "eventfd");
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? -1 : next(value, flags);
}

int
pipe2(int ends[2], int flags)
{
  int (*next)(int *, int);
  load(&next, "pipe2");
  Fate fate = NOTHING;
  return fails(DESCRIPTOR, &fate) ? -1 : next(ends, flags);
}
