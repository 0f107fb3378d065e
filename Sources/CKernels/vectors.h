// The vectors of all loops, and the operations on them that must treat NaN alike.
#ifndef C_KERNELS_VECTORS_H
#define C_KERNELS_VECTORS_H

#include "dispatch.h"
#include <stdint.h>
#include <string.h>

// Unaligned vectors; each clone lowers them to the vectors of its level.
typedef float float32x4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef float float32x8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float float32x16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t int32x8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef int32_t int32x16 __attribute__((vector_size(64), aligned(4), may_alias));

/// Lanes of a whole vector. AVX-512 has registers of this size; lower levels use several.
enum { LANES = 16 };

// Macros, because the calling convention for vector arguments depends on the level of x86-64.
#define LOAD(from) (*(const float32x16 *)(from))
#define STORE(to, value) (*(float32x16 *)(to) = (value))

// sqrtf may set errno, which would prevent vectorization.
#if __has_builtin(__builtin_elementwise_sqrt)
#define SQUARE_ROOT __builtin_elementwise_sqrt
#else
#define SQUARE_ROOT __builtin_sqrtf
#endif

/// Fetches the cache line of an address that may lie beyond the array, so it is computed as an integer.
#define PREFETCH(base, index) \
  __builtin_prefetch((const void *)((uintptr_t)(base) + (uintptr_t)(index) * sizeof(*(base))))

/// max(0, value) of a vector; NaN is not below zero, and is kept.
#define RELU(value) ((float32x16)((int32x16)(value) & ~((value) < 0)))

/// a where the comparison `mask` holds, b elsewhere.
#define SELECT(mask, a, b) ((float32x16)(((int32x16)(a) & (mask)) | ((int32x16)(b) & ~(mask))))

CKERNELS_INLINE float relu_keeping_nan(float x) { return x < 0 ? 0 : x; }

/// Whether a maximum takes `candidate`; without branches, so that loops vectorize.
CKERNELS_INLINE int greater_or_nan(float candidate, float best) {
  return (candidate > best) | (candidate != candidate);
}

/// Returns the largest value, or NaN if there is one.
CKERNELS_INLINE float largest_or_nan(const float *values, int64_t count) {
  float largest = values[0];
  for (int64_t i = 1; i < count; i++) largest = greater_or_nan(values[i], largest) ? values[i] : largest;
  return largest;
}

/// Replaces the maximum, and its index, by a larger value or NaN.
CKERNELS_INLINE void take_larger(float candidate, int32_t candidate_at, float *best, int32_t *at) {
  const int larger = greater_or_nan(candidate, *best);
  *at = larger ? candidate_at : *at;
  *best = larger ? candidate : *best;
}

/// Loads the first `count` of 16 floats, followed by zeros.
CKERNELS_INLINE void load_lanes(float32x16 *to, const float *from, int64_t count) {
  if (count == LANES) {
    *to = LOAD(from);
  } else {
    *to = (float32x16){0};
    for (int64_t i = 0; i < count; i++) (*to)[i] = from[i];
  }
}

CKERNELS_INLINE void store_lanes(float *to, const float32x16 *from, int64_t count) {
  if (count == LANES)
    STORE(to, *from);
  else
    for (int64_t i = 0; i < count; i++) to[i] = (*from)[i];
}

/// Stores a whole vector at a multiple of 64 bytes past the caches.
CKERNELS_INLINE void stream(float *to, const float32x16 *from) {
  typedef float aligned __attribute__((vector_size(64), may_alias));
  __builtin_nontemporal_store((aligned)*from, (aligned *)to);
}

/// columns[i] = column i of `rows` rows of 8 floats; beyond the last row, the first one is read again.
CKERNELS_INLINE void transpose_eight(const float *from, int64_t rows, int64_t from_stride, float32x8 *columns) {
  float32x8 a[8], *b = columns;
  CKERNELS_UNROLLED for (int64_t r = 0; r < 8; r++) a[r] =
      *(const float32x8 *)(from + (r < rows ? r : 0) * from_stride);
  CKERNELS_UNROLLED for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  CKERNELS_UNROLLED for (int i = 0; i < 8; i += 4) CKERNELS_UNROLLED for (int k = 0; k < 2; k++) {
    a[i + k] = __builtin_shufflevector(b[i + k], b[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + k + 2] = __builtin_shufflevector(b[i + k], b[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  CKERNELS_UNROLLED for (int k = 0; k < 4; k++) {
    b[k] = __builtin_shufflevector(a[k], a[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[k + 4] = __builtin_shufflevector(a[k], a[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

#endif
