#include "include/metrics.h"

#include "include/loss.h"
#include <math.h>

int64_t ckernels_correct(int64_t rows, int64_t classes, const float *values, const float *targets) {
  return ckernels_top_correct(rows, classes, 1, values, targets);
}

int64_t ckernels_top_correct(int64_t rows, int64_t classes, int64_t k, const float *values, const float *targets) {
  int64_t correct = 0;
  for (int64_t r = 0; r < rows; r++, values += classes, targets += classes) {
    const int64_t at = ckernels_first_largest(targets, classes);
    const float value = values[at];
    int64_t before = 0;
    for (int64_t c = 0; c < classes; c++)
      before += values[c] > value || values[c] != values[c] || (values[c] == value && c < at);
    correct += value == value && before < k;
  }
  return correct;
}

int64_t ckernels_binary_correct(int64_t count, const float *values, const float *targets, float threshold) {
  int64_t correct = 0;
  for (int64_t i = 0; i < count; i++)
    correct += values[i] == values[i] && (values[i] > threshold) == (targets[i] > 0.5f);
  return correct;
}

double ckernels_absolute_error(int64_t count, const float *values, const float *targets) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += fabs((double)values[i] - (double)targets[i]);
  return sum;
}
