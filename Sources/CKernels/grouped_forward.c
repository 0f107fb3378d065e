#include "group_rows.h"

int64_t ckernels_grouped_scratch(const ckernels_window *w, int64_t group_channels, int64_t columns) {
  const ckernels_grouped_rows rows = {.window = w, .group_channels = group_channels};
  return (ring_extent(w) * ring_width(w, columns) + kernel_rows(&rows)) * BLOCK;
}

/// What the windows of a block of channels have in common.
typedef struct {
  const row_ring *ring;
  /// The kernel, [vector][tap][channel of a group][lane], and the bias of the block.
  const float *kernel, *bias;
  int64_t kernel_rows;
  int rectify;
  /// The output of the image.
  float *output;
} block_sums;

/// Eight windows of one vector of channels.
typedef struct {
  /// The first channel, and the first column, in the block.
  int64_t channel, column;
  /// The first output, and the number of windows whose outputs are stored.
  float *to;
  int64_t stored;
} eight_windows;

/// sums[p] += the products of the taps with window p, for channel `c` of each group.
CKERNELS_INLINE void add_channel(const tap_run t, const int c, const float *x, const float *kernel,
                                 float32x16 sums[TOGETHER]) {
  float32x16 weights[WIDEST];
  CKERNELS_UNROLLED for (int v = 0; v < t.width; v++) weights[v] = LOAD(kernel + (v * t.size + c) * LANES);
  CKERNELS_UNROLLED for (int q = 0; q < (TOGETHER - 1) * t.stride + t.width; q++) {
    float32x16 value;
    spread(t.size, c, x + q * t.step, &value);
    CKERNELS_UNROLLED for (int v = 0; v < t.width; v++) {
      const int p = (q - v) / t.stride;  // the output that reads this column through tap v, if any
      if (p * t.stride == q - v && p >= 0 && p < TOGETHER) sums[p] += value * weights[v];
    }
  }
}

CKERNELS_INLINE void add_taps(const tap_run t, const float *x, const float *kernel, float32x16 sums[TOGETHER]) {
  if (t.size == LANES)  // spread from memory, which needs no constant
    for (int c = 0; c < LANES; c++) add_channel(t, c, x, kernel, sums);
  else
    CKERNELS_UNROLLED for (int c = 0; c < t.size; c++) add_channel(t, c, x, kernel, sums);
}

/// `size`, `width`, `stride` and `direct` are constants after inlining.
CKERNELS_INLINE void forward_eight(const int size, const int width, const int stride, const int direct,
                                   const block_sums *b, const eight_windows *e) {
  const row_ring *ring = b->ring;
  const ckernels_window *w = ring->window;
  const int64_t channels = ring->channels - e->channel, pixel = w->input_channels;
  const int64_t step = direct ? pixel : BLOCK, first = e->column * w->stride_width * step + e->channel;
  const float *kernel = b->kernel + e->channel * b->kernel_rows;
  float32x16 sums[TOGETHER];
  CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = LOAD(b->bias + e->channel);
  const tap_run taps = tap_run_of(size, width, stride, w, step);
  const int64_t columns = width > 0 ? width : w->kernel_width;
  for (int64_t u = 0; u < w->kernel_height; u++) {
    const float *x = inputs_of(ring, direct, u) + first;
    for (int64_t v = 0; v < columns; v += taps.width, kernel += taps.width * size * LANES)
      add_taps(taps, x + v * w->dilation_width * step, kernel, sums);
  }
  if (b->rectify) CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = RELU(sums[p]);
  if (e->stored == TOGETHER && channels >= LANES) {
    CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(e->to + p * pixel, sums[p]);
    return;
  }
  // Through memory, because sums that are indexed by variables would not stay in registers.
  float buffer[TOGETHER * LANES];
  CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(buffer + p * LANES, sums[p]);
  for (int64_t p = 0; p < e->stored; p++) copy_run(e->to + p * pixel, buffer + p * LANES, smaller(LANES, channels));
}

/// Depthwise rows are written a pixel after the other; larger groups keep the kernel of a vector in the cache.
CKERNELS_INLINE void forward_row(const int size, const int width, const int stride, const int direct,
                                 const block_sums *b, int64_t row) {
  const ckernels_window *w = b->ring->window;
  float *to = b->output + (row * w->output_width + b->ring->first_column) * w->input_channels + b->ring->channel;
  const int64_t vectors = (b->ring->channels + LANES - 1) / LANES;
  const int64_t eights = (b->ring->column_count + TOGETHER - 1) / TOGETHER;
  for (int64_t outer = 0; outer < (size == 1 ? eights : vectors); outer++)
    for (int64_t inner = 0; inner < (size == 1 ? vectors : eights); inner++) {
      const int64_t column = (size == 1 ? outer : inner) * TOGETHER, channel = (size == 1 ? inner : outer) * LANES;
      const eight_windows e = {channel, column, to + column * w->input_channels + channel,
                               smaller(TOGETHER, b->ring->column_count - column)};
      forward_eight(size, width, stride, direct, b, &e);
    }
}

CKERNELS_INLINE void forward(const int size, const ckernels_grouped_rows *rows, const float *kernel, const float *bias,
                             ckernels_function function, float *output) {
  const int64_t image_scalars = rows->window->output_height * rows->window->output_width * rows->window->input_channels;
  FOR_EACH_RING(rows, {
    float shift[BLOCK] = {0};
    if (bias) copy_run(shift, bias + channel, ring.channels);
    const block_sums sums = {
        .ring = &ring,
        .kernel = rows->scratch,
        .bias = shift,
        .kernel_rows = kernel_rows(rows),
        .rectify = function == ckernels_relu,
        .output = output + image * image_scalars,
    };
    for (int64_t c = 0; c < ring.channels; c += LANES)
      for (int64_t r = 0; r < sums.kernel_rows; r++) {
        float32x16 weights;
        load_lanes(&weights, kernel + r * w->input_channels + channel + c, smaller(LANES, ring.channels - c));
        STORE(rows->scratch + c * sums.kernel_rows + r * LANES, weights);
      }
    WITH_CONSTANT_WIDTH(size, FOR_EACH_ROW, forward_row, ring, sums);
  });
}

FOR_EACH_GROUP(forward,
               (const ckernels_grouped_rows *rows, const float *kernel, const float *bias, ckernels_function function,
                float *output),
               rows, kernel, bias, function, output)

void ckernels_grouped_forward(const ckernels_grouped_rows *rows, const float *kernel, const float *bias,
                              ckernels_function function, float *output) {
  CALL_OF_GROUP(rows->group_channels, forward, rows, kernel, bias, function, output);
}
