#ifndef C_KERNELS_DEPTHWISE_H
#define C_KERNELS_DEPTHWISE_H

#include "epilogue.h"
#include "im2col.h"

// Depthwise convolution: every output channel reads one input channel; the kernel is [height][width][channels]. Rows
// are numbered through the whole batch.

/// Output rows of a forward pass, or of the output gradient for the kernel gradient.
typedef struct {
  const ckernels_window *window;
  /// [batch][height][width][channels].
  const float *input;
  int64_t first_row, end_row;
  /// Output columns that are computed at a time, a multiple of ckernels_depthwise_together.
  int64_t columns;
  /// ckernels_depthwise_scratch scalars.
  float *scratch;
} ckernels_depthwise_rows;

enum { ckernels_depthwise_together = 8 };

/// Scalars of scratch for some output columns: the input rows of a window, and the kernel of 16 channels.
int64_t ckernels_depthwise_scratch(const ckernels_window *window, int64_t columns);

/// output = the sums of some rows, with bias (may be NULL) and function (identity or ReLU).
void ckernels_depthwise_forward(const ckernels_depthwise_rows *rows, const float *kernel, const float *bias,
                                ckernels_function function, float *output);

/// Adds the contribution of some output rows to the kernel gradient.
void ckernels_depthwise_kernel_gradient(const ckernels_depthwise_rows *rows, const float *output_gradient,
                                        float *kernel_gradient);

/// Input rows first_row..<end_row of the input gradient, overwritten. Taps outside the image are skipped.
void ckernels_depthwise_input_gradient(const ckernels_window *window, const float *output_gradient, const float *kernel,
                                       int64_t first_row, int64_t end_row, float *input_gradient);

#endif
