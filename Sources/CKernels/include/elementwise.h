#ifndef C_KERNELS_ELEMENTWISE_H
#define C_KERNELS_ELEMENTWISE_H

#include "activation.h"
#include <stdint.h>

/// out[i] = f(a[i] + b[i]); `out` may be a or b.
void ckernels_add(int64_t count, const float *a, const float *b, ckernels_activation activation, float *out);

/// total[i] += part[i]
void ckernels_accumulate(int64_t count, const float *part, float *total);

#endif
