#ifndef C_KERNELS_DROPOUT_H
#define C_KERNELS_DROPOUT_H

#include <stdint.h>

/// The position of random numbers: Philox4x32-10 with the key `seed` and the counters (block, stream),
/// beginning at `first_block`, as in CounterRandom.
typedef struct {
  uint64_t seed, stream, first_block;
} ckernels_random_key;

/// Element i uses word i % 4 of block i / 4, and is kept if the word is at least `threshold`:
///
///     mask[i] = word >= threshold        output[i] = mask[i] ? input[i] * scale : 0
void ckernels_dropout(ckernels_random_key key, uint32_t threshold, float scale, int64_t count, const float *input,
                      float *output, uint8_t *mask);

/// input_gradient[i] = mask[i] ? output_gradient[i] * scale : 0
void ckernels_dropout_gradient(float scale, int64_t count, const uint8_t *mask, const float *output_gradient,
                               float *input_gradient);

#endif
