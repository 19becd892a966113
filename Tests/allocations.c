/* Counts the allocations of the library by taking the place of malloc and its relatives: predicting must make none, for any
   batch, by any of the session's threads; and what fails must free what it allocated, its message included. */
#include <mnistinfer.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_long count, freed;

void *malloc(size_t size) { count++; return __libc_malloc(size); }
void free(void *memory) { freed += memory != NULL; __libc_free(memory); }
void *calloc(size_t items, size_t size) { count++; return __libc_calloc(items, size); }
void *realloc(void *old, size_t size) { count++; return __libc_realloc(old, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
  count++;
  *result = __libc_memalign(alignment, size);
  return *result ? 0 : 12;
}

/* Calls that fail, each with a message: a file that is not there, one that is no model, bytes that are no model, no picture. */
static int failing(void) {
  static const unsigned char text[64] = "neither a model nor a picture";
  dnn_model *model, *none;
  dnn_session *session;
  dnn_prediction best;
  size_t found;
  if (dnn_model_open_default(&model, NULL) != DNN_OK || dnn_session_open(model, NULL, &session, NULL) != DNN_OK) return 1;
  int failed = 0;
  for (int round = 0; round < 2; round++) {
    dnn_error errors[4];
    long made = count, released = freed;
    int passed = dnn_model_open("/nowhere/none.dnn", &none, &errors[0]) == DNN_OK;
    passed |= dnn_model_open("/proc/self/exe", &none, &errors[1]) == DNN_OK;
    passed |= dnn_model_open_memory(text, sizeof text, &none, &errors[2]) == DNN_OK;
    passed |= dnn_classify_png_memory(session, text, sizeof text, &best, 1, &found, &errors[3]) == DNN_OK;
    made = count - made;
    released = freed - released;
    printf("failing: %ld allocations, %ld freed\n", made, released);
    /* In the first round libc may keep something of its own. */
    if (passed || (round == 1 && (made != released || made < 4))) failed = 1;
    for (int index = 0; index < 4; index++)
      if (errors[index].message[0] == 0) failed = 1;
  }
  dnn_session_close(session);
  dnn_model_close(model);
  return failed;
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
  return failed | failing();
}
