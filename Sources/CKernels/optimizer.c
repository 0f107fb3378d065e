#include "include/optimizer.h"

#include "vectors.h"

/// The number of elements that are summed over the shards at a time, so that the sums stay in the first-level
/// cache.
enum { block = 1024 };

CKERNELS_INLINE void sum_shards(ckernels_shards shards, int64_t start, int64_t count, float *restrict sum) {
  for (int64_t i = 0; i < count; i++) sum[i] = shards.first[start + i];
  for (int64_t l = 1; l < shards.count; l++) {
    const float *shard = shards.first + l * shards.stride + start;
    for (int64_t i = 0; i < count; i++) sum[i] += shard[i];
  }
}

CKERNELS_CLONES
void ckernels_adam(int64_t count, ckernels_shards shards, float step, float scaled_decay, float b1, float b2,
                   float epsilon, float *restrict parameters, float *restrict m, float *restrict v) {
  float g[block];
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = count - start < block ? count - start : block;
    sum_shards(shards, start, length, g);
    // A separate loop, so that without decay not even the sign of a zero changes.
    if (scaled_decay != 0) {
      for (int64_t i = 0; i < length; i++) parameters[start + i] -= scaled_decay * parameters[start + i];
    }
    for (int64_t i = 0; i < length; i++) {
      const float first = b1 * m[start + i] + (1 - b1) * g[i];
      const float second = b2 * v[start + i] + (1 - b2) * (g[i] * g[i]);
      m[start + i] = first;
      v[start + i] = second;
      parameters[start + i] -= step * first / (SQUARE_ROOT(second) + epsilon);
    }
  }
}

CKERNELS_CLONES
void ckernels_sgd(int64_t count, ckernels_shards shards, float rate, float momentum, float weight_decay,
                  float *restrict parameters, float *restrict velocity) {
  float g[block];
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = count - start < block ? count - start : block;
    sum_shards(shards, start, length, g);
    if (weight_decay != 0) {
      for (int64_t i = 0; i < length; i++) g[i] += weight_decay * parameters[start + i];
    }
    if (!velocity) {
      for (int64_t i = 0; i < length; i++) parameters[start + i] -= rate * g[i];
      continue;
    }
    for (int64_t i = 0; i < length; i++) {
      velocity[start + i] = momentum * velocity[start + i] - rate * g[i];
      parameters[start + i] += velocity[start + i];
    }
  }
}
