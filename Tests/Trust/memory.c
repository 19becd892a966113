/* Running out of memory: each allocation of each call fails, one after another, until a call gets through without.
     memory THREADS PICTURE DAMAGED-MODEL MODEL…

   A call that an allocation fails says DNN_OUT_OF_MEMORY, or what else is wrong with its input; it frees what it had; and the
   same call then works, on the same objects, with the right answer. Each is tried with one allocation that fails, and with all
   from there on. Starting a thread counts as an allocation. Those of libpng and zlib fail as well: this program takes the
   place of malloc for all libraries. */
#include "support.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_long live;        /* allocations that are not freed */
static atomic_long attempts;    /* since `failing` was set */
static atomic_long failing;     /* the attempt that fails, from 1 on; 0: none */
static atomic_int lasting;      /* whether all later attempts fail, too */

static int refuse(void) {
  long attempt = ++attempts, first = failing;
  if (first == 0 || attempt < first || (attempt > first && !lasting)) return 0;
  errno = ENOMEM;
  return 1;
}

static void *counted(void *memory) {
  live += memory != NULL;
  return memory;
}

void *malloc(size_t size) { return refuse() ? NULL : counted(__libc_malloc(size)); }
void *calloc(size_t items, size_t size) { return refuse() ? NULL : counted(__libc_calloc(items, size)); }
void *realloc(void *old, size_t size) {
  if (refuse()) return NULL;
  void *memory = __libc_realloc(old, size);
  live += (old == NULL) - (old != NULL && size == 0);
  return memory;
}
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (refuse()) return ENOMEM;
  *result = counted(__libc_memalign(alignment, size));
  return *result ? 0 : ENOMEM;
}
void free(void *memory) {
  live -= memory != NULL;
  __libc_free(memory);
}

static int (*real_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument) {
  if (!real_create) *(void **)&real_create = dlsym(RTLD_NEXT, "pthread_create");
  return refuse() ? EAGAIN : real_create(thread, attributes, work, argument);
}

/* --- The calls --- */

static struct {
  const char *path, *picture_path, *damaged_path;
  unsigned char *bytes, *picture, *images;
  size_t size, picture_size;
  dnn_session_options options;
  dnn_model *model;
  dnn_session *session;
  /* What a call opened. */
  dnn_model *opened;
  dnn_session *opened_session;
} on;

/* What a call gave. */
static struct {
  unsigned char image[1 << 12];
  dnn_prediction best[3];
  size_t count;
  float probabilities[8 * 16];
  dnn_verification verification;
} result, right, untouched;

enum { IMAGES = 8 };

static dnn_status open_default(dnn_error *error) { return dnn_model_open_default(&on.opened, error); }
static dnn_status open_file(dnn_error *error) { return dnn_model_open(on.path, &on.opened, error); }
static dnn_status open_memory(dnn_error *error) { return dnn_model_open_memory(on.bytes, on.size, &on.opened, error); }
static dnn_status open_borrowed(dnn_error *error) {
  return dnn_model_open_borrowed(on.bytes, on.size, &on.opened, error);
}
static dnn_status open_with(dnn_error *error) {
  dnn_model_options options = {.struct_size = sizeof options, .path = on.path, .largest_file = on.size};
  return dnn_model_open_with(&options, &on.opened, error);
}
static dnn_status open_too_large(dnn_error *error) {
  dnn_model_options options = {.struct_size = sizeof options, .path = on.path, .largest_file = on.size - 1};
  return dnn_model_open_with(&options, &on.opened, error);
}
static dnn_status open_damaged(dnn_error *error) { return dnn_model_open(on.damaged_path, &on.opened, error); }
static dnn_status open_picture(dnn_error *error) { return dnn_model_open(on.picture_path, &on.opened, error); }
static dnn_status open_missing(dnn_error *error) { return dnn_model_open("/nowhere/none.dnn", &on.opened, error); }
static dnn_status session(dnn_error *error) {
  return dnn_session_open(on.model, &on.options, &on.opened_session, error);
}
/* On a model of its own, so that the network is laid out anew each time. */
static dnn_status first_session(dnn_error *error) {
  return dnn_session_open(on.opened, &on.options, &on.opened_session, error);
}
static dnn_status predict(dnn_error *error) {
  return dnn_predict_u8(on.session, on.images, IMAGES, result.probabilities, error);
}
static dnn_status verify(dnn_error *error) { return dnn_session_verify(on.session, &result.verification, error); }
static dnn_status classify_file(dnn_error *error) {
  return dnn_classify_png_file(on.session, on.picture_path, result.best, COUNT(result.best), &result.count, error);
}
static dnn_status classify_memory(dnn_error *error) {
  return dnn_classify_png_memory(on.session, on.picture, on.picture_size, result.best, COUNT(result.best),
                                 &result.count, error);
}
static unsigned char *pixels;
static dnn_status classify_rgba(dnn_error *error) {
  return dnn_classify_rgba(on.session, pixels, 40, 40, 160, result.best, COUNT(result.best), &result.count, error);
}
static dnn_status prepare_file(dnn_error *error) {
  return dnn_prepare_png_file(on.model, on.picture_path, result.image, error);
}
static dnn_status prepare_memory(dnn_error *error) {
  return dnn_prepare_png_memory(on.model, on.picture, on.picture_size, result.image, error);
}
static dnn_status prepare_rgba(dnn_error *error) {
  return dnn_prepare_rgba(on.model, pixels, 40, 40, 160, result.image, error);
}
static dnn_status classify_cut(dnn_error *error) {
  return dnn_classify_png_memory(on.session, on.picture, on.picture_size / 2, result.best, 1, &result.count, error);
}
static dnn_status classify_model(dnn_error *error) {
  return dnn_classify_png_file(on.session, on.damaged_path, result.best, 1, &result.count, error);
}
static dnn_status classify_missing(dnn_error *error) {
  return dnn_classify_png_file(on.session, "/nowhere/none.png", result.best, 1, &result.count, error);
}
static dnn_status classify_blank(dnn_error *error) {
  static const unsigned char blank[28 * 28 * 4];
  return dnn_classify_rgba(on.session, blank, 28, 28, 4 * 28, result.best, 1, &result.count, error);
}
static dnn_status layer_out_of_range(dnn_error *error) {
  dnn_layer_info info;
  return dnn_model_layer(on.model, UINT32_MAX, &info, error);
}

static void nothing(void) {}
static void open_first(void) { on.opened = open_model(on.path); }

/* What a model that was opened answers; then it is closed. */
static void use_model(void) {
  if (!on.opened) return;
  dnn_session *other = open_session(on.opened, 1);
  CHECK(dnn_predict_u8(other, on.images, IMAGES, result.probabilities, NULL) == DNN_OK, "an opened model does not run");
  dnn_session_close(other);
  dnn_model_close(on.opened);
  on.opened = NULL;
}

static void use_session(void) {
  if (on.opened_session) {
    CHECK(dnn_predict_u8(on.opened_session, on.images, IMAGES, result.probabilities, NULL) == DNN_OK,
          "an opened session does not run");
    dnn_session_close(on.opened_session);
    on.opened_session = NULL;
  }
  dnn_model_close(on.opened);
  on.opened = NULL;
}

/* `expected` is for a call that no allocation fails. What a call opens is compared by what it predicts. */
static const struct operation {
  const char *name;
  dnn_status expected;
  void (*before)(void);
  dnn_status (*call)(dnn_error *);
  void (*after)(void);
} operations[] = {
    {"open file", DNN_OK, nothing, open_file, use_model},
    {"open memory", DNN_OK, nothing, open_memory, use_model},
    {"open borrowed", DNN_OK, nothing, open_borrowed, use_model},
    {"open within limits", DNN_OK, nothing, open_with, use_model},
    {"open outside of limits", DNN_OUT_OF_MEMORY, nothing, open_too_large, nothing},
    {"open a damaged model", DNN_DAMAGED, nothing, open_damaged, nothing},
    {"open a picture", DNN_NOT_A_MODEL, nothing, open_picture, nothing},
    {"open a missing model", DNN_CANNOT_READ, nothing, open_missing, nothing},
    {"first session", DNN_OK, open_first, first_session, use_session},
    {"session", DNN_OK, nothing, session, use_session},
    {"predict", DNN_OK, nothing, predict, nothing},
    {"verify", DNN_OK, nothing, verify, nothing},
    {"classify file", DNN_OK, nothing, classify_file, nothing},
    {"classify memory", DNN_OK, nothing, classify_memory, nothing},
    {"classify pixels", DNN_OK, nothing, classify_rgba, nothing},
    {"prepare file", DNN_OK, nothing, prepare_file, nothing},
    {"prepare memory", DNN_OK, nothing, prepare_memory, nothing},
    {"prepare pixels", DNN_OK, nothing, prepare_rgba, nothing},
    {"classify half a picture", DNN_BAD_PICTURE, nothing, classify_cut, nothing},
    {"classify a model", DNN_BAD_PICTURE, nothing, classify_model, nothing},
    {"classify a missing picture", DNN_CANNOT_READ, nothing, classify_missing, nothing},
    {"a layer out of range", DNN_BAD_ARGUMENT, nothing, layer_out_of_range, nothing},
};
static const struct operation of_built_in[] = {
    {"open default", DNN_OK, nothing, open_default, use_model},
    {"classify nothing", DNN_NOTHING_TO_SEE, nothing, classify_blank, nothing},
};

static long failures;

/* The call with a failing allocation; whether there was one. */
static int try(const struct operation *this, long first) {
  dnn_error error = {.status = -1};
  long before = live;
  this->before();
  untouched = result;
  attempts = 0;
  failing = first;
  dnn_status status = this->call(&error);
  int failed = first != 0 && attempts >= first;
  failing = 0;
  if (failed) {
    failures++;
    CHECK(status == DNN_OUT_OF_MEMORY || (status == this->expected && status != DNN_OK),
          "%s, %s: status %d (%s) when allocation %ld%s fails", on.path, this->name, status, error.message, first,
          lasting ? " and later ones" : "");
    CHECK(!on.opened_session && (!on.opened || this->before == open_first), "%s, %s: a handle is not NULL", on.path,
          this->name);
  } else {
    CHECK(status == this->expected, "%s, %s: status %d (%s)", on.path, this->name, status, error.message);
  }
  if (status != DNN_OK) {
    CHECK(memcmp(&result, &untouched, sizeof result) == 0, "%s, %s: status %d, but a result is written when allocation %ld%s fails",
          on.path, this->name, status, first, lasting ? " and later ones" : "");
    CHECK(error.status == (int32_t)status && memchr(error.message, 0, sizeof error.message), "%s: the error", this->name);
  }
  this->after();
  CHECK(first == 0 || live == before, "%s, %s: %ld allocations are not freed when allocation %ld%s fails", on.path,
        this->name, live - before, first, lasting ? " and later ones" : "");
  return failed;
}

static void run_out(const struct operation *this) {
  /* Once for what libc and the processor's detection keep, once for the right answer. */
  memset(&result, 0, sizeof result);
  try(this, 0);
  memset(&result, 0, sizeof result);
  try(this, 0);
  right = result;
  for (lasting = 0; lasting < 2; lasting++) {
    for (long first = 1;; first++) {
      memset(&result, 0xaa, sizeof result);
      int failed = try(this, first);
      memset(&result, 0, sizeof result);
      try(this, 0);
      CHECK(memcmp(&result, &right, sizeof right) == 0, "%s, %s: another answer after allocation %ld failed", on.path,
            this->name, first);
      if (!failed) break;
    }
  }
}

int main(int argc, char **argv) {
  CHECK(argc > 4, "usage: memory THREADS PICTURE DAMAGED-MODEL MODEL…");
  on.options = (dnn_session_options){.struct_size = sizeof on.options, .threads = (uint32_t)atoi(argv[1])};
  on.picture_path = argv[2];
  on.damaged_path = argv[3];
  on.picture = read_whole(on.picture_path, &on.picture_size);
  pixels = calloc(40 * 40, 4);
  for (int index = 0; index < 40 * 40; index++) {
    /* A thick black stroke on white paper. */
    int x = index % 40, y = index / 40, is_ink = x >= 16 && x < 21 && y >= 6 && y < 34;
    memcpy(pixels + 4 * index, (unsigned char[4]){is_ink ? 0 : 255, is_ink ? 0 : 255, is_ink ? 0 : 255, 255}, 4);
  }
  for (int index = 4; index < argc; index++) {
    on.path = argv[index];
    on.bytes = read_whole(on.path, &on.size);
    on.model = open_model(on.path);
    CHECK(dnn_model_class_count(on.model) <= 16 && image_size(on.model) <= sizeof result.image, "%s is too large", on.path);
    on.images = make_images(on.model, IMAGES);
    on.session = open_session(on.model, on.options.threads);
    for (size_t number = 0; number < COUNT(operations); number++) run_out(&operations[number]);
    if (strstr(on.path, "/CDefaultModel/"))
      for (size_t number = 0; number < COUNT(of_built_in); number++) run_out(&of_built_in[number]);
    dnn_session_close(on.session);
    dnn_model_close(on.model);
    free(on.images);
    free(on.bytes);
  }
  free(on.picture);
  free(pixels);
  printf("%ld failures of allocations and threads in %d models, %s threads\n", failures, argc - 4, argv[1]);
  return 0;
}
