/* What this processor can do, asked of the processor itself (Intel SDM volume 2A, CPUID; volume 1, 13.2 and 14.3 for the
   operating system's side of AVX). Swift has no intrinsic for either instruction. */
#ifndef CKERNELS_CPU_H
#define CKERNELS_CPU_H

#include <stddef.h>
#include <stdint.h>

enum { DNN_CPU_PORTABLE = 0, DNN_CPU_AVX2 = 1, DNN_CPU_AVX512 = 2 };

#if defined(__x86_64__)
/* Not <cpuid.h>: as a module it drags in every vector intrinsic of the compiler. */
static inline int dnn_cpuid(unsigned leaf, unsigned subleaf, unsigned *a, unsigned *b, unsigned *c, unsigned *d) {
  unsigned highest, unused;
  __asm__("cpuid" : "=a"(highest), "=b"(unused), "=c"(unused), "=d"(unused) : "0"(leaf & 0x80000000u), "2"(0));
  if (leaf > highest) return 0;
  __asm__("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "0"(leaf), "2"(subleaf));
  return 1;
}

/* Continues a CRC-32C with the instruction that SSE 4.2 has for it, eight bytes at a time. Every processor of level AVX2 has
   it. `state` is the register as it stands, not yet inverted. */
__attribute__((target("sse4.2"))) static inline uint32_t dnn_crc32c(uint32_t state, const uint8_t *bytes, size_t count) {
  uint64_t wide = state;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  state = (uint32_t)wide;
  for (; count > 0; bytes++, count--) state = __builtin_ia32_crc32qi(state, *bytes);
  return state;
}

/* The best of the levels above: AVX2 with FMA (x86-64-v3), or AVX-512 F, BW, CD, DQ, VL (x86-64-v4). */
static inline int dnn_cpu_level(void) {
  unsigned a, b, c, d;
  if (!dnn_cpuid(1, 0, &a, &b, &c, &d)) return DNN_CPU_PORTABLE;
  const unsigned fma = 1u << 12, movbe = 1u << 22, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
  const unsigned first = fma | movbe | osxsave | avx | f16c;
  if ((c & first) != first) return DNN_CPU_PORTABLE;

  unsigned enabled, high;
  __asm__("xgetbv" : "=a"(enabled), "=d"(high) : "c"(0));
  const unsigned ymm_state = 0x06, zmm_state = 0xe6;
  if ((enabled & ymm_state) != ymm_state) return DNN_CPU_PORTABLE;

  if (!dnn_cpuid(7, 0, &a, &b, &c, &d)) return DNN_CPU_PORTABLE;
  const unsigned v3 = 1u << 3 | 1u << 5 | 1u << 8;    /* BMI1, AVX2, BMI2 */
  if ((b & v3) != v3) return DNN_CPU_PORTABLE;
  unsigned unused;
  if (!dnn_cpuid(0x80000001, 0, &a, &unused, &c, &d) || !(c & 1u << 5)) return DNN_CPU_PORTABLE;    /* LZCNT */

  const unsigned v4 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;    /* AVX-512 F, DQ, CD, BW, VL */
  if ((b & v4) != v4 || (enabled & zmm_state) != zmm_state) return DNN_CPU_AVX2;
  return DNN_CPU_AVX512;
}

/* Whether it has the dot product of bytes, for the registers of AVX-512 (level AVX512) or of AVX2 (level AVX2 or better). */
static inline int dnn_cpu_has_avx512_vnni(void) {
  unsigned a, b, c, d;
  return dnn_cpuid(7, 0, &a, &b, &c, &d) && (c & 1u << 11);
}
static inline int dnn_cpu_has_avx_vnni(void) {
  unsigned a, b, c, d;
  return dnn_cpuid(7, 0, &a, &b, &c, &d) && a >= 1 && dnn_cpuid(7, 1, &a, &b, &c, &d) && (a & 1u << 4);
}
#else
static inline int dnn_cpu_level(void) { return DNN_CPU_PORTABLE; }
#endif

#endif
