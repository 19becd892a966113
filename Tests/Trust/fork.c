/* Sessions across fork: a child has none of its parent's other threads, and still gets the right answers.
     fork ROUNDS PICTURE MODEL…

   In each round a process forks with sessions of 1 and 3 threads open, whose workers spin, sleep or work at that moment. The
   child uses and closes the sessions and opens new ones; the parent goes on with the same ones. */
#include "support.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IMAGES = 40, SESSIONS = 2, SECONDS = 300 };

static const uint32_t threads[SESSIONS] = {1, 3};
static const char *picture;
static dnn_model *model;
static dnn_session *sessions[SESSIONS];
static unsigned char *images;
static float *expected;
static size_t bytes;
static dnn_prediction expected_best;

/* Whether the session answers as the first did; for children, which say so by their exit status. */
static int is_right(dnn_session *session) {
  dnn_prediction best = {0};
  float *probabilities = malloc(bytes);
  int right = probabilities && dnn_predict_u8(session, images, IMAGES, probabilities, NULL) == DNN_OK &&
              memcmp(probabilities, expected, bytes) == 0 &&
              dnn_predict_u8(session, images, 1, probabilities, NULL) == DNN_OK &&
              memcmp(probabilities, expected, bytes / IMAGES) == 0 &&
              dnn_classify_png_file(session, picture, &best, 1, NULL, NULL) == DNN_OK &&
              best.class_index == expected_best.class_index && best.probability == expected_best.probability;
  free(probabilities);
  return right;
}

/* What a child does; the sessions that its parent opened are right, closed, and replaced by new ones. */
static int live_as_child(void) {
  /* A hang is a failure. */
  alarm(SECONDS);
  for (int index = 0; index < SESSIONS; index++) {
    if (!is_right(sessions[index])) return 2;
    /* A child of a child. */
    pid_t grandchild = fork();
    if (grandchild == 0) _exit(is_right(sessions[index]) ? 0 : 3);
    int status;
    if (waitpid(grandchild, &status, 0) != grandchild || status != 0) return 4;
    dnn_session_close(sessions[index]);
    dnn_session_options options = {.struct_size = sizeof options, .threads = threads[index]};
    if (dnn_session_open(model, &options, &sessions[index], NULL) != DNN_OK) return 5;
    if (!is_right(sessions[index])) return 6;
    dnn_session_close(sessions[index]);
  }
  dnn_model_close(model);
  return 0;
}

static void fork_once(const char *path) {
  pid_t child = fork();
  CHECK(child >= 0, "fork");
  if (child == 0) _exit(live_as_child());
  for (int index = 0; index < SESSIONS; index++) CHECK(is_right(sessions[index]), "%s: the parent's session is wrong", path);
  int status;
  CHECK(waitpid(child, &status, 0) == child, "waitpid");
  CHECK(WIFEXITED(status), "%s: the child ends by signal %d%s", path, WTERMSIG(status),
        WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
  CHECK(WEXITSTATUS(status) == 0, "%s: the child's step %d is wrong", path, WEXITSTATUS(status));
}

/* Predicts until it is told to stop, with a session that only this thread uses. */
static atomic_int stops;
static void *work(void *unused) {
  (void)unused;
  dnn_session *own = open_session(model, 2);
  float *probabilities = malloc(bytes);
  while (!stops) CHECK(dnn_predict_u8(own, images, IMAGES, probabilities, NULL) == DNN_OK, "a working thread");
  free(probabilities);
  dnn_session_close(own);
  return NULL;
}

static void fork_often(const char *path, int rounds) {
  model = open_model(path);
  images = make_images(model, IMAGES);
  bytes = IMAGES * dnn_model_class_count(model) * sizeof *expected;
  expected = malloc(bytes);
  CHECK(expected, "memory");
  for (int index = 0; index < SESSIONS; index++) sessions[index] = open_session(model, threads[index]);
  CHECK(dnn_predict_u8(sessions[0], images, IMAGES, expected, NULL) == DNN_OK, "%s does not run", path);
  CHECK(dnn_classify_png_file(sessions[0], picture, &expected_best, 1, NULL, NULL) == DNN_OK, "%s: %s", path, picture);
  for (int round = 0; round < rounds; round++) {
    /* Workers spin for some 50 microseconds after their work, then sleep. */
    if (round % 2 == 0) usleep(1000);
    fork_once(path);
  }
  pthread_t worker;
  stops = 0;
  CHECK(pthread_create(&worker, NULL, work, NULL) == 0, "cannot start a thread");
  for (int round = 0; round < rounds; round++) fork_once(path);
  stops = 1;
  pthread_join(worker, NULL);
  for (int index = 0; index < SESSIONS; index++) dnn_session_close(sessions[index]);
  dnn_model_close(model);
  free(images);
  free(expected);
  printf("%s: %d forks\n", path, 2 * rounds);
}

int main(int argc, char **argv) {
  CHECK(argc > 3, "usage: fork ROUNDS PICTURE MODEL…");
  picture = argv[2];
  for (int index = 3; index < argc; index++) fork_often(argv[index], atoi(argv[1]));
  return 0;
}
