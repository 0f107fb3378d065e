// What the passes of grouped convolutions share: channels of groups spread over lanes, and input rows in scratch.
#ifndef C_KERNELS_GROUP_ROWS_H
#define C_KERNELS_GROUP_ROWS_H

#include "float_run.h"
#include "include/grouped.h"
#include "window_walk.h"

// Lanes are output channels of whole groups. The input of a lane is a channel of its group, spread over the lanes of
// the group; groups of one channel (depthwise) need no spreading:
//
//     groups of 4      input channels of a pixel    a b c d | e f g h | i j k l | m n o p
//                      spread channel 1             b b b b | f f f f | j j j j | n n n n
//
// The input rows of a window are copied with their padding, so that no window has a border, and each row is copied
// once for all windows that read it:
//
//     input row y   . . a b c d . .     up to 64 channels     slot y % extent   0 a b c d 0 0 0
//
// Depthwise windows inside an image of few channels are read in place.
//
// Eight neighboring outputs share each load of the kernel, and each load of the input serves as many outputs as
// windows overlap there.

enum { TOGETHER = ckernels_grouped_together, WIDEST = 5 };

/// Channels that are copied at a time: four cache lines, which are read and written without gaps. Pixels in scratch
/// are always this far apart, so that the addresses of neighboring pixels are constant distances.
enum { BLOCK = 64 };

// MARK: - Channels of groups

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

/// The taps of a kernel row that are multiplied together, all constants after inlining: the channels of a group, the
/// taps, the stride of the windows in taps, and the distance between neighboring taps in scalars.
typedef struct {
  int size, width, stride;
  int64_t step;
} tap_run;

/// Returns the whole kernel row if `width` is not 0, and single taps otherwise. `step` is the distance of two pixels.
CKERNELS_INLINE tap_run tap_run_of(const int size, const int width, const int stride, const ckernels_window *w,
                                   int64_t step) {
  return width > 0 ? (tap_run){size, width, stride, step} : (tap_run){size, 1, 1, w->stride_width * step};
}

/// Calls `function` with the channels of a group, the columns of the kernel and the stride as constants. The last two
/// are 0 for all but the most common ones: 3 columns, for depthwise layers also 5, at stride 1 or 2. With `size` a
/// constant, larger groups do not compile the functions for 5 columns.
#define WITH_CONSTANT_WIDTH(size, function, ...)                          \
  do {                                                                    \
    const int64_t columns = w->dilation_width == 1 ? w->kernel_width : 0; \
    if (columns == 3 && w->stride_width == 1)                             \
      function(size, 3, 1, __VA_ARGS__);                                  \
    else if (columns == 3 && w->stride_width == 2)                        \
      function(size, 3, 2, __VA_ARGS__);                                  \
    else if (size == 1 && columns == 5 && w->stride_width == 1)           \
      function(size, size == 1 ? 5 : 0, 1, __VA_ARGS__);                  \
    else if (size == 1 && columns == 5 && w->stride_width == 2)           \
      function(size, size == 1 ? 5 : 0, 2, __VA_ARGS__);                  \
    else                                                                  \
      function(size, 0, 0, __VA_ARGS__);                                  \
  } while (0)

/// Defines a function for each size of a group, called `function` and the size, that calls the inlined `function` with
/// that size as a constant. Each is compiled by itself: the time grows faster than the size of a function.
#define FOR_EACH_GROUP(function, parameters, ...)                                  \
  CKERNELS_CLONES static void function##1 parameters { function(1, __VA_ARGS__); } \
  CKERNELS_CLONES static void function##2 parameters { function(2, __VA_ARGS__); } \
  CKERNELS_CLONES static void function##4 parameters { function(4, __VA_ARGS__); } \
  CKERNELS_CLONES static void function##8 parameters { function(8, __VA_ARGS__); } \
  CKERNELS_CLONES static void function##16 parameters { function(16, __VA_ARGS__); }

/// Calls the function for the size of a group.
#define CALL_OF_GROUP(group_channels, function, ...) \
  do {                                               \
    switch (group_channels) {                        \
    case 1: function##1(__VA_ARGS__); break;         \
    case 2: function##2(__VA_ARGS__); break;         \
    case 4: function##4(__VA_ARGS__); break;         \
    case 8: function##8(__VA_ARGS__); break;         \
    default: function##16(__VA_ARGS__);              \
    }                                                \
  } while (0)

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
  /// The slot of the first input row of an output row, or its first input in the image.
  int64_t first_slot;
  const float *in_place;
} row_ring;

CKERNELS_INLINE int64_t ring_extent(const ckernels_window *w) {
  return (w->kernel_height - 1) * w->dilation_height + 1;
}

CKERNELS_INLINE int64_t ring_width(const ckernels_window *w, int64_t columns) {
  const int64_t whole = (columns + TOGETHER - 1) / TOGETHER * TOGETHER;
  return (whole - 1) * w->stride_width + (w->kernel_width - 1) * w->dilation_width + 1;
}

/// Rows of the kernel: the taps of a window times the channels of a group.
CKERNELS_INLINE int64_t kernel_rows(const ckernels_grouped_rows *rows) {
  return rows->window->kernel_height * rows->window->kernel_width * rows->group_channels;
}

CKERNELS_INLINE void clear_pixels(float *to, int64_t count, int64_t channels) {
  for (int64_t i = 0; i < count; i++) clear_run(to + i * BLOCK, (channels + LANES - 1) / LANES * LANES);
}

/// Returns the slot of an input row, whose number may be negative.
CKERNELS_INLINE int64_t slot_of(const row_ring *ring, int64_t row) {
  const int64_t rest = row % ring->extent;
  return rest < 0 ? rest + ring->extent : rest;
}

/// Copies an input row to its slot, with zeros for columns outside the image and for lanes after the last channel.
CKERNELS_INLINE void copy_row(const row_ring *ring, int64_t row) {
  const ckernels_window *w = ring->window;
  float *to = ring->slots + slot_of(ring, row) * ring->width * BLOCK;
  if (row < 0 || row >= w->input_height) {
    clear_pixels(to, ring->width, ring->channels);
    return;
  }
  const int64_t left = ring->first_column * w->stride_width - w->pad_left;
  const int64_t begin = clamp_to(-left, 0, ring->width), end = clamp_to(w->input_width - left, begin, ring->width);
  const int64_t first = (row * w->input_width + left) * w->input_channels + ring->channel;
  clear_pixels(to, begin, ring->channels);
  for (int64_t c = 0; c < ring->channels; c += LANES)
    for (int64_t x = begin; x < end; x++) {
      float32x16 value;
      load_lanes(&value, ring->image + (first + x * w->input_channels + c), smaller(LANES, ring->channels - c));
      STORE(to + x * BLOCK + c, value);
    }
  clear_pixels(to + end * BLOCK, ring->width - end, ring->channels);
}

/// Prepares the input rows of an output row. Returns whether they are read in place; if not, those that are not in
/// scratch yet are copied.
CKERNELS_INLINE int advance_to(row_ring *ring, int64_t output_row) {
  const ckernels_window *w = ring->window;
  const int64_t top = output_row * w->stride_height - w->pad_top;
  if (ring->direct && top >= 0 && top + ring->extent <= w->input_height) {
    const int64_t left = ring->first_column * w->stride_width - w->pad_left;
    ring->in_place = ring->image + (top * w->input_width + left) * w->input_channels + ring->channel;
    return 1;
  }
  for (int64_t y = ring->next_row > top ? ring->next_row : top; y < top + ring->extent; y++) copy_row(ring, y);
  ring->next_row = top + ring->extent;
  ring->first_slot = slot_of(ring, top);
  return 0;
}

/// Returns the inputs of kernel row `u` for the first output column, from the first channel of the block on.
CKERNELS_INLINE const float *inputs_of(const row_ring *ring, const int direct, int64_t u) {
  const ckernels_window *w = ring->window;
  const int64_t down = u * w->dilation_height, slot = ring->first_slot + down;
  if (direct) return ring->in_place + down * w->input_width * w->input_channels;
  return ring->slots + (slot < ring->extent ? slot : slot - ring->extent) * ring->width * BLOCK;
}

/// Whether the windows of some output columns lie between the left and the right border, and are whole eights.
CKERNELS_INLINE int is_inside(const ckernels_window *w, int64_t column, int64_t end) {
  const int64_t last = (end - 1) * w->stride_width - w->pad_left + (w->kernel_width - 1) * w->dilation_width;
  return (end - column) % TOGETHER == 0 && column * w->stride_width >= w->pad_left && last < w->input_width;
}

/// Whether windows inside an image may be read in place: rows are then contiguous memory. With more channels than a
/// block, each block of a row is read in short runs, for which copies are faster. Larger groups do not gain.
CKERNELS_INLINE int reads_in_place(const ckernels_grouped_rows *rows) {
  const int64_t channels = rows->window->input_channels;
  return rows->group_channels == 1 && channels <= BLOCK && channels % LANES == 0;
}

/// Returns the end of the columns from `column` on that are computed together: eight at the left border, then as many
/// as possible inside, then the rest.
CKERNELS_INLINE int64_t next_column(const ckernels_grouped_rows *rows, int64_t column) {
  const ckernels_window *w = rows->window;
  const int64_t all = smaller(column + rows->columns, w->output_width);
  if (!reads_in_place(rows)) return all;
  if (column == 0 && w->pad_left > 0 && is_inside(w, TOGETHER, 2 * TOGETHER)) return TOGETHER;
  int64_t next = all - (all - column) % TOGETHER;
  while (next > column && !is_inside(w, column, next)) next -= TOGETHER;
  return next > column ? next : all;
}

/// Calls `body` for the output rows of every image, block of columns and block of channels of `rows`. The names `w`,
/// `ring`, `image`, `first` and `end` (output rows of the image) are visible in the body.
#define FOR_EACH_RING(rows, ...)                                                                     \
  do {                                                                                               \
    const ckernels_window *w = (rows)->window;                                                       \
    for (int64_t row = (rows)->first_row; row < (rows)->end_row;) {                                  \
      const int64_t image = row / w->output_height, first = row % w->output_height;                  \
      const int64_t end = smaller(w->output_height, first + (rows)->end_row - row);                  \
      for (int64_t channel = 0; channel < w->input_channels; channel += BLOCK)                       \
        for (int64_t column = 0, next; column < w->output_width; column = next) {                    \
          next = next_column(rows, column);                                                          \
          row_ring ring = {                                                                          \
              .window = w,                                                                           \
              .image = (rows)->input + image * w->input_height * w->input_width * w->input_channels, \
              .channel = channel,                                                                    \
              .channels = smaller(BLOCK, w->input_channels - channel),                               \
              .first_column = column,                                                                \
              .column_count = next - column,                                                         \
              .extent = ring_extent(w),                                                              \
              .width = ring_width(w, next - column),                                                 \
              .slots = (rows)->scratch + kernel_rows(rows) * BLOCK,                                  \
              .direct = reads_in_place(rows) && is_inside(w, column, next),                          \
              .next_row = INT64_MIN,                                                                 \
          };                                                                                         \
          __VA_ARGS__;                                                                               \
        }                                                                                            \
      row += end - first;                                                                            \
    }                                                                                                \
  } while (0)

/// Calls `function` for the output rows of a ring, with `direct` as a constant; only depthwise rows are read in place.
#define FOR_EACH_ROW(size, width, stride, function, ring, block) \
  for (int64_t i = first; i < end; i++)                          \
    if (advance_to(&ring, i) && size == 1)                       \
      function(size, width, stride, 1, &block, i);               \
    else                                                         \
      function(size, width, stride, 0, &block, i)

#endif
