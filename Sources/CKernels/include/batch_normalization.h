#ifndef C_KERNELS_BATCH_NORMALIZATION_H
#define C_KERNELS_BATCH_NORMALIZATION_H

#include "activation.h"
#include <stdint.h>

// Rows are the pixels of all images, `channels` adjacent scalars each: NHWC. Sums over all rows are made of parts,
// one call per range of rows, which the caller adds in a fixed order.
//
// Sums of a range of rows are 4 * channels doubles: two quantities of each channel, and what the additions of each
// lost by rounding:
//
//     sums    | first | second | lost of first | lost of second |       quantity = sum + lost
//
// A quantity hardly depends on how the rows are cut into parts: within 1 ulp of double.

/// sums = (accumulate ? sums : 0) + sums over the rows of x and of x * x.
void ckernels_batch_sums(int64_t rows, int64_t channels, const float *x, double *sums, int accumulate);

/// total += part, both sums of this file.
void ckernels_add_batch_sums(int64_t channels, const double *part, double *total);

/// y = f(x * scale[channel] + shift[channel] + residual). `residual`, rows like x, may be NULL. y may be x or
/// the residual.
///
///     scale = gamma / sqrt(variance + epsilon)      shift = beta - mean * scale
void ckernels_batch_normalize(int64_t rows, int64_t channels, const float *x, const float *scale, const float *shift,
                              const float *residual, ckernels_activation activation, float *y);

/// g *= f'(y), from the output y, in place; then sums = (accumulate ? sums : 0) + sums over the rows of g and of
/// g * (x - mean[channel]). The first is the gradient of beta; the second, over sqrt(variance + epsilon), that of
/// gamma. g is then also the gradient of a residual. `y` may be NULL for the identity. The function is not
/// ckernels_hard_swish, whose derivative does not follow from y.
void ckernels_batch_gradient_sums(int64_t rows, int64_t channels, const float *x, const float *y, const double *mean,
                                  ckernels_activation activation, float *g, double *sums, int accumulate);

/// input_gradient = (accumulate ? input_gradient : 0) + a[channel] * g + b[channel] * x + k[channel].
/// Without `accumulate`, the input gradient may be g or x. With n rows in all and s = 1 / sqrt(variance + epsilon):
///
///     a = gamma * s      b = -a * s * s * (sum of g * (x - mean)) / n      k = -a * (sum of g) / n - b * mean
void ckernels_batch_input_gradient(int64_t rows, int64_t channels, const float *x, const float *g, const float *a,
                                   const float *b, const float *k, float *input_gradient, int accumulate);

#endif
