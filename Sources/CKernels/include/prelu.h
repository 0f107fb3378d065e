#ifndef C_KERNELS_PRELU_H
#define C_KERNELS_PRELU_H

#include <stdint.h>

// Parametric ReLU over rows of `channels` scalars, with one slope for each channel.

/// y = x where x > 0, slope[channel] * x elsewhere. NaN stays NaN.
void ckernels_prelu(int64_t rows, int64_t channels, const float *x, const float *slope, float *y);

/// input_gradient = g where x > 0, slope[channel] * g elsewhere; NULL if it is not needed.
/// slope_gradient[channel] = sum over the rows where x <= 0 of g * x.
void ckernels_prelu_gradient(int64_t rows, int64_t channels, const float *x, const float *slope, const float *g,
                             float *input_gradient, float *slope_gradient);

#endif
