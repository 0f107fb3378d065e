#ifndef C_KERNELS_SOFTMAX_H
#define C_KERNELS_SOFTMAX_H

#include <stdint.h>

/// Replaces every row x[0..<columns] with exp(x[c] - m) / sum over k of exp(x[k] - m), where m is the largest
/// element of the row, so that nothing overflows. If m is infinite, the infinite elements are equal and sum
/// to 1. A row with NaN becomes NaN.
void ckernels_softmax_rows(float *values, int64_t rows, int64_t columns);

/// The gradient, computed from the output: input_gradient[c] = output[c] * (output_gradient[c] - sum over k
/// of output_gradient[k] * output[k]) in every row. The two gradients may be the same memory.
void ckernels_softmax_gradient(const float *output, const float *output_gradient, int64_t rows, int64_t columns,
                               float *input_gradient);

#endif
