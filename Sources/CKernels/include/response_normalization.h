#ifndef C_KERNELS_RESPONSE_NORMALIZATION_H
#define C_KERNELS_RESPONSE_NORMALIZATION_H

#include <stdint.h>

/// Local response normalization of `rows` rows of `channels` numbers. Around channel c the window holds channels
/// c - before .. c + after, as far as there are any:
///
///     s[c] = k + alpha * sum over the window of x[j]^2        y[c] = x[c] * s[c]^-beta
typedef struct {
  int64_t rows, channels;
  int64_t before, after;
  float k, alpha, beta;
} ckernels_response_normalization;

/// Scalars of scratch that both functions need.
int64_t ckernels_response_normalization_scratch(const ckernels_response_normalization *n);

/// y of x.
void ckernels_response_normalize(const ckernels_response_normalization *n, const float *x, float *y, float *scratch);

/// dx from x, dy and nothing else: sums and powers are computed again.
///
///     dx[c] = dy[c] * s[c]^-beta - 2 * alpha * beta * x[c] * sum over j whose window holds c of
///                                                            dy[j] * x[j] * s[j]^(-beta - 1)
void ckernels_response_normalization_gradient(const ckernels_response_normalization *n, const float *x,
                                              const float *dy, float *dx, float *scratch);

#endif
