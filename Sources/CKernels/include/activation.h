#ifndef C_KERNELS_ACTIVATION_H
#define C_KERNELS_ACTIVATION_H

#include "epilogue.h"
#include <stdint.h>

/// input_gradient[i] = output_gradient[i] * f'(x[i]), with the derivative computed from the output y = f(x).
/// The two gradients may be the same memory.
void ckernels_activation_gradient(ckernels_function function, int64_t count, const float *output,
                                  const float *output_gradient, float *input_gradient);

#endif
