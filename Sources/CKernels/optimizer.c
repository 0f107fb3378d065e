#include "include/optimizer.h"

#include "vectors.h"

/// The number of elements that are summed over the shards at a time, so that the sums stay in the first-level
/// cache.
enum { block = 1024 };

/// Shards that are summed in registers; a power of two.
enum { LEAF = 4 };

// This is the only place that adds shards; every other sum of them calls it. One partial sum is alive for each
// level of the tree.
CKERNELS_CLONES
static void sum_block(ckernels_shards shards, int64_t start, int64_t count, float *restrict sum) {
  CKERNELS_ASSERT(shards.count > 0);
  const float *a = shards.first + start, *b = a + (shards.count > 1 ? shards.stride : 0);
  const float *c = b + (shards.count > 2 ? shards.stride : 0), *d = c + (shards.count > 3 ? shards.stride : 0);
  switch (shards.count) {
  case 1:
    for (int64_t i = 0; i < count; i++) sum[i] = a[i];
    return;
  case 2:
    for (int64_t i = 0; i < count; i++) sum[i] = a[i] + b[i];
    return;
  case 3:
    for (int64_t i = 0; i < count; i++) sum[i] = (a[i] + b[i]) + c[i];
    return;
  case LEAF:
    for (int64_t i = 0; i < count; i++) sum[i] = (a[i] + b[i]) + (c[i] + d[i]);
    return;
  }
  ckernels_shards left = shards, right = shards;
  for (left.count = LEAF; left.count * 2 < shards.count;) left.count *= 2;
  right.first += left.count * shards.stride;
  right.count -= left.count;
  float other[block];
  sum_block(left, start, count, sum);
  sum_block(right, start, count, other);
  for (int64_t i = 0; i < count; i++) sum[i] += other[i];
}

CKERNELS_INLINE int64_t length_of_block(int64_t start, int64_t count) {
  return count - start < block ? count - start : block;
}

void ckernels_sum_shards(int64_t count, ckernels_shards shards, float *sum) {
  for (int64_t start = 0; start < count; start += block)
    sum_block(shards, start, length_of_block(start, count), sum + start);
}

CKERNELS_CLONES
double ckernels_sum_of_squares(int64_t count, ckernels_shards shards) {
  float g[block];
  // A sum for each lane, so that the order of the additions is the same at every level of x86-64; squares of
  // floats are exact in double.
  double lanes[LANES] = {0};
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = length_of_block(start, count);
    sum_block(shards, start, length, g);
    for (int64_t i = length; i % LANES != 0; i++) g[i] = 0;
    for (int64_t i = 0; i < length; i += LANES)
      for (int64_t k = 0; k < LANES; k++) lanes[k] += (double)g[i + k] * g[i + k];
  }
  double sum = 0;
  for (int64_t k = 0; k < LANES; k++) sum += lanes[k];
  return sum;
}

/// g = factor * sum of the shards.
CKERNELS_INLINE void scaled_sum(ckernels_shards shards, float factor, int64_t start, int64_t count, float *restrict g) {
  sum_block(shards, start, count, g);
  if (factor != 1)
    for (int64_t i = 0; i < count; i++) g[i] *= factor;
}

/// A separate loop, so that without decay not even the sign of a zero changes.
CKERNELS_INLINE void decay(float scaled_decay, int64_t count, float *restrict parameters) {
  if (scaled_decay != 0)
    for (int64_t i = 0; i < count; i++) parameters[i] -= scaled_decay * parameters[i];
}

CKERNELS_CLONES
void ckernels_adam(int64_t count, ckernels_shards shards, float factor, float step, float scaled_decay, float b1,
                   float b2, float epsilon, float *restrict parameters, float *restrict m, float *restrict v) {
  float g[block];
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = length_of_block(start, count);
    scaled_sum(shards, factor, start, length, g);
    decay(scaled_decay, length, parameters + start);
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
void ckernels_sgd(int64_t count, ckernels_shards shards, float factor, float rate, float momentum, int nesterov,
                  float weight_decay, float *restrict parameters, float *restrict velocity) {
  float g[block];
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = length_of_block(start, count);
    scaled_sum(shards, factor, start, length, g);
    if (weight_decay != 0) {
      for (int64_t i = 0; i < length; i++) g[i] += weight_decay * parameters[start + i];
    }
    if (!velocity) {
      for (int64_t i = 0; i < length; i++) parameters[start + i] -= rate * g[i];
      continue;
    }
    for (int64_t i = 0; i < length; i++) velocity[start + i] = momentum * velocity[start + i] - rate * g[i];
    if (nesterov)
      for (int64_t i = 0; i < length; i++) parameters[start + i] += momentum * velocity[start + i] - rate * g[i];
    else
      for (int64_t i = 0; i < length; i++) parameters[start + i] += velocity[start + i];
  }
}

CKERNELS_CLONES
void ckernels_rmsprop(int64_t count, ckernels_shards shards, float factor, float rate, float scaled_decay, float rho,
                      float momentum, float epsilon, float *restrict parameters, float *restrict v,
                      float *restrict velocity) {
  float g[block];
  for (int64_t start = 0; start < count; start += block) {
    const int64_t length = length_of_block(start, count);
    scaled_sum(shards, factor, start, length, g);
    decay(scaled_decay, length, parameters + start);
    for (int64_t i = 0; i < length; i++) {
      v[start + i] = rho * v[start + i] + (1 - rho) * (g[i] * g[i]);
      g[i] = rate * g[i] / SQUARE_ROOT(v[start + i] + epsilon);
    }
    if (!velocity) {
      for (int64_t i = 0; i < length; i++) parameters[start + i] -= g[i];
      continue;
    }
    for (int64_t i = 0; i < length; i++) {
      velocity[start + i] = momentum * velocity[start + i] - g[i];
      parameters[start + i] += velocity[start + i];
    }
  }
}
