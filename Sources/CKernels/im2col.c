#include "include/im2col.h"

#include "float_run.h"
#include "window_walk.h"

// A 3x3 kernel on a 4x4 image, no padding; the pixels are named by their number, 0 to f:
//
//     0 1 2 3            output pixel (0,0) reads   0 1 2 4 5 6 8 9 a
//     4 5 6 7            output pixel (0,1) reads   1 2 3 5 6 7 9 a b
//     8 9 a b            output pixel (1,0) reads   4 5 6 8 9 a c d e
//     c d e f            output pixel (1,1) reads   5 6 7 9 a b d e f
//
// ckernels_im2col_pixels writes these four rows; ckernels_im2col_taps writes the nine columns as rows.
// With channels, each digit above is a run of channels. Without dilation a kernel row is one run of
// kernel_width * channels floats (0 1 2 above), so that a pixel costs kernel_height copies.

CKERNELS_CLONES
void ckernels_im2col_pixels(const ckernels_window *w, const ckernels_column_block *block, const float *input,
                            float *columns) {
  const int64_t channels = block->channel_count;
  const tap_block taps = tap_block_of(w, block);
  const int64_t row_scalars = w->input_width * w->input_channels;
  const int whole_pixels = channels == w->input_channels && w->dilation_width == 1;
  output_pixel pixel = pixel_at(w, block->first_pixel);
  for (int64_t p = 0; p < block->pixel_count; p++, advance_pixel(w, &pixel)) {
    const float *image = input + pixel.image * w->input_height * row_scalars + block->first_channel;
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      const float *source = image + y * row_scalars;
      if (y < 0 || y >= w->input_height) {
        clear_run(columns, count * channels);
      } else if (whole_pixels) {
        // Taps left of the image, on it, and right of it.
        const int64_t x = pixel.input_column + first;
        const int64_t on = clamp_to(-x, 0, count), off = clamp_to(w->input_width - x, on, count);
        if (on > 0) clear_run(columns, on * channels);
        copy_run(columns + on * channels, source + (x + on) * channels, (off - on) * channels);
        if (off < count) clear_run(columns + off * channels, (count - off) * channels);
      } else {
        for (int64_t t = 0; t < count; t++) {
          const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
          if (x < 0 || x >= w->input_width)
            clear_run(columns + t * channels, channels);
          else
            copy_run(columns + t * channels, source + x * w->input_channels, channels);
        }
      }
      columns += count * channels;
    }
  }
}

/// Part of one output row for one tap and channel: to[j] = source[j * step] where that is on the image.
CKERNELS_INLINE void gather_row(float *to, const float *source, int64_t count, int64_t on, int64_t off, int64_t step) {
  clear_run(to, on);
  if (step == 1)
    copy_run(to + on, source + on, off - on);
  else
    for (int64_t j = on; j < off; j++) to[j] = source[j * step];
  clear_run(to + off, count - off);
}

CKERNELS_CLONES
void ckernels_im2col_taps(const ckernels_window *w, const ckernels_column_block *block, const float *input,
                          float *columns) {
  const int64_t row_scalars = w->input_width * w->input_channels;
  const int64_t step = w->stride_width * w->input_channels;
  for (int64_t t = 0; t < block->tap_count; t++) {
    const int64_t tap = block->first_tap + t;
    const int64_t down = tap / w->kernel_width * w->dilation_height;
    const int64_t right = tap % w->kernel_width * w->dilation_width;
    for (int64_t c = 0; c < block->channel_count; c++) {
      output_pixel pixel = pixel_at(w, block->first_pixel);
      for (int64_t done = 0; done < block->pixel_count;) {
        // The rest of this output row, as far as it lies in the block.
        int64_t count = w->output_width - pixel.column;
        if (count > block->pixel_count - done) count = block->pixel_count - done;
        const int64_t y = pixel.input_row + down, x = pixel.input_column + right;
        if (y < 0 || y >= w->input_height) {
          clear_run(columns, count);
        } else {
          const int64_t on = clamp_to(ceil_div(-x, w->stride_width), 0, count);
          const int64_t off = clamp_to(ceil_div(w->input_width - x, w->stride_width), on, count);
          const float *source = input + (pixel.image * w->input_height + y) * row_scalars + x * w->input_channels +
                                block->first_channel + c;
          gather_row(columns, source, count, on, off, step);
        }
        columns += count;
        done += count;
        pixel.column += count - 1;
        advance_pixel(w, &pixel);
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_col2im_pixels(const ckernels_window *w, const ckernels_column_block *block, const float *columns,
                            float *input) {
  const int64_t channels = block->channel_count;
  const tap_block taps = tap_block_of(w, block);
  const int64_t row_scalars = w->input_width * w->input_channels;
  const int whole_pixels = channels == w->input_channels && w->dilation_width == 1;
  output_pixel pixel = pixel_at(w, block->first_pixel);
  for (int64_t p = 0; p < block->pixel_count; p++, advance_pixel(w, &pixel)) {
    float *image = input + pixel.image * w->input_height * row_scalars + block->first_channel;
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      float *target = image + y * row_scalars;
      if (y >= 0 && y < w->input_height) {
        if (whole_pixels) {
          const int64_t x = pixel.input_column + first;
          const int64_t on = clamp_to(-x, 0, count), off = clamp_to(w->input_width - x, on, count);
          add_run(target + (x + on) * channels, columns + on * channels, (off - on) * channels);
        } else {
          for (int64_t t = 0; t < count; t++) {
            const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
            if (x >= 0 && x < w->input_width)
              add_run(target + x * w->input_channels, columns + t * channels, channels);
          }
        }
      }
      columns += count * channels;
    }
  }
}
