#include "include/prelu.h"

#include "vectors.h"

CKERNELS_CLONES
void ckernels_prelu(int64_t rows, int64_t channels, const float *restrict x, const float *restrict slope,
                    float *restrict y) {
  for (int64_t r = 0; r < rows; r++, x += channels, y += channels)
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] > 0 ? x[c] : slope[c] * x[c];
}

CKERNELS_CLONES
void ckernels_prelu_gradient(int64_t rows, int64_t channels, const float *restrict x, const float *restrict slope,
                             const float *restrict g, float *restrict input_gradient, float *restrict slope_gradient) {
  for (int64_t c = 0; c < channels; c++) slope_gradient[c] = 0;
  for (int64_t r = 0; r < rows; r++, x += channels, g += channels) {
    for (int64_t c = 0; c < channels; c++) slope_gradient[c] += x[c] > 0 ? 0 : g[c] * x[c];
    if (!input_gradient) continue;
    for (int64_t c = 0; c < channels; c++) input_gradient[c] = x[c] > 0 ? g[c] : slope[c] * g[c];
    input_gradient += channels;
  }
}
