/* Faults of files on demand: loaded before libc (LD_PRELOAD), it lets one call on a file of one folder go wrong.

   FAULTS_FOLDER   absolute path; only files in it count
   FAULTS_CALL     what counts: open (for reading), create, read, write, sync, rename, or any of them
   FAULTS_NUMBER   which of these calls goes wrong, from 1
   FAULTS_ERROR    how: the number of an error; "short", a read or write of a single byte; "truncate" or "remove", what another
                   process does to the file just before the call; "kill", the process ends before it
   FAULTS_RECORD   a file that gets a line about the call that went wrong, and none if there were not so many

   The order of calls is that of one thread: what the tools do with files. Names are found by /proc/self/fd, so that no table of
   descriptors has to be kept. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder, *wanted, *fault, *record;
static long number;
static atomic_long counter;

__attribute__((constructor)) static void begin(void) {
  folder = getenv("FAULTS_FOLDER");
  wanted = getenv("FAULTS_CALL");
  fault = getenv("FAULTS_ERROR");
  record = getenv("FAULTS_RECORD");
  const char *text = getenv("FAULTS_NUMBER");
  number = text ? atol(text) : 0;
  /* What a tool starts, like curl, is none of this. */
  unsetenv("LD_PRELOAD");
}

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

static int is_inside(const char *path) {
  size_t length = folder ? strlen(folder) : 0;
  return length > 0 && path && strncmp(path, folder, length) == 0 && path[length] == '/';
}

/* The file of a descriptor; empty for none. */
static void find_path(int file, char *path, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t length = readlink(name, path, size - 1);
  path[length > 0 ? length : 0] = 0;
}

static int is_regular(int file) {
  struct stat status;
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

/* 0 where the call goes on as ever; 1 where it is to do less; -1 with errno where it fails. */
static int strike(const char *call, const char *path) {
  if (number == 0 || !is_inside(path) || (strcmp(wanted, "any") != 0 && strcmp(wanted, call) != 0)) return 0;
  if (atomic_fetch_add(&counter, 1) + 1 != number) return 0;
  static int (*real_open)(const char *, int, ...);
  static ssize_t (*real_write)(int, const void *, size_t);
  if (!real_open) real_open = next("open");
  if (!real_write) real_write = next("write");
  int file = real_open(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  char line[4200];
  int length = snprintf(line, sizeof line, "%s %s\n", call, path);
  if (file < 0 || real_write(file, line, (size_t)length) != length) abort();
  close(file);
  if (strcmp(fault, "kill") == 0) kill(getpid(), SIGKILL);
  if (strcmp(fault, "short") == 0) return 1;
  if (strcmp(fault, "remove") == 0) return unlink(path), 0;
  if (strcmp(fault, "truncate") == 0) {
    struct stat status;
    return stat(path, &status) == 0 && truncate(path, status.st_size / 2) == 0 ? 0 : -1;
  }
  errno = atoi(fault);
  return -1;
}

static int strike_file(const char *call, int file) {
  char path[4096];
  if (number == 0) return 0;
  find_path(file, path, sizeof path);
  return strike(call, path);
}

static int strike_open(const char *path, int flags) {
  /* Listing a folder and bringing its names to the disk are no reading of a file. */
  if (flags & O_DIRECTORY) return 0;
  return strike((flags & O_ACCMODE) == O_RDONLY ? "open" : "create", path);
}

#define OPEN(name)                                                   \
  int name(const char *path, int flags, ...) {                       \
    static int (*real)(const char *, int, ...);                      \
    if (!real) real = next(#name);                                   \
    va_list arguments;                                               \
    va_start(arguments, flags);                                      \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                               \
    return strike_open(path, flags) < 0 ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                 \
  int name(int at, const char *path, int flags, ...) {               \
    static int (*real)(int, const char *, int, ...);                 \
    if (!real) real = next(#name);                                   \
    va_list arguments;                                               \
    va_start(arguments, flags);                                      \
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0; \
    va_end(arguments);                                               \
    return strike_open(path, flags) < 0 ? -1 : real(at, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                  \
  FILE *name(const char *path, const char *mode) {                   \
    static FILE *(*real)(const char *, const char *);                \
    if (!real) real = next(#name);                                   \
    return strike(mode[0] == 'r' ? "open" : "create", path) < 0 ? NULL : real(path, mode); \
  }
FOPEN(fopen)
FOPEN(fopen64)

#define MKSTEMP(name)                                                \
  int name(char *path) {                                             \
    static int (*real)(char *);                                      \
    if (!real) real = next(#name);                                   \
    return strike("create", path) < 0 ? -1 : real(path);             \
  }
MKSTEMP(mkstemp)
MKSTEMP(mkstemp64)

ssize_t read(int file, void *memory, size_t size) {
  static ssize_t (*real)(int, void *, size_t);
  if (!real) real = next("read");
  int result = strike_file("read", file);
  return result < 0 ? -1 : real(file, memory, result > 0 && size > 1 ? 1 : size);
}

ssize_t write(int file, const void *memory, size_t size) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = next("write");
  int result = strike_file("write", file);
  return result < 0 ? -1 : real(file, memory, result > 0 && size > 1 ? 1 : size);
}

size_t fread(void *memory, size_t size, size_t count, FILE *stream) {
  static size_t (*real)(void *, size_t, size_t, FILE *);
  if (!real) real = next("fread");
  return strike_file("read", fileno(stream)) < 0 ? 0 : real(memory, size, count, stream);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = next("fsync");
  return is_regular(file) && strike_file("sync", file) < 0 ? -1 : real(file);
}

int fchmod(int file, mode_t mode) {
  static int (*real)(int, mode_t);
  if (!real) real = next("fchmod");
  return strike_file("sync", file) < 0 ? -1 : real(file, mode);
}

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (!real) real = next("rename");
  return strike("rename", to) < 0 ? -1 : real(from, to);
}
