#include "include/elementwise.h"

#include "activation_function.h"

/// The number of scalars after which a function that is no vector operation is applied, while they are in the
/// first-level cache.
enum { BLOCK = 1024 };

// Vectors, because `out` may be an operand: a loop over floats would check for overlap and run scalar.
CKERNELS_INLINE void add(int64_t count, const float *a, const float *b, int relu, float *out) {
  for (int64_t i = 0; i < count; i += LANES) {
    const int64_t lanes = count - i < LANES ? count - i : LANES;
    float32x16 x, y;
    load_lanes(&x, a + i, lanes);
    load_lanes(&y, b + i, lanes);
    x += y;
    if (relu) x = RELU(x);
    store_lanes(out + i, &x, lanes);
  }
}

CKERNELS_CLONES
void ckernels_add(int64_t count, const float *a, const float *b, ckernels_activation activation, float *out) {
  if (activation.function == ckernels_relu) {
    add(count, a, b, 1, out);
    return;
  }
  for (int64_t start = 0; start < count; start += BLOCK) {
    const int64_t length = count - start < BLOCK ? count - start : BLOCK;
    add(length, a + start, b + start, 0, out + start);
    apply_function(activation, length, out + start);
  }
}

CKERNELS_CLONES
void ckernels_accumulate(int64_t count, const float *restrict part, float *restrict total) {
  for (int64_t i = 0; i < count; i++) total[i] += part[i];
}
