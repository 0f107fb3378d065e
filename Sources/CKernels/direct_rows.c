#include "include/direct_rows.h"

#include "float_run.h"
#include "include/epilogue.h"
#include "window_walk.h"

// Vector lanes are the columns of an output row: with one input channel they are contiguous in the image, and
// one tap contributes to all of them at once.
//
//     padded rows    0 0 a b c d e f ...        outputs of a row   s0 s1 s2 s3 ...
//                    0 0 g h i j k l ...        tap (0, 1): s += k01 * (0 a b c ...)
//
// Sixteen outputs at a time; the last vector of a row overlaps the one before it.

enum { MAX_CHANNELS = 6, MAX_TAPS = 5, PAIR = 2 };

/// The padded input rows of some output rows of one image.
typedef struct {
  float rows[ckernels_padded_scalars + LANES];  // vectors may read beyond the last row
  int64_t width;
} padded_rows;

/// Fills `padded` for `count` output rows from row `first` of the batch, all of one image.
CKERNELS_INLINE void pad_rows(const ckernels_window *w, const float *input, int64_t first, int64_t count,
                              padded_rows *padded) {
  const int64_t width = w->output_width + w->kernel_width - 1, top = first % w->output_height - w->pad_top;
  CKERNELS_ASSERT((count + w->kernel_height - 1) * width <= ckernels_padded_scalars);
  padded->width = width;
  // The columns of a padded row inside the image.
  const int64_t begin = clamp_to(w->pad_left, 0, width), end = clamp_to(w->input_width + w->pad_left, begin, width);
  for (int64_t r = 0; r < count + w->kernel_height - 1; r++) {
    float *to = padded->rows + r * width;
    const int64_t y = top + r;
    if (y < 0 || y >= w->input_height || end == begin) {
      clear_run(to, width);
      continue;
    }
    const int64_t row = first / w->output_height * w->input_height + y;
    clear_run(to, begin);
    copy_run(to + begin, input + row * w->input_width + begin - w->pad_left, end - begin);
    clear_run(to + end, width - end);
  }
}

/// Returns the number of output rows from `row` on, within one image, that use the same padded rows.
CKERNELS_INLINE int64_t rows_together(const ckernels_window *w, int64_t row, int64_t end_row) {
  const int64_t width = w->output_width + w->kernel_width - 1;
  const int64_t in_image = w->output_height - row % w->output_height;
  return min_of(ckernels_padded_scalars / width - w->kernel_height + 1, in_image, end_row - row);
}

// MARK: - Forward

/// Computes 16 outputs of `count` channels from `channel` on; `count` is a constant after inlining.
/// `rows` begins at the first column that the outputs read.
CKERNELS_INLINE void sum_columns(const int count, const ckernels_direct_rows_forward_job *job, const float *rows,
                                 int64_t width, int64_t channel, float *to) {
  const float *kernel = job->kernel + channel;
  const int64_t kernel_width = job->window->kernel_width;
  float32x16 sums[MAX_CHANNELS];
  CKERNELS_UNROLLED for (int c = 0; c < count; c++) sums[c] = (float32x16){0};
  for (int64_t u = 0; u < job->window->kernel_height; u++, rows += width)
    for (int64_t v = 0; v < kernel_width; v++, kernel += job->channels) {
      const float32x16 x = LOAD(rows + v);
      CKERNELS_UNROLLED for (int c = 0; c < count; c++) sums[c] += x * kernel[c];
    }
  const int64_t stored = job->window->output_width;
  CKERNELS_UNROLLED for (int c = 0; c < count; c++) {
    if (stored >= LANES)
      *(float32x16 *)(to + c * job->plane_stride) = sums[c];
    else
      for (int64_t j = 0; j < stored; j++) to[c * job->plane_stride + j] = sums[c][j];
  }
}

CKERNELS_CLONES
void ckernels_direct_rows_forward(const ckernels_direct_rows_forward_job *job) {
  const ckernels_window *w = job->window;
  padded_rows padded;
  for (int64_t row = job->first_row; row < job->end_row;) {
    const int64_t count = rows_together(w, row, job->end_row);
    pad_rows(w, job->input, row, count, &padded);
    for (int64_t c = 0; c < job->channels; c += MAX_CHANNELS)
      for (int64_t r = 0; r < count; r++) {
        float *to = job->planes + c * job->plane_stride + (row + r - job->first_row) * w->output_width;
        for (int64_t next = 0; next < w->output_width; next += LANES) {
          const int64_t j = next + LANES <= w->output_width || next == 0 ? next : w->output_width - LANES;
          const float *from = padded.rows + r * padded.width + j;
          switch (job->channels - c) {
          case 1: sum_columns(1, job, from, padded.width, c, to + j); break;
          case 2: sum_columns(2, job, from, padded.width, c, to + j); break;
          case 3: sum_columns(3, job, from, padded.width, c, to + j); break;
          case 4: sum_columns(4, job, from, padded.width, c, to + j); break;
          case 5: sum_columns(5, job, from, padded.width, c, to + j); break;
          default: sum_columns(6, job, from, padded.width, c, to + j); break;
          }
        }
      }
    row += count;
  }
}

// MARK: - Pooling of planes

/// Takes the larger value and its index in each lane; NaN is larger than all.
CKERNELS_INLINE void take_larger_lanes(const float32x16 *value, int32_t index, float32x16 *best, int32x16 *at) {
  const int32x16 larger = (*value > *best) | (*value != *value);
  *best = (float32x16)(((int32x16)*value & larger) | ((int32x16)*best & ~larger));
  *at = (index & larger) | (*at & ~larger);
}

/// Even and odd columns of 32.
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)

CKERNELS_CLONES
void ckernels_pool_planes(const ckernels_plane_pooling *p) {
  const int64_t wide = p->width / 2, high = p->rows / 2, pixels = wide * high;
  const int64_t pooled_stride = pixels + LANES;  // a vector may write beyond its plane
  float *maxima = p->scratch, *indices = maxima + p->channels * pooled_stride;
  for (int64_t c = 0; c < p->channels; c++)
    for (int64_t i = 0; i < high; i++) {
      const float *above = p->planes + c * p->plane_stride + 2 * i * p->width, *below = above + p->width;
      for (int64_t j = 0; j < wide; j += LANES) {
        const float32x16 a = LOAD(above + 2 * j), b = LOAD(above + 2 * j + LANES);
        const float32x16 d = LOAD(below + 2 * j), e = LOAD(below + 2 * j + LANES);
        const float32x16 second = ODD(a, b), third = EVEN(d, e), fourth = ODD(d, e);
        float32x16 best = EVEN(a, b);
        int32x16 at = {0};
        take_larger_lanes(&second, 1, &best, &at);
        take_larger_lanes(&third, 2, &best, &at);
        take_larger_lanes(&fourth, 3, &best, &at);
        const int64_t to = c * pooled_stride + i * wide + j;
        *(float32x16 *)(maxima + to) = best;
        if (p->places) *(int32x16 *)(indices + to) = at;
      }
    }
  ckernels_transpose(maxima, p->channels, pixels, pooled_stride, p->output, p->channels);
  if (!p->places) return;
  int32_t *transposed = (int32_t *)maxima;
  ckernels_transpose(indices, p->channels, pixels, pooled_stride, maxima, p->channels);
  for (int64_t i = 0; i < pixels * p->channels; i++) p->places[i] = (uint8_t)transposed[i];
}

// MARK: - The kernel gradient

/// Some output rows of one image, and the taps of one kernel row and the channels that they contribute to.
typedef struct {
  /// The padded input from the first tap on, with rows `padded_width` scalars apart.
  const float *rows;
  int64_t padded_width;
  /// The output gradient of the first channel, in planes.
  const float *planes;
  int64_t plane_stride, output_width, row_count;
  /// The kernel gradient of the first tap and channel; taps are `channels` scalars apart.
  float *to;
  int64_t channels;
} tap_sums;

/// Adds the contribution of the rows to `taps` taps of `pair` channels; both are constants after inlining.
CKERNELS_INLINE void sum_taps(const int pair, const int taps, const tap_sums *t) {
  static const int32x16 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const float *rows = t->rows, *planes = t->planes;
  float32x16 sums[PAIR][MAX_TAPS];
  CKERNELS_UNROLLED for (int c = 0; c < pair; c++) CKERNELS_UNROLLED for (int v = 0; v < taps; v++) sums[c][v] =
      (float32x16){0};
  for (int64_t r = 0; r < t->row_count; r++, rows += t->padded_width, planes += t->output_width)
    for (int64_t next = 0; next < t->output_width; next += LANES) {
      // The last vector overlaps the one before it; columns that are already counted are masked to 0.
      const int64_t j = next + LANES <= t->output_width ? next : t->output_width - LANES;
      const int32x16 counts = lane >= (int32_t)(next - j);
      float32x16 gradient[PAIR];
      CKERNELS_UNROLLED for (int c = 0; c < pair; c++) gradient[c] =
          (float32x16)((int32x16)LOAD(planes + c * t->plane_stride + j) & counts);
      CKERNELS_UNROLLED for (int v = 0; v < taps; v++) {
        const float32x16 x = (float32x16)((int32x16)LOAD(rows + j + v) & counts);
        CKERNELS_UNROLLED for (int c = 0; c < pair; c++) sums[c][v] += x * gradient[c];
      }
    }
  CKERNELS_UNROLLED for (int c = 0; c < pair; c++) CKERNELS_UNROLLED for (int v = 0; v < taps; v++)
      t->to[v * t->channels + c] += sum_of_lanes(&sums[c][v]);
}

CKERNELS_INLINE void sum_taps_of(const int pair, int64_t taps, const tap_sums *t) {
  switch (taps) {
  case 1: sum_taps(pair, 1, t); break;
  case 2: sum_taps(pair, 2, t); break;
  case 3: sum_taps(pair, 3, t); break;
  case 4: sum_taps(pair, 4, t); break;
  default: sum_taps(pair, 5, t); break;
  }
}

CKERNELS_CLONES
void ckernels_direct_rows_kernel_gradient(const ckernels_direct_rows_kernel_gradient_job *job) {
  const ckernels_window *w = job->window;
  const int64_t channels = job->channels;
  CKERNELS_ASSERT(w->output_width >= LANES);
  if (!job->accumulate) clear_run(job->kernel_gradient, w->kernel_height * w->kernel_width * channels);
  padded_rows padded;
  for (int64_t row = job->first_row; row < job->end_row;) {
    const int64_t count = rows_together(w, row, job->end_row);
    pad_rows(w, job->input, row, count, &padded);
    for (int64_t c = 0; c < channels; c += PAIR)
      for (int64_t u = 0; u < w->kernel_height; u++)
        for (int64_t v = 0; v < w->kernel_width; v += MAX_TAPS) {
          const tap_sums sums = {
              .rows = padded.rows + u * padded.width + v,
              .padded_width = padded.width,
              .planes = job->planes + c * job->plane_stride + (row - job->first_row) * w->output_width,
              .plane_stride = job->plane_stride,
              .output_width = w->output_width,
              .row_count = count,
              .to = job->kernel_gradient + (u * w->kernel_width + v) * channels + c,
              .channels = channels,
          };
          if (channels - c >= PAIR)
            sum_taps_of(PAIR, w->kernel_width - v, &sums);
          else
            sum_taps_of(1, w->kernel_width - v, &sums);
        }
    row += count;
  }
}
