#include "include/depthwise.h"

#include "float_run.h"
#include "window_walk.h"

// Channels are the lanes. Four neighbouring output pixels share each load of the kernel:
//
//     kernel[u][v]   k                                   one vector of 16 channels
//     input          x(j) x(j+1) x(j+2) x(j+3)           each `stride` pixels further
//     sums           s0 += k x(j)   s1 += k x(j+1)  ...

enum { LANES = 16, TOGETHER = 4 };

#pragma clang fp contract(fast)

/// Taps of one axis that are on the image, for the window at `origin`.
typedef struct {
  int64_t first, end;
} tap_range;

CKERNELS_INLINE tap_range taps_inside(int64_t origin, int64_t dilation, int64_t kernel, int64_t input) {
  tap_range taps;
  taps.first = clamp_to(ceil_div(-origin, dilation), 0, kernel);
  taps.end = clamp_to(ceil_div(input - origin, dilation), taps.first, kernel);
  return taps;
}

/// sums[p][c] = what `count` neighbouring pixels get from the taps of `rows` by `columns`; `lanes` channels.
/// `tap_down` and `tap_right` are the scalars from one tap's input to the next one's.
CKERNELS_INLINE void sum_taps(const float *input, int64_t tap_down, int64_t tap_right, int64_t pixel_step,
                              const float *kernel, int64_t kernel_width, int64_t channels, tap_range rows,
                              tap_range columns, const int count, int64_t lanes, float32x16 *sums) {
  for (int p = 0; p < count; p++) sums[p] = (float32x16){0};
  for (int64_t u = rows.first; u < rows.end; u++)
    for (int64_t v = columns.first; v < columns.end; v++) {
      const float *x = input + u * tap_down + v * tap_right, *k = kernel + (u * kernel_width + v) * channels;
      if (lanes == LANES) {
        const float32x16 weight = *(const float32x16 *)k;
        for (int p = 0; p < count; p++) sums[p] += *(const float32x16 *)(x + p * pixel_step) * weight;
      } else {
        for (int p = 0; p < count; p++)
          for (int64_t c = 0; c < lanes; c++) sums[p][c] += x[p * pixel_step + c] * k[c];
      }
    }
}

CKERNELS_INLINE void store_sums(float *to, int64_t pixel_step, const float32x16 *sums, int count, int64_t lanes) {
  for (int p = 0; p < count; p++, to += pixel_step) {
    if (lanes == LANES)
      *(float32x16 *)to = sums[p];
    else
      for (int64_t c = 0; c < lanes; c++) to[c] = sums[p][c];
  }
}

CKERNELS_CLONES
static void forward_row(const ckernels_window *w, int64_t kernel_height, const float *input, const float *kernel,
                        int64_t row, float *output) {
  const int64_t channels = w->input_channels, tap_right = w->dilation_width * channels;
  const int64_t tap_down = w->dilation_height * w->input_width * channels, step = w->stride_width * channels;
  const int64_t image = row / w->output_height, i = row % w->output_height;
  const int64_t y = i * w->stride_height - w->pad_top;
  const tap_range rows = taps_inside(y, w->dilation_height, kernel_height, w->input_height);
  const float *from = input + (image * w->input_height + y) * w->input_width * channels;
  for (int64_t j = 0; j < w->output_width;) {
    const int64_t x = j * w->stride_width - w->pad_left, last = x + (TOGETHER - 1) * w->stride_width;
    const tap_range columns = taps_inside(x, w->dilation_width, w->kernel_width, w->input_width);
    const int together = j + TOGETHER <= w->output_width && x >= 0 &&
                         last + (w->kernel_width - 1) * w->dilation_width < w->input_width;
    for (int64_t c = 0; c < channels; c += LANES) {
      const int64_t lanes = channels - c < LANES ? channels - c : LANES;
      float32x16 sums[TOGETHER];
      const float *source = from + x * channels + c;
      if (together)
        sum_taps(source, tap_down, tap_right, step, kernel + c, w->kernel_width, channels, rows, columns, TOGETHER,
                 lanes, sums);
      else
        sum_taps(source, tap_down, tap_right, step, kernel + c, w->kernel_width, channels, rows, columns, 1, lanes,
                 sums);
      store_sums(output + j * channels + c, channels, sums, together ? TOGETHER : 1, lanes);
    }
    j += together ? TOGETHER : 1;
  }
}

void ckernels_depthwise_forward(const ckernels_window *w, int64_t kernel_height, const float *input,
                                const float *kernel, const float *bias, ckernels_function function, int64_t first_row,
                                int64_t end_row, float *output) {
  const int64_t row_scalars = w->output_width * w->input_channels;
  for (int64_t row = first_row; row < end_row; row++) {
    float *to = output + row * row_scalars;
    forward_row(w, kernel_height, input, kernel, row, to);
    if (bias || function != ckernels_identity)
      ckernels_finish_rows(to, w->output_width, w->input_channels, w->input_channels, bias, function);
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
      // The output row that read this input row with kernel row u, if there is one.
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
