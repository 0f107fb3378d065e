#ifndef C_KERNELS_WINOGRAD_H
#define C_KERNELS_WINOGRAD_H

#include "epilogue.h"

#include <stdint.h>

/// Images in memory by two axes, in scalars between neighbors along each: the rows and the columns, or exchanged.
typedef struct {
  int64_t rows, columns, channels;
  int64_t row_step, column_step;
} ckernels_image;

/// Images divided into output tiles of m x m pixels for an r x r kernel at stride 1. A tile reads n x n input pixels,
/// n = m + r - 1, so a transformed tile has n^2 positions. (m, r) is (2, 3), (4, 3) or (2, 5). The padding may be
/// negative (a crop).
///
/// A line has tiles of m x 1 outputs for an r x 1 kernel, and n positions. (m, r) is (4, 3), (4, 5) or (2, 7). A kernel
/// of 1 x r is the same with the axes of the images exchanged.
///
/// With dilation, an image is several interleaved subimages, each convolved without dilation:
///
///     dilation 2 x 2    a b a b a      tiles of a, then of b, c and d; the pixels of a tile are
///                       c d c d c      `dilation_rows` rows and `dilation_columns` columns apart
///                       a b a b a
///
/// Tiles are numbered row by row within a subimage, subimages within an image, images one after the other. The tiles
/// of a smaller subimage may be empty.
typedef struct {
  int64_t m, r;
  int is_line;
  ckernels_image input, output;
  /// Input channels of one group; each tap of the kernel has this many rows.
  int64_t kernel_inputs;
  int64_t pad_rows, pad_columns;
  int64_t dilation_rows, dilation_columns;
  /// Tiles of a subimage.
  int64_t tiles_down, tiles_across;
} ckernels_tiling;

/// The block that one call transforms: some rows (tiles, or input channels of the kernel) by some channels.
typedef struct {
  int64_t first_row, row_count, first_channel, channel_count;
} ckernels_winograd_block;

/// A transformed block: scalar [position][row][channel], relative to the first row and channel of the block,
/// is start[position * position_step + row * row_step + channel].
typedef struct {
  float *start;
  int64_t position_step, row_step;
  int64_t streams;  // whether whole vectors are stored past the caches
} ckernels_transformed;

/// to = B' d B (B' is the transpose of B) of every tile's input pixels d (zeros outside the image). Rows are
/// tiles.
void ckernels_winograd_input(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *input,
                             const ckernels_transformed *to);

/// to = G g G' of a kernel [taps][kernel_inputs][outputs]. Rows are inputs within the group, channels are
/// outputs.
void ckernels_winograd_kernel(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *kernel,
                              const ckernels_transformed *to);

/// What is applied to output pixels: a bias, indexed by all output channels, or NULL; then a function.
typedef struct {
  const float *bias;
  ckernels_activation activation;
} ckernels_winograd_finish;

/// output pixels of every tile = f(A' p A + bias) of products p. Rows are tiles, channels are outputs.
void ckernels_winograd_output(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                              const ckernels_transformed *products, const ckernels_winograd_finish *finish,
                              float *output);

/// to = G g G' of the m x m output gradients g of every tile (zeros outside the image), for F(r x r, m x m).
/// Rows are tiles, channels are outputs.
void ckernels_winograd_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                const float *gradient, const ckernels_transformed *to);

/// kernel [taps][kernel_inputs][outputs] = A' p A of products p, or += if `accumulate`, for F(r x r, m x m).
/// Rows are inputs within the group, channels are outputs.
void ckernels_winograd_kernel_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                       const ckernels_transformed *products, int accumulate, float *kernel);

#endif
