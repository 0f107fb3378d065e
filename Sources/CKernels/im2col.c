#include "include/im2col.h"

#include "float_run.h"
#include "window_walk.h"

// A 3x3 kernel on a 4x4 image without padding; pixels are numbered 0 to f:
//
//     0 1 2 3            output pixel (0,0) reads   0 1 2 4 5 6 8 9 a
//     4 5 6 7            output pixel (0,1) reads   1 2 3 5 6 7 9 a b
//     8 9 a b            output pixel (1,0) reads   4 5 6 8 9 a c d e
//     c d e f            output pixel (1,1) reads   5 6 7 9 a b d e f
//
// ckernels_im2col_pixels writes these four rows. With channels, each digit above is a run of channels. Without
// dilation, a kernel row (0 1 2 above) is one run of kernel_width times channels floats, so a pixel takes
// kernel_height copies.

/// Copies the inputs of windows to their columns, or adds columns to those inputs if `adds`, which is a constant after
/// inlining; copying does not write to `input`.
CKERNELS_INLINE void move_pixels(const int adds, const ckernels_window *w, const ckernels_column_block *block,
                                 float *input, float *columns) {
  const int64_t channels = block->channel_count;
  const int64_t row_scalars = w->input_width * w->input_channels, step_down = w->dilation_height * row_scalars;
  const tap_block taps = tap_block_of(w, block);
  const int runs = taps_are_runs(w, block);
  output_pixel pixel = pixel_at(w, block->first_pixel);
  for (int64_t p = 0; p < block->pixel_count; p++, advance_pixel(w, &pixel)) {
    float *image = input + pixel.image * w->input_height * row_scalars + block->first_channel;
    if (runs && window_is_inside(w, &taps, &pixel)) {
      // An offset, because the row after the last one may lie outside the input.
      int64_t at =
          (pixel.input_row + taps.first_row * w->dilation_height) * row_scalars + pixel.input_column * channels;
      for (int64_t u = taps.first_row; u < taps.end_row; u++, at += step_down) {
        const int64_t first = first_column(&taps, u) * channels;
        const int64_t run = end_column(&taps, u, w->kernel_width) * channels - first;
        if (adds)
          add_run(image + at + first, columns, run);
        else
          copy_run(columns, image + at + first, run);
        columns += run;
      }
      continue;
    }
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      for (int64_t t = 0; t < count; t++, columns += channels) {
        const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
        const int inside = pixel_is_inside(w, y, x);
        if (inside && adds)
          add_run(image + y * row_scalars + x * w->input_channels, columns, channels);
        else if (inside)
          copy_run(columns, image + y * row_scalars + x * w->input_channels, channels);
        else if (!adds)
          clear_run(columns, channels);
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_im2col_pixels(const ckernels_window *w, const ckernels_column_block *block, const float *input,
                            float *columns) {
  move_pixels(0, w, block, (float *)input, columns);
}

CKERNELS_CLONES
void ckernels_col2im_pixels(const ckernels_window *w, const ckernels_column_block *block, const float *columns,
                            float *input) {
  move_pixels(1, w, block, input, (float *)columns);
}
