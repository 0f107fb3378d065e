#include "include/activation.h"

#include "activation_function.h"

// In place, with two arrays that are restrict: the two gradients may be the same memory, so with three arrays
// the compiler could not rule out overlap and would not vectorize the loop.
CKERNELS_CLONES
static void multiply(ckernels_activation activation, int64_t count, const float *restrict values, float *restrict g) {
  multiply_by_derivative(activation, count, values, g);
}

void ckernels_activation_gradient(ckernels_activation activation, int64_t count, const float *values,
                                  const float *output_gradient, float *input_gradient) {
  if (input_gradient != output_gradient) memcpy(input_gradient, output_gradient, (size_t)count * sizeof(float));
  multiply(activation, count, values, input_gradient);
}
