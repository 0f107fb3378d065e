#include "include/loss.h"

#include "vectors.h"
#include <math.h>

int64_t ckernels_first_largest(const float *values, int64_t count) {
  int64_t at = 0;
  for (int64_t i = 1; i < count; i++)
    if (values[i] > values[at]) at = i;
  return at;
}

/// Returns x - largest, and 0 instead of NaN for infinity minus infinity.
static inline float below(float x, float largest) { return x == largest ? 0 : x - largest; }

double ckernels_softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient, int64_t *correct) {
  double loss = 0;
  *correct = 0;
  for (int64_t r = 0; r < rows; r++, logits += classes, targets += classes) {
    const float largest = largest_or_nan(logits, classes);
    double sum = 0;
    for (int64_t c = 0; c < classes; c++) sum += (double)expf(below(logits[c], largest));
    const double log_sum = log(sum);
    const float reciprocal = (float)(1 / sum);
    for (int64_t c = 0; c < classes; c++) {
      if (targets[c] != 0) loss += (double)targets[c] * (log_sum - (double)below(logits[c], largest));
      const float probability = expf(below(logits[c], largest)) * reciprocal;
      if (probabilities) probabilities[r * classes + c] = probability;
      if (gradient) gradient[r * classes + c] = (probability - targets[c]) * scale;
    }
    *correct += ckernels_first_largest(logits, classes) == ckernels_first_largest(targets, classes);
  }
  return loss;
}
