#ifndef C_KERNELS_RESPONSE_NORMALIZATION_H
#define C_KERNELS_RESPONSE_NORMALIZATION_H

#include <stdint.h>

/// Local response normalization of `rows` rows of `channels` scalars. The window of channel c covers the
/// channels c - before .. c + after that exist:
///
///     s[c] = k + alpha * sum over the window of x[j]^2        y[c] = x[c] * s[c]^-beta
typedef struct {
  int64_t rows, channels;
  int64_t before, after;
  float k, alpha, beta;
} ckernels_response_normalization;

/// Returns the scalars of scratch that each function needs.
int64_t ckernels_response_normalization_scratch(const ckernels_response_normalization *n);

/// Computes y from x.
void ckernels_response_normalize(const ckernels_response_normalization *n, const float *x, float *y, float *scratch);

/// Computes dx from x and dy; sums and powers are recomputed.
///
///     dx[c] = dy[c] * s[c]^-beta - 2 * alpha * beta * x[c] * sum over j whose window covers c of
///                                                            dy[j] * x[j] * s[j]^(-beta - 1)
void ckernels_response_normalization_gradient(const ckernels_response_normalization *n, const float *x, const float *dy,
                                              float *dx, float *scratch);

#endif
