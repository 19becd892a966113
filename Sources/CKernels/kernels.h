/* The seam between the engine and its microkernels: one table of functions per instruction set.

   The kernels are written once, in Swift (Sources/Kernels), and compiled once per instruction set. They allocate nothing,
   check nothing and call nothing: whoever fills in a job answers for its pointers and sizes.

   Shared conventions:
   - Activations are channels last (height, width, channel). A pixel's channels start at a multiple of its tensor's pixel
     stride; every vector operation covers whole registers, so a pixel stride is a multiple of `lanes` wherever a kernel
     reads or writes vectors. The lanes past the last channel hold finite values that nobody uses.
   - Offsets are counted in floats and fit 32 bits, because an arena is far smaller than 8 GiB.
   - Each output of a sum is one chain of multiply-adds in the order of the sum's index, starting from the bias. So a result
     does not depend on how rows and columns were cut into tiles, threads or batches. */
#ifndef CKERNELS_KERNELS_H
#define CKERNELS_KERNELS_H

#include <stddef.h>
#include <stdint.h>

enum {
  DNN_ACTIVATION_NONE = 0,
  DNN_ACTIVATION_RELU = 1,
  DNN_ACTIVATION_LEAKY_RELU = 2,    /* parameter: the slope left of zero */
  DNN_ACTIVATION_CLIPPED_RELU = 3,  /* parameter: the largest output, 6 for ReLU6 */
  DNN_ACTIVATION_SIGMOID = 4,
  DNN_ACTIVATION_TANH = 5,
};

/* Implicit matrix product, the core of convolution and of dense layers:

     output[output_offsets[r] + n] = activation(bias[n] + sum over t, d of
                                       input[row_offsets[r] + tap_offsets[t] + d] * weights[(t * depth + d) * stride + n])

   for 0 <= r < rows, 0 <= n < columns, where stride is `weight_stride`, or `columns` where that is zero. `columns` is one of
   lanes, 2 * lanes and widest_panel; or 2 * widest_panel where `rows` is 1.

   With `pool`, each four rows are a pooling window, `rows` is a multiple of four, and the largest of a window's four sums is
   all that is stored: activation(max) at output_offsets[r / 4] + n. The activation must then be one that only bounds. */
typedef struct dnn_gemm_job {
  const float *input;
  const int32_t *row_offsets;
  const int32_t *tap_offsets;
  size_t rows, taps, depth, columns;
  const float *weights;
  size_t weight_stride;
  const float *bias;
  float *output;
  const int32_t *output_offsets;
  uint32_t activation;
  float activation_parameter;
  uint32_t pool;
} dnn_gemm_job;

/* One row of a convolution whose every channel has a kernel of its own:

     output[x * output_step + c] = activation(bias[c] + sum over t of
                                              input[x * input_step + tap_offsets[t] + c] * weights[t * channels + c])

   for 0 <= x < count, 0 <= c < channels; `channels` is a multiple of `lanes`. */
typedef struct dnn_depthwise_job {
  const float *input;
  const int32_t *tap_offsets;
  size_t count, input_step, output_step, taps, channels;
  const float *weights;
  const float *bias;
  float *output;
  uint32_t activation;
  float activation_parameter;
} dnn_depthwise_job;

/* Winograd's convolution F(m x m, 3x3) for m = 2 and 4: (m + 2)^2 products of small matrices take the place of a 3x3
   convolution, for 4/9 and 1/4 of its multiplications (A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks,
   2015, section 4). A tile of (m + 2) x (m + 2) inputs gives m x m outputs; element (i, j) of a transformed tile stands in
   plane (m + 2) i + j. `channels` is a multiple of `lanes`; `scratch` takes 36 * lanes floats. */
typedef struct dnn_winograd_input_job {
  const float *input;    /* the tile's first pixel */
  size_t row_stride, pixel_stride, channels;
  float *transformed;    /* channel c of plane p at p * plane_stride + c */
  size_t plane_stride;
  float *scratch;
} dnn_winograd_input_job;

/* Back from the products: adds the bias, applies the activation and stores the tile's first `rows` x `columns` outputs. With
   `pool`, these are the largest values of 2x2 outputs each, and the activation must be one that only bounds. */
typedef struct dnn_winograd_output_job {
  const float *transformed;
  size_t plane_stride;
  const float *bias;
  uint32_t activation;
  float activation_parameter;
  float *output;
  size_t row_stride, pixel_stride, channels, rows, columns;
  float *scratch;
  uint32_t pool;
} dnn_winograd_output_job;

/* For training, the gradient of a tile's outputs as that of the m = 4 products, A d A^T. The first `rows` x `columns` of the 4x4
   outputs are there, the others count as zero. */
typedef struct dnn_winograd_gradient_job {
  const float *gradient;    /* of the tile's first output */
  size_t row_stride, pixel_stride, channels, rows, columns;
  float *transformed;
  size_t plane_stride;
  float *scratch;
} dnn_winograd_gradient_job;

/* For training, the m = 4 transform G g G^T of the weights g from one input to `columns` outputs, a multiple of `lanes`, and
   the way back for their gradients, G^T u G. */
typedef struct dnn_winograd_weights_job {
  float *weights;    /* tap t, output n at t * tap_stride + n */
  ptrdiff_t tap_stride;
  size_t columns;
  float *transformed;    /* plane p, output n at p * plane_stride + n */
  size_t plane_stride;
  float *scratch;
} dnn_winograd_weights_job;

/* Sum of outer products, the gradient of the weights of a matrix product:

     product[m * product_stride + n] (+)= sum over s of left[left_offsets[s] + m] * right[right_offsets[s] + n]

   for 0 <= m < rows, 0 <= n < columns; `columns` as above. With `accumulate` zero the sum starts from zero, otherwise from
   what `product` holds. */
typedef struct dnn_outer_job {
  const float *left;
  const int32_t *left_offsets;
  const float *right;
  const int32_t *right_offsets;
  size_t steps, rows, columns;
  float *product;
  size_t product_stride;
  uint32_t accumulate;
} dnn_outer_job;

/* Convolution of each channel by itself, for training: any rows, and the sums may go on from what is there:

     output[output_offsets[r] + c] = start + sum over t of
                                     input[row_offsets[r] + tap_offsets[t] + c] * weights[t * weight_stride + c]

   for 0 <= r < rows, 0 <= c < channels, a multiple of `lanes`. The start is bias[c] or, where `bias` is NULL, what the output
   holds. */
typedef struct dnn_channelwise_job {
  const float *input;
  const int32_t *row_offsets;
  const int32_t *tap_offsets;
  size_t rows, taps, channels;
  const float *weights;
  size_t weight_stride;
  const float *bias;
  float *output;
  const int32_t *output_offsets;
} dnn_channelwise_job;

/* The gradient of such a convolution's weights:

     product[t * product_stride + c] (+)= sum over s of
                                          left[left_offsets[s] + tap_offsets[t] + c] * right[right_offsets[s] + c]

   for 0 <= t < taps, 0 <= c < channels; `accumulate` as above. */
typedef struct dnn_depthwise_gradient_job {
  const float *left;
  const int32_t *left_offsets;
  const int32_t *tap_offsets;
  const float *right;
  const int32_t *right_offsets;
  size_t steps, taps, channels;
  float *product;
  size_t product_stride;
  uint32_t accumulate;
} dnn_depthwise_gradient_job;

/* Some channels of an image's pixels, as one operand of a training kernel: row y, column x at y * row_stride + x * pixel_stride.
   Both strides are multiples of `lanes`. */
typedef struct dnn_image {
  float *pixels;
  size_t row_stride, pixel_stride;
} dnn_image;

/* What the kernels of training that go over images pixel by pixel share: `channels` is a multiple of `lanes`. */
typedef struct dnn_image_size {
  size_t rows, columns, channels;
} dnn_image_size;

/* Back through an activation: gradient *= its derivative, told from its output, in place.

   That of ReLU is 1 where the output is above 0, otherwise 0; of the leaky one the parameter instead of 0; of the clipped one 1
   between the bounds; of sigmoid y (1 - y), of tanh 1 - y^2. Where `sums` is not NULL, sums[c] += the channel's sum of the
   result. */
typedef struct dnn_activation_gradient_job {
  dnn_image_size size;
  dnn_image output;
  dnn_image gradient;
  uint32_t activation;
  float activation_parameter;
  float *sums;
} dnn_activation_gradient_job;

/* Sums over the pixels of one image, of each channel: sums[c] += sum of

     input                                channel_sums
     (input - centre[c])^2                channel_squares
     (input - centre[c]) * weight         channel_products

   Each row is summed by itself first, in four chains, which keeps them short. */
typedef struct dnn_channel_sums_job {
  dnn_image_size size;
  dnn_image input;
  dnn_image weight;
  const float *centre;
  float *sums;
} dnn_channel_sums_job;

/* Batch normalisation of one image: output = activation((input - centre[c]) * factor[c] + offset[c]). */
typedef struct dnn_normalise_job {
  dnn_image_size size;
  dnn_image input;
  dnn_image output;
  const float *centre;
  const float *factor;
  const float *offset;
  uint32_t activation;
  float activation_parameter;
} dnn_normalise_job;

/* Its gradient: output = (gradient - offset[c] - (input - centre[c]) * slope[c]) * factor[c]. */
typedef struct dnn_normalise_gradient_job {
  dnn_image_size size;
  dnn_image input;
  dnn_image gradient;
  dnn_image output;
  const float *centre;
  const float *slope;
  const float *factor;
  const float *offset;
} dnn_normalise_gradient_job;

/* A run of `count` pooling windows of equal size along one row of the output. `channels` is a multiple of `lanes`. */
typedef struct dnn_pool_job {
  const float *input;    /* first window's first pixel */
  float *output;
  size_t count, input_step, output_step;
  size_t window_height, window_width, row_stride, pixel_stride, channels;
  float scale;    /* average pooling: what the sum is multiplied by */
} dnn_pool_job;

/* The gradient of maximum pooling over such a run: each window's gradient goes to its first maximum in row-major order, the rest
   of the window gets zeros. With `accumulate` zero that is stored, which is right for windows that do not overlap; otherwise it
   is added. */
typedef struct dnn_pool_gradient_job {
  const float *input;
  const float *output;    /* the maxima */
  const float *gradient;    /* of the output */
  float *input_gradient;
  size_t count, input_step, output_step, gradient_step, input_gradient_step;
  size_t window_height, window_width, row_stride, pixel_stride, channels;
  size_t input_gradient_row_stride, input_gradient_pixel_stride;
  uint32_t accumulate;
} dnn_pool_gradient_job;

/* What dropout multiplies values by: factors[i] = 0 where the 32 random bits of element first + i are below `threshold`,
   otherwise `scale`. Two elements share word (first + i) / 2 of the stream of SplitMix64 that `state` begins; the even one has
   its low half. */
typedef struct dnn_dropout_job {
  uint64_t state;
  size_t first, count;
  uint32_t threshold;
  float scale;
  float *factors;
} dnn_dropout_job;

/* output[i] = activation(a[i] + b[i]); b may be NULL. `count` is a multiple of `lanes`. */
typedef struct dnn_elementwise_job {
  const float *a;
  const float *b;
  float *output;
  size_t count;
  uint32_t activation;
  float activation_parameter;
} dnn_elementwise_job;

/* values[i] = bytes[i] * scale + offset, rounded after each operation: how a picture enters the network. */
typedef struct dnn_pixels_job {
  const uint8_t *bytes;
  float *values;
  size_t count;    /* any */
  float scale, offset;
} dnn_pixels_job;

typedef struct dnn_kernels {
  const char *name;       /* "portable", "avx2", "avx512" */
  size_t lanes;           /* floats in one vector register */
  size_t widest_panel;    /* columns of the widest tile */
  void (*gemm)(const dnn_gemm_job *job);
  void (*depthwise)(const dnn_depthwise_job *job);
  void (*winograd2_input)(const dnn_winograd_input_job *job);
  void (*winograd2_output)(const dnn_winograd_output_job *job);
  void (*winograd4_input)(const dnn_winograd_input_job *job);
  void (*winograd4_output)(const dnn_winograd_output_job *job);
  void (*max_pool)(const dnn_pool_job *job);
  void (*average_pool)(const dnn_pool_job *job);
  void (*elementwise)(const dnn_elementwise_job *job);
  void (*read_pixels)(const dnn_pixels_job *job);
  void (*softmax)(const float *logits, float *probabilities, size_t count);    /* any count >= 1, any logits */
} dnn_kernels;

/* What training needs besides. A table of its own, so that the library that only infers does not carry it. */
typedef struct dnn_training_kernels {
  void (*outer)(const dnn_outer_job *job);
  void (*channelwise)(const dnn_channelwise_job *job);
  void (*depthwise_gradient)(const dnn_depthwise_gradient_job *job);
  void (*winograd4_gradient)(const dnn_winograd_gradient_job *job);
  void (*winograd4_weights)(const dnn_winograd_weights_job *job);
  void (*winograd4_weight_gradient)(const dnn_winograd_weights_job *job);
  void (*activation_gradient)(const dnn_activation_gradient_job *job);
  void (*channel_sums)(const dnn_channel_sums_job *job);
  void (*channel_squares)(const dnn_channel_sums_job *job);
  void (*channel_products)(const dnn_channel_sums_job *job);
  void (*max_pool_gradient)(const dnn_pool_gradient_job *job);
  void (*dropout_factors)(const dnn_dropout_job *job);
  void (*normalise)(const dnn_normalise_job *job);
  void (*normalise_gradient)(const dnn_normalise_gradient_job *job);
} dnn_training_kernels;

/* Named without the prefix of the public functions, which is all that the library exports. */
void kernels_portable(dnn_kernels *kernels);
void training_kernels_portable(dnn_training_kernels *kernels);
#if defined(__x86_64__)
void kernels_avx2(dnn_kernels *kernels);
void training_kernels_avx2(dnn_training_kernels *kernels);
void kernels_avx512(dnn_kernels *kernels);
void training_kernels_avx512(dnn_training_kernels *kernels);
#endif

#endif
