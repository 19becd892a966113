/* Signals at any moment: a timer interrupts models that open, pictures that are read slowly, and sessions that compute, with
   handlers that restart system calls and with those that do not.
     signals ROUNDS PICTURE MODEL

   This program takes the place of read for the library: it gives some bytes at a time, after a nap that a signal ends with
   EINTR, as a slow disk or a network's does. */
#include "support.h"
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { IMAGES = 64, MICROSECONDS = 50 };

static atomic_long signals, interrupted, short_reads;
static atomic_int naps;

ssize_t read(int file, void *memory, size_t size) {
  if (naps) {
    struct timespec nap = {0, 20000};
    if (nanosleep(&nap, NULL) != 0) {
      interrupted++;
      errno = EINTR;
      return -1;
    }
    /* A different count each time, so that every boundary is crossed. */
    size_t some = 512 + (size_t)(short_reads * 37 % 8192);
    if (size > some) {
      size = some;
      short_reads++;
    }
  }
  return syscall(SYS_read, file, memory, size);
}

static void count_signal(int number) {
  (void)number;
  signals++;
}

static void tick(int microseconds) {
  struct itimerval timer = {{0, microseconds}, {0, microseconds}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0, "setitimer");
}

static void interrupt(int flags, int rounds, const char *picture, const char *path) {
  struct sigaction action = {.sa_handler = count_signal, .sa_flags = flags};
  sigaction(SIGALRM, &action, NULL);
  dnn_model *model = open_model(path);
  unsigned char *images = make_images(model, IMAGES);
  size_t size = IMAGES * dnn_model_class_count(model) * sizeof(float);
  float *expected = malloc(size), *probabilities = malloc(size);
  CHECK(expected && probabilities, "memory");
  dnn_session *session = open_session(model, 2);
  dnn_prediction first, best;
  dnn_error error;
  CHECK(dnn_predict_u8(session, images, IMAGES, expected, NULL) == DNN_OK, "%s does not run", path);
  CHECK(dnn_classify_png_file(session, picture, &first, 1, NULL, NULL) == DNN_OK, "%s", picture);
  dnn_session_close(session);
  dnn_model_close(model);
  naps = 1;
  tick(MICROSECONDS);
  /* On a busy machine few signals arrive in a nap: then there are more rounds. */
  long before = interrupted;
  for (int round = 0; round < rounds || (interrupted < before + 2 && round < 20 * rounds); round++) {
    model = open_model(path);
    session = open_session(model, 2);
    CHECK(dnn_classify_png_file(session, picture, &best, 1, NULL, &error) == DNN_OK, "%s", error.message);
    CHECK(best.class_index == first.class_index && best.probability == first.probability, "%s: another answer", picture);
    for (int repeat = 0; repeat < 20; repeat++) {
      CHECK(dnn_predict_u8(session, images, IMAGES, probabilities, NULL) == DNN_OK, "%s", path);
      CHECK(memcmp(probabilities, expected, size) == 0, "%s: other bytes", path);
    }
    dnn_session_close(session);
    dnn_model_close(model);
  }
  tick(0);
  naps = 0;
  free(images);
  free(expected);
  free(probabilities);
}

int main(int argc, char **argv) {
  CHECK(argc == 4, "usage: signals ROUNDS PICTURE MODEL");
  interrupt(SA_RESTART, atoi(argv[1]), argv[2], argv[3]);
  interrupt(0, atoi(argv[1]), argv[2], argv[3]);
  printf("%ld signals, %ld reads interrupted, %ld short\n", (long)signals, (long)interrupted, (long)short_reads);
  CHECK(signals > 100 && interrupted >= 4 && short_reads > 10, "hardly anything was interrupted");
  return 0;
}
