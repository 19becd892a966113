/* Memory that the system itself refuses: processes with a little more address space each open a model and a session of three
   threads, and classify a picture, until one gets through.
     addresses PICTURE

   Each says DNN_OUT_OF_MEMORY wherever it runs out, and all of it works as soon as the limit is gone. */
#include "support.h"
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEP = 64 << 10 };    /* bytes */

static const char *picture;

/* Everything from opening to closing; the first status that is not DNN_OK. */
static dnn_status classify(void) {
  dnn_model *model;
  dnn_session *session = NULL;
  dnn_prediction best;
  dnn_session_options options = {.struct_size = sizeof options, .threads = 3};
  dnn_status status = dnn_model_open_default(&model, NULL);
  if (status == DNN_OK) status = dnn_session_open(model, &options, &session, NULL);
  if (status == DNN_OK) status = dnn_classify_png_file(session, picture, &best, 1, NULL, NULL);
  if (status == DNN_OK && best.class_index != 7) status = DNN_DAMAGED;
  dnn_session_close(session);
  dnn_model_close(model);
  return status;
}

/* Bytes of address space that this process has. */
static rlim_t address_space(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%lu", &pages) == 1, "/proc/self/statm");
  fclose(file);
  return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* In a process of its own: the status within the limit. */
static int classify_within(rlim_t size) {
  pid_t child = fork();
  CHECK(child >= 0, "fork");
  if (child == 0) {
    struct rlimit limit = {size, RLIM_INFINITY};
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(100);
    dnn_status status = classify();
    limit.rlim_cur = RLIM_INFINITY;
    if (setrlimit(RLIMIT_AS, &limit) != 0) _exit(101);
    _exit(classify() == DNN_OK ? (int)status : 102);
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child, "waitpid");
  CHECK(WIFEXITED(status), "signal %d with %zu bytes of address space", WTERMSIG(status), (size_t)size);
  return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
  CHECK(argc == 2, "usage: addresses PICTURE");
  picture = argv[1];
  rlim_t start = address_space();
  int refused = 0, status;
  while ((status = classify_within(start + (rlim_t)refused * STEP)) != DNN_OK) {
    CHECK(status == DNN_OUT_OF_MEMORY, "status %d with %d KiB more address space", status, refused * (STEP >> 10));
    CHECK(++refused < 4096, "256 MiB of address space are not enough");
  }
  CHECK(refused > 0, "no limit was too small");
  printf("%d processes ran out of address space, at each %d KiB up to %d\n", refused, STEP >> 10, refused * (STEP >> 10));
  return 0;
}
