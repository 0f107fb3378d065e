#ifndef C_KERNELS_DIRECT_ROWS_H
#define C_KERNELS_DIRECT_ROWS_H

#include "im2col.h"

// Convolution of a single input channel at stride 1 without dilation; output channels are planes. Output rows
// are numbered through the whole batch. The kernel gradient needs at least 16 columns.

/// Scalars of padded rows on the stack; `kernel_height` rows of `output_width + kernel_width - 1` must fit.
enum { ckernels_padded_scalars = 4096 };

/// planes[channel][row][column] for output rows first_row..<end_row, beginning at planes[channel][0]. The
/// kernel is [kernel_height][kernel_width][channels]; planes are `plane_stride` scalars apart.
void ckernels_direct_rows_forward(const ckernels_window *window, int64_t kernel_height, const float *input,
                                  const float *kernel, int64_t channels, int64_t first_row, int64_t end_row,
                                  float *planes, int64_t plane_stride);

/// Overwrites kernel_gradient with, or if `accumulate` adds to it, the contribution of output rows
/// first_row..<end_row, beginning at planes[channel][0].
void ckernels_direct_rows_kernel_gradient(const ckernels_window *window, int64_t kernel_height, const float *input,
                                          const float *planes, int64_t plane_stride, int64_t channels,
                                          int64_t first_row, int64_t end_row, int accumulate, float *kernel_gradient);

#endif
