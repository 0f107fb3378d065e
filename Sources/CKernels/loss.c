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

CKERNELS_INLINE double cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                     float smoothing, const float *weights, float scale, float *probabilities,
                                     float *gradient, int64_t *correct) {
  double loss = 0;
  *correct = 0;
  const float uniform = smoothing / (float)classes;
  for (int64_t r = 0; r < rows; r++, logits += classes, targets += classes) {
    const float largest = largest_or_nan(logits, classes);
    double sum = 0, factor = 0;
    for (int64_t c = 0; c < classes; c++) sum += (double)expf(below(logits[c], largest));
    const double log_sum = log(sum);
    const float reciprocal = (float)(1 / sum);
    // Weighted targets are recomputed rather than stored.
#define WEIGHTED(c) \
  ((weights ? weights[c] : 1) * (smoothing != 0 ? (1 - smoothing) * targets[c] + uniform : targets[c]))
    for (int64_t c = 0; c < classes; c++) {
      const float target = WEIGHTED(c);
      factor += (double)target;
      if (target != 0) loss += (double)target * (log_sum - (double)below(logits[c], largest));
    }
    for (int64_t c = 0; c < classes; c++) {
      const float probability = expf(below(logits[c], largest)) * reciprocal;
      if (probabilities) probabilities[r * classes + c] = probability;
      const float expected = weights ? probability * (float)factor : probability;
      if (gradient) gradient[r * classes + c] = (expected - WEIGHTED(c)) * scale;
    }
#undef WEIGHTED
    *correct += ckernels_first_largest(logits, classes) == ckernels_first_largest(targets, classes);
  }
  return loss;
}

double ckernels_softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient, int64_t *correct) {
  return cross_entropy(rows, classes, logits, targets, 0, NULL, scale, probabilities, gradient, correct);
}

double ckernels_weighted_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                       float smoothing, const float *weights, float scale, float *probabilities,
                                       float *gradient, int64_t *correct) {
  return cross_entropy(rows, classes, logits, targets, smoothing, weights, scale, probabilities, gradient, correct);
}

/// log(1 + exp(x)), without overflow.
static inline double log_one_plus_exp(double x) { return (x > 0 ? x : 0) + log1p(exp(-fabs(x))); }

double ckernels_sigmoid_cross_entropy(int64_t rows, int64_t outputs, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient) {
  double loss = 0;
  for (int64_t i = 0; i < rows * outputs; i++) {
    const double x = (double)logits[i], target = (double)targets[i], probability = 1 / (1 + exp(-x));
    if (target != 0) loss += target * log_one_plus_exp(-x);
    if (target != 1) loss += (1 - target) * log_one_plus_exp(x);
    if (probabilities) probabilities[i] = (float)probability;
    if (gradient) gradient[i] = (float)((probability - target) * (double)scale / (double)outputs);
  }
  return loss / (double)outputs;
}

double ckernels_mean_squared_error(int64_t rows, int64_t outputs, const float *values, const float *targets,
                                   float scale, float *gradient) {
  double loss = 0;
  for (int64_t i = 0; i < rows * outputs; i++) {
    const double difference = (double)values[i] - (double)targets[i];
    loss += difference * difference;
    if (gradient) gradient[i] = (float)(2 * difference * (double)scale / (double)outputs);
  }
  return loss / (double)outputs;
}
