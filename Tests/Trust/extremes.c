/* Pictures at the ends of what there can be: a row, a column and a square of 2^BITS pixels, of contents that make every sum the
   largest, the smallest, or as rugged as it gets.
     extremes BITS MODEL…

   Any answer will do, as long as there is one: a picture has something on it, or nothing, or there is no memory for it. */
#include "support.h"

typedef void painter(unsigned char *pixel, size_t x, size_t y, uint64_t random);

static void set(unsigned char *pixel, int red, int green, int blue, int alpha) {
  pixel[0] = (unsigned char)red;
  pixel[1] = (unsigned char)green;
  pixel[2] = (unsigned char)blue;
  pixel[3] = (unsigned char)alpha;
}
static void black(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)x, (void)y, (void)random;
  set(pixel, 0, 0, 0, 255);
}
static void white(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)x, (void)y, (void)random;
  set(pixel, 255, 255, 255, 255);
}
static void clear(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)x, (void)y, (void)random;
  set(pixel, 255, 0, 0, 0);
}
static void checkered(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)random;
  int value = (x + y) % 2 ? 255 : 0;
  set(pixel, value, value, value, 255);
}
static void noisy(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)x, (void)y;
  memcpy(pixel, &random, 4);
}
/* Coloured bars of uneven widths. */
static void striped(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)random;
  int value = (x & (x >> 1)) % 3 == 0 && (y & (y >> 1)) % 5 < 3 ? 0 : 230;
  set(pixel, value, value / 2, 255 - value, 255);
}
/* A fine grid on white, which starts in a corner. */
static void ruled(unsigned char *pixel, size_t x, size_t y, uint64_t random) {
  (void)random;
  int value = x % 4096 == 4095 || y % 4096 == 4095 || (x == 0 && y == 0) ? 0 : 255;
  set(pixel, value, value, value, 255);
}

static painter *const painters[] = {black, white, clear, checkered, noisy, striped, ruled};

int main(int argc, char **argv) {
  CHECK(argc > 2, "usage: extremes BITS MODEL…");
  int bits = atoi(argv[1]);
  size_t count = (size_t)1 << bits;
  const size_t widths[] = {count, 1, (size_t)1 << (bits + 1) / 2, 7};
  unsigned char *pixels = malloc(4 * count), image[4096];
  CHECK(pixels, "memory");
  long answers[DNN_NOTHING_TO_SEE + 1] = {0};
  for (size_t shape = 0; shape < COUNT(widths); shape++) {
    size_t width = widths[shape], height = count / width;
    for (size_t paint = 0; paint < COUNT(painters); paint++) {
      uint64_t random = 1;
      for (size_t index = 0; index < width * height; index++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        painters[paint](pixels + 4 * index, index % width, index / width, random >> 32);
      }
      for (int index = 2; index < argc; index++) {
        dnn_model *model = open_model(argv[index]);
        dnn_error error;
        CHECK(image_size(model) <= sizeof image, "%s is too large", argv[index]);
        dnn_status status =
            dnn_prepare_rgba(model, pixels, (uint32_t)width, (uint32_t)height, 4 * width, image, &error);
        CHECK(status == DNN_OK || status == DNN_NOTHING_TO_SEE || status == DNN_OUT_OF_MEMORY,
              "%s, %zu×%zu pixels, contents %zu: status %d (%s)", argv[index], width, height, paint, status, error.message);
        answers[status]++;
        dnn_model_close(model);
      }
    }
  }
  free(pixels);
  printf("pictures of 2^%d pixels: %ld with something to see, %ld without, %ld too large for the memory\n", bits,
         answers[DNN_OK], answers[DNN_NOTHING_TO_SEE], answers[DNN_OUT_OF_MEMORY]);
  return 0;
}
