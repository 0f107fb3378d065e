#include "include/dropout.h"

#include "vectors.h"

/// The number of blocks that are computed together, one per vector lane.
enum { ELEMENTS = 4 * LANES };

/// Computes ten rounds of Philox4x32 on `LANES` neighboring blocks; the words of a block are contiguous.
CKERNELS_INLINE void philox_blocks(ckernels_random_key key, uint64_t block, uint32_t *restrict words) {
  uint32_t a[LANES], b[LANES], c[LANES], d[LANES];
  uint32_t key0 = (uint32_t)key.seed, key1 = (uint32_t)(key.seed >> 32);
  for (int i = 0; i < LANES; i++) {
    a[i] = (uint32_t)(block + (uint64_t)i);
    b[i] = (uint32_t)((block + (uint64_t)i) >> 32);
    c[i] = (uint32_t)key.stream;
    d[i] = (uint32_t)(key.stream >> 32);
  }
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < LANES; i++) {
      const uint64_t first = (uint64_t)a[i] * 0xD2511F53u, second = (uint64_t)c[i] * 0xCD9E8D57u;
      a[i] = (uint32_t)(second >> 32) ^ b[i] ^ key0;
      b[i] = (uint32_t)second;
      c[i] = (uint32_t)(first >> 32) ^ d[i] ^ key1;
      d[i] = (uint32_t)first;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  for (int i = 0; i < LANES; i++) {
    words[4 * i] = a[i];
    words[4 * i + 1] = b[i];
    words[4 * i + 2] = c[i];
    words[4 * i + 3] = d[i];
  }
}

CKERNELS_CLONES
void ckernels_dropout(ckernels_random_key key, uint32_t threshold, float scale, int64_t count,
                      const float *restrict input, float *restrict output, uint8_t *restrict mask) {
  uint32_t words[ELEMENTS];
  for (int64_t start = 0; start < count; start += ELEMENTS) {
    philox_blocks(key, key.first_block + (uint64_t)start / 4, words);
    const int64_t length = count - start < ELEMENTS ? count - start : ELEMENTS;
    for (int64_t i = 0; i < length; i++) mask[start + i] = words[i] >= threshold;
    for (int64_t i = 0; i < length; i++) output[start + i] = words[i] >= threshold ? input[start + i] * scale : 0;
  }
}

CKERNELS_CLONES
void ckernels_dropout_gradient(float scale, int64_t count, const uint8_t *restrict mask,
                               const float *restrict output_gradient, float *restrict input_gradient) {
  for (int64_t i = 0; i < count; i++) input_gradient[i] = mask[i] ? output_gradient[i] * scale : 0;
}
