/* Classifies many images at once, which is faster than one by one, and says how fast. The images are raw bytes of the model's
   input shape; here they are made up, where a program would have its own:
     ./batch 10000 */
#define _POSIX_C_SOURCE 200112L    /* clock_gettime */
#include <mnistinfer.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  uint32_t height, width, channels;
  long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : 10000;

  if (wanted < 1 || wanted > 1000000) {
    fprintf(stderr, "batch: give a number of images, 1 to 1000000\n");
    return 2;
  }
  if (dnn_model_open_default(&model, &error) != DNN_OK || dnn_session_open(model, NULL, &session, &error) != DNN_OK) {
    fprintf(stderr, "batch: %s\n", error.message);
    dnn_model_close(model);
    return 1;
  }
  dnn_model_input_shape(model, &height, &width, &channels);
  size_t count = (size_t)wanted, size = (size_t)height * width * channels, classes = dnn_model_class_count(model);
  unsigned char *images = malloc(count * size);
  float *probabilities = malloc(count * classes * sizeof *probabilities);
  dnn_status status = DNN_OUT_OF_MEMORY;
  if (images != NULL && probabilities != NULL) {
    for (size_t index = 0; index < count * size; index++) images[index] = (unsigned char)(index * 7919 >> 5);
    double start = seconds();
    status = dnn_predict_u8(session, images, count, probabilities, &error);
    double time = seconds() - start;
    if (status == DNN_OK) {
      printf("%zu images in %.1f ms: %.0f a second, on %s\n", count, 1e3 * time, (double)count / time, dnn_instruction_set());
    } else {
      fprintf(stderr, "batch: %s\n", error.message);
    }
  } else {
    fprintf(stderr, "batch: out of memory\n");
  }

  free(images);
  free(probabilities);
  dnn_session_close(session);
  dnn_model_close(model);
  return status != DNN_OK;
}
