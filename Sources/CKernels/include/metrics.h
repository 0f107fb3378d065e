#ifndef C_KERNELS_METRICS_H
#define C_KERNELS_METRICS_H

#include <stdint.h>

// Metrics of rows of values against rows of targets. A NaN is never correct.

/// Returns the number of rows whose largest value and largest target have the same class, the first one among equal
/// values (ckernels_first_largest).
int64_t ckernels_correct(int64_t rows, int64_t classes, const float *values, const float *targets);

/// Returns the number of rows in which the class of the largest target is among the `k` largest values: fewer than
/// k classes precede it, by a larger value, an equal one and a smaller index, or a NaN.
int64_t ckernels_top_correct(int64_t rows, int64_t classes, int64_t k, const float *values, const float *targets);

/// Returns the number of values on the same side of `threshold` as their target is of 1/2, both above or both not:
/// threshold 0 for logits, 1/2 for probabilities.
int64_t ckernels_binary_correct(int64_t count, const float *values, const float *targets, float threshold);

/// Returns the sum of |value - target|, in double.
double ckernels_absolute_error(int64_t count, const float *values, const float *targets);

#endif
