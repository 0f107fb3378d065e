#ifndef C_KERNELS_GROUPED_H
#define C_KERNELS_GROUPED_H

#include "epilogue.h"
#include "im2col.h"

// Convolution of groups of 2, 4, 8 or 16 channels with as many outputs: a vector of 16 output channels holds whole
// groups. The number of channels is a multiple of 16.

/// packed[vector][tap][c][lane] = kernel[tap][c][16 * vector + lane] for one vector; `kernel` is
/// [taps][group channels][channels] and begins at the first of the 16 channels.
void ckernels_grouped_pack(const float *kernel, int64_t rows, int64_t channels, float *packed);

/// Some output rows of one image, from input rows with their padding, so that no window reaches beyond them.
typedef struct {
  /// The input width is that of the padded rows; the padding is not read.
  const ckernels_window *window;
  int64_t group_channels, row_count;
  /// [rows][input width][channels].
  const float *input;
  /// The packed kernel of all vectors.
  const float *kernel;
  /// [channels]; may be NULL.
  const float *bias;
  /// Identity or ReLU.
  ckernels_function function;
  /// [row_count][output width][channels].
  float *output;
} ckernels_grouped_forward_job;

void ckernels_grouped_forward(const ckernels_grouped_forward_job *job);

/// The contribution of some output rows of one image to the kernel gradient.
typedef struct {
  /// As for the forward pass.
  const ckernels_window *window;
  int64_t group_channels, row_count;
  const float *input;
  /// [row_count][output width][channels].
  const float *output_gradient;
  /// [taps][group channels][channels], added to.
  float *kernel_gradient;
} ckernels_grouped_kernel_gradient_job;

void ckernels_grouped_kernel_gradient(const ckernels_grouped_kernel_gradient_job *job);

/// packed[tap][o][lane] = kernel[tap][c of the lane][output o of the lane's group] for one vector of input channels;
/// `kernel` is [taps][group channels][channels] and begins at the first of the 16 channels.
void ckernels_grouped_pack_transposed(const float *kernel, int64_t taps, int64_t group_channels, int64_t channels,
                                      float *packed);

/// Input rows first_row..<end_row of the input gradient, numbered through the batch and overwritten. Taps outside the
/// image are skipped.
typedef struct {
  const ckernels_window *window;
  int64_t group_channels, first_row, end_row;
  /// [batch][output height][output width][channels].
  const float *output_gradient;
  /// The transposed kernel of all vectors.
  const float *kernel;
  /// [batch][height][width][channels].
  float *input_gradient;
} ckernels_grouped_input_gradient_job;

void ckernels_grouped_input_gradient(const ckernels_grouped_input_gradient_job *job);

#endif
