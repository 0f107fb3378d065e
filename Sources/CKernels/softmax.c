#include "include/softmax.h"

#include "vectors.h"
#include <math.h>

void ckernels_softmax_rows(float *values, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *row = values + r * columns;
    const float largest = largest_or_nan(row, columns);
    float sum = 0;
    for (int64_t c = 0; c < columns; c++) {
      // Compares first, because the difference of two infinities is NaN.
      row[c] = row[c] == largest ? 1 : expf(row[c] - largest);
      sum += row[c];
    }
    for (int64_t c = 0; c < columns; c++) row[c] /= sum;
  }
}

CKERNELS_CLONES
void ckernels_softmax_gradient(const float *y, const float *g, int64_t rows, int64_t columns, float *to) {
  for (int64_t r = 0; r < rows; r++, y += columns, g += columns, to += columns) {
    float dot = 0;
    for (int64_t c = 0; c < columns; c++) dot += g[c] * y[c];
    for (int64_t c = 0; c < columns; c++) to[c] = y[c] * (g[c] - dot);
  }
}
