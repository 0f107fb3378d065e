// Copies and sums of short runs of floats without a call: im2col moves runs of 5 to 500 floats, and for most
// of them the dispatch of memcpy would cost more than the copy.
#ifndef C_KERNELS_FLOAT_RUN_H
#define C_KERNELS_FLOAT_RUN_H

#include "vectors.h"

/// to[0..<count] = from[0..<count]. The last vector overlaps the one before it.
CKERNELS_INLINE void copy_run(float *restrict to, const float *restrict from, int64_t count) {
  if (count >= 16) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) *(float32x16 *)(to + i) = *(const float32x16 *)(from + i);
    if (i < count) *(float32x16 *)(to + count - 16) = *(const float32x16 *)(from + count - 16);
  } else if (count >= 8) {
    *(float32x8 *)to = *(const float32x8 *)from;
    *(float32x8 *)(to + count - 8) = *(const float32x8 *)(from + count - 8);
  } else if (count >= 4) {
    *(float32x4 *)to = *(const float32x4 *)from;
    *(float32x4 *)(to + count - 4) = *(const float32x4 *)(from + count - 4);
  } else {
    if (count > 0) to[0] = from[0];
    if (count > 1) to[1] = from[1];
    if (count > 2) to[2] = from[2];
  }
}

/// to[0..<count] = 0.
CKERNELS_INLINE void clear_run(float *to, int64_t count) {
  if (count >= 16) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) *(float32x16 *)(to + i) = (float32x16){0};
    if (i < count) *(float32x16 *)(to + count - 16) = (float32x16){0};
  } else if (count >= 8) {
    *(float32x8 *)to = (float32x8){0};
    *(float32x8 *)(to + count - 8) = (float32x8){0};
  } else if (count >= 4) {
    *(float32x4 *)to = (float32x4){0};
    *(float32x4 *)(to + count - 4) = (float32x4){0};
  } else {
    if (count > 0) to[0] = 0;
    if (count > 1) to[1] = 0;
    if (count > 2) to[2] = 0;
  }
}

/// to[0..<count] += from[0..<count]. The overlapping tail is computed before the rest is stored, so that no
/// element is added twice.
CKERNELS_INLINE void add_run(float *restrict to, const float *restrict from, int64_t count) {
  if (count >= 16) {
    const float32x16 tail = *(const float32x16 *)(to + count - 16) + *(const float32x16 *)(from + count - 16);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) *(float32x16 *)(to + i) += *(const float32x16 *)(from + i);
    if (i < count) *(float32x16 *)(to + count - 16) = tail;
  } else if (count >= 8) {
    const float32x8 tail = *(const float32x8 *)(to + count - 8) + *(const float32x8 *)(from + count - 8);
    *(float32x8 *)to += *(const float32x8 *)from;
    if (count > 8) *(float32x8 *)(to + count - 8) = tail;
  } else if (count >= 4) {
    const float32x4 tail = *(const float32x4 *)(to + count - 4) + *(const float32x4 *)(from + count - 4);
    *(float32x4 *)to += *(const float32x4 *)from;
    if (count > 4) *(float32x4 *)(to + count - 4) = tail;
  } else {
    if (count > 0) to[0] += from[0];
    if (count > 1) to[1] += from[1];
    if (count > 2) to[2] += from[2];
  }
}

/// Returns the sum of the lanes, by repeated halving.
CKERNELS_INLINE float sum_of_lanes(const float32x16 *v) {
  const float32x8 a = __builtin_shufflevector(*v, *v, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(*v, *v, 8, 9, 10, 11, 12, 13, 14, 15);
  const float32x4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
  return (b[0] + b[1]) + (b[2] + b[3]);
}

#endif
