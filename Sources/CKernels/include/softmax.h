#ifndef C_KERNELS_SOFTMAX_H
#define C_KERNELS_SOFTMAX_H

#include <stdint.h>

/// Every row x[0..<columns] becomes exp(x[c] - m) / sum over k of exp(x[k] - m), m being the row's largest
/// element: no overflow for any x. Where that is infinite, those that are share 1; a row with NaN becomes NaN.
void ckernels_softmax_rows(float *values, int64_t rows, int64_t columns);

/// The adjoint, told from the output: input_gradient[c] = output[c] * (output_gradient[c] - sum over k of
/// output_gradient[k] * output[k]) in every row. The two gradients may be the same memory.
void ckernels_softmax_gradient(const float *output, const float *output_gradient, int64_t rows, int64_t columns,
                               float *input_gradient);

#endif
