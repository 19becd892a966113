/* Every function of the header with NULL, zero, huge and misaligned arguments, in every combination with each other:
     arguments MODEL PICTURE

   Each parameter has values that are right and values that are wrong. A call with a wrong one must not succeed; one with right
   ones alone must; and one that fails leaves every result as it was, handles apart, which become NULL. That every function is
   here, Tests/trust.sh checks. */
#include "support.h"

enum { PARAMETERS = 9, VALUES = 12, LARGEST_RESULT = 4096 };

/* A parameter's value is right, wrong, or depends on the others. */
enum quality { RIGHT, WRONG, DEPENDS };

typedef struct value {
  uint64_t bits;
  enum quality quality;
} value;

typedef struct parameter {
  value values[VALUES];
  int count;
} parameter;

/* One function: its parameters, a call that takes them from `bits`, and the memory that it writes results to. */
typedef struct function {
  const char *name;
  int (*call)(const uint64_t *bits);
  parameter parameters[PARAMETERS];
  int parameter_count;
} function;

/* What arguments point to; one byte beyond each is a misaligned place for the same. */
static struct {
  _Alignas(64) unsigned char error[sizeof(dnn_error) + 8], predictions[16 * sizeof(dnn_prediction) + 8];
  unsigned char image[LARGEST_RESULT + 8], probabilities[LARGEST_RESULT + 8], count[16], handle[16];
  unsigned char layer[sizeof(dnn_layer_info) + 8], verification[sizeof(dnn_verification) + 8], numbers[3][8];
} results, untouched;

static dnn_model *model;
static dnn_session *session;
static unsigned char *file, *png, *pixels, *images;
static size_t file_size, png_size;
static const char *file_path, *png_path;
static char long_path[1 << 20];
static unsigned char options[4][64];
static dnn_model_options model_options[10];
static unsigned char misaligned_options[sizeof(dnn_model_options) + 1];

#define POINTER(type, index) ((type)(uintptr_t)bits[index])
#define ADDRESS(pointer) ((uint64_t)(uintptr_t)(pointer))

/* --- Calls --- */

/* What was opened is closed again, and what was not is NULL. */
static int opened(dnn_status status, void *place, void (*close)(void *)) {
  void *handle = NULL;
  if (place) memcpy(&handle, place, sizeof handle);
  CHECK((status == DNN_OK) == (handle != NULL), "status %d with handle %p", status, handle);
  if (handle) close(handle);
  if (place) memset(place, 0x5a, sizeof handle);
  return (int)status;
}
static void close_model(void *handle) { dnn_model_close(handle); }
static void close_session(void *handle) { dnn_session_close(handle); }

static int call_open(const uint64_t *bits) {
  dnn_status status = dnn_model_open(POINTER(char *, 0), POINTER(dnn_model **, 1), POINTER(dnn_error *, 2));
  return opened(status, POINTER(void *, 1), close_model);
}
static int call_open_memory(const uint64_t *bits) {
  dnn_status status =
      dnn_model_open_memory(POINTER(void *, 0), bits[1], POINTER(dnn_model **, 2), POINTER(dnn_error *, 3));
  return opened(status, POINTER(void *, 2), close_model);
}
static int call_open_borrowed(const uint64_t *bits) {
  dnn_status status =
      dnn_model_open_borrowed(POINTER(void *, 0), bits[1], POINTER(dnn_model **, 2), POINTER(dnn_error *, 3));
  return opened(status, POINTER(void *, 2), close_model);
}
static int call_open_default(const uint64_t *bits) {
  return opened(dnn_model_open_default(POINTER(dnn_model **, 0), POINTER(dnn_error *, 1)), POINTER(void *, 0), close_model);
}
static int call_open_with(const uint64_t *bits) {
  dnn_status status =
      dnn_model_open_with(POINTER(dnn_model_options *, 0), POINTER(dnn_model **, 1), POINTER(dnn_error *, 2));
  return opened(status, POINTER(void *, 1), close_model);
}
static int call_session_open(const uint64_t *bits) {
  dnn_status status = dnn_session_open(POINTER(dnn_model *, 0), POINTER(dnn_session_options *, 1),
                                       POINTER(dnn_session **, 2), POINTER(dnn_error *, 3));
  return opened(status, POINTER(void *, 2), close_session);
}
static int call_classify_file(const uint64_t *bits) {
  return (int)dnn_classify_png_file(POINTER(dnn_session *, 0), POINTER(char *, 1), POINTER(dnn_prediction *, 2), bits[3],
                                    POINTER(size_t *, 4), POINTER(dnn_error *, 5));
}
static int call_classify_memory(const uint64_t *bits) {
  return (int)dnn_classify_png_memory(POINTER(dnn_session *, 0), POINTER(void *, 1), bits[2],
                                      POINTER(dnn_prediction *, 3), bits[4], POINTER(size_t *, 5),
                                      POINTER(dnn_error *, 6));
}
static int call_classify_rgba(const uint64_t *bits) {
  return (int)dnn_classify_rgba(POINTER(dnn_session *, 0), POINTER(uint8_t *, 1), (uint32_t)bits[2], (uint32_t)bits[3],
                                bits[4], POINTER(dnn_prediction *, 5), bits[6], POINTER(size_t *, 7),
                                POINTER(dnn_error *, 8));
}
static int call_prepare_file(const uint64_t *bits) {
  return (int)dnn_prepare_png_file(POINTER(dnn_model *, 0), POINTER(char *, 1), POINTER(uint8_t *, 2),
                                   POINTER(dnn_error *, 3));
}
static int call_prepare_memory(const uint64_t *bits) {
  return (int)dnn_prepare_png_memory(POINTER(dnn_model *, 0), POINTER(void *, 1), bits[2], POINTER(uint8_t *, 3),
                                     POINTER(dnn_error *, 4));
}
static int call_prepare_rgba(const uint64_t *bits) {
  return (int)dnn_prepare_rgba(POINTER(dnn_model *, 0), POINTER(uint8_t *, 1), (uint32_t)bits[2], (uint32_t)bits[3],
                               bits[4], POINTER(uint8_t *, 5), POINTER(dnn_error *, 6));
}
static int call_predict(const uint64_t *bits) {
  return (int)dnn_predict_u8(POINTER(dnn_session *, 0), POINTER(uint8_t *, 1), bits[2], POINTER(float *, 3),
                             POINTER(dnn_error *, 4));
}
static int call_verify(const uint64_t *bits) {
  return (int)dnn_session_verify(POINTER(dnn_session *, 0), POINTER(dnn_verification *, 1), POINTER(dnn_error *, 2));
}
static int call_layer(const uint64_t *bits) {
  return (int)dnn_model_layer(POINTER(dnn_model *, 0), (uint32_t)bits[1], POINTER(dnn_layer_info *, 2),
                              POINTER(dnn_error *, 3));
}

/* These have no status: what they return says whether they did what they are for. */
static int call_label(const uint64_t *bits) {
  return dnn_model_label(POINTER(dnn_model *, 0), (uint32_t)bits[1]) ? DNN_OK : DNN_BAD_ARGUMENT;
}
static int call_property(const uint64_t *bits) {
  return dnn_model_property(POINTER(dnn_model *, 0), POINTER(char *, 1)) ? DNN_OK : DNN_BAD_ARGUMENT;
}
static int call_class_count(const uint64_t *bits) {
  return dnn_model_class_count(POINTER(dnn_model *, 0)) ? DNN_OK : DNN_BAD_ARGUMENT;
}
static int call_layer_count(const uint64_t *bits) {
  return dnn_model_layer_count(POINTER(dnn_model *, 0)) ? DNN_OK : DNN_BAD_ARGUMENT;
}
static int call_input_shape(const uint64_t *bits) {
  dnn_model_input_shape(POINTER(dnn_model *, 0), POINTER(uint32_t *, 1), POINTER(uint32_t *, 2), POINTER(uint32_t *, 3));
  int is_right = 1;
  for (int index = 1; index < 4; index++) {
    uint32_t number = 1;
    if (bits[index]) memcpy(&number, POINTER(void *, index), sizeof number);
    is_right &= (number > 0) == (bits[0] != 0) || !bits[index];
    if (bits[index]) memset(POINTER(void *, index), 0x5a, sizeof number);
  }
  CHECK(is_right, "dnn_model_input_shape: a wrong number");
  return bits[0] ? DNN_OK : DNN_BAD_ARGUMENT;
}
static int call_model_close(const uint64_t *bits) {
  dnn_model_close(bits[0] ? open_model(file_path) : NULL);
  return DNN_OK;
}
static int call_session_close(const uint64_t *bits) {
  dnn_session_close(bits[0] ? open_session(model, 1 + (uint32_t)bits[0] % 3) : NULL);
  return DNN_OK;
}
static int call_version(const uint64_t *bits) { return dnn_version()[0] && !*bits ? DNN_OK : DNN_BAD_ARGUMENT; }
static int call_instruction_set(const uint64_t *bits) {
  return dnn_instruction_set()[0] && !*bits ? DNN_OK : DNN_BAD_ARGUMENT;
}

/* --- Parameters --- */

#define VALUES_OF(...) {{__VA_ARGS__}, sizeof((value[]){__VA_ARGS__}) / sizeof(value)}
#define RESULT(name) VALUES_OF({ADDRESS(results.name), RIGHT}, {ADDRESS(results.name + 1), RIGHT}, {0, WRONG})
#define OPTIONAL(name) VALUES_OF({ADDRESS(results.name), RIGHT}, {ADDRESS(results.name + 1), RIGHT}, {0, RIGHT})
#define ERROR OPTIONAL(error)
#define MODEL VALUES_OF({ADDRESS(model), RIGHT}, {0, WRONG})
#define SESSION VALUES_OF({ADDRESS(session), RIGHT}, {0, WRONG})
/* Beside the right path: one that is not there, an empty one, a folder, and one longer than any. */
#define PATH(right)                                                                                                     \
  VALUES_OF({ADDRESS(right), RIGHT}, {0, WRONG}, {ADDRESS("/nowhere/\xff\x01"), WRONG}, {ADDRESS(""), WRONG},           \
            {ADDRESS("/"), WRONG}, {ADDRESS(long_path), WRONG})
#define MEMORY(right) VALUES_OF({ADDRESS(right), RIGHT}, {ADDRESS(right##_misaligned), RIGHT}, {0, WRONG})
/* Half of either is cut short. */
#define SIZE(right)                                                                                                     \
  VALUES_OF({right, RIGHT}, {0, WRONG}, {1, WRONG}, {right / 2, WRONG}, {SIZE_MAX, WRONG}, {SIZE_MAX / 2, WRONG})
#define SIDE VALUES_OF({28, RIGHT}, {0, WRONG}, {1, DEPENDS}, {UINT32_MAX, WRONG}, {1u << 31, WRONG}, {1u << 30, WRONG})
#define STRIDE                                                                                                          \
  VALUES_OF({112, RIGHT}, {113, DEPENDS}, {0, WRONG}, {1, WRONG}, {SIZE_MAX, WRONG}, {SIZE_MAX / 2, DEPENDS},           \
            {SIZE_MAX / 16, DEPENDS})
#define PREDICTIONS                                                                                                     \
  VALUES_OF({ADDRESS(results.predictions), RIGHT}, {ADDRESS(results.predictions + 1), RIGHT}, {0, DEPENDS})
#define CAPACITY VALUES_OF({3, RIGHT}, {0, RIGHT}, {16, RIGHT}, {SIZE_MAX / 2, RIGHT}, {SIZE_MAX, WRONG})

static void run(const function *this);

static void run_all(void) {
  unsigned char *file_misaligned = malloc(file_size + 1), *png_misaligned = malloc(png_size + 1);
  CHECK(file_misaligned && png_misaligned, "memory");
  memcpy(++file_misaligned, file, file_size);
  memcpy(++png_misaligned, png, png_size);
  unsigned char *pixels_misaligned = pixels + 1, *images_misaligned = images + 1;
  const function functions[] = {
      {"dnn_model_open", call_open, {PATH(file_path), RESULT(handle), ERROR}, 3},
      {"dnn_model_open_memory", call_open_memory, {MEMORY(file), SIZE(file_size), RESULT(handle), ERROR}, 4},
      {"dnn_model_open_borrowed",
       call_open_borrowed,
       {VALUES_OF({ADDRESS(file), RIGHT}, {ADDRESS(file_misaligned), WRONG}, {0, WRONG}), SIZE(file_size), RESULT(handle),
        ERROR},
       4},
      {"dnn_model_open_default", call_open_default, {RESULT(handle), ERROR}, 2},
      {"dnn_model_open_with",
       call_open_with,
       {VALUES_OF({0, WRONG}, {ADDRESS(misaligned_options + 1), RIGHT}, {ADDRESS(&model_options[0]), RIGHT},
                  {ADDRESS(&model_options[1]), RIGHT}, {ADDRESS(&model_options[2]), RIGHT},
                  {ADDRESS(&model_options[3]), WRONG}, {ADDRESS(&model_options[4]), WRONG},
                  {ADDRESS(&model_options[5]), WRONG}, {ADDRESS(&model_options[6]), WRONG},
                  {ADDRESS(&model_options[7]), WRONG}, {ADDRESS(&model_options[8]), WRONG},
                  {ADDRESS(&model_options[9]), WRONG}),
        RESULT(handle), ERROR},
       3},
      {"dnn_session_open",
       call_session_open,
       {MODEL,
        VALUES_OF({0, RIGHT}, {ADDRESS(options[0]), RIGHT}, {ADDRESS(options[0] + 1), WRONG}, {ADDRESS(options[1]), WRONG},
                  {ADDRESS(options[2]), WRONG}, {ADDRESS(options[3] + 1), RIGHT}),
        RESULT(handle), ERROR},
       4},
      {"dnn_classify_png_file",
       call_classify_file,
       {SESSION, PATH(png_path), PREDICTIONS, CAPACITY, OPTIONAL(count), ERROR},
       6},
      {"dnn_classify_png_memory",
       call_classify_memory,
       {SESSION, MEMORY(png), SIZE(png_size), PREDICTIONS, CAPACITY, OPTIONAL(count), ERROR},
       7},
      {"dnn_classify_rgba",
       call_classify_rgba,
       {SESSION, MEMORY(pixels), SIDE, SIDE, STRIDE, PREDICTIONS, CAPACITY, OPTIONAL(count), ERROR},
       9},
      {"dnn_prepare_png_file", call_prepare_file, {MODEL, PATH(png_path), RESULT(image), ERROR}, 4},
      {"dnn_prepare_png_memory", call_prepare_memory, {MODEL, MEMORY(png), SIZE(png_size), RESULT(image), ERROR}, 5},
      {"dnn_prepare_rgba", call_prepare_rgba, {MODEL, MEMORY(pixels), SIDE, SIDE, STRIDE, RESULT(image), ERROR}, 7},
      {"dnn_predict_u8",
       call_predict,
       {SESSION, VALUES_OF({ADDRESS(images), RIGHT}, {ADDRESS(images_misaligned), RIGHT}, {0, DEPENDS}),
        VALUES_OF({3, RIGHT}, {1, RIGHT}, {0, DEPENDS}, {SIZE_MAX, WRONG}, {SIZE_MAX / 2, WRONG}, {SIZE_MAX / 4, WRONG}),
        VALUES_OF({ADDRESS(results.probabilities), RIGHT}, {ADDRESS(results.probabilities + 1), RIGHT}, {0, DEPENDS}),
        ERROR},
       5},
      {"dnn_session_verify", call_verify, {SESSION, RESULT(verification), ERROR}, 3},
      {"dnn_model_layer",
       call_layer,
       {MODEL, VALUES_OF({0, RIGHT}, {1, RIGHT}, {UINT32_MAX, WRONG}, {1u << 31, WRONG}), RESULT(layer), ERROR},
       4},
      {"dnn_model_label",
       call_label,
       {MODEL, VALUES_OF({0, RIGHT}, {UINT32_MAX, WRONG}, {1u << 31, WRONG}, {65536, WRONG})},
       2},
      {"dnn_model_property",
       call_property,
       {MODEL, VALUES_OF({ADDRESS("recipe"), RIGHT}, {0, WRONG}, {ADDRESS(""), WRONG}, {ADDRESS(long_path), WRONG},
                         {ADDRESS("\xff"), WRONG})},
       2},
      {"dnn_model_class_count", call_class_count, {MODEL}, 1},
      {"dnn_model_layer_count", call_layer_count, {MODEL}, 1},
      {"dnn_model_input_shape",
       call_input_shape,
       {MODEL, OPTIONAL(numbers[0]), OPTIONAL(numbers[1]), OPTIONAL(numbers[2])},
       4},
      {"dnn_model_close", call_model_close, {VALUES_OF({0, RIGHT}, {1, RIGHT})}, 1},
      {"dnn_session_close", call_session_close, {VALUES_OF({0, RIGHT}, {1, RIGHT}, {2, RIGHT})}, 1},
      {"dnn_version", call_version, {VALUES_OF({0, RIGHT})}, 1},
      {"dnn_instruction_set", call_instruction_set, {VALUES_OF({0, RIGHT})}, 1},
  };
  for (size_t index = 0; index < COUNT(functions); index++) run(&functions[index]);
  free(file_misaligned - 1);
  free(png_misaligned - 1);
}

/* --- Combinations --- */

static long calls, successes;

/* A call that failed says why, where it was given a place for that. */
static void check_error(const function *this, const uint64_t *bits, int status, const char *text) {
  int last = this->parameter_count - 1;
  if (this->parameters[last].values[0].bits != ADDRESS(results.error) || !bits[last]) return;
  dnn_error error;
  memcpy(&error, POINTER(void *, last), sizeof error);
  CHECK(error.status == status, "%s with values%s: the error's status is %d, not %d", this->name, text, error.status, status);
  CHECK(error.message[0] && memchr(error.message, 0, sizeof error.message), "%s with values%s: no message", this->name, text);
}

/* One call; `indices` say which values. */
static void run_once(const function *this, const int *indices) {
  uint64_t bits[PARAMETERS] = {0};
  enum quality quality = RIGHT;
  char text[32] = "";
  for (int index = 0; index < this->parameter_count; index++) {
    const value *value = &this->parameters[index].values[indices[index]];
    bits[index] = value->bits;
    if (value->quality == WRONG || (value->quality == DEPENDS && quality == RIGHT)) quality = value->quality;
    sprintf(text + strlen(text), " %d", indices[index]);
  }
  memcpy(&results, &untouched, sizeof results);
  int status = this->call(bits);
  calls++;
  successes += status == DNN_OK;
  CHECK(status >= 0 && status <= DNN_NOTHING_TO_SEE, "%s with values%s: status %d", this->name, text, status);
  CHECK(quality != RIGHT || status == DNN_OK, "%s with values%s: status %d (%s)", this->name, text, status,
        (char *)results.error + 4);
  CHECK(quality != WRONG || status != DNN_OK, "%s with values%s succeeds", this->name, text);
  if (status == DNN_OK) {
    CHECK(memcmp(results.error, untouched.error, sizeof results.error) == 0, "%s with values%s writes an error", this->name,
          text);
  } else {
    check_error(this, bits, status, text);
    memcpy(results.error, untouched.error, sizeof results.error);
    CHECK(memcmp(&results, &untouched, sizeof results) == 0, "%s with values%s writes results and says %d", this->name,
          text, status);
  }
}

static void run(const function *this) {
  int indices[PARAMETERS] = {0}, index;
  long before = calls;
  do {
    run_once(this, indices);
    for (index = 0; index < this->parameter_count; index++) {
      if (++indices[index] < this->parameters[index].count) break;
      indices[index] = 0;
    }
  } while (index < this->parameter_count);
  printf("%s: %ld calls\n", this->name, calls - before);
}

/* A session's options of a size that the header does not know, with a byte set. */
static void make_options(int index, size_t size, uint32_t threads, unsigned char last) {
  dnn_session_options made = {.struct_size = size, .threads = threads};
  memcpy(options[index], &made, sizeof made);
  options[index][sizeof made + 7] = last;
}

/* The built-in model, a file and memory; then what is wrong, each in its own way. */
static void make_model_options(void) {
  for (size_t index = 0; index < COUNT(model_options); index++)
    model_options[index] = (dnn_model_options){.struct_size = sizeof(dnn_model_options)};
  model_options[1].path = file_path;
  model_options[2].bytes = file;
  model_options[2].size = file_size;
  model_options[3].struct_size = 0;
  model_options[4].struct_size = SIZE_MAX;
  model_options[5] = model_options[2];
  model_options[5].path = file_path;
  model_options[6].size = file_size;
  model_options[7] = model_options[2];
  model_options[7].size = SIZE_MAX;
  model_options[8].largest_picture = UINT32_MAX;
  model_options[9] = model_options[2];
  model_options[9].bytes = file + 1;
  model_options[9].borrows = UINT32_MAX;
  memcpy(misaligned_options + 1, &model_options[1], sizeof model_options[1]);
}

int main(int argc, char **argv) {
  CHECK(argc == 3, "usage: arguments MODEL PICTURE");
  file_path = argv[1];
  png_path = argv[2];
  file = read_whole(file_path, &file_size);
  png = read_whole(png_path, &png_size);
  model = open_model(file_path);
  session = open_session(model, 2);
  images = make_images(model, 4);
  CHECK(image_size(model) <= LARGEST_RESULT && dnn_model_class_count(model) <= 16, "%s is too large", file_path);
  pixels = malloc(28 * 113 + 8);
  CHECK(pixels, "memory");
  /* A stroke. */
  memset(pixels, 255, 28 * 113 + 8);
  for (int row = 5; row < 23; row++) {
    for (int column = 12; column < 16; column++) memset(pixels + 112 * row + 4 * column, 0, 3);
  }
  memset(long_path, 'x', sizeof long_path - 1);
  memset(&untouched, 0x5a, sizeof untouched);
  make_options(0, sizeof(dnn_session_options), 2, 0);
  make_options(1, SIZE_MAX, 2, 0);
  make_options(2, sizeof(dnn_session_options) + 8, 2, 1);
  make_model_options();
  memcpy(options[3] + 1, options[0], sizeof options[0] - 1);
  run_all();
  dnn_session_close(session);
  dnn_model_close(model);
  free(file);
  free(png);
  free(images);
  free(pixels);
  printf("%ld calls, %ld of them successful\n", calls, successes);
  return 0;
}
