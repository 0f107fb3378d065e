// Short runs of floats, copied or added without a call: im2col moves runs of 5 to 500 floats,
// and for most of them memcpy's own dispatch would cost more than the copy.
#ifndef C_KERNELS_FLOAT_RUN_H
#define C_KERNELS_FLOAT_RUN_H

#include "dispatch.h"
#include <stdint.h>
#include <string.h>

// Vectors that may lie anywhere; each clone lowers them to what its CPU has.
typedef float float4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef float float8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float float16 __attribute__((vector_size(64), aligned(4), may_alias));

/// to[0..<count] = from[0..<count]. A tail is covered by a last vector that overlaps the one before.
CKERNELS_INLINE void copy_run(float *restrict to, const float *restrict from, int64_t count) {
  if (count >= 16) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) *(float16 *)(to + i) = *(const float16 *)(from + i);
    if (i < count) *(float16 *)(to + count - 16) = *(const float16 *)(from + count - 16);
  } else if (count >= 8) {
    *(float8 *)to = *(const float8 *)from;
    *(float8 *)(to + count - 8) = *(const float8 *)(from + count - 8);
  } else if (count >= 4) {
    *(float4 *)to = *(const float4 *)from;
    *(float4 *)(to + count - 4) = *(const float4 *)(from + count - 4);
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
    for (; i + 16 <= count; i += 16) *(float16 *)(to + i) = (float16){0};
    if (i < count) *(float16 *)(to + count - 16) = (float16){0};
  } else if (count >= 8) {
    *(float8 *)to = (float8){0};
    *(float8 *)(to + count - 8) = (float8){0};
  } else if (count >= 4) {
    *(float4 *)to = (float4){0};
    *(float4 *)(to + count - 4) = (float4){0};
  } else {
    if (count > 0) to[0] = 0;
    if (count > 1) to[1] = 0;
    if (count > 2) to[2] = 0;
  }
}

/// to[0..<count] += from[0..<count]. The overlapping tail is added before the rest is stored, so that what
/// lies in both is added once.
CKERNELS_INLINE void add_run(float *restrict to, const float *restrict from, int64_t count) {
  if (count >= 16) {
    const float16 tail = *(const float16 *)(to + count - 16) + *(const float16 *)(from + count - 16);
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) *(float16 *)(to + i) += *(const float16 *)(from + i);
    if (i < count) *(float16 *)(to + count - 16) = tail;
  } else if (count >= 8) {
    const float8 tail = *(const float8 *)(to + count - 8) + *(const float8 *)(from + count - 8);
    *(float8 *)to += *(const float8 *)from;
    if (count > 8) *(float8 *)(to + count - 8) = tail;
  } else if (count >= 4) {
    const float4 tail = *(const float4 *)(to + count - 4) + *(const float4 *)(from + count - 4);
    *(float4 *)to += *(const float4 *)from;
    if (count > 4) *(float4 *)(to + count - 4) = tail;
  } else {
    if (count > 0) to[0] += from[0];
    if (count > 1) to[1] += from[1];
    if (count > 2) to[2] += from[2];
  }
}

#endif
