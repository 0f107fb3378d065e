#include "include/activation.h"

#include "dispatch.h"
#include <string.h>

// In place, with two arrays that are restrict: the two gradients may be the same memory, so with three arrays
// the compiler could not rule out overlap and would not vectorize the loop.
CKERNELS_CLONES
static void multiply_by_derivative(ckernels_function function, int64_t count, const float *restrict y,
                                   float *restrict g) {
  switch (function) {
  case ckernels_identity: break;
  case ckernels_relu:
    // A NaN in the output propagates to the gradient, so that a diverged network is detected.
    for (int64_t i = 0; i < count; i++) g[i] = y[i] <= 0 ? 0 : (y[i] > 0 ? g[i] : y[i]);
    break;
  case ckernels_tanh:
    for (int64_t i = 0; i < count; i++) g[i] *= 1 - y[i] * y[i];
    break;
  case ckernels_sigmoid:
    for (int64_t i = 0; i < count; i++) g[i] *= y[i] * (1 - y[i]);
    break;
  }
}

void ckernels_activation_gradient(ckernels_function function, int64_t count, const float *output,
                                  const float *output_gradient, float *input_gradient) {
  if (input_gradient != output_gradient) memcpy(input_gradient, output_gradient, (size_t)count * sizeof(float));
  multiply_by_derivative(function, count, output, input_gradient);
}
