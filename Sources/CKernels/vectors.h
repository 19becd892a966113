/* Vector operations that Swift has no operator for, or whose own form does not become the one instruction that it is. The
   vectors are those of the instruction set that the including module is compiled for; Swift sees them as SIMD4, SIMD8 and
   SIMD16. */
#ifndef CKERNELS_VECTORS_H
#define CKERNELS_VECTORS_H

#include <stdint.h>

#if defined(__AVX512F__)
#define DNN_LANES 16
#elif defined(__AVX2__)
#define DNN_LANES 8
#else
#define DNN_LANES 4
#endif

#define DNN_VECTOR(type) type __attribute__((ext_vector_type(DNN_LANES)))
#define DNN_OPERATION static inline __attribute__((always_inline, const))

typedef DNN_VECTOR(float) dnn_floats;

/* The larger of each two elements, and the smaller. Where they cannot be compared, NaN included, the result is `a`. */
DNN_OPERATION dnn_floats dnn_maximum(dnn_floats a, dnn_floats b) { return b > a ? b : a; }
DNN_OPERATION dnn_floats dnn_minimum(dnn_floats a, dnn_floats b) { return b < a ? b : a; }

/* Bytes as floats, as many as fill a vector. */
static inline __attribute__((always_inline)) dnn_floats dnn_floats_of_bytes(const uint8_t *place) {
  typedef DNN_VECTOR(uint8_t) bytes;
  typedef DNN_VECTOR(int32_t) ints;
  bytes values;
  __builtin_memcpy(&values, place, DNN_LANES);
  return __builtin_convertvector(__builtin_convertvector(values, ints), dnn_floats);
}

/* --- Integers --- */

typedef DNN_VECTOR(int32_t) dnn_ints;
typedef DNN_VECTOR(uint8_t) dnn_bytes;

DNN_OPERATION dnn_ints dnn_maximum_int(dnn_ints a, dnn_ints b) { return b > a ? b : a; }
DNN_OPERATION dnn_ints dnn_minimum_int(dnn_ints a, dnn_ints b) { return b < a ? b : a; }

#if defined(__AVX512VNNI__) || defined(__AVXVNNI__)
#define DNN_DOTS_BYTES 1

/* sum[i] + the four products of unsigned bytes with signed ones in element i. */
DNN_OPERATION dnn_ints dnn_dot(dnn_ints sum, dnn_ints bytes, dnn_ints weights) {
#if defined(__AVX512VNNI__)
  return __builtin_ia32_vpdpbusd512(sum, bytes, weights);
#else
  return __builtin_ia32_vpdpbusd256(sum, bytes, weights);
#endif
}
#else
#define DNN_DOTS_BYTES 0

/* sum[i] + the two products of signed 16-bit numbers in element i. */
DNN_OPERATION dnn_ints dnn_dot(dnn_ints sum, dnn_ints pairs, dnn_ints weights) {
  typedef short shorts __attribute__((vector_size(4 * DNN_LANES)));
#if DNN_LANES == 8
  return sum + (dnn_ints)__builtin_ia32_pmaddwd256((shorts)pairs, (shorts)weights);
#elif DNN_LANES == 4 && defined(__SSE2__)
  return sum + (dnn_ints)__builtin_ia32_pmaddwd128((shorts)pairs, (shorts)weights);
#elif defined(__wasm_simd128__)
  return sum + (dnn_ints)__builtin_wasm_dot_s_i32x4_i16x8((shorts)pairs, (shorts)weights);
#else
  return sum + ((pairs << 16) >> 16) * ((weights << 16) >> 16) + (pairs >> 16) * (weights >> 16);
#endif
}
#endif

/* (sum * multiplier + 2^(shift - 1)) >> shift for 32 <= shift <= 62, whose result fits 32 bits: the high halves of 64-bit
   products, of the elements at even and odd places. */
DNN_OPERATION dnn_ints dnn_rescale(dnn_ints sum, dnn_ints multiplier, uint32_t shift) {
  typedef int64_t wide __attribute__((ext_vector_type(DNN_LANES / 2)));
  const wide half = (wide)((int64_t)1 << (shift - 1));
  const wide even = (((wide)sum << 32) >> 32) * (((wide)multiplier << 32) >> 32) + half;
  const wide odd = ((wide)sum >> 32) * ((wide)multiplier >> 32) + half;
  const wide low = (wide)(~(uint64_t)0 >> 32);
  const wide high = ((even >> 32) & low) | (odd & ~low);
  return (dnn_ints)high >> (int32_t)(shift - 32);
}

/* The first `count` bytes as numbers, the other elements zero. */
static inline __attribute__((always_inline)) dnn_ints dnn_load_bytes(const uint8_t *place, size_t count) {
  dnn_bytes bytes = 0;
  if (count >= DNN_LANES) {
    __builtin_memcpy(&bytes, place, DNN_LANES);
  } else {
    __builtin_memcpy(&bytes, place, count);
  }
  return __builtin_convertvector(bytes, dnn_ints);
}

/* Stores the first `count` elements, which are in the range of a byte. */
static inline __attribute__((always_inline)) void dnn_store_bytes(dnn_ints values, uint8_t *place, size_t count) {
  const dnn_bytes bytes = __builtin_convertvector(values, dnn_bytes);
  if (count >= DNN_LANES) {
    __builtin_memcpy(place, &bytes, DNN_LANES);
  } else {
    __builtin_memcpy(place, &bytes, count);
  }
}

#endif
