#ifndef C_KERNELS_SPARSE_H
#define C_KERNELS_SPARSE_H

#include "im2col.h"
#include "pooling.h"

/// A convolution, the max pooling of its output, and the gradient of the pooled output.
///
/// The gradient of one pooled element belongs to one pixel of the convolution's output, and that pixel reads
/// one patch of the image: `kernel_height` runs of `kernel_width` * channels floats. One group; columns are
/// not dilated.
typedef struct {
  ckernels_window window;
  ckernels_pooling pooling;  // its input is the output of the convolution; windows of at most 256 positions
  const float *gradient;     // [images, pooled height, pooled width, channels]
  const uint8_t *places;     // the same shape: row * window width + column of the maximum
  int64_t band_rows;         // pooled rows of an image that are processed together
} ckernels_sparse;

/// Floats of one patch, its runs padded to whole vectors: the row length of a transposed kernel.
int64_t ckernels_sparse_patch(const ckernels_sparse *sparse);

/// Floats of scratch for the kernel gradient of `channel_count` output channels, and for the input gradient.
int64_t ckernels_sparse_kernel_scratch(const ckernels_sparse *sparse, int64_t channel_count);
int64_t ckernels_sparse_input_scratch(const ckernels_sparse *sparse);

/// kernel_gradient [kernel height, kernel width, input channels, output channels] of `channel_count` output
/// channels from `first_channel` on, added to or overwritten. `input` is [images, height, width, channels].
typedef struct {
  ckernels_sparse sparse;
  const float *input;
  int64_t first_channel, channel_count;
  float *kernel_gradient;
  int accumulate;
  float *scratch;
} ckernels_sparse_kernel_gradient_job;

void ckernels_sparse_kernel_gradient(const ckernels_sparse_kernel_gradient_job *job);

/// patches [output channels, patch] = kernel [kernel height, kernel width, input channels, output channels],
/// transposed, for some output channels.
void ckernels_sparse_transpose_kernel(const ckernels_sparse *sparse, const float *kernel, int64_t first_channel,
                                      int64_t channel_count, float *patches);

/// Rows `first_row` ..< `end_row` of the input gradient of image `image`, overwritten.
typedef struct {
  ckernels_sparse sparse;
  const float *patches;
  int64_t image, first_row, end_row;
  float *input_gradient;  // [images, height, width, channels]
  float *scratch;
} ckernels_sparse_input_gradient_job;

void ckernels_sparse_input_gradient(const ckernels_sparse_input_gradient_job *job);

#endif
