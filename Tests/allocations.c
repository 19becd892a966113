/* Counts the allocations of the library by taking the place of malloc and its relatives: predicting must make none, for any
   batch, by any of the session's threads. */
#include <mnistinfer.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static atomic_long count;

void *malloc(size_t size) { count++; return __libc_malloc(size); }
void *calloc(size_t items, size_t size) { count++; return __libc_calloc(items, size); }
void *realloc(void *old, size_t size) { count++; return __libc_realloc(old, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
  count++;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : 12;
}

int main(void) {
  static unsigned char images[300 * 784];
  static float probabilities[300 * 10];
  static const size_t batches[] = {1, 2, 7, 64, 300};
  int failed = 0;
  for (size_t index = 0; index < sizeof images; index++) images[index] = (unsigned char)(index * 7919 >> 5);
  for (unsigned threads = 1; threads <= 3; threads++) {
    dnn_error error;
    dnn_model *model;
    dnn_session *session;
    dnn_session_options options = {sizeof options, threads};
    if (dnn_model_open_default(&model, &error) != DNN_OK || dnn_session_open(model, &options, &session, &error) != DNN_OK) {
      fprintf(stderr, "%s\n", error.message);
      return 1;
    }
    long before = count;
    for (size_t batch = 0; batch < sizeof batches / sizeof batches[0]; batch++)
      if (dnn_predict_u8(session, images, batches[batch], probabilities, &error) != DNN_OK) failed = 1;
    long made = count - before;
    printf("%u threads: %ld allocations to open, %ld to predict\n", threads, before, made);
    if (made != 0 || before == 0) failed = 1;
    dnn_session_close(session);
    dnn_model_close(model);
    count = 0;
  }
  return failed;
}
