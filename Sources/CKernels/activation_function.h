// The elementwise functions and their derivatives. One loop per function, so that the simple ones vectorize;
// each is inlined into every clone.
#ifndef C_KERNELS_ACTIVATION_FUNCTION_H
#define C_KERNELS_ACTIVATION_FUNCTION_H

#include "include/activation.h"
#include "vectors.h"
#include <math.h>

CKERNELS_INLINE float clip_keeping_nan(float x, float least, float largest) {
  return x < least ? least : (x > largest ? largest : x);
}

CKERNELS_INLINE float sigmoid(float x) { return 1 / (1 + expf(-x)); }

/// Without overflow: exp(x) would be infinite from x = 89.
CKERNELS_INLINE float softplus(float x) { return relu_keeping_nan(x) + log1pf(expf(-fabsf(x))); }

/// values[i] = f(values[i])
CKERNELS_INLINE void apply_function(ckernels_activation f, int64_t count, float *restrict values) {
  switch (f.function) {
  case ckernels_identity: break;
  case ckernels_relu:
    for (int64_t i = 0; i < count; i++) values[i] = relu_keeping_nan(values[i]);
    break;
  case ckernels_tanh:
    for (int64_t i = 0; i < count; i++) values[i] = tanhf(values[i]);
    break;
  case ckernels_sigmoid:
    for (int64_t i = 0; i < count; i++) values[i] = sigmoid(values[i]);
    break;
  case ckernels_clip:
    for (int64_t i = 0; i < count; i++) values[i] = clip_keeping_nan(values[i], f.a, f.b);
    break;
  case ckernels_leaky_relu:
    for (int64_t i = 0; i < count; i++) values[i] = values[i] > 0 ? values[i] : f.a * values[i];
    break;
  case ckernels_elu:
    for (int64_t i = 0; i < count; i++) values[i] = values[i] > 0 ? values[i] : f.a * expm1f(values[i]);
    break;
  case ckernels_hard_sigmoid:
    for (int64_t i = 0; i < count; i++) values[i] = clip_keeping_nan(values[i] / 6 + 0.5f, 0, 1);
    break;
  case ckernels_hard_swish:
    for (int64_t i = 0; i < count; i++) {
      const float x = values[i], inner = x * (x / 6 + 0.5f);
      values[i] = x <= -3 ? 0 : (x >= 3 ? x : inner);
    }
    break;
  case ckernels_softplus:
    for (int64_t i = 0; i < count; i++) values[i] = softplus(values[i]);
    break;
  }
}

/// g[i] *= f', from the output y[i]; for hard-swish from the input. A NaN in y propagates to the gradient, so
/// that a diverged network is detected.
CKERNELS_INLINE void multiply_by_derivative(ckernels_activation f, int64_t count, const float *restrict y,
                                            float *restrict g) {
  switch (f.function) {
  case ckernels_identity: break;
  case ckernels_relu:
    for (int64_t i = 0; i < count; i++) g[i] = y[i] <= 0 ? 0 : (y[i] > 0 ? g[i] : y[i]);
    break;
  case ckernels_tanh:
    for (int64_t i = 0; i < count; i++) g[i] *= 1 - y[i] * y[i];
    break;
  case ckernels_sigmoid:
    for (int64_t i = 0; i < count; i++) g[i] *= y[i] * (1 - y[i]);
    break;
  case ckernels_clip:
    for (int64_t i = 0; i < count; i++) {
      const float outside = y[i] != y[i] ? y[i] : 0;
      g[i] = ((y[i] > f.a) & (y[i] < f.b)) ? g[i] : outside;
    }
    break;
  case ckernels_leaky_relu:
    for (int64_t i = 0; i < count; i++) {
      const float slope = y[i] != y[i] ? y[i] : f.a;
      g[i] *= y[i] > 0 ? 1 : slope;
    }
    break;
  case ckernels_elu:  // a * exp(x) = y + a
    for (int64_t i = 0; i < count; i++) g[i] *= y[i] > 0 ? 1 : y[i] + f.a;
    break;
  case ckernels_hard_sigmoid:
    for (int64_t i = 0; i < count; i++) {
      const float outside = y[i] != y[i] ? y[i] : 0, inner = g[i] / 6;
      g[i] = ((y[i] > 0) & (y[i] < 1)) ? inner : outside;
    }
    break;
  case ckernels_hard_swish:
    for (int64_t i = 0; i < count; i++) {
      const float x = y[i], inner = g[i] * (x / 3 + 0.5f);
      g[i] = x <= -3 ? 0 : (x >= 3 ? g[i] : inner);
    }
    break;
  case ckernels_softplus:  // sigmoid(x) = 1 - exp(-y)
    for (int64_t i = 0; i < count; i++) g[i] *= -expm1f(-y[i]);
    break;
  }
}

#endif
