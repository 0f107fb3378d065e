#ifndef C_KERNELS_DEPTHWISE_H
#define C_KERNELS_DEPTHWISE_H

#include "epilogue.h"
#include "im2col.h"

// Depthwise convolution: every output channel reads one input channel; the kernel is
// [height][width][channels]. Rows are numbered through the whole batch. Taps outside the image are skipped.

/// Output rows first_row..<end_row of [batch][height][width][channels], with bias (may be NULL) and function.
void ckernels_depthwise_forward(const ckernels_window *window, int64_t kernel_height, const float *input,
                                const float *kernel, const float *bias, ckernels_function function, int64_t first_row,
                                int64_t end_row, float *output);

/// Input rows first_row..<end_row of the input gradient, overwritten.
void ckernels_depthwise_input_gradient(const ckernels_window *window, int64_t kernel_height,
                                       const float *output_gradient, const float *kernel, int64_t first_row,
                                       int64_t end_row, float *input_gradient);

/// Overwrites kernel_gradient with, or if `accumulate` adds to it, the contribution of output rows
/// first_row..<end_row.
void ckernels_depthwise_kernel_gradient(const ckernels_window *window, int64_t kernel_height, const float *input,
                                        const float *output_gradient, int64_t first_row, int64_t end_row,
                                        int accumulate, float *kernel_gradient);

#endif
