/* Classifies a PNG that is in memory, here from standard input, as a server gets one from a network; and shows how sure the
   model is of the three likeliest classes:
     ./memory < digits/7.png */
#include <mnistinfer.h>
#include <stdio.h>
#include <stdlib.h>

/* All that comes, in memory that grows; NULL if there is not enough. */
static unsigned char *read_all(FILE *stream, size_t *size) {
  unsigned char *bytes = NULL;
  size_t capacity = 0;
  *size = 0;
  do {
    if (*size == capacity) {
      capacity = capacity == 0 ? 4096 : 2 * capacity;
      unsigned char *larger = realloc(bytes, capacity);
      if (larger == NULL) {
        free(bytes);
        return NULL;
      }
      bytes = larger;
    }
    *size += fread(bytes + *size, 1, capacity - *size, stream);
  } while (!feof(stream) && !ferror(stream));
  return bytes;
}

int main(void) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  dnn_prediction best[3];
  size_t size = 0, count = 0;

  unsigned char *png = read_all(stdin, &size);
  if (png == NULL) {
    fprintf(stderr, "memory: out of memory\n");
    return 1;
  }
  dnn_status status = dnn_model_open_default(&model, &error);
  if (status == DNN_OK) status = dnn_session_open(model, NULL, &session, &error);
  if (status == DNN_OK) status = dnn_classify_png_memory(session, png, size, best, 3, &count, &error);
  if (status == DNN_OK) {
    for (size_t rank = 0; rank < count; rank++) printf("%s (%.1f %%)\n", best[rank].label, 100.0 * best[rank].probability);
  } else {
    fprintf(stderr, "memory: %s\n", error.message);
  }

  dnn_session_close(session);
  dnn_model_close(model);
  free(png);
  return status != DNN_OK;
}
