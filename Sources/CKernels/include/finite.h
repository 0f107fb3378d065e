#ifndef C_KERNELS_FINITE_H
#define C_KERNELS_FINITE_H

#include <stdint.h>

/// Returns 1 if all values are finite, 0 if one is NaN or infinite.
int ckernels_all_finite(int64_t count, const float *values);

#endif
