#include "group_rows.h"

// Every tap adds the output gradients of a row to the inputs that they were computed from:
//
//     output gradient  j         0       1       2
//     tap 0            x - 1       x + 1   x + 3            at stride 2, with the first input of tap 0 at x - 1
//     tap 1              x           x + 2   x + 4

void ckernels_grouped_transpose_kernel(const ckernels_grouped_rows *rows, const float *kernel, int64_t channel,
                                       float *packed) {
  const int64_t size = rows->group_channels, channels = rows->window->input_channels;
  for (int64_t r = 0; r < kernel_rows(rows); r++)
    for (int64_t lane = 0; lane < LANES; lane++) {
      const int64_t input = r / size * size + lane % size, output = lane / size * size + r % size;
      *packed++ = kernel[input * channels + channel + output];
    }
}

/// The products of one tap with some outputs of a row.
typedef struct {
  /// The first output gradient, `channels` scalars apart, and their number.
  const float *gradient;
  int64_t count, channels;
  /// The first input gradient, `step` scalars apart.
  float *to;
  int64_t step;
} tap_products;

/// Adds the products of one channel for each group: vectors of channels, and their rest.
CKERNELS_INLINE void add_depthwise(const tap_products *t, const float *kernel) {
  for (int64_t j = 0; j < t->count; j++) {
    float *restrict to = t->to + j * t->step;
    const float *restrict gradient = t->gradient + j * t->channels;
    for (int64_t c = 0; c < t->channels; c++) to[c] += gradient[c] * kernel[c];
  }
}

/// Adds the products of a vector of channels, with its transposed kernel [output of a group][lane].
CKERNELS_INLINE void add_vector(const int size, const tap_products *t, int64_t channel, const float *kernel) {
  float32x16 weights[LANES];
  CKERNELS_UNROLLED for (int o = 0; o < size; o++) weights[o] = LOAD(kernel + o * LANES);
  for (int64_t j = 0; j < t->count; j++) {
    float *to = t->to + j * t->step + channel;
    float32x16 sum = LOAD(to), g;
    CKERNELS_UNROLLED for (int o = 0; o < size; o++) {
      spread(size, o, t->gradient + j * t->channels + channel, &g);
      sum += g * weights[o];
    }
    STORE(to, sum);
  }
}

CKERNELS_INLINE void input_gradient(const int size, const ckernels_grouped_rows *rows, const float *output_gradient,
                                    const float *kernel, float *result) {
  const ckernels_window *w = rows->window;
  const int64_t channels = w->input_channels;
  for (int64_t row = rows->first_row; row < rows->end_row; row++) {
    const int64_t image = row / w->input_height, y = row % w->input_height + w->pad_top;
    float *to = result + row * w->input_width * channels;
    clear_run(to, w->input_width * channels);
    for (int64_t u = 0; u < w->kernel_height; u++) {
      // The output row that reads this input row through kernel row u, if any.
      const int64_t down = y - u * w->dilation_height, i = down / w->stride_height;
      if (down < 0 || down % w->stride_height || i >= w->output_height) continue;
      const float *from = output_gradient + (image * w->output_height + i) * w->output_width * channels;
      for (int64_t v = 0; v < w->kernel_width; v++) {
        const int64_t tap = u * w->kernel_width + v, x = v * w->dilation_width - w->pad_left;
        const int64_t begin = clamp_to(ceil_div(-x, w->stride_width), 0, w->output_width);
        const int64_t end = clamp_to(ceil_div(w->input_width - x, w->stride_width), begin, w->output_width);
        if (begin == end) continue;
        const tap_products products = {
            .gradient = from + begin * channels,
            .count = end - begin,
            .channels = channels,
            .to = to + (x + begin * w->stride_width) * channels,
            .step = w->stride_width * channels,
        };
        if (size == 1) add_depthwise(&products, kernel + tap * channels);
        for (int64_t c = 0; size > 1 && c < channels; c += LANES)
          add_vector(size, &products, c, kernel + c * kernel_rows(rows) + tap * size * LANES);
      }
    }
  }
}

FOR_EACH_GROUP(input_gradient,
               (const ckernels_grouped_rows *rows, const float *output_gradient, const float *kernel, float *result),
               rows, output_gradient, kernel, result)

void ckernels_grouped_input_gradient(const ckernels_grouped_rows *rows, const float *output_gradient,
                                     const float *kernel, float *input_gradient) {
  CALL_OF_GROUP(rows->group_channels, input_gradient, rows, output_gradient, kernel, input_gradient);
}
