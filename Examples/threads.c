/* Classifies PNG files in four threads that share one model. Each has a session of its own, with a single thread:
     ./threads digits/?.png */
#include <mnistinfer.h>
#include <pthread.h>
#include <stdio.h>

enum { THREADS = 4 };

typedef struct {
  dnn_model *model;
  char **files;
  int count, first;
  int failed;
} job;

static void *work(void *argument) {
  job *mine = argument;
  dnn_error error;
  dnn_session *session = NULL;
  dnn_session_options options = {sizeof options, 1};
  if (dnn_session_open(mine->model, &options, &session, &error) != DNN_OK) {
    fprintf(stderr, "threads: %s\n", error.message);
    mine->failed = 1;
    return NULL;
  }
  for (int index = mine->first; index < mine->count; index += THREADS) {
    dnn_prediction best;
    if (dnn_classify_png_file(session, mine->files[index], &best, 1, NULL, &error) == DNN_OK) {
      printf("%s: %s (%.1f %%)\n", mine->files[index], best.label, 100.0 * best.probability);
    } else {
      fprintf(stderr, "threads: %s\n", error.message);
      mine->failed = 1;
    }
  }
  dnn_session_close(session);
  return NULL;
}

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  pthread_t threads[THREADS];
  job jobs[THREADS];
  int started = 0, failed = 0;

  if (dnn_model_open_default(&model, &error) != DNN_OK) {
    fprintf(stderr, "threads: %s\n", error.message);
    return 1;
  }
  for (; started < THREADS; started++) {
    jobs[started] = (job){model, argv + 1, argc - 1, started, 0};
    if (pthread_create(&threads[started], NULL, work, &jobs[started]) != 0) break;
  }
  for (int index = 0; index < started; index++) {
    pthread_join(threads[index], NULL);
    failed |= jobs[index].failed;
  }
  dnn_model_close(model);
  return failed || started < THREADS;
}
