#include "include/depthwise.h"

#include "float_run.h"
#include "window_walk.h"

// Vector lanes are channels. Eight neighboring output pixels share each load of the kernel:
//
//     kernel[u][v]   k                                   one vector of 16 channels
//     input          x(j) x(j+1) x(j+2) ...              each `stride` pixels further
//     sums           s0 += k x(j)   s1 += k x(j+1)  ...

enum { LANES = 16, TOGETHER = 8, WIDEST = 5 };

#pragma clang fp contract(fast)

/// The taps of one axis that lie inside the image.
typedef struct {
  int64_t first, end;
} tap_range;

CKERNELS_INLINE tap_range taps_inside(int64_t origin, int64_t dilation, int64_t kernel, int64_t input) {
  tap_range taps;
  taps.first = clamp_to(ceil_div(-origin, dilation), 0, kernel);
  taps.end = clamp_to(ceil_div(input - origin, dilation), taps.first, kernel);
  return taps;
}

/// One window, or the first of several neighbors, and its taps inside the image.
typedef struct {
  const float *input, *kernel, *bias;
  /// The distances between the inputs of a tap and of the taps below and to the right, and between two
  /// windows.
  int64_t tap_down, tap_right, step;
  int64_t kernel_width, channels;
  tap_range rows, columns;
  int rectify;
} depthwise_windows;

/// Computes 16 channels, beginning at `c`, of `count` neighboring pixels. `count` and `width` are constants
/// after inlining. `width` is the number of taps of a kernel row if neighboring windows overlap in all taps
/// but one, so that each load contributes to `width` sums; it is 0 for any other kernel.
CKERNELS_INLINE void sum_lanes(const int count, const int width, const depthwise_windows *w, int64_t c, float *to) {
  float32x16 sums[TOGETHER];
  CKERNELS_UNROLLED for (int p = 0; p < count; p++)
    sums[p] = w->bias ? *(const float32x16 *)(w->bias + c) : (float32x16){0};
  const int64_t step = w->step, channels = w->channels;
  for (int64_t u = w->rows.first; u < w->rows.end; u++) {
    const float *x = w->input + c + u * w->tap_down + w->columns.first * w->tap_right;
    const float *k = w->kernel + c + (u * w->kernel_width + w->columns.first) * channels;
    if (width > 0) {
      float32x16 weights[WIDEST];
      CKERNELS_UNROLLED for (int v = 0; v < width; v++) weights[v] = *(const float32x16 *)(k + v * channels);
      CKERNELS_UNROLLED for (int q = 0; q < count + width - 1; q++) {
        const float32x16 value = *(const float32x16 *)(x + q * step);
        CKERNELS_UNROLLED for (int v = 0; v < width; v++)
          if (q - v >= 0 && q - v < count) sums[q - v] += value * weights[v];
      }
    } else {
      for (int64_t v = w->columns.first; v < w->columns.end; v++, x += w->tap_right, k += channels) {
        const float32x16 weight = *(const float32x16 *)k;
        CKERNELS_UNROLLED for (int p = 0; p < count; p++) sums[p] += *(const float32x16 *)(x + p * step) * weight;
      }
    }
  }
  CKERNELS_UNROLLED for (int p = 0; p < count; p++) {
    const float32x16 sum = sums[p];
    *(float32x16 *)(to + p * channels + c) = w->rectify ? (float32x16)((int32x16)sum & ~(sum < 0)) : sum;
  }
}

/// Computes all channels of `count` pixels. The last vector overlaps the one before it; fewer channels than a
/// vector are computed one by one.
CKERNELS_INLINE void sum_windows(const int count, const int width, const depthwise_windows *w, float *to) {
  if (w->channels >= LANES) {
    for (int64_t c = 0; c < w->channels; c += LANES)
      sum_lanes(count, width, w, c + LANES <= w->channels ? c : w->channels - LANES, to);
    return;
  }
  for (int p = 0; p < count; p++)
    for (int64_t c = 0; c < w->channels; c++) {
      float sum = w->bias ? w->bias[c] : 0;
      for (int64_t u = w->rows.first; u < w->rows.end; u++)
        for (int64_t v = w->columns.first; v < w->columns.end; v++)
          sum += w->input[p * w->step + u * w->tap_down + v * w->tap_right + c] *
                 w->kernel[(u * w->kernel_width + v) * w->channels + c];
      to[p * w->channels + c] = w->rectify && sum < 0 ? 0 : sum;
    }
}

CKERNELS_CLONES
static void forward_row(const ckernels_window *w, int64_t kernel_height, const float *input, const float *kernel,
                        const float *bias, int rectify, int64_t row, float *output) {
  const int64_t channels = w->input_channels;
  const int64_t image = row / w->output_height, i = row % w->output_height;
  const int64_t y = i * w->stride_height - w->pad_top;
  depthwise_windows windows = {
      .kernel = kernel,
      .bias = bias,
      .tap_down = w->dilation_height * w->input_width * channels,
      .tap_right = w->dilation_width * channels,
      .step = w->stride_width * channels,
      .kernel_width = w->kernel_width,
      .channels = channels,
      .rows = taps_inside(y, w->dilation_height, kernel_height, w->input_height),
      .rectify = rectify,
  };
  const float *from = input + (image * w->input_height + y) * w->input_width * channels;
  const int64_t extent = (w->kernel_width - 1) * w->dilation_width;
  const int overlaps = w->stride_width == 1 && w->dilation_width == 1;
  for (int64_t j = 0; j < w->output_width;) {
    const int64_t x = j * w->stride_width - w->pad_left, last = x + (TOGETHER - 1) * w->stride_width;
    windows.input = from + x * channels;
    windows.columns = taps_inside(x, w->dilation_width, w->kernel_width, w->input_width);
    float *to = output + j * channels;
    if (j + TOGETHER <= w->output_width && x >= 0 && last + extent < w->input_width) {
      if (overlaps && w->kernel_width == 3)
        sum_windows(TOGETHER, 3, &windows, to);
      else if (overlaps && w->kernel_width == 5)
        sum_windows(TOGETHER, 5, &windows, to);
      else
        sum_windows(TOGETHER, 0, &windows, to);
      j += TOGETHER;
    } else {
      sum_windows(1, 0, &windows, to);
      j++;
    }
  }
}

void ckernels_depthwise_forward(const ckernels_window *w, int64_t kernel_height, const float *input,
                                const float *kernel, const float *bias, ckernels_function function, int64_t first_row,
                                int64_t end_row, float *output) {
  const int64_t row_scalars = w->output_width * w->input_channels;
  const int rectify = function == ckernels_relu;
  for (int64_t row = first_row; row < end_row; row++) {
    float *to = output + row * row_scalars;
    forward_row(w, kernel_height, input, kernel, bias, rectify, row, to);
    if (!rectify) ckernels_finish_rows(to, w->output_width, w->input_channels, w->input_channels, NULL, function);
  }
}

CKERNELS_CLONES
void ckernels_depthwise_input_gradient(const ckernels_window *w, int64_t kernel_height, const float *output_gradient,
                                       const float *kernel, int64_t first_row, int64_t end_row,
                                       float *input_gradient) {
  const int64_t channels = w->input_channels, output_row = w->output_width * channels;
  for (int64_t row = first_row; row < end_row; row++) {
    const int64_t image = row / w->input_height, y = row % w->input_height + w->pad_top;
    float *to = input_gradient + row * w->input_width * channels;
    clear_run(to, w->input_width * channels);
    for (int64_t u = 0; u < kernel_height; u++) {
      // The output row that reads this input row through kernel row u, if any.
      const int64_t down = y - u * w->dilation_height;
      if (down < 0 || down % w->stride_height || down / w->stride_height >= w->output_height) continue;
      const float *from = output_gradient + (image * w->output_height + down / w->stride_height) * output_row;
      for (int64_t v = 0; v < w->kernel_width; v++) {
        const float *k = kernel + (u * w->kernel_width + v) * channels;
        const int64_t x = v * w->dilation_width - w->pad_left;
        const int64_t on = clamp_to(ceil_div(-x, w->stride_width), 0, w->output_width);
        const int64_t off = clamp_to(ceil_div(w->input_width - x, w->stride_width), on, w->output_width);
        for (int64_t j = on; j < off; j++) {
          float *restrict target = to + (x + j * w->stride_width) * channels;
          const float *restrict gradient = from + j * channels;
          for (int64_t c = 0; c < channels; c++) target[c] += gradient[c] * k[c];
        }
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_depthwise_kernel_gradient(const ckernels_window *w, int64_t kernel_height, const float *input,
                                        const float *output_gradient, int64_t first_row, int64_t end_row,
                                        int accumulate, float *kernel_gradient) {
  const int64_t channels = w->input_channels, step = w->stride_width * channels;
  if (!accumulate) clear_run(kernel_gradient, kernel_height * w->kernel_width * channels);
  for (int64_t row = first_row; row < end_row; row++) {
    const int64_t image = row / w->output_height, i = row % w->output_height;
    const float *gradient = output_gradient + row * w->output_width * channels;
    for (int64_t u = 0; u < kernel_height; u++) {
      const int64_t y = i * w->stride_height - w->pad_top + u * w->dilation_height;
      if (y < 0 || y >= w->input_height) continue;
      for (int64_t v = 0; v < w->kernel_width; v++) {
        const int64_t x = v * w->dilation_width - w->pad_left;
        const int64_t on = clamp_to(ceil_div(-x, w->stride_width), 0, w->output_width);
        const int64_t off = clamp_to(ceil_div(w->input_width - x, w->stride_width), on, w->output_width);
        const float *from = input + ((image * w->input_height + y) * w->input_width + x) * channels;
        float *to = kernel_gradient + (u * w->kernel_width + v) * channels;
        for (int64_t c = 0; c < channels; c += LANES) {
          const int64_t lanes = channels - c < LANES ? channels - c : LANES;
          if (lanes == LANES) {
            float32x16 sum = {0};
            for (int64_t j = on; j < off; j++)
              sum += *(const float32x16 *)(from + j * step + c) * *(const float32x16 *)(gradient + j * channels + c);
            *(float32x16 *)(to + c) += sum;
          } else {
            for (int64_t j = on; j < off; j++)
              for (int64_t k = c; k < channels; k++) to[k] += from[j * step + k] * gradient[j * channels + k];
          }
        }
      }
    }
  }
}
