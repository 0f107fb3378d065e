#include "include/depthwise.h"

#include "float_run.h"
#include "window_walk.h"

// Vector lanes are channels. The input rows of a window are copied with their padding, so that no window has a border,
// and each row is copied once for all windows that read it:
//
//     input row y   . . a b c d . .     up to 64 channels     slot y % extent   0 a b c d 0 0 0
//
// Windows inside an image of few channels are read in place.
//
// Eight neighboring outputs share each load of the kernel, and each load of the input serves as many outputs as
// windows overlap there.

enum { TOGETHER = ckernels_depthwise_together, WIDEST = 5 };

/// Channels that are copied at a time: four cache lines, which are read and written without gaps. In scratch, pixels
/// and taps are always this far apart, so that the addresses of neighboring pixels are constant distances.
enum { BLOCK = 64 };

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
  /// Whether the windows of these columns are read in place where their rows are inside the image.
  int direct;
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
  const int64_t whole = ring->channels / LANES * LANES;
  for (int64_t c = 0; c < whole; c += LANES)
    for (int64_t x = begin; x < end; x++)
      STORE(to + x * BLOCK + c, LOAD(ring->image + first + x * w->input_channels + c));
  for (int64_t x = begin; whole < ring->channels && x < end; x++)
    copy_channels(to + x * BLOCK + whole, ring->image + first + x * w->input_channels + whole, ring->channels - whole);
  clear_pixels(to + end * BLOCK, ring->width - end, ring->channels);
}

/// Copies the input rows of an output row that are not in scratch yet.
CKERNELS_INLINE void advance_to(row_ring *ring, int64_t output_row) {
  const int64_t top = output_row * ring->window->stride_height - ring->window->pad_top;
  for (int64_t y = ring->next_row > top ? ring->next_row : top; y < top + ring->extent; y++) copy_row(ring, y);
  ring->next_row = top + ring->extent;
}

CKERNELS_INLINE int64_t min_of_two(int64_t a, int64_t b) { return a < b ? a : b; }

/// Whether the windows of some output columns lie between the left and the right border, and are whole eights.
CKERNELS_INLINE int is_inside(const ckernels_window *w, int64_t column, int64_t end) {
  const int64_t last = (end - 1) * w->stride_width - w->pad_left + (w->kernel_width - 1) * w->dilation_width;
  return (end - column) % TOGETHER == 0 && column * w->stride_width >= w->pad_left && last < w->input_width;
}

/// Whether windows inside an image may be read in place: rows are then contiguous memory. With more channels than a
/// block, each block of a row is read in short runs, for which copies are faster.
CKERNELS_INLINE int reads_in_place(const ckernels_window *w) {
  return w->input_channels <= BLOCK && w->input_channels % LANES == 0;
}

/// Returns the end of the columns from `column` on that are computed together: eight at the left border, then as many
/// as possible inside, then the rest.
CKERNELS_INLINE int64_t next_column(const ckernels_depthwise_rows *rows, int64_t column) {
  const ckernels_window *w = rows->window;
  const int64_t all = min_of_two(column + rows->columns, w->output_width);
  if (!reads_in_place(w)) return all;
  if (column == 0 && w->pad_left > 0 && is_inside(w, TOGETHER, 2 * TOGETHER)) return TOGETHER;
  int64_t next = all - (all - column) % TOGETHER;
  while (next > column && !is_inside(w, column, next)) next -= TOGETHER;
  return next > column ? next : all;
}

/// Calls `body` for the output rows of every image, block of columns and block of channels of `rows`. The names
/// `ring`, `image`, `first` and `end` (output rows of the image) are visible in the body.
#define FOR_EACH_RING(rows, ...)                                                                     \
  do {                                                                                               \
    const ckernels_window *w = (rows)->window;                                                       \
    for (int64_t row = (rows)->first_row; row < (rows)->end_row;) {                                  \
      const int64_t image = row / w->output_height, first = row % w->output_height;                  \
      const int64_t end = min_of_two(w->output_height, first + (rows)->end_row - row);               \
      for (int64_t channel = 0; channel < w->input_channels; channel += BLOCK)                       \
        for (int64_t column = 0, next; column < w->output_width; column = next) {                    \
          next = next_column(rows, column);                                                          \
          row_ring ring = {                                                                          \
              .window = w,                                                                           \
              .image = (rows)->input + image * w->input_height * w->input_width * w->input_channels, \
              .channel = channel,                                                                    \
              .channels = min_of_two(BLOCK, w->input_channels - channel),                            \
              .first_column = column,                                                                \
              .column_count = next - column,                                                         \
              .extent = ring_extent(w),                                                              \
              .width = ring_width(w, next - column),                                                 \
              .slots = (rows)->scratch + w->kernel_height * w->kernel_width * BLOCK,                 \
              .direct = reads_in_place(w) && is_inside(w, column, next),                             \
              .next_row = INT64_MIN,                                                                 \
          };                                                                                         \
          __VA_ARGS__;                                                                               \
        }                                                                                            \
      row += end - first;                                                                            \
    }                                                                                                \
  } while (0)

// MARK: - Forward

/// The kernel and the bias of a block of channels, and where their sums go.
typedef struct {
  const float *kernel, *bias;
  int rectify;
  /// The output of the image.
  float *output;
} forward_sums;

/// Eight windows of one vector of channels.
typedef struct {
  const row_ring *ring;
  const forward_sums *sums;
  /// The first of the 16 channels of the block.
  int64_t channel;
  /// The first input row.
  int64_t top;
  /// The offset of the first input: in the image if it is read in place, otherwise in its slot.
  int64_t offset;
  /// The first output, and the number of windows whose outputs are stored.
  float *output;
  int64_t stored;
} eight_windows;

/// `kernel_width` and `stride` are constants after inlining, 0 and 1 for any; `direct` windows are read in place.
CKERNELS_INLINE void sum_eight(const int kernel_width, const int stride, const int direct, const eight_windows *e,
                               float32x16 sums[TOGETHER]) {
  const ckernels_window *w = e->ring->window;
  const int64_t step = direct ? w->input_channels : BLOCK;
  const int64_t down = w->dilation_height * w->input_width * w->input_channels;
  const float *kernel = e->sums->kernel + e->channel;
  for (int64_t u = 0; u < w->kernel_height; u++) {
    const float *row = direct ? e->ring->image + u * down : slot_of(e->ring, e->top + u * w->dilation_height);
    const float *x = row + e->offset;
    if (kernel_width > 0) {
      float32x16 weights[WIDEST];
      CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) weights[v] = LOAD(kernel + v * BLOCK);
      CKERNELS_UNROLLED for (int q = 0; q < (TOGETHER - 1) * stride + kernel_width; q++) {
        const float32x16 value = LOAD(x + q * step);
        CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) {
          const int p = (q - v) / stride;  // the output that reads this column through tap v, if any
          if (p * stride == q - v && p >= 0 && p < TOGETHER) sums[p] += value * weights[v];
        }
      }
      kernel += kernel_width * BLOCK;
    } else {
      for (int64_t v = 0; v < w->kernel_width; v++, kernel += BLOCK) {
        const float32x16 weight = LOAD(kernel);
        const float *from = x + v * w->dilation_width * step;
        CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) {
          sums[p] += LOAD(from + p * w->stride_width * step) * weight;
        }
      }
    }
  }
}

CKERNELS_INLINE void forward_eight(const int kernel_width, const int stride, const int direct, const eight_windows *e) {
  const int64_t step = e->ring->window->input_channels, channels = e->ring->channels - e->channel;
  float32x16 sums[TOGETHER];
  CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = LOAD(e->sums->bias + e->channel);
  sum_eight(kernel_width, stride, direct, e, sums);
  if (e->sums->rectify) CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) sums[p] = RELU(sums[p]);
  if (e->stored == TOGETHER && channels >= LANES) {
    CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(e->output + p * step, sums[p]);
    return;
  }
  // Through memory, because sums that are indexed by variables would not stay in registers.
  float buffer[TOGETHER * LANES];
  CKERNELS_UNROLLED for (int p = 0; p < TOGETHER; p++) STORE(buffer + p * LANES, sums[p]);
  for (int64_t p = 0; p < e->stored; p++)
    copy_run(e->output + p * step, buffer + p * LANES, min_of_two(LANES, channels));
}

/// Whether all input rows of an output row are inside the image, so that they may be read in place.
CKERNELS_INLINE int is_direct(const row_ring *ring, int64_t top) {
  return ring->direct && top >= 0 && top + ring->extent <= ring->window->input_height;
}

CKERNELS_INLINE void forward_ring(const int kernel_width, const int stride, row_ring *ring, const forward_sums *sums,
                                  int64_t first, int64_t end) {
  const ckernels_window *w = ring->window;
  const int64_t channels = w->input_channels, left = ring->first_column * w->stride_width - w->pad_left;
  for (int64_t i = first; i < end; i++) {
    const int64_t top = i * w->stride_height - w->pad_top;
    float *to = sums->output + (i * w->output_width + ring->first_column) * channels + ring->channel;
    const int direct = is_direct(ring, top);
    if (!direct) advance_to(ring, i);
    // The distance of two windows, and the offset of the first.
    const int64_t step = w->stride_width * (direct ? channels : BLOCK);
    const int64_t start = direct ? (top * w->input_width + left) * channels + ring->channel : 0;
    for (int64_t j = 0; j < ring->column_count; j += TOGETHER)
      for (int64_t c = 0; c < ring->channels; c += LANES) {
        const int64_t stored = min_of_two(TOGETHER, ring->column_count - j);
        const eight_windows e = {ring, sums, c, top, start + j * step + c, to + j * channels + c, stored};
        if (direct)
          forward_eight(kernel_width, stride, 1, &e);
        else
          forward_eight(kernel_width, stride, 0, &e);
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
    const forward_sums sums = {rows->scratch, shift, rectify, output + image * image_scalars};
    WITH_CONSTANT_WIDTH(forward_ring, &ring, &sums, first, end);
  });
}

// MARK: - The kernel gradient

/// Outputs whose products are added at a time.
enum { GRADIENTS = 4 };

/// A row of outputs of 16 channels, and the sums of some kernel rows, a block apart.
typedef struct {
  const row_ring *ring;
  /// The first input row of the first kernel row, and the first of the 16 channels.
  int64_t top, channel;
  const float *gradient;
  float *sums;
} gradient_row;

/// Adds a row of outputs to the sums of `rows` kernel rows. All but `r` are constants after inlining.
///
/// Three rows of a 3x3 kernel share each load of the gradient, and are nine chains of additions; three chains would
/// wait for the latency of FMA.
CKERNELS_INLINE void add_rows(const int rows, const int kernel_width, const int stride, const int direct,
                              const gradient_row *r) {
  const ckernels_window *w = r->ring->window;
  const int64_t channels = w->input_channels, count = r->ring->column_count, step = direct ? channels : BLOCK;
  const int64_t left = r->ring->first_column * w->stride_width - w->pad_left;
  float32x16 sum[3][WIDEST];
  const float *x[3];
  CKERNELS_UNROLLED for (int u = 0; u < rows; u++) {
    const int64_t y = r->top + u * w->dilation_height;
    x[u] = direct ? r->ring->image + (y * w->input_width + left) * channels + r->ring->channel + r->channel
                  : slot_of(r->ring, y) + r->channel;
    const float *from = r->sums + u * kernel_width * BLOCK;
    CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) sum[u][v] = LOAD(from + v * BLOCK);
  }
  int64_t j = 0;
  for (; j + GRADIENTS <= count; j += GRADIENTS) {
    float32x16 g[GRADIENTS];
    CKERNELS_UNROLLED for (int p = 0; p < GRADIENTS; p++) g[p] = LOAD(r->gradient + (j + p) * channels);
    CKERNELS_UNROLLED for (int u = 0; u < rows; u++) {
      CKERNELS_UNROLLED for (int q = 0; q < (GRADIENTS - 1) * stride + kernel_width; q++) {
        const float32x16 value = LOAD(x[u] + (j * stride + q) * step);
        CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) {
          const int p = (q - v) / stride;
          if (p * stride == q - v && p >= 0 && p < GRADIENTS) sum[u][v] += value * g[p];
        }
      }
    }
  }
  for (; j < count; j++) {
    const float32x16 g = LOAD(r->gradient + j * channels);
    CKERNELS_UNROLLED for (int u = 0; u < rows; u++) {
      const float *from = x[u] + j * stride * step;
      CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) sum[u][v] += LOAD(from + v * step) * g;
    }
  }
  CKERNELS_UNROLLED for (int u = 0; u < rows; u++) {
    float *to = r->sums + u * kernel_width * BLOCK;
    CKERNELS_UNROLLED for (int v = 0; v < kernel_width; v++) STORE(to + v * BLOCK, sum[u][v]);
  }
}

/// Adds a row of outputs to the sums of all kernel rows, for the whole vectors of channels.
CKERNELS_INLINE void add_row(const int kernel_width, const int stride, const int direct, gradient_row row) {
  const ckernels_window *w = row.ring->window;
  const gradient_row first = row;
  for (int64_t c = 0; c + LANES <= first.ring->channels; c += LANES) {
    row = (gradient_row){first.ring, first.top, c, first.gradient + c, first.sums + c};
    if (kernel_width == 3 && w->kernel_height == 3) {
      add_rows(3, kernel_width, stride, direct, &row);
      continue;
    }
    for (int64_t u = 0; u < w->kernel_height; u++, row.top += w->dilation_height, row.sums += kernel_width * BLOCK)
      add_rows(1, kernel_width, stride, direct, &row);
  }
}

/// The same for the channels from `first` on, one tap at a time.
CKERNELS_INLINE void add_channels(const gradient_row *row, int64_t first) {
  const row_ring *ring = row->ring;
  const ckernels_window *w = ring->window;
  for (int64_t u = 0; u < w->kernel_height; u++)
    for (int64_t v = 0; v < w->kernel_width; v++) {
      const float *x = slot_of(ring, row->top + u * w->dilation_height) + v * w->dilation_width * BLOCK;
      float *to = row->sums + (u * w->kernel_width + v) * BLOCK;
      for (int64_t j = 0; j < ring->column_count; j++) {
        const int64_t at = j * w->stride_width * BLOCK, from = j * w->input_channels;
        for (int64_t c = first; c < ring->channels; c++) to[c] += x[at + c] * row->gradient[from + c];
      }
    }
}

CKERNELS_INLINE void gradient_ring(const int kernel_width, const int stride, row_ring *ring, const gradient_row *sums,
                                   int64_t first, int64_t end) {
  const ckernels_window *w = ring->window;
  for (int64_t i = first; i < end; i++) {
    const int64_t top = i * w->stride_height - w->pad_top;
    const int64_t from = (i * w->output_width + ring->first_column) * w->input_channels + ring->channel;
    const gradient_row row = {ring, top, 0, sums->gradient + from, sums->sums};
    if (kernel_width > 0 && is_direct(ring, top)) {
      add_row(kernel_width, stride, 1, row);
      continue;
    }
    advance_to(ring, i);
    if (kernel_width > 0) add_row(kernel_width, stride, 0, row);
    const int64_t added = kernel_width > 0 ? ring->channels / LANES * LANES : 0;
    if (added < ring->channels) add_channels(&row, added);
  }
}

CKERNELS_CLONES
void ckernels_depthwise_kernel_gradient(const ckernels_depthwise_rows *rows, const float *output_gradient,
                                        float *kernel_gradient) {
  const int64_t taps = rows->window->kernel_height * rows->window->kernel_width;
  const int64_t image_scalars = rows->window->output_height * rows->window->output_width * rows->window->input_channels;
  FOR_EACH_RING(rows, {
    clear_run(rows->scratch, taps * BLOCK);
    const gradient_row sums = {.gradient = output_gradient + image * image_scalars, .sums = rows->scratch};
    WITH_CONSTANT_WIDTH(gradient_ring, &ring, &sums, first, end);
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
