#ifndef C_KERNELS_DIRECT_H
#define C_KERNELS_DIRECT_H

#include "epilogue.h"
#include "im2col.h"

enum {
  /// Output pixels (forward) or kernel rows (kernel gradient) of a tile of sums that stays in registers.
  ckernels_tile_rows = 12,
  /// Output channels of a tile, and so of a panel.
  ckernels_panel_columns = 32,
  /// The most patch_length that a block may have here.
  ckernels_direct_patch_length = 1024,
  /// The most pixels that are packed at a time.
  ckernels_direct_pixels = 256,
};

/// panels[panel][row][column] = values[row][panel * width + column], 0 beyond the last column; `width` is that of a
/// panel, or less where there is only one.
void ckernels_pack_panels(const float *values, int64_t rows, int64_t columns, int64_t stride, int64_t width,
                          float *panels);

/// Forward for some pixels, patch_length and output channels, windows being read where they lie.
typedef struct {
  const ckernels_window *window;
  ckernels_column_block block;
  const float *input;
  /// The kernel's rows of the block: panels are `panel_stride` scalars apart, their rows `panel_step`. What is not
  /// packed has whole half vectors of columns.
  const float *panels;
  int64_t panel_stride, panel_step;
  /// Where the first pixel's first channel goes, how many channels there are, and scalars from pixel to pixel.
  float *output;
  int64_t output_count, output_stride;
  /// Of the first channel; may be NULL.
  const float *bias;
  /// Add to what the output holds, bias and all.
  int accumulate;
  /// Applied to the sums: identity or ReLU.
  ckernels_function function;
  /// ckernels_tile_rows * patch_length scalars, for windows that reach beyond the image.
  float *columns;
} ckernels_direct_forward_job;

void ckernels_direct_forward(const ckernels_direct_forward_job *job);

/// The kernel's gradient for some pixels, patch_length and output channels, windows being read where they lie.
typedef struct {
  const ckernels_window *window;
  ckernels_column_block block;
  const float *input;
  /// The first pixel's first channel, how many channels there are, and scalars from pixel to pixel.
  const float *output_gradient;
  int64_t output_count, output_stride;
  /// Where the first term's first channel goes, and scalars from term to term.
  float *kernel_gradient;
  int64_t kernel_stride;
  int accumulate;
  /// Pixels that are packed and multiplied at a time.
  int64_t pixels_at_once;
  /// pixels_at_once * output_count scalars, the latter in whole panels.
  float *panels;
  /// pixels_at_once * patch_length scalars, for windows that reach beyond the image.
  float *columns;
} ckernels_direct_kernel_gradient_job;

void ckernels_direct_kernel_gradient(const ckernels_direct_kernel_gradient_job *job);

#endif
