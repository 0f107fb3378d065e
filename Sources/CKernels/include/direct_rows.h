#ifndef C_KERNELS_DIRECT_ROWS_H
#define C_KERNELS_DIRECT_ROWS_H

#include "im2col.h"

// Convolution of a single input channel at stride 1 without dilation; output channels are planes. Output rows
// are numbered through the whole batch.

/// Scalars of padded rows on the stack; `kernel_height` rows of `output_width + kernel_width - 1` must fit.
enum { ckernels_padded_scalars = 3840 };

/// planes[channel][row][column] for output rows first_row..<end_row, beginning at planes[channel][0].
typedef struct {
  const ckernels_window *window;
  const float *input;
  /// [kernel_height][kernel_width][channels].
  const float *kernel;
  int64_t channels;
  int64_t first_row, end_row;
  /// Planes are `plane_stride` scalars apart.
  float *planes;
  int64_t plane_stride;
} ckernels_direct_rows_forward_job;

void ckernels_direct_rows_forward(const ckernels_direct_rows_forward_job *job);

/// Max pooling with 2x2 windows at stride 2 of some output rows of one image in planes, transposed into
/// [pixel][channel].
typedef struct {
  /// [channel][rows][width], `plane_stride` scalars apart; ckernels_plane_slack scalars after the last plane are
  /// read.
  const float *planes;
  int64_t plane_stride, channels, rows, width;
  /// [rows / 2][width / 2][channels].
  float *output;
  /// The index of each maximum within its window, in the order of the output; may be NULL.
  uint8_t *places;
  /// 2 * channels * ((rows / 2) * (width / 2) + ckernels_plane_slack) scalars.
  float *scratch;
} ckernels_plane_pooling;

enum { ckernels_plane_slack = 32 };

void ckernels_pool_planes(const ckernels_plane_pooling *pooling);

#endif
