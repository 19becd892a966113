/* The microkernels of integer models, a table of their own per instruction set: which one is best depends on the dot product
   of bytes, which came to processors apart from the widths of kernels.h.

   Activations are unsigned bytes, channels last and close together; weights are signed bytes, -127 to 127. Every result is
   exact, so all tables give the same bytes. Offsets are counted in bytes. */
#ifndef CKERNELS_INTEGER_KERNELS_H
#define CKERNELS_INTEGER_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Implicit matrix product:

     sum(r, n) = bias[n] + sum over t, d of input[row_offsets[r] + tap_offsets[t] + d] * weight(t, d, n)
     output[output_offsets[r] + n] = clamp(zero_point + ((sum(r, n) * multipliers[n] + 2^(shift - 1)) >> shift),
                                           lower, upper)

   for 0 <= r < rows, 0 <= n < columns, with `panel` columns, of which the last may be no columns of the output but only
   weights of zero. `panel` is one of lanes, 2 * lanes and widest_panel; 32 <= shift <= 62; no sum leaves 32 bits.

   The input is read four bytes at a time: a run of `depth` bytes is followed by up to three that can be read, and whose
   weights are zero. Weights are packed to suit, `quad_size` bytes for a column: see `pack`.

   With `pool`, each four rows are a pooling window, `rows` is a multiple of four, and the largest of a window's sums is what
   is stored, at output_offsets[r / 4]. With `sums`, the sums themselves are stored there instead, at sums[output_offsets[r] / 4
   + n], and multipliers are not used. `multipliers` and `bias` have `panel` elements, and `scratch` takes 24 * lanes. */
typedef struct dnn_integer_gemm_job {
  const uint8_t *input;
  const int32_t *row_offsets;
  const int32_t *tap_offsets;
  size_t rows, taps, depth, columns, panel;
  const int8_t *weights;
  const int32_t *bias;
  const int32_t *multipliers;
  uint32_t shift;
  int32_t zero_point, lower, upper;
  uint8_t *output;
  int32_t *sums;
  const int32_t *output_offsets;
  int32_t *scratch;
  uint32_t pool;
} dnn_integer_gemm_job;

/* One panel's weights of one run, depth x columns, packed for the product: quad after quad of the depth, `panel` columns each.
   Where there is no weight nothing is written: the memory is zero before. */
typedef struct dnn_integer_pack_job {
  const int8_t *weights;    /* row d, column n at d * stride + n */
  size_t depth, columns, panel, stride;
  int8_t *packed;    /* (depth + 3) / 4 * panel * quad_size bytes */
} dnn_integer_pack_job;

/* One pooling window: of each channel the largest value, or the sum. */
typedef struct dnn_integer_pool_job {
  const uint8_t *input;    /* the window's first pixel */
  size_t window_height, window_width, row_stride, pixel_stride, channels;
  uint8_t *largest;
  int32_t *sums;    /* instead of `largest`, where that is NULL */
} dnn_integer_pool_job;

/* output[i] = clamp(zero_point + (((a[i] - zero_a) * factor_a + (b[i] - zero_b) * factor_b + 2^(shift - 1)) >> shift),
                     lower, upper), for factors of at most 20 bits and 1 <= shift <= 30. */
typedef struct dnn_integer_add_job {
  const uint8_t *a;
  const uint8_t *b;
  int32_t zero_a, zero_b, factor_a, factor_b;
  uint32_t shift;
  int32_t zero_point, lower, upper;
  uint8_t *output;
  size_t count;
} dnn_integer_add_job;

typedef struct dnn_integer_kernels {
  const char *name;    /* "portable", "avx2", "avxvnni", "avx512" */
  size_t lanes;
  size_t widest_panel;
  size_t quad_size;
  void (*gemm)(const dnn_integer_gemm_job *job);
  void (*pack)(const dnn_integer_pack_job *job);
  void (*pool)(const dnn_integer_pool_job *job);
  void (*add)(const dnn_integer_add_job *job);
} dnn_integer_kernels;

void integer_kernels_portable(dnn_integer_kernels *kernels);
#if defined(__x86_64__)
void integer_kernels_avx2(dnn_integer_kernels *kernels);
void integer_kernels_avxvnni(dnn_integer_kernels *kernels);
void integer_kernels_avx512(dnn_integer_kernels *kernels);
#endif

#endif
