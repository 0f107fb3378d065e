#ifndef C_KERNELS_LOSS_H
#define C_KERNELS_LOSS_H

#include <stdint.h>

/// Softmax cross-entropy of rows of `classes` logits against target distributions.
///
///     loss = - sum over rows and c of target[c] * log(softmax(logits)[c])
///     gradient[c] = (softmax(logits)[c] - target[c]) * scale
///
/// Terms with target 0 are 0 for every logit. `correct` receives the number of rows whose largest logit and
/// largest target have the same class (the first one among equal values). `probabilities` and `gradient` may
/// be NULL. Returns the sum in double, not the mean.
double ckernels_softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient, int64_t *correct);

/// Returns the index of the largest value, the first one among equal values; `count` is at least 1. Predicted
/// classes and `correct` use this rule.
int64_t ckernels_first_largest(const float *values, int64_t count);

#endif
