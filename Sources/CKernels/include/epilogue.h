#ifndef C_KERNELS_EPILOGUE_H
#define C_KERNELS_EPILOGUE_H

#include "activation.h"
#include <stdint.h>

/// values[row][column] = f(values[row][column] + bias[column]); bias may be NULL.
/// Rows are `stride` scalars apart.
void ckernels_finish_rows(float *values, int64_t rows, int64_t columns, int64_t stride, const float *bias,
                          ckernels_activation activation);

/// sums[column] = (accumulate ? sums[column] : 0) + sum over rows of values[row][column].
void ckernels_sum_rows(const float *values, int64_t rows, int64_t columns, int64_t stride, float *sums, int accumulate);

/// values[row][column] = 0.
void ckernels_clear_rows(float *values, int64_t rows, int64_t columns, int64_t stride);

/// to[column][row] = from[row][column].
void ckernels_transpose(const float *from, int64_t rows, int64_t columns, int64_t from_stride, float *to,
                        int64_t to_stride);

/// total[i] = (accumulate ? total[i] : 0) + parts[0][i] + parts[1][i] + ..., in that order; part p starts at
/// parts + p * stride.
void ckernels_sum_parts(const float *parts, int64_t part_count, int64_t stride, int64_t count, float *total,
                        int accumulate);

#endif
