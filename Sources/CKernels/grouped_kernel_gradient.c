#include "group_rows.h"

enum {
  /// Outputs whose products are added at a time.
  GRADIENTS = 4,
  /// Kernel rows that share each load of the gradient. A 3x3 kernel then has nine chains of additions; three chains
  /// would wait for the latency of FMA.
  ROWS = 3,
};

/// A row of outputs of one vector of channels, and the sums of some taps that it contributes to.
typedef struct {
  /// The first input of each kernel row.
  const float *x[ROWS];
  /// The gradients, `pixel` scalars apart.
  const float *gradient;
  int64_t pixel, count;
  /// The first channel in the block.
  int64_t channel;
  /// [tap][channel of a group][lane], with kernel rows `kernel_row` scalars apart.
  float *sums;
  int64_t kernel_row;
} output_row;

/// Adds the products of a row for channel `c` of each group to the sums of `rows` kernel rows. All but `r` are
/// constants after inlining.
CKERNELS_INLINE void add_channel(const tap_run t, const int c, const int rows, const output_row *r) {
  float32x16 sum[ROWS][WIDEST];
  float *to = r->sums + c * LANES;
  CKERNELS_UNROLLED for (int u = 0; u < rows; u++) CKERNELS_UNROLLED for (int v = 0; v < t.width; v++) sum[u][v] =
      LOAD(to + u * r->kernel_row + v * t.size * LANES);
  int64_t j = 0;
  for (; j + GRADIENTS <= r->count; j += GRADIENTS) {
    float32x16 g[GRADIENTS];
    CKERNELS_UNROLLED for (int p = 0; p < GRADIENTS; p++) g[p] = LOAD(r->gradient + (j + p) * r->pixel);
    CKERNELS_UNROLLED for (int u = 0; u < rows; u++) {
      CKERNELS_UNROLLED for (int q = 0; q < (GRADIENTS - 1) * t.stride + t.width; q++) {
        float32x16 value;
        spread(t.size, c, r->x[u] + (j * t.stride + q) * t.step, &value);
        CKERNELS_UNROLLED for (int v = 0; v < t.width; v++) {
          const int p = (q - v) / t.stride;  // the output that reads this column through tap v, if any
          if (p * t.stride == q - v && p >= 0 && p < GRADIENTS) sum[u][v] += value * g[p];
        }
      }
    }
  }
  for (; j < r->count; j++) {
    const float32x16 g = LOAD(r->gradient + j * r->pixel);
    float32x16 value;
    CKERNELS_UNROLLED for (int u = 0; u < rows; u++) CKERNELS_UNROLLED for (int v = 0; v < t.width; v++) {
      spread(t.size, c, r->x[u] + (j * t.stride + v) * t.step, &value);
      sum[u][v] += value * g;
    }
  }
  CKERNELS_UNROLLED for (int u = 0; u < rows; u++) CKERNELS_UNROLLED for (int v = 0; v < t.width; v++)
      STORE(to + u * r->kernel_row + v * t.size * LANES, sum[u][v]);
}

CKERNELS_INLINE void add_channels(const tap_run t, const int rows, const output_row *r) {
  if (t.size == LANES)  // spread from memory, which needs no constant
    for (int c = 0; c < LANES; c++) add_channel(t, c, rows, r);
  else
    CKERNELS_UNROLLED for (int c = 0; c < t.size; c++) add_channel(t, c, rows, r);
}

/// What the rows of a block of channels have in common.
typedef struct {
  const row_ring *ring;
  /// The output gradient of the image.
  const float *gradient;
  /// [vector][tap][channel of a group][lane].
  float *sums;
  int64_t kernel_rows;
} block_gradient;

/// Adds one output row of a vector of channels to the sums of all taps, for `rows` kernel rows at a time; `r` has its
/// gradients and sums.
CKERNELS_INLINE void add_taps(const tap_run t, const int direct, const int rows, const row_ring *ring, output_row r) {
  const ckernels_window *w = ring->window;
  float *sums = r.sums;
  const int64_t columns = t.width > 1 ? t.width : w->kernel_width;
  for (int64_t u = 0; u < w->kernel_height; u += rows)
    for (int64_t v = 0; v < columns; v += t.width) {
      const int64_t tap = v * w->dilation_width * (direct ? w->input_channels : BLOCK);
      CKERNELS_UNROLLED for (int i = 0; i < rows; i++) r.x[i] = inputs_of(ring, direct, u + i) + r.channel + tap;
      r.sums = sums + (u * columns + v) * t.size * LANES;
      add_channels(t, rows, &r);
    }
}

/// `size`, `width`, `stride` and `direct` are constants after inlining.
CKERNELS_INLINE void add_row(const int size, const int width, const int stride, const int direct,
                             const block_gradient *b, int64_t row) {
  const row_ring *ring = b->ring;
  const ckernels_window *w = ring->window;
  const int64_t pixel = w->input_channels;
  const tap_run t = tap_run_of(size, width, stride, w, direct ? pixel : BLOCK);
  float padded[ckernels_grouped_max_columns * LANES];
  CKERNELS_ASSERT(ring->column_count <= ckernels_grouped_max_columns);
  for (int64_t c = 0; c < ring->channels; c += LANES) {
    output_row r = {
        .gradient = b->gradient + (row * w->output_width + ring->first_column) * pixel + ring->channel + c,
        .pixel = pixel,
        .count = ring->column_count,
        .channel = c,
        .sums = b->sums + c * b->kernel_rows,
        .kernel_row = (width > 0 ? width : w->kernel_width) * size * LANES,
    };
    if (ring->channels - c < LANES) {
      for (int64_t j = 0; j < r.count; j++) {
        float32x16 g;
        load_lanes(&g, r.gradient + j * pixel, ring->channels - c);
        STORE(padded + j * LANES, g);
      }
      r.gradient = padded;
      r.pixel = LANES;
    }
    if (w->kernel_height == ROWS)
      add_taps(t, direct, ROWS, ring, r);
    else
      add_taps(t, direct, 1, ring, r);
  }
}

CKERNELS_INLINE void gradient(const int size, const ckernels_grouped_rows *rows, const float *output_gradient,
                              float *kernel_gradient) {
  const int64_t image_scalars = rows->window->output_height * rows->window->output_width * rows->window->input_channels;
  FOR_EACH_RING(rows, {
    const block_gradient block = {&ring, output_gradient + image * image_scalars, rows->scratch, kernel_rows(rows)};
    clear_run(rows->scratch, block.kernel_rows * BLOCK);
    WITH_CONSTANT_WIDTH(size, FOR_EACH_ROW, add_row, ring, block);
    for (int64_t c = 0; c < ring.channels; c += LANES)
      for (int64_t r = 0; r < block.kernel_rows; r++)
        add_run(kernel_gradient + r * w->input_channels + channel + c,
                rows->scratch + c * block.kernel_rows + r * LANES, smaller(LANES, ring.channels - c));
  });
}

FOR_EACH_GROUP(gradient, (const ckernels_grouped_rows *rows, const float *output_gradient, float *kernel_gradient),
               rows, output_gradient, kernel_gradient)

void ckernels_grouped_kernel_gradient(const ckernels_grouped_rows *rows, const float *output_gradient,
                                      float *kernel_gradient) {
  CALL_OF_GROUP(rows->group_channels, gradient, rows, output_gradient, kernel_gradient);
}
