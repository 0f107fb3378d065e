#ifndef C_KERNELS_GROUPED_H
#define C_KERNELS_GROUPED_H

#include "epilogue.h"
#include "im2col.h"

// Convolution of groups with as many outputs as inputs: groups of 1 (depthwise), 2, 4, 8 or 16 channels, so that a
// vector of 16 channels holds whole groups. Unless groups have one channel, the number of channels is a multiple of
// 16. The kernel is [height][width][group channels][channels]. Rows are numbered through the whole batch.

/// Output rows of a forward pass, or of the output gradient for the kernel gradient; input rows for the input gradient.
typedef struct {
  const ckernels_window *window;
  int64_t group_channels;
  int64_t first_row, end_row;
  /// [batch][height][width][channels]; not used by the input gradient, as are the columns and the scratch.
  const float *input;
  /// Output columns that are computed at a time: a multiple of ckernels_grouped_together, at most
  /// ckernels_grouped_max_columns.
  int64_t columns;
  /// ckernels_grouped_scratch scalars.
  float *scratch;
} ckernels_grouped_rows;

enum {
  ckernels_grouped_together = 8,
  /// The rows of a 3x3 window over 32 outputs and 64 channels take 28 KiB of a first-level cache of 32 KiB.
  ckernels_grouped_max_columns = 32,
};

/// Scalars of scratch for some output columns: the input rows of a window, and the kernel of 64 channels.
int64_t ckernels_grouped_scratch(const ckernels_window *window, int64_t group_channels, int64_t columns);

/// output = the sums of some rows, with bias (may be NULL) and function (identity or ReLU).
void ckernels_grouped_forward(const ckernels_grouped_rows *rows, const float *kernel, const float *bias,
                              ckernels_function function, float *output);

/// Adds the contribution of some output rows to the kernel gradient.
void ckernels_grouped_kernel_gradient(const ckernels_grouped_rows *rows, const float *output_gradient,
                                      float *kernel_gradient);

/// packed[tap][o][lane] = kernel[tap][c of the lane][output o of the lane's group] for the 16 input channels from
/// `channel` on.
void ckernels_grouped_transpose_kernel(const ckernels_grouped_rows *rows, const float *kernel, int64_t channel,
                                       float *packed);

/// Some rows of the input gradient, overwritten. Taps outside the image are skipped. `kernel` is the transposed kernel
/// of all vectors; for groups of one channel, the kernel itself.
void ckernels_grouped_input_gradient(const ckernels_grouped_rows *rows, const float *output_gradient,
                                     const float *kernel, float *input_gradient);

#endif
