/* What a caller allows a model: each limit is kept to the byte or the pixel, for a file, for memory and for the built-in model,
   and says what was over it.
     limits MODEL PICTURE */
#include "support.h"
#include <unistd.h>

static dnn_error error;
static const char *file_path, *png_path;
static unsigned char *file, *png;
static size_t file_size, png_size;

enum source { FROM_FILE, FROM_MEMORY, BORROWED, BUILT_IN, SOURCES };
static const char *const names[SOURCES] = {"file", "memory", "borrowed memory", "the built-in model"};

static dnn_model_options from(enum source source) {
  dnn_model_options options = {.struct_size = sizeof options};
  if (source == FROM_FILE) options.path = file_path;
  if (source == FROM_MEMORY || source == BORROWED) {
    options.bytes = file;
    options.size = file_size;
    options.borrows = source == BORROWED;
  }
  return options;
}

static dnn_model *open_within(dnn_model_options options) {
  dnn_model *model;
  CHECK(dnn_model_open_with(&options, &model, &error) == DNN_OK, "%s", error.message);
  return model;
}

static void expect(dnn_status status, dnn_status expected, const char *text, const char *what) {
  CHECK(status == expected, "%s: status %d instead of %d (%s)", what, status, expected, error.message);
  CHECK(strstr(error.message, text), "%s: \"%s\" does not say \"%s\"", what, error.message, text);
}

static void largest_file(enum source source) {
  dnn_model_options options = from(source);
  char text[64];
  options.largest_file = file_size;
  dnn_model_close(open_within(options));
  dnn_model *model;
  options.largest_file = file_size - 1;
  snprintf(text, sizeof text, "%zu bytes, over the limit of %zu: raise largest_file", file_size, file_size - 1);
  expect(dnn_model_open_with(&options, &model, &error), DNN_OUT_OF_MEMORY, text, names[source]);
  CHECK(source != FROM_FILE || strstr(error.message, file_path), "\"%s\" does not name the file", error.message);
  options.largest_file = 1;
  expect(dnn_model_open_with(&options, &model, &error), DNN_OUT_OF_MEMORY, "largest_file", names[source]);
  options.largest_file = UINT64_MAX;
  dnn_model_close(open_within(options));
}

static dnn_status open_session_within(enum source source, uint64_t memory, uint32_t threads) {
  dnn_model_options options = from(source);
  options.largest_memory = memory;
  dnn_model *model = open_within(options);
  dnn_session_options session_options = {.struct_size = sizeof session_options, .threads = threads};
  dnn_session *session;
  dnn_status status = dnn_session_open(model, &session_options, &session, &error);
  if (status != DNN_OK) {
    /* Within its limit the same model still runs, if it runs at all. */
    session_options.threads = 1;
    if (dnn_session_open(model, &session_options, &session, NULL) == DNN_OK) dnn_session_close(session);
  } else {
    dnn_session_close(session);
  }
  dnn_model_close(model);
  return status;
}

/* What the message says that it takes. */
static uint64_t taken(void) {
  const char *place = strstr(error.message, "take");
  CHECK(place && strpbrk(place, "0123456789"), "\"%s\" does not say what it takes", error.message);
  return strtoull(strpbrk(place, "0123456789"), NULL, 10);
}

static void largest_memory(enum source source) {
  uint64_t before = 0;
  for (uint32_t threads = 1; threads <= 3; threads++) {
    expect(open_session_within(source, 1, threads), DNN_OUT_OF_MEMORY, "laid out to run", names[source]);
    uint64_t network = taken();
    expect(open_session_within(source, network - 1, threads), DNN_OUT_OF_MEMORY, "laid out to run", names[source]);
    expect(open_session_within(source, network, threads), DNN_OUT_OF_MEMORY, "threads of this model", names[source]);
    uint64_t all = taken();
    CHECK(all > network && all > before, "%u threads take %llu bytes", threads, (unsigned long long)all);
    before = all;
    expect(open_session_within(source, all - 1, threads), DNN_OUT_OF_MEMORY, "raise largest_memory", names[source]);
    CHECK(open_session_within(source, all, threads) == DNN_OK, "%s: %s", names[source], error.message);
    printf("%s: %u threads take %llu bytes, %llu of them the network\n", names[source], threads, (unsigned long long)all,
           (unsigned long long)network);
  }
}

/* Width and height of a PNG, big-endian in its first chunk. */
static uint32_t number(const unsigned char *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void largest_picture(enum source source) {
  uint32_t width = number(png + 16), height = number(png + 20);
  unsigned char *pixels = calloc(4 * (size_t)width, height), image[4096];
  CHECK(pixels, "memory");
  memset(pixels, 255, 4 * (size_t)width * height);
  for (uint32_t row = height / 4; row < height * 3 / 4; row++) {
    for (uint32_t column = width / 2; column < width / 2 + 5; column++) memset(pixels + 4 * (width * (size_t)row + column), 0, 3);
  }
  for (uint32_t pixel = 0; pixel < 2; pixel++) {
    dnn_model_options options = from(source);
    options.largest_picture = width * height - pixel;
    dnn_model *model = open_within(options);
    dnn_session *session = open_session(model, 1);
    dnn_prediction best;
    const dnn_status statuses[] = {
        dnn_classify_png_file(session, png_path, &best, 1, NULL, &error),
        dnn_classify_png_memory(session, png, png_size, &best, 1, NULL, &error),
        dnn_classify_rgba(session, pixels, width, height, 4 * (size_t)width, &best, 1, NULL, &error),
        dnn_prepare_png_file(model, png_path, image, &error),
        dnn_prepare_png_memory(model, png, png_size, image, &error),
        dnn_prepare_rgba(model, pixels, width, height, 4 * (size_t)width, image, &error),
    };
    for (size_t index = 0; index < COUNT(statuses); index++) {
      const dnn_status expected = pixel == 0 ? DNN_OK : DNN_BAD_PICTURE;
      CHECK(statuses[index] == expected, "%s, function %zu, %u pixels: status %d (%s)", names[source], index,
            options.largest_picture, statuses[index], error.message);
    }
    if (pixel == 1) {
      char text[64];
      snprintf(text, sizeof text, "%u×%u pixels is too large: at most %u", width, height, options.largest_picture);
      CHECK(strstr(error.message, text), "\"%s\" does not say \"%s\"", error.message, text);
      expect(dnn_classify_png_file(session, png_path, &best, 1, NULL, &error), DNN_BAD_PICTURE, png_path, names[source]);
    }
    dnn_session_close(session);
    dnn_model_close(model);
  }
  free(pixels);
}

/* A file that is larger than any PNG of as many pixels is not read: one of zeros that take no room on the disk. */
static void largest_picture_file(void) {
  char path[] = "/tmp/limits.XXXXXX";
  int descriptor = mkstemp(path);
  const uint64_t limit = 16 * 1000 + (1 << 20);
  CHECK(descriptor >= 0 && ftruncate(descriptor, (off_t)limit) == 0, "%s", path);
  dnn_model_options options = from(BUILT_IN);
  options.largest_picture = 1000;
  dnn_model *model = open_within(options);
  unsigned char image[4096];
  expect(dnn_prepare_png_file(model, path, image, &error), DNN_BAD_PICTURE, "not a usable PNG", "a file at the limit");
  CHECK(ftruncate(descriptor, (off_t)limit + 1) == 0, "%s", path);
  expect(dnn_prepare_png_file(model, path, image, &error), DNN_BAD_PICTURE, "more than a PNG of 1000 pixels", "a file over it");
  CHECK(strstr(error.message, path), "\"%s\" does not name the file", error.message);
  /* 2^40 bytes, more than there is memory: refused by the defaults, and without a limit read no further than their start. */
  CHECK(ftruncate(descriptor, (off_t)1 << 40) == 0, "%s", path);
  dnn_model *none;
  expect(dnn_model_open(path, &none, &error), DNN_OUT_OF_MEMORY, "over the limit of 4294967296", "2^40 bytes");
  expect(dnn_prepare_png_file(model, path, image, &error), DNN_BAD_PICTURE, path, "2^40 bytes");
  options = from(FROM_FILE);
  options.path = path;
  CHECK(ftruncate(descriptor, (off_t)1 << 32) == 0, "%s", path);
  options.largest_file = UINT64_MAX;
  dnn_status status = dnn_model_open_with(&options, &none, &error);
  CHECK(status == DNN_NOT_A_MODEL || status == DNN_OUT_OF_MEMORY, "4 GiB of zeros: status %d (%s)", status, error.message);
  dnn_model_close(model);
  close(descriptor);
  unlink(path);
}

int main(int argc, char **argv) {
  CHECK(argc == 3, "usage: limits MODEL PICTURE");
  file_path = argv[1];
  png_path = argv[2];
  file = read_whole(file_path, &file_size);
  png = read_whole(png_path, &png_size);
  for (enum source source = 0; source < SOURCES; source++) {
    largest_file(source);
    largest_memory(source);
    largest_picture(source);
  }
  largest_picture_file();
  dnn_model *model;
  dnn_model_options options = from(FROM_MEMORY);
  options.largest_picture = (1 << 26) + 1;
  expect(dnn_model_open_with(&options, &model, &error), DNN_BAD_ARGUMENT, "largest_picture is 67108865", "pixels");
  options.largest_picture = 1 << 26;
  dnn_model_close(open_within(options));
  free(file);
  free(png);
  return 0;
}
