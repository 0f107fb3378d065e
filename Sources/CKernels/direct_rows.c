#include "include/direct_rows.h"

#include "include/band.h"
#include "include/epilogue.h"
#include "vectors.h"
#include "window_walk.h"

// Vector lanes are the columns of an output row: with one input channel they are contiguous in the image, and
// one tap contributes to all of them at once.
//
//     padded rows    0 0 a b c d e f ...        outputs of a row   s0 s1 s2 s3 ...
//                    0 0 g h i j k l ...        tap (0, 1): s += k01 * (0 a b c ...)
//
// Sixteen outputs at a time; the last vector of a row overlaps the one before it.

enum { MAX_CHANNELS = 6 };

/// The padded input rows of some output rows of one image.
typedef struct {
  float rows[ckernels_padded_scalars + LANES];  // vectors may read beyond the last row
  int64_t width;
} padded_rows;

/// Fills `padded` for `count` output rows from row `first` of the batch, all of one image.
CKERNELS_INLINE void pad_rows(const ckernels_window *w, const float *input, int64_t first, int64_t count,
                              padded_rows *padded) {
  padded->width = w->output_width + w->kernel_width - 1;
  const ckernels_band band = {
      .first_image = first / w->output_height,
      .image_count = 1,
      .first_row = first % w->output_height,
      .height = count + w->kernel_height - 1,
      .width = padded->width,
  };
  CKERNELS_ASSERT(band.height * band.width <= ckernels_padded_scalars);
  ckernels_pad_band(w, &band, input, padded->rows);
}

/// Returns the number of output rows from `row` on, within one image, that use the same padded rows.
CKERNELS_INLINE int64_t rows_together(const ckernels_window *w, int64_t row, int64_t end_row) {
  const int64_t width = w->output_width + w->kernel_width - 1;
  const int64_t in_image = w->output_height - row % w->output_height;
  return smaller(ckernels_padded_scalars / width - w->kernel_height + 1, smaller(in_image, end_row - row));
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
