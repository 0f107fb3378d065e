#include "include/softmax.h"

#include <math.h>

void ckernels_softmax_rows(float *values, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *row = values + r * columns;
    float most = row[0];
    for (int64_t c = 1; c < columns; c++)
      if (row[c] > most) most = row[c];
    float sum = 0;
    for (int64_t c = 0; c < columns; c++) {
      row[c] = expf(row[c] - most);
      sum += row[c];
    }
    for (int64_t c = 0; c < columns; c++) row[c] /= sum;
  }
}
