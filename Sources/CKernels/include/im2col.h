#ifndef C_KERNELS_IM2COL_H
#define C_KERNELS_IM2COL_H

#include <stdint.h>

/// A window that slides over images `[batch, height, width, channels]`.
/// Window (i, j) reads rows i * stride_height - pad_top + u * dilation_height, and columns likewise.
/// The padding may be negative (a crop).
typedef struct {
  int64_t input_height, input_width, input_channels;
  int64_t kernel_height, kernel_width;
  int64_t stride_height, stride_width;
  int64_t dilation_height, dilation_width;
  int64_t pad_top, pad_left;
  int64_t output_height, output_width;
} ckernels_window;

/// A block of the column matrix: some output pixels (numbered through the whole batch) by some kernel taps
/// (numbered row by row) by some channels.
typedef struct {
  int64_t first_pixel, pixel_count;
  int64_t first_tap, tap_count;
  int64_t first_channel, channel_count;
} ckernels_column_block;

/// columns[pixel][tap][channel] = the input that the tap reads at that output pixel, 0 outside the image.
/// Dense: a row has tap_count * channel_count scalars.
void ckernels_im2col_pixels(const ckernels_window *window, const ckernels_column_block *block, const float *input,
                            float *columns);

/// The adjoint of ckernels_im2col_pixels: adds every element of `columns` to the input position that it was
/// read from.
void ckernels_col2im_pixels(const ckernels_window *window, const ckernels_column_block *block, const float *columns,
                            float *input);

#endif
