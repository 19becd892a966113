/* What platform.h declares, for a WebAssembly module by itself: one thread, no files, no environment. Its memory is wasm.c's. */
#ifndef CPLATFORM_WASM_H
#define CPLATFORM_WASM_H

#include <stddef.h>
#include <stdint.h>

/* --- Memory and strings, as the C standard and POSIX have them --- */

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
int posix_memalign(void **memory, size_t alignment, size_t size);
void free(void *memory);
void *memcpy(void *restrict target, const void *restrict source, size_t size);
void *memset(void *target, int value, size_t size);
int strcmp(const char *a, const char *b);
char *strcpy(char *restrict target, const char *restrict source);
size_t strlen(const char *text);

/* Pages are all of one size here. */
static inline void platform_advise_huge_pages(void *memory, size_t size) { (void)memory, (void)size; }

/* --- Files and the environment: there are none --- */

static const int EINTR = 4, EAGAIN = 11, ENOMEM = 12, ENOSYS = 38;
struct stat { int64_t st_size; };

static inline char *getenv(const char *name) { return (void)name, NULL; }
static inline int platform_errno(void) { return ENOSYS; }
static inline const char *platform_error_text(int code) { return (void)code, "there are no files here"; }
static inline int platform_open_for_reading(const char *path) { return (void)path, -1; }
static inline int fstat(int file, struct stat *status) { return (void)file, (void)status, -1; }
static inline int platform_is_folder(const struct stat *status) { return (void)status, 0; }
static inline int platform_is_regular_file(const struct stat *status) { return (void)status, 0; }
static inline long read(int file, void *memory, size_t size) { return (void)file, (void)memory, (void)size, -1; }
static inline int close(int file) { return (void)file, -1; }

/* --- Threads: no second one can be started, so a lock is always free --- */

typedef int pid_t;
typedef int pthread_t;
typedef struct pthread_mutex_t { int unused; } pthread_mutex_t;
typedef struct pthread_cond_t { int unused; } pthread_cond_t;
typedef struct sigset_t { int unused; } sigset_t;
static const int SIG_SETMASK = 2;

static inline unsigned platform_affinity_count(void) { return 1; }
static inline void platform_pause(void) {}
static inline pid_t getpid(void) { return 1; }
static inline int sched_yield(void) { return 0; }
static inline int sigfillset(sigset_t *set) { return (void)set, 0; }
static inline int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) { return (void)how, (void)set, (void)old, 0; }
static inline int pthread_create(pthread_t *thread, const void *attributes, void *(*work)(void *), void *argument) {
  return (void)thread, (void)attributes, (void)work, (void)argument, EAGAIN;
}
static inline int pthread_join(pthread_t thread, void **result) { return (void)thread, (void)result, 0; }
static inline int pthread_mutex_init(pthread_mutex_t *mutex, const void *attributes) { return (void)mutex, (void)attributes, 0; }
static inline int pthread_mutex_destroy(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_lock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_mutex_unlock(pthread_mutex_t *mutex) { return (void)mutex, 0; }
static inline int pthread_cond_init(pthread_cond_t *condition, const void *attributes) {
  return (void)condition, (void)attributes, 0;
}
static inline int pthread_cond_destroy(pthread_cond_t *condition) { return (void)condition, 0; }
static inline int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
  return (void)condition, (void)mutex, 0;
}
static inline int pthread_cond_broadcast(pthread_cond_t *condition) { return (void)condition, 0; }

#endif
