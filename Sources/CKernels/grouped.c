#include "include/grouped.h"

#include "float_run.h"
#include "window_walk.h"

// Lanes are output channels of several groups. The input of a lane is a channel of its group, spread over the
// lanes of the group:
//
//     groups of 4      input channels of a pixel    a b c d | e f g h | i j k l | m n o p
//                      spread channel 1             b b b b | f f f f | j j j j | n n n n
//
// At stride 1, a spread vector serves as many outputs of the row as the kernel has columns, and the sums of eight
// outputs stay in registers.

enum { TOGETHER = 8, WIDEST = 3 };

// The lanes of channel c of each group.
#define OF_2(c) \
  c, c, 2 + c, 2 + c, 4 + c, 4 + c, 6 + c, 6 + c, 8 + c, 8 + c, 10 + c, 10 + c, 12 + c, 12 + c, 14 + c, 14 + c
#define OF_4(c) c, c, c, c, 4 + c, 4 + c, 4 + c, 4 + c, 8 + c, 8 + c, 8 + c, 8 + c, 12 + c, 12 + c, 12 + c, 12 + c
#define OF_8(c) c, c, c, c, c, c, c, c, 8 + c, 8 + c, 8 + c, 8 + c, 8 + c, 8 + c, 8 + c, 8 + c
#define SPREAD(size, c) \
  case size *LANES + c: *to = __builtin_shufflevector(x, x, OF_##size(c)); return

/// Spreads channel `c` of each group of `size` channels; both are constants after inlining and unrolling.
CKERNELS_INLINE void spread(const int size, const int c, const float *from, float32x16 *to) {
  if (size == LANES) {
    const float value = from[c];
    *to = (float32x16){value, value, value, value, value, value, value, value,
                       value, value, value, value, value, value, value, value};
    return;
  }
  const float32x16 x = LOAD(from);
  switch (size * LANES + c) {
    SPREAD(2, 0);
    SPREAD(2, 1);
    SPREAD(4, 0);
    SPREAD(4, 1);
    SPREAD(4, 2);
    SPREAD(4, 3);
    SPREAD(8, 0);
    SPREAD(8, 1);
    SPREAD(8, 2);
    SPREAD(8, 3);
    SPREAD(8, 4);
    SPREAD(8, 5);
    SPREAD(8, 6);
    SPREAD(8, 7);
  default: *to = x;
  }
}

CKERNELS_CLONES
void ckernels_grouped_pack(const float *kernel, int64_t rows, int64_t channels, float *packed) {
  for (int64_t r = 0; r < rows; r++) STORE(packed + r * LANES, LOAD(kernel + r * channels));
}

// MARK: - Forward

/// Computes `count` neighboring outputs of one vector. All but the pointers and `w` are constants after inlining;
/// `width` and `stride` are 0 for any kernel and stride.
CKERNELS_INLINE void sum_outputs(const int size, const int count, const int width, const int stride,
                                 const ckernels_grouped_forward_job *job, const float *input, const float *kernel,
                                 const float *bias, float *to) {
  const ckernels_window *w = job->window;
  const int64_t channels = w->input_channels, down = w->dilation_height * w->input_width * channels;
  float32x16 sums[TOGETHER];
  CKERNELS_UNROLLED for (int p = 0; p < count; p++) sums[p] = bias ? LOAD(bias) : (float32x16){0};
  for (int64_t u = 0; u < w->kernel_height; u++, input += down) {
    if (width > 0) {
      CKERNELS_UNROLLED for (int c = 0; c < size; c++) {
        float32x16 x[(TOGETHER - 1) * 2 + WIDEST];
        CKERNELS_UNROLLED for (int q = 0; q < (count - 1) * stride + width; q++)
            spread(size, c, input + q * channels, &x[q]);
        CKERNELS_UNROLLED for (int v = 0; v < width; v++) {
          const float32x16 weight = LOAD(kernel + (v * size + c) * LANES);
          CKERNELS_UNROLLED for (int p = 0; p < count; p++) sums[p] += x[p * stride + v] * weight;
        }
      }
      kernel += width * size * LANES;
    } else {
      for (int64_t v = 0; v < w->kernel_width; v++, kernel += size * LANES) {
        const float *from = input + v * w->dilation_width * channels;
        CKERNELS_UNROLLED for (int c = 0; c < size; c++) {
          const float32x16 weight = LOAD(kernel + c * LANES);
          CKERNELS_UNROLLED for (int p = 0; p < count; p++) {
            float32x16 x;
            spread(size, c, from + p * w->stride_width * channels, &x);
            sums[p] += x * weight;
          }
        }
      }
    }
  }
  CKERNELS_UNROLLED for (int p = 0; p < count; p++) {
    float32x16 sum = sums[p];
    if (job->function == ckernels_relu) sum = RELU(sum);
    STORE(to + p * channels, sum);
  }
}

CKERNELS_INLINE void forward_rows(const int size, const int width, const int stride,
                                  const ckernels_grouped_forward_job *job) {
  const ckernels_window *w = job->window;
  const int64_t channels = w->input_channels, taps = w->kernel_height * w->kernel_width;
  for (int64_t o = 0; o < channels; o += LANES)
    for (int64_t r = 0; r < job->row_count; r++) {
      const float *input = job->input + r * w->stride_height * w->input_width * channels + o;
      const float *kernel = job->kernel + o * taps * size, *bias = job->bias ? job->bias + o : 0;
      float *output = job->output + r * w->output_width * channels + o;
      for (int64_t next = 0; next < w->output_width;) {
        const int64_t rest = w->output_width - next;
        // The last eight outputs of a row overlap those before them.
        const int64_t j =
            rest < TOGETHER && next > 0 && w->output_width >= TOGETHER ? w->output_width - TOGETHER : next;
        const float *from = input + j * w->stride_width * channels;
        float *to = output + j * channels;
        if (w->output_width >= TOGETHER) {
          sum_outputs(size, TOGETHER, width, stride, job, from, kernel, bias, to);
          next = j + TOGETHER;
        } else if (rest >= TOGETHER / 2) {
          sum_outputs(size, TOGETHER / 2, width, stride, job, from, kernel, bias, to);
          next = j + TOGETHER / 2;
        } else {
          sum_outputs(size, 1, width, stride, job, from, kernel, bias, to);
          next = j + 1;
        }
      }
    }
}

/// Calls a loop with the columns of the kernel and the stride as constants if they are common ones.
#define WITH_CONSTANT_WIDTH(function, size, job)                                     \
  do {                                                                               \
    const ckernels_window *w = (job)->window;                                        \
    if (w->dilation_width == 1 && w->stride_width == 1 && w->kernel_width == 3)      \
      function(size, 3, 1, job);                                                     \
    else if (w->dilation_width == 1 && w->stride_width == 2 && w->kernel_width == 3) \
      function(size, 3, 2, job);                                                     \
    else                                                                             \
      function(size, 0, 0, job);                                                     \
  } while (0)

#define WITH_CONSTANT_GROUP(function, job)                  \
  do {                                                      \
    switch ((job)->group_channels) {                        \
    case 2: WITH_CONSTANT_WIDTH(function, 2, job); break;   \
    case 4: WITH_CONSTANT_WIDTH(function, 4, job); break;   \
    case 8: WITH_CONSTANT_WIDTH(function, 8, job); break;   \
    default: WITH_CONSTANT_WIDTH(function, 16, job); break; \
    }                                                       \
  } while (0)

CKERNELS_CLONES
void ckernels_grouped_forward(const ckernels_grouped_forward_job *job) { WITH_CONSTANT_GROUP(forward_rows, job); }

// MARK: - The kernel gradient

/// Channels of a group whose sums are in registers at a time.
enum { AT_ONCE = 8 };

/// Adds one row of outputs to the sums of one kernel row: sums[v][c] += spread(x[q], c) * gradient[q - v].
CKERNELS_INLINE void add_position(const int size, const int width, const int first, const int count, int64_t q,
                                  int64_t outputs, const float *x, const float *gradient, int64_t channels,
                                  float32x16 sums[WIDEST][AT_ONCE]) {
  CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
    float32x16 value;
    spread(size, first + c, x + q * channels, &value);
    CKERNELS_UNROLLED for (int v = 0; v < width; v++) if (q - v >= 0 && q - v < outputs) sums[v][c] +=
        value * LOAD(gradient + (q - v) * channels);
  }
}

/// The sums of `count` channels from `first` on of one kernel row, over all rows.
CKERNELS_INLINE void sum_kernel_row(const int size, const int width, const int stride, const int first, const int count,
                                    const ckernels_grouped_kernel_gradient_job *job, int64_t u, int64_t o) {
  const ckernels_window *w = job->window;
  const int64_t channels = w->input_channels, outputs = w->output_width;
  const int64_t input_row = w->input_width * channels;
  float *to = job->kernel_gradient + (u * w->kernel_width * size + first) * channels + o;
  if (width > 0 && stride == 1) {
    float32x16 sums[WIDEST][AT_ONCE];
    CKERNELS_UNROLLED for (int v = 0; v < width; v++) CKERNELS_UNROLLED for (int c = 0; c < count; c++) sums[v][c] =
        (float32x16){0};
    for (int64_t r = 0; r < job->row_count; r++) {
      const float *x = job->input + (r * w->stride_height + u * w->dilation_height) * input_row + o;
      const float *gradient = job->output_gradient + r * outputs * channels + o;
      int64_t q = 0;
      for (; q < width - 1 && q < outputs + width - 1; q++)
        add_position(size, width, first, count, q, outputs, x, gradient, channels, sums);
      for (; q < outputs; q++) {
        float32x16 g[WIDEST];
        CKERNELS_UNROLLED for (int v = 0; v < width; v++) g[v] = LOAD(gradient + (q - v) * channels);
        CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
          float32x16 value;
          spread(size, first + c, x + q * channels, &value);
          CKERNELS_UNROLLED for (int v = 0; v < width; v++) sums[v][c] += value * g[v];
        }
      }
      for (; q < outputs + width - 1; q++)
        add_position(size, width, first, count, q, outputs, x, gradient, channels, sums);
    }
    CKERNELS_UNROLLED for (int v = 0; v < width; v++) CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
      float *at = to + (v * size + c) * channels;
      STORE(at, LOAD(at) + sums[v][c]);
    }
    return;
  }
  for (int64_t v = 0; v < w->kernel_width; v++) {
    float32x16 sums[AT_ONCE];
    CKERNELS_UNROLLED for (int c = 0; c < count; c++) sums[c] = (float32x16){0};
    for (int64_t r = 0; r < job->row_count; r++) {
      const float *x = job->input + (r * w->stride_height + u * w->dilation_height) * input_row +
                       v * w->dilation_width * channels + o;
      const float *gradient = job->output_gradient + r * outputs * channels + o;
      for (int64_t j = 0; j < outputs; j++) {
        const float32x16 g = LOAD(gradient + j * channels);
        CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
          float32x16 value;
          spread(size, first + c, x + j * w->stride_width * channels, &value);
          sums[c] += value * g;
        }
      }
    }
    CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
      float *at = to + (v * size + c) * channels;
      STORE(at, LOAD(at) + sums[c]);
    }
  }
}

CKERNELS_INLINE void gradient_rows(const int size, const int width, const int stride,
                                   const ckernels_grouped_kernel_gradient_job *job) {
  for (int64_t o = 0; o < job->window->input_channels; o += LANES)
    for (int64_t u = 0; u < job->window->kernel_height; u++) {
      sum_kernel_row(size, width, stride, 0, size < AT_ONCE ? size : AT_ONCE, job, u, o);
      if (size > AT_ONCE) sum_kernel_row(size, width, stride, AT_ONCE, size - AT_ONCE, job, u, o);
    }
}

CKERNELS_CLONES
void ckernels_grouped_kernel_gradient(const ckernels_grouped_kernel_gradient_job *job) {
  WITH_CONSTANT_GROUP(gradient_rows, job);
}

// MARK: - The input gradient at any stride

// Lanes are input channels. At stride 2, columns of equal parity read the same taps of neighboring outputs:
//
//     input gradient     x   0   1   2   3   4   5         even x: tap 1 of output x / 2
//     output gradient    j   0       1       2             odd x: tap 2 of output j, tap 0 of output j + 1
//                                                          (3 taps, padding 1)

void ckernels_grouped_pack_transposed(const float *kernel, int64_t taps, int64_t group_channels, int64_t channels,
                                      float *packed) {
  const int64_t size = group_channels;
  for (int64_t tap = 0; tap < taps; tap++, kernel += size * channels)
    for (int64_t o = 0; o < size; o++)
      for (int64_t lane = 0; lane < LANES; lane++) *packed++ = kernel[lane % size * channels + lane / size * size + o];
}

/// The taps along an axis that read a position: first, first + step, ... of outputs output, output - output_step, ...
typedef struct {
  int64_t first, step, output, output_step;
} axis_taps;

CKERNELS_INLINE axis_taps taps_of(int64_t padded_position, int64_t kernel, int64_t stride, int64_t dilation) {
  axis_taps taps = {.first = 0, .step = 1};
  while (taps.step * dilation % stride != 0) taps.step++;
  while (taps.first < kernel && (padded_position - taps.first * dilation) % stride != 0) taps.first++;
  taps.output = (padded_position - taps.first * dilation) / stride;
  taps.output_step = taps.step * dilation / stride;
  return taps;
}

/// A row of one vector of the input gradient, at every stride-th column.
typedef struct {
  const ckernels_window *window;
  axis_taps rows, columns;
  /// The output gradient of the image, and the transposed kernel.
  const float *gradient, *kernel;
} input_columns;

/// Computes `count` columns from the `first` on. The outputs that they read are inside the image, or `count` is 1.
CKERNELS_INLINE void sum_inputs(const int size, const int count, const input_columns *run, int64_t first, float *to) {
  const ckernels_window *w = run->window;
  const int64_t channels = w->input_channels;
  float32x16 sums[TOGETHER];
  CKERNELS_UNROLLED for (int p = 0; p < count; p++) sums[p] = (float32x16){0};
  int64_t i = run->rows.output;
  for (int64_t u = run->rows.first; u < w->kernel_height; u += run->rows.step, i -= run->rows.output_step) {
    if (i < 0 || i >= w->output_height) continue;
    int64_t j = run->columns.output + first;
    for (int64_t v = run->columns.first; v < w->kernel_width; v += run->columns.step, j -= run->columns.output_step) {
      if (count == 1 && (j < 0 || j >= w->output_width)) continue;
      const float *kernel = run->kernel + (u * w->kernel_width + v) * size * LANES;
      const float *gradient = run->gradient + (i * w->output_width + j) * channels;
      CKERNELS_UNROLLED for (int o = 0; o < size; o++) {
        const float32x16 weight = LOAD(kernel + o * LANES);
        CKERNELS_UNROLLED for (int p = 0; p < count; p++) {
          float32x16 g;
          spread(size, o, gradient + p * channels, &g);
          sums[p] += g * weight;
        }
      }
    }
  }
  CKERNELS_UNROLLED for (int p = 0; p < count; p++) STORE(to + p * w->stride_width * channels, sums[p]);
}

/// Computes all columns of equal remainder of a row.
CKERNELS_INLINE void sum_columns(const int size, const input_columns *run, int64_t count, float *to) {
  const ckernels_window *w = run->window;
  const int64_t step = w->stride_width * w->input_channels;
  // The columns whose taps all read outputs inside the image: the first tap reads the last output.
  const axis_taps *taps = &run->columns;
  const int64_t last = w->kernel_width - 1 - taps->first;
  const int64_t back = last < 0 ? 0 : last / taps->step * taps->output_step;
  const int64_t begin = clamp_to(back - taps->output, 0, count);
  const int64_t end = clamp_to(w->output_width - taps->output, begin, count);
  for (int64_t m = 0; m < count;) {
    if (m >= begin && m + TOGETHER <= end) {
      sum_inputs(size, TOGETHER, run, m, to + m * step);
      m += TOGETHER;
    } else if (m >= begin && m + TOGETHER / 2 <= end) {
      sum_inputs(size, TOGETHER / 2, run, m, to + m * step);
      m += TOGETHER / 2;
    } else {
      sum_inputs(size, 1, run, m, to + m * step);
      m++;
    }
  }
}

CKERNELS_INLINE void input_gradient_rows(const int size, const ckernels_grouped_input_gradient_job *job) {
  const ckernels_window *w = job->window;
  const int64_t channels = w->input_channels, kernel_step = w->kernel_height * w->kernel_width * size;
  for (int64_t c = 0; c < channels; c += LANES)
    for (int64_t row = job->first_row; row < job->end_row; row++) {
      const int64_t image = row / w->input_height, y = row % w->input_height;
      const float *gradient = job->output_gradient + image * w->output_height * w->output_width * channels + c;
      float *to = job->input_gradient + row * w->input_width * channels + c;
      const axis_taps rows = taps_of(y + w->pad_top, w->kernel_height, w->stride_height, w->dilation_height);
      for (int64_t x = 0; x < w->stride_width && x < w->input_width; x++) {
        const axis_taps columns = taps_of(x + w->pad_left, w->kernel_width, w->stride_width, w->dilation_width);
        const input_columns run = {w, rows, columns, gradient, job->kernel + c * kernel_step};
        sum_columns(size, &run, ceil_div(w->input_width - x, w->stride_width), to + x * channels);
      }
    }
}

CKERNELS_CLONES
void ckernels_grouped_input_gradient(const ckernels_grouped_input_gradient_job *job) {
  switch (job->group_channels) {
  case 2: input_gradient_rows(2, job); break;
  case 4: input_gradient_rows(4, job); break;
  case 8: input_gradient_rows(8, job); break;
  default: input_gradient_rows(16, job); break;
  }
}
