#include "include/activation.h"

#include "dispatch.h"
#include <string.h>

// In place, so that there are but two arrays: where the gradients may be the same memory, three could overlap as
// far as the compiler knows, and it would not use vectors.
CKERNELS_CLONES
static void multiply_by_derivative(ckernels_function function, int64_t count, const float *restrict y,
                                   float *restrict g) {
  switch (function) {
  case ckernels_identity: break;
  case ckernels_relu:
    // NaN in the output passes on to the gradient: a net that went wrong has to show it.
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
  if (input_gradient != output_gradient)
    memcpy(input_gradient, output_gradient, (size_t)count * sizeof(float));
  multiply_by_derivative(function, count, output, input_gradient);
}
