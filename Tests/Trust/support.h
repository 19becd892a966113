/* What the programs of this folder share: a failure ends a program, by name. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <mnistinfer.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(...) (fprintf(stderr, "FAILED: " __VA_ARGS__), fputc('\n', stderr), exit(1))
#define CHECK(condition, ...) ((condition) ? (void)0 : FAIL(__VA_ARGS__))
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The bytes of a file, at a multiple of 64; ended by free. */
static inline unsigned char *read_whole(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  CHECK(file, "cannot open %s", path);
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  void *bytes = NULL;
  CHECK(posix_memalign(&bytes, 64, *size + 1) == 0 && fread(bytes, 1, *size, file) == *size, "cannot read %s", path);
  fclose(file);
  return bytes;
}

/* "default" is the model in the library. */
static inline dnn_model *open_model(const char *path) {
  dnn_model *model;
  dnn_error error;
  dnn_status status =
      strcmp(path, "default") == 0 ? dnn_model_open_default(&model, &error) : dnn_model_open(path, &model, &error);
  CHECK(status == DNN_OK, "%s", error.message);
  return model;
}

static inline dnn_session *open_session(dnn_model *model, uint32_t threads) {
  dnn_session *session;
  dnn_error error;
  dnn_session_options options = {.struct_size = sizeof options, .threads = threads};
  CHECK(dnn_session_open(model, &options, &session, &error) == DNN_OK, "%s", error.message);
  return session;
}

/* Bytes of one image of the model's input shape. */
static inline size_t image_size(const dnn_model *model) {
  uint32_t height, width, channels;
  dnn_model_input_shape(model, &height, &width, &channels);
  return (size_t)height * width * channels;
}

/* Images that differ from each other, the same in every run. */
static inline unsigned char *make_images(const dnn_model *model, size_t count) {
  size_t size = count * image_size(model);
  unsigned char *images = malloc(size);
  CHECK(images, "no memory for %zu images", count);
  uint64_t state = 1;
  for (size_t index = 0; index < size; index++) {
    /* The multiplier of Knuth's MMIX generator; its upper bits are the good ones. */
    state = state * 6364136223846793005u + 1442695040888963407u;
    images[index] = (unsigned char)(state >> 56);
  }
  return images;
}

#endif
