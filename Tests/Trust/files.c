/* Files that cannot be read, or change while they are: models and pictures, from disk and from places that only look like it.
     files MODEL PICTURE

   An error names the file, nothing waits for ever, and no descriptor stays open. This program takes the place of open, fstat
   and read for the library, and fails them one by one. */
#include "support.h"
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- Faults --- */

enum call { OPEN, FSTAT, READ, CALLS };

static struct {
  int armed;
  enum call call;
  int code;              /* errno; 0: read finds the end of the file */
  long at;               /* which call fails, from 0 on */
  long times;            /* how many in a row */
  size_t most;           /* bytes that a read gives */
  off_t size;            /* other than 0: what fstat says that the file has */
  void (*meanwhile)(void);    /* done before the second read */
} fault;

static long counts[CALLS];

static int fails(enum call call) {
  long number = counts[call]++;
  if (!fault.armed || fault.call != call || number < fault.at || number >= fault.at + fault.times) return 0;
  errno = fault.code;
  return 1;
}

int open(const char *path, int flags, ...) {
  if (fails(OPEN)) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

int fstat(int file, struct stat *status) {
  if (fails(FSTAT)) return -1;
  int result = (int)syscall(SYS_newfstatat, file, "", status, AT_EMPTY_PATH);
  if (fault.armed && fault.size != 0) status->st_size = fault.size;
  return result;
}

ssize_t read(int file, void *memory, size_t size) {
  if (fault.armed && fault.meanwhile && counts[READ] == 1) fault.meanwhile();
  if (fails(READ)) return fault.code == 0 ? 0 : -1;
  if (fault.armed && fault.most > 0 && size > fault.most) size = fault.most;
  return syscall(SYS_read, file, memory, size);
}

/* --- What is called --- */

static char folder[] = "/tmp/files.XXXXXX";
static char path[64], other[64];
static unsigned char *original;
static size_t original_size;

static dnn_model *model;
static dnn_session *session;
static unsigned char *images, image[4096];
static float expected[160];
static dnn_prediction expected_best;
static dnn_error error;
static long cases;

typedef dnn_status reader(const char *path);

static int answers_right(dnn_model *other_model) {
  dnn_session *other_session = open_session(other_model, 1);
  float probabilities[160] = {0};
  int right = dnn_predict_u8(other_session, images, 4, probabilities, &error) == DNN_OK &&
              memcmp(probabilities, expected, sizeof expected) == 0;
  dnn_session_close(other_session);
  return right;
}

static dnn_status read_model(const char *from) {
  dnn_model *opened;
  dnn_status status = dnn_model_open(from, &opened, &error);
  fault.armed = 0;
  if (status == DNN_OK) CHECK(answers_right(opened), "%s: a model with another answer", from);
  dnn_model_close(opened);
  return status;
}

static dnn_status classify(const char *from) {
  dnn_prediction best;
  dnn_status status = dnn_classify_png_file(session, from, &best, 1, NULL, &error);
  fault.armed = 0;
  if (status == DNN_OK)
    CHECK(best.class_index == expected_best.class_index && best.probability == expected_best.probability,
          "%s: another answer", from);
  return status;
}

static dnn_status prepare(const char *from) {
  dnn_status status = dnn_prepare_png_file(model, from, image, &error);
  fault.armed = 0;
  return status;
}

static reader *const readers[] = {read_model, classify, prepare};

static int descriptors(void) {
  int count = 0;
  DIR *listing = opendir("/proc/self/fd");
  while (readdir(listing)) count++;
  closedir(listing);
  return count;
}

/* Reads the file, which must give that status, naming the file where it is not DNN_OK, and leave no descriptor open. */
static void expect(reader *read_file, const char *from, dnn_status wanted, const char *what) {
  int before = descriptors();
  memset(counts, 0, sizeof counts);
  memset(&error, 0, sizeof error);
  alarm(120);
  dnn_status status = read_file(from);
  alarm(0);
  fault.armed = 0;
  CHECK(status == wanted, "%s: status %d instead of %d (%s)", what, status, wanted, error.message);
  CHECK(status == DNN_OK || strstr(error.message, from) || strlen(from) > 200, "%s: \"%s\" does not name %s", what,
        error.message, from);
  CHECK(descriptors() == before, "%s: %d descriptors stay open", what, descriptors() - before);
  cases++;
}

static void write_original(void) {
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(original, 1, original_size, file) == original_size && fclose(file) == 0, "%s", path);
}

/* --- Cases --- */

/* What is no file, or an empty one. */
static void strange_files(reader *read_file, dnn_status empty) {
  char fifo[80], loop[80], long_path[5000];
  snprintf(fifo, sizeof fifo, "%s/fifo", folder);
  snprintf(loop, sizeof loop, "%s/loop", folder);
  memset(long_path, 'x', sizeof long_path - 1);
  long_path[sizeof long_path - 1] = 0;
  CHECK(mkfifo(fifo, 0600) == 0 && symlink(loop, loop) == 0, "%s", folder);
  const char *const refused[] = {"/nowhere/none", "", "/", folder, "/dev/null", "/dev/full", "/dev/zero", "/dev/tty",
                                 fifo, loop, long_path};
  for (size_t index = 0; index < COUNT(refused); index++) expect(read_file, refused[index], DNN_CANNOT_READ, refused[index]);
  /* A FIFO that somebody writes to, too: a program that wants it reads it into memory. */
  int writer = open(fifo, O_RDWR);
  CHECK(writer >= 0 && write(writer, original, 100) == 100, "%s", fifo);
  expect(read_file, fifo, DNN_CANNOT_READ, "a FIFO with a writer");
  close(writer);
  /* Files of the kernel say that they have no bytes. */
  const char *const without_size[] = {"/proc/version", "/proc/self/mem", "/proc/self/environ"};
  for (size_t index = 0; index < COUNT(without_size); index++) expect(read_file, without_size[index], empty, without_size[index]);
  unlink(fifo);
  unlink(loop);
}

static void failing_calls(reader *read_file) {
  static const int codes[] = {EIO, EACCES, EMFILE, ENFILE, EISDIR, ESTALE, EOVERFLOW, EAGAIN};
  char what[80];
  for (enum call call = OPEN; call < CALLS; call++) {
    for (size_t index = 0; index < COUNT(codes); index++) {
      /* Every call of the kind, one by one, in pieces of 4 KiB. */
      for (long at = 0;; at++) {
        fault = (typeof(fault)){.armed = 1, .call = call, .code = codes[index], .at = at, .times = 1, .most = 4096};
        memset(counts, 0, sizeof counts);
        read_file(path);
        if (counts[call] <= at) break;
        fault = (typeof(fault)){.armed = 1, .call = call, .code = codes[index], .at = at, .times = 1, .most = 4096};
        snprintf(what, sizeof what, "call %d, time %ld, error %d", call, at, codes[index]);
        expect(read_file, path, DNN_CANNOT_READ, what);
      }
    }
  }
  for (long at = 0; at < 3; at++) {
    fault = (typeof(fault)){.armed = 1, .call = OPEN, .code = EINTR, .at = 0, .times = at};
    expect(read_file, path, DNN_OK, "opening is interrupted");
    fault = (typeof(fault)){.armed = 1, .call = READ, .code = EINTR, .at = at, .times = 100, .most = 64};
    expect(read_file, path, DNN_OK, "reading is interrupted");
    fault = (typeof(fault)){.armed = 1, .call = READ, .code = 0, .at = at, .times = 1000000, .most = 64};
    expect(read_file, path, DNN_CANNOT_READ, "the file ends early");
    fault = (typeof(fault)){.armed = 1, .call = OPEN, .at = -1, .most = (size_t)(1 + at)};
    expect(read_file, path, DNN_OK, "short reads");
  }
}

/* A file system that lies. */
static void wrong_sizes(reader *read_file, dnn_status too_large) {
  static const off_t sizes[] = {-1, INT64_MIN, INT64_MAX, (off_t)1 << 40};
  for (size_t index = 0; index < COUNT(sizes); index++) {
    fault = (typeof(fault)){.armed = 1, .call = OPEN, .at = -1, .size = sizes[index]};
    expect(read_file, path, too_large, "a size that cannot be");
  }
  fault = (typeof(fault)){.armed = 1, .call = OPEN, .at = -1, .size = (off_t)original_size + 1};
  expect(read_file, path, DNN_CANNOT_READ, "a size of one byte more");
}

static void cut(void) { CHECK(truncate(path, 50) == 0, "%s", path); }
static void extend(void) {
  FILE *file = fopen(path, "ab");
  CHECK(file && fputs("more", file) >= 0 && fclose(file) == 0, "%s", path);
}
static void delete(void) { unlink(path); }
static void replace(void) {
  FILE *file = fopen(other, "wb");
  CHECK(file && fputs("another file", file) >= 0 && fclose(file) == 0 && rename(other, path) == 0, "%s", path);
}
static void overwrite(void) {
  FILE *file = fopen(path, "r+b");
  CHECK(file && fseek(file, (long)original_size / 2, SEEK_SET) == 0, "%s", path);
  for (int index = 0; index < 64; index++) fputc(index, file);
  fclose(file);
}

/* Between two reads. */
static void changing_files(reader *read_file, dnn_status damaged) {
  static const struct {
    void (*change)(void);
    const char *name;
  } changes[] = {{cut, "cut"}, {extend, "extended"}, {delete, "deleted"}, {replace, "replaced"}, {overwrite, "overwritten"}};
  for (size_t index = 0; index < COUNT(changes); index++) {
    write_original();
    fault = (typeof(fault)){.armed = 1, .call = OPEN, .at = -1, .most = 64, .meanwhile = changes[index].change};
    /* A deleted or replaced file is still there for those who have it open; of a longer one, what was there counts. */
    dnn_status status = changes[index].change == cut ? DNN_CANNOT_READ : changes[index].change == overwrite ? damaged : DNN_OK;
    expect(read_file, path, status, changes[index].name);
  }
  write_original();
}

/* A model is used after its file is gone. */
static void gone_files(void) {
  dnn_model *opened;
  write_original();
  CHECK(dnn_model_open(path, &opened, &error) == DNN_OK, "%s", error.message);
  overwrite();
  cut();
  CHECK(answers_right(opened), "a model whose file was cut");
  delete();
  CHECK(answers_right(opened), "a model whose file was deleted");
  dnn_model_close(opened);
}

static void all_cases(reader *read_file, const char *source, dnn_status empty, dnn_status damaged) {
  original = read_whole(source, &original_size);
  write_original();
  strange_files(read_file, empty);
  failing_calls(read_file);
  wrong_sizes(read_file, read_file == read_model ? DNN_OUT_OF_MEMORY : DNN_BAD_PICTURE);
  changing_files(read_file, damaged);
  if (read_file == read_model) gone_files();
  unlink(path);
  free(original);
}

static void hang(int number) {
  (void)number;
  static const char text[] = "FAILED: a file is waited for\n";
  _exit(write(2, text, sizeof text - 1) < 0 ? 2 : 1);
}

int main(int argc, char **argv) {
  CHECK(argc == 3, "usage: files MODEL PICTURE");
  signal(SIGALRM, hang);
  CHECK(mkdtemp(folder), "%s", folder);
  snprintf(path, sizeof path, "%s/file", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  model = open_model(argv[1]);
  session = open_session(model, 1);
  images = make_images(model, 4);
  CHECK(dnn_model_class_count(model) <= 40 && image_size(model) <= sizeof image, "%s is too large", argv[1]);
  CHECK(dnn_predict_u8(session, images, 4, expected, &error) == DNN_OK, "%s", error.message);
  CHECK(dnn_classify_png_file(session, argv[2], &expected_best, 1, NULL, &error) == DNN_OK, "%s", error.message);
  for (size_t index = 0; index < COUNT(readers); index++) {
    int reads_models = readers[index] == read_model;
    all_cases(readers[index], argv[1 + !reads_models], reads_models ? DNN_NOT_A_MODEL : DNN_BAD_PICTURE,
              reads_models ? DNN_DAMAGED : DNN_BAD_PICTURE);
  }
  dnn_session_close(session);
  dnn_model_close(model);
  free(images);
  rmdir(folder);
  printf("%ld readings of files with something wrong\n", cases);
  return 0;
}
