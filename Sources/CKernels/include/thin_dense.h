#ifndef C_KERNELS_THIN_DENSE_H
#define C_KERNELS_THIN_DENSE_H

#include <stdint.h>

// The three products of a dense layer with a large kernel [inputs, units] and a small batch, which are
// limited by the memory traffic of the kernel. The kernel is read or written once, row by row, without the
// packed copies of a general product. Images are rows: input [images, inputs], output [images, units].

/// The maximum number of images.
enum { ckernels_thin_images = 32 };

typedef struct {
  int64_t images, inputs, units;
  /// The maximum number of units of one call of ckernels_thin_forward; a multiple of 32.
  int64_t columns;
  /// images * columns scalars.
  float *scratch;
} ckernels_thin_dense;

/// output[b][u] = sum over i of input[b][i] * kernel[i][u], for units first ..< first + count.
void ckernels_thin_forward(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                           const float *kernel, float *output);

/// kernel_gradient[i][u] = sum over b of input[b][i] * output_gradient[b][u], or += if `accumulate`, for
/// inputs first ..< first + count. Without `accumulate`, it uses non-temporal stores.
void ckernels_thin_kernel_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count, const float *input,
                                   const float *output_gradient, float *kernel_gradient, int accumulate);

/// input_gradient[b][i] = sum over u of output_gradient[b][u] * kernel[i][u], for inputs first ..< first +
/// count.
void ckernels_thin_input_gradient(const ckernels_thin_dense *d, int64_t first, int64_t count,
                                  const float *output_gradient, const float *kernel, float *input_gradient);

#endif
