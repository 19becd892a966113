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

#endif
