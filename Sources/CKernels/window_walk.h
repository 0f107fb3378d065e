// The iteration over output pixels and kernel taps that im2col and col2im share.
#ifndef C_KERNELS_WINDOW_WALK_H
#define C_KERNELS_WINDOW_WALK_H

#include "dispatch.h"
#include "include/im2col.h"

/// An output pixel, and the input position of tap (0, 0) of its window.
typedef struct {
  int64_t image, row, column;
  int64_t input_row, input_column;
} output_pixel;

CKERNELS_INLINE void place_pixel(const ckernels_window *w, output_pixel *pixel) {
  pixel->input_row = pixel->row * w->stride_height - w->pad_top;
  pixel->input_column = pixel->column * w->stride_width - w->pad_left;
}

CKERNELS_INLINE output_pixel pixel_at(const ckernels_window *w, int64_t index) {
  const int64_t per_image = w->output_height * w->output_width;
  output_pixel pixel;
  pixel.image = index / per_image;
  pixel.row = index % per_image / w->output_width;
  pixel.column = index % w->output_width;
  place_pixel(w, &pixel);
  return pixel;
}

CKERNELS_INLINE void advance_pixel(const ckernels_window *w, output_pixel *pixel) {
  if (++pixel->column == w->output_width) {
    pixel->column = 0;
    if (++pixel->row == w->output_height) {
      pixel->row = 0;
      pixel->image++;
    }
  }
  place_pixel(w, pixel);
}

/// The kernel rows of a block of taps; only the first and the last may be incomplete.
typedef struct {
  int64_t first_row, end_row;
  int64_t first_column_of_first_row, end_column_of_last_row;
} tap_block;

CKERNELS_INLINE tap_block tap_block_of(const ckernels_window *w, const ckernels_column_block *block) {
  const int64_t last = block->first_tap + block->tap_count - 1;
  tap_block taps;
  taps.first_row = block->first_tap / w->kernel_width;
  taps.end_row = last / w->kernel_width + 1;
  taps.first_column_of_first_row = block->first_tap % w->kernel_width;
  taps.end_column_of_last_row = last % w->kernel_width + 1;
  return taps;
}

CKERNELS_INLINE int64_t first_column(const tap_block *taps, int64_t row) {
  return row == taps->first_row ? taps->first_column_of_first_row : 0;
}

CKERNELS_INLINE int64_t end_column(const tap_block *taps, int64_t row, int64_t kernel_width) {
  return row + 1 == taps->end_row ? taps->end_column_of_last_row : kernel_width;
}

/// Whether a kernel row reads one contiguous run of memory: all channels, without dilation.
CKERNELS_INLINE int taps_are_runs(const ckernels_window *w, const ckernels_column_block *block) {
  return block->channel_count == w->input_channels && w->dilation_width == 1;
}

CKERNELS_INLINE int pixel_is_inside(const ckernels_window *w, int64_t y, int64_t x) {
  return y >= 0 && y < w->input_height && x >= 0 && x < w->input_width;
}

/// Whether all taps in the kernel rows of a block lie inside the image.
CKERNELS_INLINE int window_is_inside(const ckernels_window *w, const tap_block *taps, const output_pixel *pixel) {
  return pixel_is_inside(w, pixel->input_row + taps->first_row * w->dilation_height, pixel->input_column) &&
         pixel_is_inside(w, pixel->input_row + (taps->end_row - 1) * w->dilation_height,
                         pixel->input_column + w->kernel_width - 1);
}

CKERNELS_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
CKERNELS_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

CKERNELS_INLINE int64_t clamp_to(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/// ceil(a / b) for b > 0.
CKERNELS_INLINE int64_t ceil_div(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

#endif
