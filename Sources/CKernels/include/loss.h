#ifndef C_KERNELS_LOSS_H
#define C_KERNELS_LOSS_H

#include <stdint.h>

/// Softmax cross-entropy of rows of `classes` logits against target distributions.
///
///     loss = - sum over rows and c of target[c] * log(softmax(logits)[c])
///     gradient[c] = (softmax(logits)[c] - target[c]) * scale
///
/// Terms with target 0 count as 0, whatever their logit. `correct` gets the number of rows whose largest logit and
/// largest target stand at the same class (the first one among equals). `probabilities` and `gradient` may be NULL.
/// Returns the sum, not the mean, in double.
double ckernels_softmax_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient, int64_t *correct);

/// Where the largest of at least one value stands: the first one among equals. The rule that correct are counted by.
int64_t ckernels_first_largest(const float *values, int64_t count);

#endif
