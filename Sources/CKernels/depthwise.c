#include "include/depthwise.h"

#include "float_run.h"
#include "window_walk.h"

// Vector lanes are channels. The input rows of a window are copied with their padding, so that no window has a border,
// and each row is copied once for all windows that read it:
//
//     input row y   . . a b c d . .     up to 64 channels     slot y % extent   0 a b c d 0 0 0
//
// Eight neighboring outputs share each load of the kernel, and each load of the input serves as many outputs as
// windows overlap there.

enum { TOGETHER = ckernels_depthwise_together, WIDEST = 5 };

/// Channels that are copied at a time: four cache lines, which are read and written without gaps. In scratch, pixels and
/// taps are always this far apart, so that the addresses of neighboring pixels are constant distances.
enum { BLOCK = 64 };

// Sums of products may use FMA, as in every other kernel of this library that is compiled for it.
#pragma clang fp contract(fast)

// MARK: - Input rows in scratch

/// Some output columns of a block of channels of one image, and the input rows that are in scratch.
typedef struct {
  const ckernels_window *window;
  const float *image;
  /// The first channel, and their number.
  int64_t channel, channels;
  /// The first output column, and their number.
  int64_t first_column, column_count;
  /// Rows of a window, dilation included, and padded columns of a row.
  int64_t extent, width;
  /// [slot][column][channel].
  float *slots;
  /// The first input row that is not in scratch yet.
  int64_t next_row;
} row_ring;

CKERNELS_INLINE int64_t ring_extent(const ckernels_window *w) {
  return (w->kernel_height - 1) * w->dilation_height + 1;
}

CKERNELS_INLINE int64_t ring_width(const ckernels_window *w, int64_t columns) {
  const int64_t whole = (columns + TOGETHER - 1) / TOGETHER * TOGETHER;
  return (whole - 1) * w->stride_width + (w->kernel_width - 1) * w->dilation_width + 1;
}

int64_t ckernels_depthwise_scratch(const ckernels_window *w, int64_t columns) {
  return (ring_extent(w) * ring_width(w, columns) + w->kernel_height * w->kernel_width) * BLOCK;
}

/// Copies the channels of a pixel, followed by zeros up to a whole vector.
CKERNELS_INLINE void copy_channels(float *to, const float *from, int64_t channels) {
  copy_run(to, from, channels);
  if (channels % LANES != 0) clear_run(to + channels, LANES - channels % LANES);
}

CKERNELS_INLINE void clear_pixels(float *to, int64_t count, int64_t channels) {
  for (int64_t i = 0; i < count; i++) clear_run(to + i * BLOCK, (channels + LANES - 1) / LANES * LANES);
}

/// Returns the slot of an input row, whose number may be negative.
CKERNELS_INLINE float *slot_of(const row_ring *ring, int64_t row) {
  const int64_t rest = row % ring->extent;
  return ring->slots + (rest < 0 ? rest + ring->extent : rest) * ring->width * BLOCK;
}

CKERNELS_INLINE void copy_row(const row_ring *ring, int64_t row) {
  const ckernels_window *w = ring->window;
  float *to = slot_of(ring, row);
  if (row < 0 || row >= w->input_height) {
    clear_pixels(to, ring->width, ring->channels);
    return;
  }
  const int64_t left = ring->first_column * w->stride_width - w->pad_left;
  const int64_t begin = clamp_to(-left, 0, ring->width), end = clamp_to(w->input_width - left, begin, ring->width);
  const int64_t first = (row * w->input_width + left) * w->input_channels + ring->channel;
  clear_pixels(to, begin, ring->channels);
  for (int64_t x = begin; x < end; x++)
    copy_channels(to + x * BLOCK, ring->image + first + x * w->input_channels, ring->channels);
  clear_pixels(to + end * BLOCK, ring->width - end, ring->channels);
}

/// Copies the input rows of an output row that are not in scratch yet, and returns the first of them.
CKERNELS_INLINE int64_t advance_to(row_ring *ring, int64_t output_row) {
  const int64_t top = output_row * ring->window->stride_height - ring->window->pad_top;
  for (int64_t y = ring->next_row > top ? ring->next_row : top; y < top + ring->extent; y++) copy_row(ring, y);
  ring->next_row = top + ring->extent;
  return top;
}

CKERNELS_INLINE int64_t min_of_two(int64_t a, int64_t b) { return a < b ? a : b; }

/// Calls `body` for the output rows of every image, block of columns and block of channels of `rows`. The names
/// `ring`, `image`, `first` and `end` (output rows of the image) are visible in the body.
#define FOR_EACH_RING(rows, body)                                                                    \
  do {                                                                                               \
    const ckernels_window *w = (rows)->window;                                                       \
    for (int64_t row = (rows)->first_row; row < (rows)->end_row;) {                                  \
      const int64_t image = row / w->output_height, first = row % w->output_height;                  \
      const int64_t end = min_of_two(w->output_height, first + (rows)->end_row - row);               \
      for (int64_t channel = 0; channel < w->input_channels; channel += BLOCK)                       \
        for (int64_t column = 0; column < w->output_width; column += (rows)->columns) {              \
          row_ring ring = {                                                                          \
              .window = w,                                                                           \
              .image = (rows)->input + image * w->input_height * w->input_width * w->input_channels, \
              .channel = channel,                                                                    \
              .channels = min_of_two(BLOCK, w->input_channels - channel),                            \
              .first_column = column,                                                                \
              .column_count = min_of_two((rows)->columns, w->output_width - column),                 \
              .extent = ring_extent(w),                                                              \
              .width = ring_width(w, min_of_two((rows)->columns, w->output_width - column)),         \
              .slots = (rows)->scratch + w->kernel_height * w->kernel_width * BLOCK,                 \
              .next_row = INT64_MIN,                                                                 \
          };                                                                                         \
          body;                                                                                      \
        }                                                                                            \
      row += end - first;                                                                            \
    }                                                                                                \
  } while (0)

// MARK: - Forward

/// Computes eight outputs. `kernel_width` and `stride` are constants after inlining, 0 for any.
CKERNELS_INLINE void sum_eight(const int kernel_width, const int stride, const row_ring *ring, const float *kernel,
                               int64_t top, int64_t offset, float32x16 sums[TOGETHER]) {
  const ckernels_window *w = ring->window;
  const int step = BLOCK;
  for (int64_t u = 0; u < w->kernel_height; u++) {
    const float *x = slot_of(ring, top + u * w->dilation_height) + offset;
    if (kernel_width > 0) {
      float32x16 weights[WIDEST];
      CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) weights[v] = LOAD(kernel + v * step);
      CKERNELS_UNROLLED for (int q = 0; q < (TOGETHER - 1) * stride + kernel_width; q++) {
        const float32x16 value = LOAD(x + q * step);
        CKERNELS_UNROLLED for (int v = 0; v < kernel_width;
                               v++) if (q >= v && (q - v) % stride == 0 && (q - v) / stride < TOGETHER)
            sums[(q - v) / stride] += value * weights[v];
      }
      kernel += kernel_width * step;
    } else {
      for (int64_t v = 0; v < w->kernel_width; v++, kernel += step, x += w->dilation_width * step) {
        const float32x16 weight = LOAD(kernel);
        CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] += LOAD(x + p * w->stride_width * step) * weight;
      }
    }
  }
}

CKERNELS_INLINE void forward_ring(const int kernel_width, const int stride, row_ring *ring, const float *kernel,
                                  const float *bias, int rectify, int64_t first, int64_t end, float *output) {
  const ckernels_window *w = ring->window;
  const int64_t channels = w->input_channels;
  for (int64_t i = first; i < end; i++) {
    const int64_t top = advance_to(ring, i);
    float *to = output + (i * w->output_width + ring->first_column) * channels + ring->channel;
    for (int64_t j = 0; j < ring->column_count; j += TOGETHER) {
      const int64_t stored = min_of_two(TOGETHER, ring->column_count - j);
      for (int64_t c = 0; c < ring->channels; c += LANES) {
        float32x16 sums[TOGETHER];
        CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = LOAD(bias + c);
        sum_eight(kernel_width, stride, ring, kernel + c, top, j * w->stride_width * BLOCK + c, sums);
        if (rectify) CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = RELU(sums[p]);
        float *at = to + j * channels + c;
        if (stored == TOGETHER && ring->channels - c >= LANES) {
          CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(at + p * channels, sums[p]);
          continue;
        }
        // Through memory, because sums that are indexed by variables would not stay in registers.
        float buffer[TOGETHER * LANES];
        CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(buffer + p * LANES, sums[p]);
        for (int64_t p = 0; p < stored; p++)
          copy_run(at + p * channels, buffer + p * LANES, min_of_two(LANES, ring->channels - c));
      }
    }
  }
}

/// Calls a function with the columns of the kernel and the stride as constants if they are common ones.
#define WITH_CONSTANT_WIDTH(function, ...)                          \
  do {                                                              \
    const ckernels_window *v = ring.window;                         \
    const int dense = v->dilation_width == 1;                       \
    if (dense && v->kernel_width == 3 && v->stride_width == 1)      \
      function(3, 1, __VA_ARGS__);                                  \
    else if (dense && v->kernel_width == 5 && v->stride_width == 1) \
      function(5, 1, __VA_ARGS__);                                  \
    else if (dense && v->kernel_width == 3 && v->stride_width == 2) \
      function(3, 2, __VA_ARGS__);                                  \
    else if (dense && v->kernel_width == 5 && v->stride_width == 2) \
      function(5, 2, __VA_ARGS__);                                  \
    else                                                            \
      function(0, 1, __VA_ARGS__);                                  \
  } while (0)

CKERNELS_CLONES
void ckernels_depthwise_forward(const ckernels_depthwise_rows *rows, const float *kernel, const float *bias,
                                ckernels_function function, float *output) {
  const int64_t taps = rows->window->kernel_height * rows->window->kernel_width;
  const int64_t image_scalars = rows->window->output_height * rows->window->output_width * rows->window->input_channels;
  const int rectify = function == ckernels_relu;
  FOR_EACH_RING(rows, {
    for (int64_t tap = 0; tap < taps; tap++)
      copy_channels(rows->scratch + tap * BLOCK, kernel + tap * w->input_channels + channel, ring.channels);
    float shift[BLOCK] = {0};
    if (bias) copy_run(shift, bias + channel, ring.channels);
    WITH_CONSTANT_WIDTH(forward_ring, &ring, rows->scratch, shift, rectify, first, end, output + image * image_scalars);
  });
}

// MARK: - The kernel gradient

/// Outputs whose products are added at a time.
enum { GRADIENTS = 4 };

/// Adds one row of outputs to the sums of one kernel row, for 16 channels; inputs and sums are a block apart.
/// `kernel_width` and `stride` are constants after inlining.
CKERNELS_INLINE void add_row(const int kernel_width, const int stride, const row_ring *ring, const float *x,
                             const float *gradient, float *sums) {
  const int step = BLOCK;
  const int64_t channels = ring->window->input_channels, count = ring->column_count;
  float32x16 sum[WIDEST];
  CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) sum[v] = LOAD(sums + v * step);
  int64_t j = 0;
  for (; j + GRADIENTS <= count; j += GRADIENTS) {
    float32x16 g[GRADIENTS];
    CKERNELS_UNROLLED for (int p = 0; p < GRADIENTS; p++) g[p] = LOAD(gradient + (j + p) * channels);
    CKERNELS_UNROLLED for (int q = 0; q < (GRADIENTS - 1) * stride + kernel_width; q++) {
      const float32x16 value = LOAD(x + (j * stride + q) * step);
      CKERNELS_UNROLLED for (int v = 0; v < kernel_width;
                             v++) if (q >= v && (q - v) % stride == 0 && (q - v) / stride < GRADIENTS) sum[v] +=
          value * g[(q - v) / stride];
    }
  }
  for (; j < count; j++) {
    const float32x16 g = LOAD(gradient + j * channels);
    CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) sum[v] += LOAD(x + (j * stride + v) * step) * g;
  }
  CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) STORE(sums + v * step, sum[v]);
}

CKERNELS_INLINE void gradient_ring(const int kernel_width, const int stride, row_ring *ring, const float *gradient,
                                   int64_t first, int64_t end, float *sums) {
  const ckernels_window *w = ring->window;
  const int64_t channels = w->input_channels, step = BLOCK;
  for (int64_t i = first; i < end; i++) {
    const int64_t top = advance_to(ring, i);
    const float *from = gradient + (i * w->output_width + ring->first_column) * channels + ring->channel;
    for (int64_t u = 0; u < w->kernel_height; u++) {
      const float *x = slot_of(ring, top + u * w->dilation_height);
      float *to = sums + u * w->kernel_width * step;
      // Whole vectors of common kernels; the rest one tap at a time.
      int64_t c = 0;
      if (kernel_width > 0)
        for (; c + LANES <= ring->channels; c += LANES) add_row(kernel_width, stride, ring, x + c, from + c, to + c);
      for (int64_t v = 0; v < w->kernel_width; v++)
        for (int64_t j = 0; j < ring->column_count; j++) {
          const float *value = x + (j * w->stride_width + v * w->dilation_width) * step;
          for (int64_t k = c; k < ring->channels; k++) to[v * step + k] += value[k] * from[j * channels + k];
        }
    }
  }
}

CKERNELS_CLONES
void ckernels_depthwise_kernel_gradient(const ckernels_depthwise_rows *rows, const float *output_gradient,
                                        float *kernel_gradient) {
  const int64_t taps = rows->window->kernel_height * rows->window->kernel_width;
  const int64_t image_scalars = rows->window->output_height * rows->window->output_width * rows->window->input_channels;
  FOR_EACH_RING(rows, {
    clear_run(rows->scratch, taps * BLOCK);
    WITH_CONSTANT_WIDTH(gradient_ring, &ring, output_gradient + image * image_scalars, first, end, rows->scratch);
    for (int64_t tap = 0; tap < taps; tap++)
      add_run(kernel_gradient + tap * w->input_channels + channel, rows->scratch + tap * BLOCK, ring.channels);
  });
}

// MARK: - The input gradient

CKERNELS_CLONES
void ckernels_depthwise_input_gradient(const ckernels_window *w, const float *output_gradient, const float *kernel,
                                       int64_t first_row, int64_t end_row, float *input_gradient) {
  const int64_t channels = w->input_channels, output_row = w->output_width * channels;
  for (int64_t row = first_row; row < end_row; row++) {
    const int64_t image = row / w->input_height, y = row % w->input_height + w->pad_top;
    float *to = input_gradient + row * w->input_width * channels;
    clear_run(to, w->input_width * channels);
    for (int64_t u = 0; u < w->kernel_height; u++) {
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
