/* Opening, predicting and closing, over and over: memory, descriptors and threads stay what they were.
     cycles COUNT PICTURE MODEL

   Each cycle opens a model (from the file, from memory and the built-in one in turn) and a session of 1 to 3 threads, predicts,
   now and then classifies a picture or fails at something, and closes both. */
#include "support.h"
#include <dirent.h>
#include <unistd.h>

enum { IMAGES = 4, PARTS = 10 };

typedef struct use {
  long resident;    /* KiB */
  int descriptors, threads;
} use;

static int entries(const char *folder) {
  int count = 0;
  DIR *listing = opendir(folder);
  CHECK(listing, "%s", folder);
  while (readdir(listing)) count++;
  closedir(listing);
  return count - 2;    /* . and .. */
}

static use measure(void) {
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%*s %ld", &pages) == 1, "/proc/self/statm");
  fclose(file);
  return (use){pages * (sysconf(_SC_PAGESIZE) >> 10), entries("/proc/self/fd"), entries("/proc/self/task")};
}

static const char *path, *picture;
static unsigned char *bytes, *images;
static size_t size;
static float *expected;
static size_t results;

static void cycle(long number) {
  dnn_model *model;
  dnn_error error;
  dnn_status status = number % 3 == 0   ? dnn_model_open(path, &model, &error)
                      : number % 3 == 1 ? dnn_model_open_memory(bytes, size, &model, &error)
                                        : dnn_model_open_default(&model, &error);
  CHECK(status == DNN_OK, "%s", error.message);
  dnn_session *session = open_session(model, 1 + (uint32_t)number % 7 / 3);
  float probabilities[IMAGES * 10];
  CHECK(dnn_predict_u8(session, images, IMAGES, probabilities, &error) == DNN_OK, "%s", error.message);
  CHECK(memcmp(probabilities, expected, results) == 0, "cycle %ld: other bytes", number);
  if (number % 64 == 0) {
    dnn_prediction best;
    CHECK(dnn_classify_png_file(session, picture, &best, 1, NULL, &error) == DNN_OK, "%s", error.message);
    CHECK(dnn_classify_png_file(session, path, &best, 1, NULL, &error) == DNN_BAD_PICTURE, "a model is a picture");
    dnn_model *none;
    CHECK(dnn_model_open(picture, &none, &error) == DNN_NOT_A_MODEL, "a picture is a model");
  }
  dnn_session_close(session);
  dnn_model_close(model);
}

int main(int argc, char **argv) {
  CHECK(argc == 4, "usage: cycles COUNT PICTURE MODEL");
  long count = atol(argv[1]);
  picture = argv[2];
  path = argv[3];
  bytes = read_whole(path, &size);
  dnn_model *model = open_model(path);
  CHECK(dnn_model_class_count(model) == 10 && image_size(model) == 784, "%s is not the model in the library", path);
  results = IMAGES * 10 * sizeof *expected;
  images = make_images(model, IMAGES);
  expected = malloc(results);
  CHECK(expected, "memory");
  dnn_session *session = open_session(model, 1);
  CHECK(dnn_predict_u8(session, images, IMAGES, expected, NULL) == DNN_OK, "%s", path);
  dnn_session_close(session);
  dnn_model_close(model);
  use first = {0};
  for (int part = 0; part <= PARTS; part++) {
    /* The first part is for what libc's allocator keeps. */
    for (long number = 0; number < count / (PARTS + 1); number++) cycle(number);
    use now = measure();
    /* The kernel may show a thread for a moment after it was joined. */
    for (int wait = 0; wait < 1000 && now.threads > 1; wait++) {
      usleep(1000);
      now = measure();
    }
    printf("after %ld cycles: %ld KiB resident, %d descriptors, %d threads\n", (part + 1) * (count / (PARTS + 1)),
           now.resident, now.descriptors, now.threads);
    if (part == 0) first = now;
    CHECK(now.descriptors == first.descriptors, "descriptors stay open");
    CHECK(now.threads == 1, "threads stay");
    /* A byte lost in each cycle would show in the long run, some in the short one; the allocator's own pages come and go. */
    CHECK(now.resident <= first.resident + 256, "memory grows by %ld KiB", now.resident - first.resident);
  }
  free(bytes);
  free(images);
  free(expected);
  return 0;
}
