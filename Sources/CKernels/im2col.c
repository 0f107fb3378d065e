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
// ckernels_im2col_pixels writes these four rows; ckernels_im2col_taps writes the nine columns as rows. With
// channels, each digit above is a run of channels. Without dilation, a kernel row (0 1 2 above) is one run of
// kernel_width times channels floats, so a pixel takes kernel_height copies.

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
      const float *source = image + (pixel.input_row + taps.first_row * w->dilation_height) * row_scalars +
                            pixel.input_column * channels;
      for (int64_t u = taps.first_row; u < taps.end_row; u++, source += step_down) {
        const int64_t first = first_column(&taps, u) * channels;
        const int64_t run = end_column(&taps, u, w->kernel_width) * channels - first;
        copy_run(columns, source + first, run);
        columns += run;
      }
      continue;
    }
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      for (int64_t t = 0; t < count; t++, columns += channels) {
        const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
        if (pixel_is_inside(w, y, x))
          copy_run(columns, image + y * row_scalars + x * w->input_channels, channels);
        else
          clear_run(columns, channels);
      }
    }
  }
}

/// Gathers some pixels of an output row that the block contains only in part.
CKERNELS_INLINE void gather_cut_row(const ckernels_window *w, const ckernels_column_block *block,
                                    const output_pixel *pixel, const float *image, int64_t count,
                                    float *restrict columns) {
  for (int64_t t = 0; t < block->tap_count; t++) {
    const int64_t tap = block->first_tap + t;
    const int64_t y = pixel->input_row + tap / w->kernel_width * w->dilation_height;
    const int64_t x = pixel->input_column + tap % w->kernel_width * w->dilation_width;
    for (int64_t c = 0; c < block->channel_count; c++, columns += block->pixel_count)
      for (int64_t j = 0; j < count; j++) {
        const int64_t xj = x + j * w->stride_width;
        columns[j] = pixel_is_inside(w, y, xj) ? image[(y * w->input_width + xj) * w->input_channels + c] : 0;
      }
  }
}

/// Scalars of a padded image on the stack, 16 KiB: a 28x28 image with its border, or a band of a larger
/// image.
enum { MAX_BAND_SCALARS = 4096 };

/// The padded input rows of some output rows of an image.
typedef struct {
  int64_t top, height, width;  // in padded coordinates
} padded_band;

/// Copies one channel of the input rows of a band, with zeros outside the image.
CKERNELS_INLINE void pad_band(const ckernels_window *w, const padded_band *band, const float *restrict plane,
                              float *restrict padded) {
  const int64_t channels = w->input_channels;
  const int64_t left = w->pad_left > 0 ? w->pad_left : 0, skipped = left - w->pad_left;
  int64_t inside = w->input_width - skipped;
  if (inside > band->width - left) inside = band->width - left;
  for (int64_t r = 0; r < band->height; r++, padded += band->width) {
    const int64_t y = band->top + r - w->pad_top;
    if (y < 0 || y >= w->input_height || inside <= 0) {
      clear_run(padded, band->width);
      continue;
    }
    const float *from = plane + (y * w->input_width + skipped) * channels;
    clear_run(padded, left);
    if (channels == 1)
      copy_run(padded + left, from, inside);
    else
      for (int64_t x = 0; x < inside; x++) padded[left + x] = from[x * channels];
    clear_run(padded + left + inside, band->width - left - inside);
  }
}

/// Copies `rows` rows of `width` floats in whole vectors. The next row overwrites what a vector writes beyond
/// its row, and the last row is copied exactly.
CKERNELS_INLINE void copy_rows(float *restrict to, const float *restrict from, int64_t rows, int64_t width,
                               int64_t from_stride, const int vectors) {
  for (int64_t r = 1; r < rows; r++, to += width, from += from_stride)
    for (int v = 0; v < vectors; v++) *(float32x16 *)(to + 16 * v) = *(const float32x16 *)(from + 16 * v);
  copy_run(to, from, width);
}

/// One tap's rows of a band: to[i][j] = from[i * from_stride + j * step].
CKERNELS_INLINE void gather_rows(float *restrict to, const float *restrict from, int64_t rows, int64_t width,
                                 int64_t from_stride, int64_t step) {
  if (step != 1) {
    for (int64_t r = 0; r < rows; r++, to += width, from += from_stride)
      for (int64_t j = 0; j < width; j++) to[j] = from[j * step];
    return;
  }
  // Whole vectors only if they end within the next row.
  if (width >= 8 && width <= 16)
    copy_rows(to, from, rows, width, from_stride, 1);
  else if (width > 16 && width <= 32)
    copy_rows(to, from, rows, width, from_stride, 2);
  else
    for (int64_t r = 0; r < rows; r++, to += width, from += from_stride) copy_run(to, from, width);
}

CKERNELS_CLONES
void ckernels_im2col_taps(const ckernels_window *w, const ckernels_column_block *block, const float *input,
                          float *columns) {
  float padded[MAX_BAND_SCALARS + 32];  // a vector may read beyond the last row
  const int64_t image_scalars = w->input_height * w->input_width * w->input_channels;
  const int64_t last_tap = block->first_tap + block->tap_count - 1;
  const int64_t extent = last_tap / w->kernel_width * w->dilation_height + 1;
  const int64_t width = (w->output_width - 1) * w->stride_width + (w->kernel_width - 1) * w->dilation_width + 1;
  const int fits = width <= MAX_BAND_SCALARS && extent <= MAX_BAND_SCALARS && width * extent <= MAX_BAND_SCALARS;
  const int64_t rows_in_band = fits ? (MAX_BAND_SCALARS / width - extent) / w->stride_height + 1 : 0;
  const int64_t end = block->first_pixel + block->pixel_count;
  for (int64_t p = block->first_pixel; p < end;) {
    const output_pixel pixel = pixel_at(w, p);
    // Whole output rows of one image, up to the size of the band; a partial row is gathered separately.
    const int64_t rows = pixel.column == 0 ? min_of(w->output_height - pixel.row, (end - p) / w->output_width,
                                                      rows_in_band)
                                           : 0;
    const float *image = input + pixel.image * image_scalars + block->first_channel;
    float *to = columns + (p - block->first_pixel);
    if (rows == 0) {
      const int64_t rest = w->output_width - pixel.column, count = rest < end - p ? rest : end - p;
      gather_cut_row(w, block, &pixel, image, count, to);
      p += count;
      continue;
    }
    const padded_band band = {pixel.row * w->stride_height, (rows - 1) * w->stride_height + extent, width};
    for (int64_t c = 0; c < block->channel_count; c++) {
      pad_band(w, &band, image + c, padded);
      for (int64_t t = 0; t < block->tap_count; t++) {
        const int64_t tap = block->first_tap + t;
        const int64_t down = tap / w->kernel_width * w->dilation_height;
        const int64_t right = tap % w->kernel_width * w->dilation_width;
        gather_rows(to + (t * block->channel_count + c) * block->pixel_count, padded + down * width + right, rows,
                    w->output_width, w->stride_height * width, w->stride_width);
      }
    }
    p += rows * w->output_width;
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
      float *target = image + (pixel.input_row + taps.first_row * w->dilation_height) * row_scalars +
                      pixel.input_column * channels;
      for (int64_t u = taps.first_row; u < taps.end_row; u++, target += step_down) {
        const int64_t first = first_column(&taps, u) * channels;
        const int64_t run = end_column(&taps, u, w->kernel_width) * channels - first;
        add_run(target + first, columns, run);
        columns += run;
      }
      continue;
    }
    for (int64_t u = taps.first_row; u < taps.end_row; u++) {
      const int64_t first = first_column(&taps, u), count = end_column(&taps, u, w->kernel_width) - first;
      const int64_t y = pixel.input_row + u * w->dilation_height;
      for (int64_t t = 0; t < count; t++, columns += channels) {
        const int64_t x = pixel.input_column + (first + t) * w->dilation_width;
        if (pixel_is_inside(w, y, x)) add_run(image + y * row_scalars + x * w->input_channels, columns, channels);
      }
    }
  }
}
