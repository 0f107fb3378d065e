#ifndef C_KERNELS_POOLING_H
#define C_KERNELS_POOLING_H

#include <stdint.h>

/// A pooling window over `images` images. Tap (u, v) of window (i, j) is at row
/// i * stride_height - pad_top + u * dilation_height, and its column likewise; taps outside the image are
/// ignored. Every window covers at least one pixel.
typedef struct {
  int64_t images, channels;
  int64_t input_height, input_width;
  int64_t output_height, output_width;
  int64_t window_height, window_width;
  int64_t stride_height, stride_width;
  int64_t dilation_height, dilation_width;
  int64_t pad_top, pad_bottom, pad_left, pad_right;
  /// Whether an average counts the taps in the padding, which are 0. Taps beyond the padding do not count.
  int counts_padding;
} ckernels_pooling;

// `output` and its gradient are [images, height, width, channels]. A NaN in a window makes its maximum NaN.
// Among equal values, the first one in row-major order is the maximum.

/// Means over the pixels that each window covers, or over its taps in the padded image.
void ckernels_average_pool(const ckernels_pooling *pooling, const float *input, float *output);

/// input_gradient = the gradient of the maxima, overwritten. With `all_ties`, every element that equals the
/// maximum of its window receives the whole gradient of the window; otherwise only the first one does.
void ckernels_max_pool_gradient(const ckernels_pooling *pooling, const float *input, const float *output_gradient,
                                int all_ties, float *input_gradient);

/// input_gradient = the gradient of the means, overwritten.
void ckernels_average_pool_gradient(const ckernels_pooling *pooling, const float *output_gradient,
                                    float *input_gradient);

/// Maxima of an input, or of a raw product (the sums of a convolution before bias). `places` receives their
/// index in the window, row * window_width + column, as one byte; then windows have at most 256 positions. It
/// may be NULL. `raw` is [images, height, width, channels], `output` and `places` have the pooled height and
/// width.
void ckernels_pool_product(const ckernels_pooling *pooling, const float *raw, float *output, uint8_t *places);

/// raw_gradient = output_gradient at the positions of the maxima, and zero elsewhere, overwritten. The
/// shapes are those of ckernels_pool_product.
void ckernels_unpool_product(const ckernels_pooling *pooling, const float *output_gradient, const uint8_t *places,
                             float *raw_gradient);

#endif
