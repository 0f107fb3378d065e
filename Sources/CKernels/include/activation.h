#ifndef C_KERNELS_ACTIVATION_H
#define C_KERNELS_ACTIVATION_H

#include <stdint.h>

/// The elementwise functions. Parameters a and b are those of ckernels_activation; functions without a formula
/// for them ignore them. Every function keeps NaN.
typedef enum {
  /// x
  ckernels_identity = 0,
  /// max(x, 0)
  ckernels_relu = 1,
  ckernels_tanh = 2,
  /// 1 / (1 + exp(-x))
  ckernels_sigmoid = 3,
  /// a where x < a, b where x > b, x elsewhere
  ckernels_clip = 4,
  /// x where x > 0, a * x elsewhere; a > 0
  ckernels_leaky_relu = 5,
  /// x where x > 0, a * (exp(x) - 1) elsewhere; a >= 0
  ckernels_elu = 6,
  /// min(max(x / 6 + 1/2, 0), 1)
  ckernels_hard_sigmoid = 7,
  /// 0 where x <= -3, x where x >= 3, x * (x / 6 + 1/2) elsewhere
  ckernels_hard_swish = 8,
  /// log(1 + exp(x))
  ckernels_softplus = 9,
} ckernels_function;

/// A function with its parameters.
typedef struct {
  ckernels_function function;
  float a, b;
} ckernels_activation;

/// input_gradient[i] = output_gradient[i] * f'(x[i]). The derivative is computed from the output y = f(x), for
/// ckernels_hard_swish from the input: `values` are outputs, or inputs. The two gradients may be the same memory.
void ckernels_activation_gradient(ckernels_activation activation, int64_t count, const float *values,
                                  const float *output_gradient, float *input_gradient);

#endif
