#ifndef C_KERNELS_DIRECT_H
#define C_KERNELS_DIRECT_H

#include "epilogue.h"
#include "im2col.h"

enum {
  /// Output pixels (forward) or kernel rows (kernel gradient) of the largest tile of sums in registers
  /// (AVX-512); lower levels split it.
  ckernels_tile_rows = 12,
  /// Output channels of a tile, and of a panel.
  ckernels_panel_columns = 32,
  /// The maximum patch length of a block.
  ckernels_direct_max_patch_length = 640,
  /// The maximum number of pixels that are packed at a time.
  ckernels_direct_max_pixels = 256,
};

/// panels[panel][row][column] = values[row][panel * width + column], 0 after the last column. `width` is
/// ckernels_panel_columns, or less if there is only one panel.
void ckernels_pack_panels(const float *values, int64_t rows, int64_t columns, int64_t stride, int64_t width,
                          float *panels);

/// The forward pass for some pixels, a block of K and some output channels, with windows read in place.
typedef struct {
  /// No window may reach beyond its image.
  const ckernels_window *window;
  ckernels_column_block block;
  const float *input;
  /// The rows of the kernel for this block. Panels are `panel_stride` scalars apart, and their rows
  /// `panel_row_stride`. A panel that is not packed has a multiple of 8 columns.
  const float *panels;
  int64_t panel_stride, panel_row_stride;
  /// The first channel of the first output pixel, the number of channels, and the distance between pixels.
  float *output;
  int64_t output_count, output_stride;
  /// The bias of the first channel and those after it; may be NULL.
  const float *bias;
  /// Whether to add to the previous contents of the output, and to ignore the bias.
  int accumulate;
  /// The function applied to the sums: identity or ReLU.
  ckernels_function function;
} ckernels_direct_forward_job;

void ckernels_direct_forward(const ckernels_direct_forward_job *job);

/// The kernel gradient for some pixels, a block of K and some output channels, with windows read in place.
typedef struct {
  /// No window may reach beyond its image.
  const ckernels_window *window;
  ckernels_column_block block;
  const float *input;
  /// The first channel of the first pixel, the number of channels, and the distance between pixels.
  const float *output_gradient;
  int64_t output_count, output_stride;
  /// The first channel of the first row of the kernel gradient, and the distance between rows.
  float *kernel_gradient;
  int64_t kernel_stride;
  int accumulate;
  /// Pixels that are packed and multiplied at a time.
  int64_t pixels_at_once;
  /// Scratch of pixels_at_once * output_count scalars, the latter rounded up to whole panels.
  float *panels;
} ckernels_direct_kernel_gradient_job;

void ckernels_direct_kernel_gradient(const ckernels_direct_kernel_gradient_job *job);

#endif
