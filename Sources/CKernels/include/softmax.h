#ifndef C_KERNELS_SOFTMAX_H
#define C_KERNELS_SOFTMAX_H

#include <stdint.h>

/// Every row x[0..<columns] becomes exp(x[c] - m) / sum over k of exp(x[k] - m), m being the row's largest
/// element: no overflow for any finite x. A row with NaN becomes NaN.
void ckernels_softmax_rows(float *values, int64_t rows, int64_t columns);

#endif
