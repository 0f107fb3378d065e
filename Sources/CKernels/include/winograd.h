#ifndef C_KERNELS_WINOGRAD_H
#define C_KERNELS_WINOGRAD_H

#include "epilogue.h"

#include <stdint.h>

/// Images cut into output tiles of m x m pixels for a 3x3 kernel at stride 1. Tiles are counted row by row within
/// an image, images one after the other. A tile reads (m + 2) x (m + 2) input pixels, so a product of tiles has
/// (m + 2)^2 positions. m is 2 or 4. Paddings may be negative (a crop).
typedef struct {
  int64_t m;
  int64_t input_height, input_width, input_channels;
  int64_t output_height, output_width, output_channels;
  int64_t pad_top, pad_left;
  int64_t tiles_down, tiles_across;
} ckernels_tiling;

/// to[position][tile][channel] = B' d B of every tile's input pixels d (zeros outside the image).
void ckernels_winograd_input(const ckernels_tiling *tiling, const float *input, int64_t first_tile, int64_t tile_count,
                             int64_t first_channel, int64_t channel_count, float *to);

/// to[position][input][output] = G g G' for a block of input and output channels of a kernel
/// [3][3][inputs][outputs].
void ckernels_winograd_kernel(const ckernels_tiling *tiling, const float *kernel, int64_t first_input,
                              int64_t input_count, int64_t first_output, int64_t output_count, float *to);

/// output pixels of every tile = f(A' p A + bias), from products p[position][tile][channel]; bias may be NULL and
/// belongs to all output channels.
void ckernels_winograd_output(const ckernels_tiling *tiling, const float *products, int64_t first_tile,
                              int64_t tile_count, int64_t first_channel, int64_t channel_count, const float *bias,
                              ckernels_function function, float *output);

/// to[position][tile][channel] = G g G' of every tile's 4x4 output gradients g (zeros beyond the border); m is 4.
void ckernels_winograd_gradient(const ckernels_tiling *tiling, const float *gradient, int64_t first_tile,
                                int64_t tile_count, int64_t first_channel, int64_t channel_count, float *to);

/// kernel [3][3][inputs][outputs] (+)= A' p A for a block of input and output channels, from
/// products p[position][input][output]; m is 4.
void ckernels_winograd_kernel_gradient(const ckernels_tiling *tiling, const float *products, int64_t first_input,
                                       int64_t input_count, int64_t first_output, int64_t output_count, int accumulate,
                                       float *kernel);

#endif
