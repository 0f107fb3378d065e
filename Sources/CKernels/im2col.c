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
  const int64_t row_scalars = w->input_width * w->input_channels, step_down = w->dilation_height * row_scalars;
  const tap_block taps = tap_block_of(w, block);
  const int runs = taps_are_runs(w, block);
  output_pixel pixel = pixel_at(w, block->first_pixel);
  for (int64_t p = 0; p < block->pixel_count; p++, advance_pixel(w, &pixel)) {
    const float *image = input + pixel.image * w->input_height * row_scalars + block->first_channel;
    if (runs && window_is_inside(w, &taps, &pixel)) {
      const int64_t run = w->kernel_width * channels;
      const float *source = image + (pixel.input_row + taps.first_row * w->dilation_height) * row_scalars +
                            pixel.input_column * channels;
      for (int64_t u = taps.first_row; u < taps.end_row; u++, source += step_down, columns += run)
        copy_run(columns, source, run);
      continue;
    }
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      for (int64_t t = 0; t < count; t++, columns += channels) {
        const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
        if (is_inside(w, y, x))
          copy_run(columns, image + y * row_scalars + x * w->input_channels, channels);
        else
          clear_run(columns, channels);
      }
    }
  }
}

/// to[j] = source[j * step] for j in on..<off, and 0 elsewhere in 0..<count.
CKERNELS_INLINE void gather_row(float *restrict to, const float *restrict source, int64_t count, int64_t on,
                                int64_t off, int64_t step) {
  if (on > 0) clear_run(to, on);
  if (step == 1)
    copy_run(to + on, source + on, off - on);
  else
    for (int64_t j = on; j < off; j++) to[j] = source[j * step];
  if (off < count) clear_run(to + off, count - off);
}

/// `rows` output rows of `width` floats, each copied in `vectors` whole vectors: what a vector writes beyond its
/// row is overwritten by the next one.
CKERNELS_INLINE void copy_rows(float *restrict to, const float *restrict from, int64_t rows, int64_t width,
                               int64_t from_stride, int vectors) {
  for (int64_t r = 0; r < rows; r++, to += width, from += from_stride)
    for (int v = 0; v < vectors; v++) *(float16 *)(to + 16 * v) = *(const float16 *)(from + 16 * v);
}

/// The columns on..<off of `rows` output rows, copied from rows that have neighbours above and below, and
/// zeros beside them. Writes up to 15 floats beyond the last row.
CKERNELS_INLINE void gather_inner_rows(float *to, const float *from, int64_t rows, int64_t width, int64_t on,
                                       int64_t off, int64_t from_stride) {
  switch ((width + 15) / 16) {
  case 1: copy_rows(to, from, rows, width, from_stride, 1); break;
  case 2: copy_rows(to, from, rows, width, from_stride, 2); break;
  case 3: copy_rows(to, from, rows, width, from_stride, 3); break;
  default: copy_rows(to, from, rows, width, from_stride, (int)((width + 15) / 16)); break;
  }
  if (on == 0 && off == width) return;
  for (int64_t r = 0; r < rows; r++, to += width) {
    clear_run(to, on);
    clear_run(to + off, width - off);
  }
}

CKERNELS_CLONES
void ckernels_im2col_taps(const ckernels_window *w, const ckernels_column_block *block, const float *input,
                          float *columns) {
  const int64_t width = w->output_width, row_scalars = w->input_width * w->input_channels;
  const int64_t step = w->stride_width * w->input_channels;
  const output_pixel start = pixel_at(w, block->first_pixel);
  for (int64_t t = 0; t < block->tap_count; t++) {
    const int64_t tap = block->first_tap + t;
    const int64_t down = tap / w->kernel_width * w->dilation_height;
    const int64_t right = tap % w->kernel_width * w->dilation_width - w->pad_left;
    // The output columns at which this tap is on the image.
    const int64_t on = clamp_to(ceil_div(-right, w->stride_width), 0, width);
    const int64_t off = clamp_to(ceil_div(w->input_width - right, w->stride_width), on, width);
    // Whole vectors may be read where what they read too much lies on the rows above and below.
    const int whole_vectors = step == 1 && right >= -row_scalars && right + width + 15 <= 2 * row_scalars;
    for (int64_t c = 0; c < block->channel_count; c++) {
      const float *first = input + block->first_channel + c + right * w->input_channels;
      output_pixel pixel = start;
      for (int64_t left = block->pixel_count; left > 0;) {
        const int64_t y = pixel.input_row + down;
        const float *source = first + (pixel.image * w->input_height + y) * row_scalars;
        if (whole_vectors && pixel.column == 0 && y >= 1 && y < w->input_height - 1 && left >= width + 15) {
          const int64_t rows = least_of(w->output_height - pixel.row, (left - 15) / width,
                                        ceil_div(w->input_height - 1 - y, w->stride_height));
          gather_inner_rows(columns, source, rows, width, on, off, w->stride_height * row_scalars);
          columns += rows * width;
          left -= rows * width;
          pixel.row += rows - 1;
          pixel.column = width - 1;
        } else {
          // The rest of this output row, as far as it lies in the block.
          const int64_t j = pixel.column, count = width - j < left ? width - j : left;
          if (y < 0 || y >= w->input_height)
            clear_run(columns, count);
          else
            gather_row(columns, source + j * step, count, clamp_to(on - j, 0, count), clamp_to(off - j, 0, count),
                       step);
          columns += count;
          left -= count;
          pixel.column += count - 1;
        }
        advance_pixel(w, &pixel);
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_col2im_pixels(const ckernels_window *w, const ckernels_column_block *block, const float *columns,
                            float *input) {
  const int64_t channels = block->channel_count;
  const int64_t row_scalars = w->input_width * w->input_channels, step_down = w->dilation_height * row_scalars;
  const tap_block taps = tap_block_of(w, block);
  const int runs = taps_are_runs(w, block);
  output_pixel pixel = pixel_at(w, block->first_pixel);
  for (int64_t p = 0; p < block->pixel_count; p++, advance_pixel(w, &pixel)) {
    float *image = input + pixel.image * w->input_height * row_scalars + block->first_channel;
    if (runs && window_is_inside(w, &taps, &pixel)) {
      const int64_t run = w->kernel_width * channels;
      float *target = image + (pixel.input_row + taps.first_row * w->dilation_height) * row_scalars +
                      pixel.input_column * channels;
      for (int64_t u = taps.first_row; u < taps.end_row; u++, target += step_down, columns += run)
        add_run(target, columns, run);
      continue;
    }
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      for (int64_t t = 0; t < count; t++, columns += channels) {
        const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
        if (is_inside(w, y, x)) add_run(image + y * row_scalars + x * w->input_channels, columns, channels);
      }
    }
  }
}
