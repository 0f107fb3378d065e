#include "include/epilogue.h"

#include "activation_function.h"
#include "float_run.h"
#include <string.h>

enum { FEW_COLUMNS = 24, ROWS_IN_ONE = 16 };

/// row[c] = f(row[c] + bias[c])
CKERNELS_INLINE void finish_row(float *restrict row, int64_t columns, const float *restrict bias,
                                ckernels_activation activation) {
  if (activation.function == ckernels_relu && bias) {
    for (int64_t c = 0; c < columns; c++) row[c] = relu_keeping_nan(row[c] + bias[c]);
    return;
  }
  if (bias)
    for (int64_t c = 0; c < columns; c++) row[c] += bias[c];
  apply_function(activation, columns, row);
}

CKERNELS_CLONES
void ckernels_finish_rows(float *values, int64_t rows, int64_t columns, int64_t stride, const float *bias,
                          ckernels_activation activation) {
  if (columns == stride && columns <= FEW_COLUMNS && rows >= ROWS_IN_ONE) {
    // Few columns leave most lanes empty: treat sixteen rows as one long row, with the bias repeated.
    float repeated[FEW_COLUMNS * ROWS_IN_ONE];
    const int64_t wide = columns * ROWS_IN_ONE;
    for (int64_t i = 0; bias && i < wide; i++) repeated[i] = bias[i % columns];
    for (; rows >= ROWS_IN_ONE; rows -= ROWS_IN_ONE, values += wide)
      finish_row(values, wide, bias ? repeated : NULL, activation);
  }
  for (int64_t r = 0; r < rows; r++) finish_row(values + r * stride, columns, bias, activation);
}

/// Transposes 8 columns of 5 to 8 rows to 8 runs. Each run is written as 8 floats. If runs of fewer are dense,
/// the next run overwrites the excess; then at least 8 more must follow.
CKERNELS_INLINE void transpose_to(const float *from, int64_t rows, int64_t from_stride, float *to, int64_t to_stride) {
  float32x8 columns[8];
  transpose_eight(from, rows, from_stride, columns);
  for (int k = 0; k < 8; k++) *(float32x8 *)(to + k * to_stride) = columns[k];
}

CKERNELS_CLONES
void ckernels_transpose(const float *restrict from, int64_t rows, int64_t columns, int64_t from_stride,
                        float *restrict to, int64_t to_stride) {
  if (rows < 16) {  // few channels: each pixel is a short run
    int64_t c = 0;
    if (rows > 4 && rows <= 8 && to_stride == rows)
      for (; c + 16 <= columns; c += 8) transpose_to(from + c, rows, from_stride, to + c * rows, rows);
    for (; c < columns; c++)
      for (int64_t r = 0; r < rows; r++) to[c * to_stride + r] = from[r * from_stride + c];
    return;
  }
  // Blocks of 16 by 16 keep both matrices within a few cache lines.
  for (int64_t r0 = 0; r0 < rows; r0 += 16) {
    const int64_t r1 = r0 + 16 < rows ? r0 + 16 : rows;
    for (int64_t c0 = 0; c0 < columns; c0 += 16) {
      const int64_t c1 = c0 + 16 < columns ? c0 + 16 : columns;
      if (r1 - r0 == 16 && c1 - c0 == 16) {
        for (int64_t c = c0; c < c1; c += 8)
          for (int64_t r = r0; r < r1; r += 8)
            transpose_to(from + r * from_stride + c, 8, from_stride, to + c * to_stride + r, to_stride);
        continue;
      }
      for (int64_t c = c0; c < c1; c++)
        for (int64_t r = r0; r < r1; r++) to[c * to_stride + r] = from[r * from_stride + c];
    }
  }
}

CKERNELS_INLINE void sum_rows(const float *restrict values, int64_t rows, int64_t columns, int64_t stride,
                              float *restrict sums) {
  // Four rows at a time, for a quarter of the loads and stores of `sums`.
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *a = values + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
    for (int64_t i = 0; i < columns; i++) sums[i] += (a[i] + b[i]) + (c[i] + d[i]);
  }
  for (; r < rows; r++) {
    const float *a = values + r * stride;
    for (int64_t i = 0; i < columns; i++) sums[i] += a[i];
  }
}

CKERNELS_CLONES
void ckernels_sum_rows(const float *restrict values, int64_t rows, int64_t columns, int64_t stride,
                       float *restrict sums, int accumulate) {
  if (!accumulate)
    for (int64_t c = 0; c < columns; c++) sums[c] = 0;
  if (columns > FEW_COLUMNS || stride != columns || rows < 2 * ROWS_IN_ONE) {
    sum_rows(values, rows, columns, stride, sums);
    return;
  }
  // Few columns leave most lanes empty: treat sixteen rows as one long row, and add the parts at the end.
  float folded[FEW_COLUMNS * ROWS_IN_ONE] = {0};
  const int64_t whole = rows / ROWS_IN_ONE, wide = columns * ROWS_IN_ONE;
  sum_rows(values, whole, wide, wide, folded);
  sum_rows(folded, ROWS_IN_ONE, columns, columns, sums);
  sum_rows(values + whole * wide, rows % ROWS_IN_ONE, columns, columns, sums);
}

CKERNELS_CLONES
void ckernels_sum_parts(const float *restrict parts, int64_t part_count, int64_t stride, int64_t count,
                        float *restrict total, int accumulate) {
  if (!accumulate)
    for (int64_t i = 0; i < count; i++) total[i] = part_count > 0 ? parts[i] : 0;
  for (int64_t p = accumulate ? 0 : 1; p < part_count; p++) {
    const float *part = parts + p * stride;
    for (int64_t i = 0; i < count; i++) total[i] += part[i];
  }
}

CKERNELS_CLONES
void ckernels_clear_rows(float *values, int64_t rows, int64_t columns, int64_t stride) {
  if (columns == stride) {
    memset(values, 0, (size_t)(rows * columns) * sizeof(float));
    return;
  }
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) values[r * stride + c] = 0;
}
