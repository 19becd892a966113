/* Reads a line of handwritten digits from a scan: cuts it where a column has no ink, and classifies each piece where it stands
   in the picture's pixels:
     ./form digits/form.png */
#include <mnistinfer.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INK = 128, MINIMUM_WIDTH = 4 };    /* darker than this is ink; narrower than that is dirt */

static int has_ink(const unsigned char *rgba, size_t width, size_t height, size_t column) {
  for (size_t row = 0; row < height; row++)
    if (rgba[4 * (row * width + column) + 1] < INK) return 1;    /* green is most of what the eye sees of brightness */
  return 0;
}

/* Classifies the columns first ..< end and prints the digit. */
static dnn_status read_digit(dnn_session *session, const unsigned char *rgba, size_t width, size_t height, size_t first,
                             size_t end, dnn_error *error) {
  dnn_prediction best;
  /* Some paper on both sides, by which the library knows the background. */
  size_t margin = 4, left = first < margin ? 0 : first - margin, right = end + margin > width ? width : end + margin;
  dnn_status status = dnn_classify_rgba(session, rgba + 4 * left, (uint32_t)(right - left), (uint32_t)height, 4 * width,
                                        &best, 1, NULL, error);
  if (status == DNN_OK) printf("%s", best.label);
  return status;
}

static dnn_status read_form(dnn_session *session, const unsigned char *rgba, size_t width, size_t height,
                            dnn_error *error) {
  dnn_status status = DNN_OK;
  size_t first = 0;
  for (size_t column = 0; column <= width && status == DNN_OK; column++) {
    if (column < width && has_ink(rgba, width, height, column)) continue;
    if (column - first >= MINIMUM_WIDTH) status = read_digit(session, rgba, width, height, first, column, error);
    first = column + 1;
  }
  if (status == DNN_OK) putchar('\n');
  return status;
}

int main(int argc, char **argv) {
  dnn_error error;
  dnn_model *model = NULL;
  dnn_session *session = NULL;
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_file(&image, argc > 1 ? argv[1] : "digits/form.png")) {
    fprintf(stderr, "form: %s\n", image.message);
    return 1;
  }
  image.format = PNG_FORMAT_RGBA;
  unsigned char *rgba = malloc(PNG_IMAGE_SIZE(image));
  if (rgba == NULL || !png_image_finish_read(&image, NULL, rgba, 0, NULL)) {
    fprintf(stderr, "form: %s\n", rgba == NULL ? "out of memory" : image.message);
    png_image_free(&image);
    free(rgba);
    return 1;
  }

  dnn_status status = dnn_model_open_default(&model, &error);
  if (status == DNN_OK) status = dnn_session_open(model, NULL, &session, &error);
  if (status == DNN_OK) status = read_form(session, rgba, image.width, image.height, &error);
  if (status != DNN_OK) fprintf(stderr, "form: %s\n", error.message);
  dnn_session_close(session);
  dnn_model_close(model);
  free(rgba);
  return status != DNN_OK;
}
