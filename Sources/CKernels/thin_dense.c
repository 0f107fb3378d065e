#include "include/thin_dense.h"

#include "float_run.h"
#include <string.h>

/// Lanes of a vector, and the number of images and of kernel rows that are multiplied while in registers.
enum { IMAGES = 8, ROWS = 8 };

// MARK: - Forward

/// sums[b][c] += sum over r of x[b][r] * kernel[r][c]; `images` and `rows` are constants after inlining.
CKERNELS_INLINE void add_rows(const int images, const int rows, int64_t count, int64_t columns, int64_t stride,
                              const float *restrict x, const float *restrict kernel, float *restrict sums) {
  int64_t c = 0;
  for (; c + LANES <= count; c += LANES) {
    float32x16 w[ROWS];
    for (int r = 0; r < rows; r++) w[r] = LOAD(kernel + r * stride + c);
    for (int b = 0; b < images; b++) {
      float32x16 sum = LOAD(sums + b * columns + c);
      for (int r = 0; r < rows; r++) sum += w[r] * x[b * ROWS + r];
      STORE(sums + b * columns + c, sum);
    }
  }
  for (; c < count; c++)
    for (int b = 0; b < images; b++)
      for (int r = 0; r < rows; r++) sums[b * columns + c] += kernel[r * stride + c] * x[b * ROWS + r];
}

CKERNELS_CLONES
void ckernels_thin_forward(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                           const float *kernel, float *output) {
  // A dense buffer, because the rows of the output are so far apart that they would map to the same cache
  // sets.
  const int64_t columns = d->columns;
  float *sums = d->scratch;
  CKERNELS_ASSERT(count <= columns && d->images <= ckernels_thin_images);
  clear_run(sums, d->images * columns);
  for (int64_t i = 0; i < d->inputs; i += ROWS) {
    const float *rows = kernel + i * d->units + first;
    const int64_t row_count = d->inputs - i < ROWS ? d->inputs - i : ROWS;
    for (int64_t b = 0; b < d->images; b += IMAGES) {
      const int64_t images = d->images - b < IMAGES ? d->images - b : IMAGES;
      float x[IMAGES * ROWS];
      for (int64_t n = 0; n < images; n++)
        for (int64_t r = 0; r < row_count; r++) x[n * ROWS + r] = input[(b + n) * d->inputs + i + r];
      float *to = sums + b * columns;
      if (images == IMAGES && row_count == ROWS)
        add_rows(IMAGES, ROWS, count, columns, d->units, x, rows, to);
      else if (images == 1 && row_count == ROWS)
        add_rows(1, ROWS, count, columns, d->units, x, rows, to);
      else
        add_rows((int)images, (int)row_count, count, columns, d->units, x, rows, to);
    }
  }
  for (int64_t b = 0; b < d->images; b++)
    memcpy(output + b * d->units + first, sums + b * columns, (size_t)count * sizeof(float));
}

// MARK: - The kernel gradient

/// The number of kernel rows that are computed at a time.
enum { GRADIENT_ROWS = 4 };

/// Computes `rows` rows of the gradient, with non-temporal stores if `non_temporal` is set, which needs
/// aligned rows. Both are constants after inlining.
CKERNELS_INLINE void make_rows(const int rows, const int non_temporal, const ckernels_thin_dense *d, int64_t count,
                               const float *restrict x, const float *restrict g, float *restrict to, int accumulate) {
  int64_t c = 0;
  for (; c + 2 * LANES <= count; c += 2 * LANES) {
    float32x16 low[GRADIENT_ROWS], high[GRADIENT_ROWS];
    for (int r = 0; r < rows; r++) {
      low[r] = accumulate ? LOAD(to + r * d->units + c) : (float32x16){0};
      high[r] = accumulate ? LOAD(to + r * d->units + c + LANES) : (float32x16){0};
    }
    for (int64_t b = 0; b < d->images; b++) {
      const float32x16 left = LOAD(g + b * d->columns + c), right = LOAD(g + b * d->columns + c + LANES);
      for (int r = 0; r < rows; r++) {
        low[r] += left * x[b * GRADIENT_ROWS + r];
        high[r] += right * x[b * GRADIENT_ROWS + r];
      }
    }
    for (int r = 0; r < rows; r++) {
      float *row = to + r * d->units + c;
      if (non_temporal) {
        stream(row, &low[r]);
        stream(row + LANES, &high[r]);
      } else {
        STORE(row, low[r]);
        STORE(row + LANES, high[r]);
      }
    }
  }
  for (; c < count; c++)
    for (int r = 0; r < rows; r++) {
      float sum = accumulate ? to[r * d->units + c] : 0;
      for (int64_t b = 0; b < d->images; b++) sum += g[b * d->columns + c] * x[b * GRADIENT_ROWS + r];
      to[r * d->units + c] = sum;
    }
}

CKERNELS_CLONES
void ckernels_thin_kernel_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                                   const float *output_gradient, float *kernel_gradient, int accumulate) {
  float *g = d->scratch, x[ckernels_thin_images * GRADIENT_ROWS];
  CKERNELS_ASSERT(d->images <= ckernels_thin_images);
  const int non_temporal = !accumulate && (uintptr_t)kernel_gradient % 64 == 0 && d->units % LANES == 0;
  for (int64_t u = 0; u < d->units; u += d->columns) {
    const int64_t columns = d->units - u < d->columns ? d->units - u : d->columns;
    for (int64_t b = 0; b < d->images; b++)
      memcpy(g + b * d->columns, output_gradient + b * d->units + u, (size_t)columns * sizeof(float));
    for (int64_t i = first; i < first + count; i += GRADIENT_ROWS) {
      const int64_t rows = first + count - i < GRADIENT_ROWS ? first + count - i : GRADIENT_ROWS;
      float *to = kernel_gradient + i * d->units + u;
      for (int64_t b = 0; b < d->images; b++)
        for (int64_t r = 0; r < rows; r++) x[b * GRADIENT_ROWS + r] = input[b * d->inputs + i + r];
      if (rows == GRADIENT_ROWS && non_temporal)
        make_rows(GRADIENT_ROWS, 1, d, columns, x, g, to, 0);
      else if (rows == GRADIENT_ROWS)
        make_rows(GRADIENT_ROWS, 0, d, columns, x, g, to, accumulate);
      else
        make_rows((int)rows, 0, d, columns, x, g, to, accumulate);
    }
  }
  // Non-temporal stores are not ordered by the locks and flags that publish the result to other threads.
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

// MARK: - The input gradient

/// The number of kernel rows and of images that are multiplied at a time.
enum { SIDE = 4 };

/// to[b][r] = g[b] . kernel[r]; `images` and `rows` are constants after inlining.
CKERNELS_INLINE void row_products(const int images, const int rows, const ckernels_thin_dense *d,
                                  const float *restrict g, const float *restrict kernel, float *restrict to) {
  float32x16 sums[SIDE * SIDE];
  for (int i = 0; i < SIDE * SIDE; i++) sums[i] = (float32x16){0};
  int64_t u = 0;
  for (; u + LANES <= d->units; u += LANES) {
    float32x16 w[SIDE];
    for (int r = 0; r < rows; r++) w[r] = LOAD(kernel + r * d->units + u);
    for (int b = 0; b < images; b++) {
      const float32x16 v = LOAD(g + b * d->units + u);
      for (int r = 0; r < rows; r++) sums[b * SIDE + r] += v * w[r];
    }
  }
  for (int b = 0; b < images; b++)
    for (int r = 0; r < rows; r++) {
      float sum = sum_of_lanes(&sums[b * SIDE + r]);
      for (int64_t v = u; v < d->units; v++) sum += g[b * d->units + v] * kernel[r * d->units + v];
      to[b * d->inputs + r] = sum;
    }
}

CKERNELS_CLONES
void ckernels_thin_input_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count,
                                  const float *output_gradient, const float *kernel, float *input_gradient) {
  for (int64_t i = first; i < first + count; i += SIDE) {
    const int64_t rows = first + count - i < SIDE ? first + count - i : SIDE;
    for (int64_t b = 0; b < d->images; b += SIDE) {
      const int64_t images = d->images - b < SIDE ? d->images - b : SIDE;
      const float *g = output_gradient + b * d->units, *w = kernel + i * d->units;
      float *to = input_gradient + b * d->inputs + i;
      if (images == SIDE && rows == SIDE)
        row_products(SIDE, SIDE, d, g, w, to);
      else if (images == 1 && rows == SIDE)
        row_products(1, SIDE, d, g, w, to);
      else
        row_products((int)images, (int)rows, d, g, w, to);
    }
  }
}
