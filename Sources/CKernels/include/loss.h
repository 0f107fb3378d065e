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

/// Softmax cross-entropy with label smoothing and class weights:
///
///     t[c] = (1 - smoothing) * target[c] + smoothing / classes
///     loss = - sum over rows and c of weights[c] * t[c] * log(softmax(logits)[c])
///     gradient[c] = (softmax(logits)[c] * (sum over k of weights[k] * t[k]) - weights[c] * t[c]) * scale
///
/// as in PyTorch, except that the sum is not divided by the weights. `smoothing` is 0 ..< 1; `weights`, one for each
/// class, may be NULL, for 1. The targets of a row sum to 1. The rest is as above; without smoothing and weights the
/// results are the same bits.
double ckernels_weighted_cross_entropy(int64_t rows, int64_t classes, const float *logits, const float *targets,
                                       float smoothing, const float *weights, float scale, float *probabilities,
                                       float *gradient, int64_t *correct);

/// Sigmoid cross-entropy of rows of `outputs` logits x against targets t in 0...1, each output for itself:
///
///     loss = sum over rows of the mean over outputs of t * log(1 + exp(-x)) + (1 - t) * log(1 + exp(x))
///     gradient = (sigmoid(x) - t) * scale / outputs
///
/// Terms whose factor is 0 are 0 for every logit. `probabilities`, sigmoid(x), and `gradient` may be NULL. Returns
/// the sum over rows in double.
double ckernels_sigmoid_cross_entropy(int64_t rows, int64_t outputs, const float *logits, const float *targets,
                                      float scale, float *probabilities, float *gradient);

/// Squared error of rows of `outputs` values:
///
///     loss = sum over rows of the mean over outputs of (value - target)^2
///     gradient = 2 * (value - target) * scale / outputs
///
/// `gradient` may be NULL. Returns the sum over rows in double.
double ckernels_mean_squared_error(int64_t rows, int64_t outputs, const float *values, const float *targets,
                                   float scale, float *gradient);

/// Returns the index of the largest value, the first one among equal values; `count` is at least 1. Predicted
/// classes and `correct` use this rule.
int64_t ckernels_first_largest(const float *values, int64_t count);

#endif
