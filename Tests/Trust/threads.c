/* Many threads share one model, and get the bytes that one thread gets:
     threads IMAGES MODEL…

   64 threads with a session each, all opened at the same moment, half of them with two workers, predict the same images in
   batches of different sizes; a quarter of them close their session and open another between two batches, and the model's own
   handle is closed while they run. */
#include "support.h"
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 64 };

static struct {
  const char *path;
  dnn_model *model;
  size_t count, image, classes;
  unsigned char *images;
  float *expected;
  pthread_barrier_t start;
  atomic_long sessions, wrong;
} run;

static void *work(void *argument) {
  size_t number = (size_t)argument;
  uint32_t threads = 1 + number % 2;
  /* 1 … 97 images, primes apart, so that threads are at different places. */
  size_t batch = 1 + number * 37 % 97;
  float *probabilities = malloc(batch * run.classes * sizeof *probabilities);
  CHECK(probabilities, "memory");
  pthread_barrier_wait(&run.start);
  dnn_session *session = open_session(run.model, threads);
  run.sessions++;
  pthread_barrier_wait(&run.start);    /* the model's handle is closed now */
  for (size_t first = 0; first < run.count; first += batch) {
    size_t size = batch < run.count - first ? batch : run.count - first;
    dnn_status status = dnn_predict_u8(session, run.images + first * run.image, size, probabilities, NULL);
    if (status != DNN_OK ||
        memcmp(probabilities, run.expected + first * run.classes, size * run.classes * sizeof *probabilities) != 0)
      run.wrong++;
    if (number % 4 == 3 && first / batch % 8 == 7) {
      /* Only the session keeps the model now, so the next one is opened before this one is closed. */
      dnn_session *next = open_session(run.model, threads);
      dnn_session_close(session);
      session = next;
      run.sessions++;
    }
  }
  free(probabilities);
  dnn_session_close(session);
  return NULL;
}

/* One image at a time, by one thread. */
static void expect(void) {
  dnn_session *session = open_session(run.model, 1);
  for (size_t index = 0; index < run.count; index++)
    CHECK(dnn_predict_u8(session, run.images + index * run.image, 1, run.expected + index * run.classes, NULL) == DNN_OK,
          "%s does not run", run.path);
  dnn_session_close(session);
}

static void share(const char *path, size_t count) {
  pthread_t threads[THREADS];
  run.path = path;
  run.model = open_model(path);
  run.count = count;
  run.image = image_size(run.model);
  run.classes = dnn_model_class_count(run.model);
  run.images = make_images(run.model, count);
  run.expected = malloc(count * run.classes * sizeof *run.expected);
  run.sessions = run.wrong = 0;
  CHECK(run.expected, "memory");
  expect();
  /* A new handle, whose network the threads' sessions lay out. */
  dnn_model_close(run.model);
  run.model = open_model(path);
  pthread_barrier_init(&run.start, NULL, THREADS + 1);
  for (size_t number = 0; number < THREADS; number++)
    CHECK(pthread_create(&threads[number], NULL, work, (void *)number) == 0, "cannot start thread %zu", number);
  pthread_barrier_wait(&run.start);
  pthread_barrier_wait(&run.start);
  dnn_model_close(run.model);
  for (size_t number = 0; number < THREADS; number++) pthread_join(threads[number], NULL);
  pthread_barrier_destroy(&run.start);
  printf("%s: %d threads, %zu images each, %ld sessions, %ld batches differ\n", path, THREADS, count, (long)run.sessions,
         (long)run.wrong);
  CHECK(run.wrong == 0, "%s: threads get other bytes", path);
  free(run.images);
  free(run.expected);
}

int main(int argc, char **argv) {
  CHECK(argc > 2, "usage: threads IMAGES MODEL…");
  for (int index = 2; index < argc; index++) share(argv[index], (size_t)atol(argv[1]));
  return 0;
}
