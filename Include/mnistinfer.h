/* mnistinfer: classify pictures with a .dnn model.

     dnn_model *model;
     dnn_session *session;
     dnn_prediction best;
     dnn_error error;
     if (dnn_model_open_default(&model, &error) != DNN_OK ||
         dnn_session_open(model, NULL, &session, &error) != DNN_OK ||
         dnn_classify_png_file(session, "digit.png", &best, 1, NULL, &error) != DNN_OK) {
       fprintf(stderr, "%s\n", error.message);
       return 1;
     }
     printf("%s (%.1f %%)\n", best.label, 100 * best.probability);
     dnn_session_close(session);
     dnn_model_close(model);

   Conventions of every function:
   - The result is DNN_OK (zero) or the reason why not. With a reason, every result is left as it was, except for handles,
     which become NULL, and for the error; the handles that were passed in stay usable.
   - A `dnn_error *` may be NULL. On DNN_OK its contents are left alone.
   - Strings are UTF-8 and end with a zero byte.
   - Nothing is ever printed, no signal handler or locale is touched, and no file, picture or argument ends the process.
     Pointers are the exception that C cannot check: each must be NULL or point at what its type says.

   After fork, a child may use and close the models and sessions that its parent had opened, except those that another thread
   was opening or closing at that moment. It has none of the sessions' worker threads: there a session computes on the calling
   thread alone, with the same results. A session that the child opens has threads again.

   One environment variable is read, once, by the first call that needs it: DNN_INSTRUCTION_SET=portable|avx2|avxvnni|avx512
   keeps the library from using anything better. What the processor cannot do is not used, whatever it says. "avxvnni" is
   AVX2 with the dot product of bytes, for integer models. */
#ifndef MNISTINFER_H
#define MNISTINFER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DNN_VERSION_MAJOR 0
#define DNN_VERSION_MINOR 1
#define DNN_VERSION_PATCH 0

/* Statuses never change their number and are never reused. */
typedef enum dnn_status {
  DNN_OK = 0,

  DNN_BAD_ARGUMENT = 1,     /* a NULL, a size or an option that the function does not take */
  DNN_OUT_OF_MEMORY = 2,    /* or out of threads, or over a limit of dnn_model_options */
  DNN_CANNOT_READ = 3,      /* the file is missing, not a file, or the system could not read it */

  DNN_NOT_A_MODEL = 10,     /* a file of another kind */
  DNN_DAMAGED = 11,         /* a .dnn file that was cut short, altered or written wrongly */
  DNN_UNSUPPORTED = 12,     /* a .dnn file that needs a newer library; the message names what for */

  DNN_BAD_PICTURE = 20,     /* not a PNG, a damaged one, or one too large */
  DNN_NOTHING_TO_SEE = 21   /* a good picture with nothing on it: blank, even, or noise; an answer rather than an error */
} dnn_status;

typedef struct dnn_error {
  int32_t status;        /* the dnn_status that the function returned */
  char message[252];     /* what happened and what to do, for a person */
} dnn_error;

/* A network with its weights, labels and preparation of pictures. Immutable: any number of threads may use one at the same
   time. Made by dnn_model_open…, ended by dnn_model_close. */
typedef struct dnn_model dnn_model;

/* Scratch memory and worker threads for one caller at a time: give each thread a session of its own. Made by
   dnn_session_open, ended by dnn_session_close. */
typedef struct dnn_session dnn_session;

typedef struct dnn_session_options {
  size_t struct_size;    /* sizeof(dnn_session_options) */
  uint32_t threads;      /* threads that compute, the caller's included; at most 256. 0: as many as this process may use: the
                            processors it may be scheduled on, or fewer where a control group of version 2 has less time;
                            those of version 1 are not looked at */
} dnn_session_options;

typedef struct dnn_prediction {
  uint32_t class_index;    /* 0 … class count - 1 */
  float probability;       /* 0 … 1; those of all classes add up to 1 */
  const char *label;       /* the class's name; belongs to the model and lives as long as it does */
} dnn_prediction;

/* --- Models ---

   Opening a model checks all of it, in time linear in the file's size, and takes at most four times that size in memory (and
   at least some pages); for all but the tiniest files it is little more than the file itself. What running it takes besides is
   taken when a session opens. */

/* Reads a model from a file. The file is not needed afterwards, and may change. It must be a regular one: a FIFO or a device
   is refused rather than waited for. Who has a pipe reads it into memory. */
dnn_status dnn_model_open(const char *path, dnn_model **model, dnn_error *error);

/* Reads a model from memory, of any alignment. The bytes are copied. */
dnn_status dnn_model_open_memory(const void *bytes, size_t size, dnn_model **model, dnn_error *error);

/* Reads a model from memory without a copy. The bytes must start at a multiple of 64, and must neither move nor change until
   the model and all sessions opened from it are closed. */
dnn_status dnn_model_open_borrowed(const void *bytes, size_t size, dnn_model **model, dnn_error *error);

/* The model of handwritten digits that is part of the library. */
dnn_status dnn_model_open_default(dnn_model **model, dnn_error *error);

/* Where a model comes from, and what it may take, for files that nobody vouches for. Set all of it to zero first; zero is the
   default of each. */
typedef struct dnn_model_options {
  size_t struct_size;          /* sizeof(dnn_model_options) */
  const char *path;            /* a file; or */
  const void *bytes;           /* memory of `size` bytes, which are copied; without either, the model in the library */
  size_t size;
  uint32_t borrows;            /* other than 0: the bytes are not copied, as with dnn_model_open_borrowed; 0 without bytes */
  uint32_t largest_picture;    /* pixels, width × height, of a picture that is classified or prepared with the model; at most
                                  2^26, and that by default. A PNG file may then have 16 bytes for each, and 2^20 besides */
  uint64_t largest_file;       /* bytes of the model's file, or of the memory; by default 2^32 */
  uint64_t largest_memory;     /* bytes that a session takes: its values, its threads' scratch memory, and the network laid
                                  out to run, which a model's sessions share; by default 2^32 */
} dnn_model_options;

/* Any of the above, within limits: DNN_OUT_OF_MEMORY if the file is larger than allowed. A session that would be says the same
   when it is opened, a picture that is too large DNN_BAD_PICTURE. */
dnn_status dnn_model_open_with(const dnn_model_options *options, dnn_model **model, dnn_error *error);

/* Ends the caller's use of a model; sessions opened from it stay valid, and so do its labels while one is open. NULL is
   allowed. */
void dnn_model_close(dnn_model *model);

/* How many classes the model tells apart; 0 for NULL. */
uint32_t dnn_model_class_count(const dnn_model *model);

/* A class's name, owned by the model; NULL for a NULL model or an index out of range. */
const char *dnn_model_label(const dnn_model *model, uint32_t class_index);

/* The pictures that dnn_predict_u8 takes. Each pointer may be NULL; for a NULL model all three become 0. */
void dnn_model_input_shape(const dnn_model *model, uint32_t *height, uint32_t *width, uint32_t *channels);

/* --- What is in a model --- */

/* The library writes this structure, and dnn_verification, whose sizes the caller does not give: they never change. What else
   there will be to say comes with functions of its own. */
typedef struct dnn_layer_info {
  const char *kind;           /* "convolution", "dense", "max pool", "average pool", "global average pool", "add", "flatten",
                                 "activation", "softmax" */
  const char *name;           /* may be empty; both strings belong to the model */
  uint32_t inputs[2];         /* what it reads: 0 is the picture, i + 1 the output of layer i */
  uint32_t input_count;       /* 1 or 2 */
  uint32_t height, width, channels;    /* of its output */
  uint64_t parameters;        /* weights and biases */
  uint64_t multiply_adds;     /* for one picture, of convolutions and dense layers; 0 for the others, which take time, too */
} dnn_layer_info;

/* How many layers the model has; 0 for NULL. */
uint32_t dnn_model_layer_count(const dnn_model *model);

/* Describes a layer, 0 … layer count - 1. */
dnn_status dnn_model_layer(const dnn_model *model, uint32_t index, dnn_layer_info *info, dnn_error *error);

/* What the file says under a key about where it came from ("recipe", "data", "seed", …), or else in its free metadata. NULL
   if it says nothing or an argument is NULL. The string belongs to the model. */
const char *dnn_model_property(const dnn_model *model, const char *key);

typedef struct dnn_verification {
  uint32_t pictures;           /* of the file's self-test; 0 if it has none */
  float largest_difference;    /* of a probability from what the file promises */
  float tolerance;             /* what the file allows */
} dnn_verification;

/* --- Sessions --- */

/* `options` may be NULL for the defaults. All threads, and all memory that the network needs, are taken here: dnn_predict_u8
   allocates nothing. Classifying a picture allocates while it is decoded and prepared. */
dnn_status dnn_session_open(dnn_model *model, const dnn_session_options *options, dnn_session **session,
                            dnn_error *error);

/* Waits for the session's threads to end. NULL is allowed. */
void dnn_session_close(dnn_session *session);

/* Any PNG of up to 2^26 pixels, or what the model was opened with, and of sides of up to 1,000,000, the most that libpng takes:
   decoded, prepared as the model asks, classified. Writes the likeliest `capacity` classes, best first, or all of them if there
   are fewer, and their number to `count`, which may be NULL.

   Leave some paper around the ink: what is paper, and what ink, shows at the picture's border. A picture that is cut tight to
   the ink may be refused, or misread.

   DNN_NOTHING_TO_SEE if the model's preparation finds nothing on the picture that could be classified. How sure the model is
   of the rest is what `probability` says: refuse what is less than you need. */
dnn_status dnn_classify_png_file(dnn_session *session, const char *path, dnn_prediction *predictions, size_t capacity,
                                 size_t *count, dnn_error *error);

/* The same for a PNG in memory. */
dnn_status dnn_classify_png_memory(dnn_session *session, const void *bytes, size_t size, dnn_prediction *predictions,
                                   size_t capacity, size_t *count, dnn_error *error);

/* The same for pixels, of a camera or a canvas: red, green, blue and alpha, 8 bits each, alpha not multiplied into the others.
   Rows go from the top down and start `stride` bytes apart, at least 4 × width, so that a part of a larger picture can be
   classified where it stands: a part with some paper around the ink, as above. As many pixels as of a PNG, and sides of any
   length. */
dnn_status dnn_classify_rgba(dnn_session *session, const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride,
                             dnn_prediction *predictions, size_t capacity, size_t *count, dnn_error *error);

/* What the network sees of a PNG: decoded and prepared as the model asks, with the same pixels from every build. Writes one
   image of the model's input shape, which dnn_predict_u8 takes: height × width × channels bytes. DNN_NOTHING_TO_SEE as above.
   Any number of threads may use one model at the same time. */
dnn_status dnn_prepare_png_file(const dnn_model *model, const char *path, uint8_t *image, dnn_error *error);

/* The same for a PNG in memory. */
dnn_status dnn_prepare_png_memory(const dnn_model *model, const void *bytes, size_t size, uint8_t *image,
                                  dnn_error *error);

/* The same for pixels, as dnn_classify_rgba takes them. */
dnn_status dnn_prepare_rgba(const dnn_model *model, const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride,
                            uint8_t *image, dnn_error *error);

/* `count` images of exactly the model's input shape, 8 bits a channel, row-major, channels last. Only the model's
   normalisation is applied. `probabilities` takes count × class count floats. One image has the same result in every batch
   and with every number of threads; and, from an integer model (dnn-quantize makes them), on every machine. */
dnn_status dnn_predict_u8(dnn_session *session, const uint8_t *images, size_t count, float *probabilities,
                          dnn_error *error);

/* Runs the file's self-test, pictures with the probabilities they must give, and says how far off this machine is. The model
   runs right here if `largest_difference` is at most `tolerance`. */
dnn_status dnn_session_verify(dnn_session *session, dnn_verification *result, dnn_error *error);

/* The version of the library that is loaded, "major.minor.patch". The macros above are those of the header. */
const char *dnn_version(void);

/* The instruction set in use for float models: "portable", "avx2" or "avx512". */
const char *dnn_instruction_set(void);

#ifdef __cplusplus
}
#endif

#endif
