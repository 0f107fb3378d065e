// What the two gradients through a max pooling share: bands of padded rows, and blocks of patches.
#ifndef C_KERNELS_SPARSE_BAND_H
#define C_KERNELS_SPARSE_BAND_H

#include "float_run.h"
#include "include/sparse.h"
#include "window_walk.h"

// A pooled gradient times a patch, for each pooled element that is not zero.
//
//     pooled gradient  g at (i, j, o), its maximum at (r, c) of the pooling window
//     output pixel     (y, x) = (i * stride + r, j * stride + c), in the frame of the padded image
//
//         image, padded             kernel gradient of o      += g * patch        sums in registers
//     . . . . . . . . . .
//     . . [ run of patch ] . .      input gradient at (y, x)  += g * kernel of o  sums in registers over all
//     . . [ run of patch ] . .                                                    channels with the same (r, c)
//
// A block of a patch, up to 5 runs by up to 5 vectors, stays in registers: 25 of 32 with AVX-512.

enum { HALF = 8, MAX_RUNS = 5, MAX_VECTORS = 5, MASK = 64 };

typedef _Bool bool8 __attribute__((ext_vector_type(8)));
typedef _Bool bool64 __attribute__((ext_vector_type(64)));
typedef uint8_t uint8x8 __attribute__((ext_vector_type(8), aligned(1), may_alias));
typedef uint8_t uint8x64 __attribute__((ext_vector_type(64), aligned(1), may_alias));

#define AT(from) (*(float32x8 *)(from))
#define LOAD_HALF(from) (*(const float32x8 *)(from))

CKERNELS_INLINE int64_t rounded_up(int64_t a, int64_t to) { return (a + to - 1) / to * to; }

// MARK: - Layout

/// A band: some pooled rows, and the padded image rows that they read.
typedef struct {
  int64_t width;     // pixels of a padded row
  int64_t pitch;     // floats of a padded row
  int64_t height;    // the maximum number of rows
  int64_t row_step;  // floats from one output row to the next
  int64_t column_step;
  int64_t run;         // floats of a run of a patch
  int64_t padded_run;  // the same in whole vectors
  int64_t patch;       // floats of all padded runs
} band_layout;

CKERNELS_INLINE band_layout layout_of(const ckernels_sparse *s) {
  const ckernels_window *w = &s->window;
  const ckernels_pooling *p = &s->pooling;
  band_layout b;
  b.width = (w->output_width - 1) * w->stride_width + w->kernel_width;
  b.pitch = b.width * w->input_channels;
  b.run = w->kernel_width * w->input_channels;
  b.padded_run = rounded_up(b.run, HALF);
  b.patch = s->window.kernel_height * b.padded_run;
  const int64_t rows = smaller((s->band_rows - 1) * p->stride_height + p->window_height, w->output_height);
  b.height = (rows - 1) * w->stride_height + (s->window.kernel_height - 1) * w->dilation_height + 1;
  b.row_step = w->stride_height * b.pitch;
  b.column_step = w->stride_width * w->input_channels;
  return b;
}

/// Vectors may read and write beyond the last run of a band.
CKERNELS_INLINE int64_t band_floats(const ckernels_sparse *s) {
  const band_layout b = layout_of(s);
  return rounded_up(b.height * b.pitch + MAX_VECTORS * HALF, 16);
}

/// What the callers guarantee: a place is a byte, an offset in a band 32 bits, and no window lies in padding.
CKERNELS_INLINE void check_sparse(const ckernels_sparse *s) {
  const ckernels_pooling *p = &s->pooling;
  CKERNELS_ASSERT(s->window.dilation_width == 1 && p->window_height * p->window_width <= 256);
  CKERNELS_ASSERT(p->input_height == s->window.output_height && p->input_width == s->window.output_width);
  CKERNELS_ASSERT(band_floats(s) < INT32_MAX);
  (void)p;
}

/// One band of one image.
typedef struct {
  const ckernels_sparse *sparse;
  band_layout layout;
  int64_t image;
  int64_t first, end;      // pooled rows
  int64_t row;             // the output row at its top
  int64_t rows;            // padded rows that its windows reach
  int64_t channel, count;  // output channels at once
  float *memory;
} image_band;

/// Sets the pooled rows of a band from `first` on.
CKERNELS_INLINE void place_band(image_band *band, int64_t first) {
  const ckernels_sparse *s = band->sparse;
  const ckernels_pooling *p = &s->pooling;
  band->first = first;
  band->end = smaller(first + s->band_rows, p->output_height);
  band->row = larger(first * p->stride_height - p->pad_top, 0);
  const int64_t end = smaller((band->end - 1) * p->stride_height - p->pad_top + p->window_height, p->input_height);
  band->rows =
      (end - 1 - band->row) * s->window.stride_height + (s->window.kernel_height - 1) * s->window.dilation_height + 1;
}

/// The index of the first of the band's channels in the pooled gradient, at one position.
CKERNELS_INLINE int64_t pooled_index(const image_band *band, int64_t i, int64_t j) {
  const ckernels_pooling *p = &band->sparse->pooling;
  return ((band->image * p->output_height + i) * p->output_width + j) * p->channels + band->channel;
}

CKERNELS_INLINE int64_t pooled_count(const ckernels_pooling *p) {
  return p->images * p->output_height * p->output_width * p->channels;
}

/// The offset in the band of the patch at place 0 of a pooling window; negative where the window begins in
/// padding.
CKERNELS_INLINE int64_t window_offset(const image_band *band, int64_t i, int64_t j) {
  const ckernels_pooling *p = &band->sparse->pooling;
  return (i * p->stride_height - p->pad_top - band->row) * band->layout.row_step +
         (j * p->stride_width - p->pad_left) * band->layout.column_step;
}

// MARK: - Blocks of a patch

/// The size of each of the fewest equal parts of `total` of at most `limit`.
CKERNELS_INLINE int64_t even_part(int64_t total, int64_t limit) {
  const int64_t parts = (total + limit - 1) / limit;
  return (total + parts - 1) / parts;
}

CKERNELS_INLINE int64_t runs_of_block(const ckernels_sparse *s) { return even_part(s->window.kernel_height, MAX_RUNS); }

CKERNELS_INLINE int64_t vectors_of_block(const band_layout *b) { return even_part(b->padded_run / HALF, MAX_VECTORS); }

/// sums += g * patch; `runs` and `vectors` are constants.
#define ADD(sums, g, from, pitch)                                                                      \
  CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++) \
      sums[u * vectors + v] += (g)*LOAD_HALF((from) + u * (pitch) + v * HALF)

#define FOR_VECTORS(function, R, ...)           \
  case R:                                       \
    switch (vectors) {                          \
    case 1: function(R, 1, __VA_ARGS__); break; \
    case 2: function(R, 2, __VA_ARGS__); break; \
    case 3: function(R, 3, __VA_ARGS__); break; \
    case 4: function(R, 4, __VA_ARGS__); break; \
    case 5: function(R, 5, __VA_ARGS__); break; \
    }                                           \
    break;

/// Calls a function with its numbers of runs and vectors as constants.
#define FOR_BLOCK(function, ...)          \
  switch (runs) {                         \
    FOR_VECTORS(function, 1, __VA_ARGS__) \
    FOR_VECTORS(function, 2, __VA_ARGS__) \
    FOR_VECTORS(function, 3, __VA_ARGS__) \
    FOR_VECTORS(function, 4, __VA_ARGS__) \
    FOR_VECTORS(function, 5, __VA_ARGS__) \
  }

#endif
