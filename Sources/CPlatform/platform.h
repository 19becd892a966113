/* The parts of libc and POSIX that the runtime calls: Glibc cannot be imported in Embedded Swift. */
#ifndef CPLATFORM_H
#define CPLATFORM_H

#if defined(__wasm__)
#include "wasm.h"
#else

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Two GNU functions, under names of our own: defining _GNU_SOURCE here would change structures of libc that other modules
   have already seen the other way. */
extern int platform_sched_getaffinity(int process, size_t size, void *mask) __asm__("sched_getaffinity");
extern const char *platform_strerrordesc(int code) __asm__("strerrordesc_np");

/* Asks for huge pages where the system has them, for memory of which all of every huge page is the caller's; nothing depends on
   the answer. */
static inline void platform_advise_huge_pages(void *memory, size_t size) {
  extern int platform_madvise(void *, size_t, int) __asm__("madvise");
  const int madvise_huge_page = 14;    /* MADV_HUGEPAGE of Linux, which <sys/mman.h> hides without _GNU_SOURCE */
  platform_madvise(memory, size, madvise_huge_page);
}

/* errno is a macro, open and snprintf are variadic, none of which Swift imports. */
static inline int platform_errno(void) { return errno; }
static inline void platform_clear_errno(void) { errno = 0; }

static inline int platform_open_for_reading(const char *path) {
  int file;
  /* Without O_NONBLOCK a FIFO would wait for somebody to write to it. */
  do file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (file < 0 && errno == EINTR);
  return file;
}

/* Format takes a precision and a number, like "%.*f". */
static inline int platform_print(char *text, size_t size, const char *format, int precision, double number) {
  return snprintf(text, size, format, precision, number);
}

static inline int platform_is_folder(const struct stat *status) { return S_ISDIR(status->st_mode); }
static inline int platform_is_regular_file(const struct stat *status) { return S_ISREG(status->st_mode); }

/* strerror without the locale; never NULL. */
static inline const char *platform_error_text(int code) {
  const char *text = platform_strerrordesc(code);
  return text ? text : "unknown error";
}

/* The processors this process may be scheduled on; 1 when the kernel does not say. */
static inline unsigned platform_affinity_count(void) {
  unsigned long mask[128] = {0};    /* 8192 processors, the most that Linux can be built for */
  if (platform_sched_getaffinity(0, sizeof mask, mask) != 0) return 1;
  unsigned count = 0;
  for (size_t index = 0; index < sizeof mask / sizeof mask[0]; index++) count += (unsigned)__builtin_popcountl(mask[index]);
  return count > 0 ? count : 1;
}

/* Tells the processor that this is a waiting loop. */
static inline void platform_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif

#endif
