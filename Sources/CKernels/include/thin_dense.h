#ifndef C_KERNELS_THIN_DENSE_H
#define C_KERNELS_THIN_DENSE_H

#include <stdint.h>

// The three products of a dense layer whose kernel [inputs, units] is large and whose batch is small, so that the
// time goes into reading or writing the kernel: it goes through the processor once, row by row as it lies in memory,
// without the copies that a general product packs. Images are rows: input [images, inputs], output [images, units].

enum {
  /// More images than this are not for these functions.
  ckernels_thin_images = 32,
  /// Columns that one call of ckernels_thin_forward makes at most.
  ckernels_thin_columns = 512
};

typedef struct {
  int64_t images, inputs, units;
} ckernels_thin_dense;

/// output[b][u] = sum over i of input[b][i] * kernel[i][u], for units first ..< first + count.
void ckernels_thin_forward(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                           const float *kernel, float *output);

/// kernel_gradient[i][u] = (accumulate ? it : 0) + sum over b of input[b][i] * output_gradient[b][u], for inputs
/// first ..< first + count. What is not added to is written past the caches: nobody reads it soon.
void ckernels_thin_kernel_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                                   const float *output_gradient, float *kernel_gradient, int accumulate);

/// input_gradient[b][i] = sum over u of output_gradient[b][u] * kernel[i][u], for inputs first ..< first + count.
void ckernels_thin_input_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count,
                                  const float *output_gradient, const float *kernel, float *input_gradient);

#endif
