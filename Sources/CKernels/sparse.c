#include "include/sparse.h"

#include "float_run.h"

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

CKERNELS_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
CKERNELS_INLINE int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
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

int64_t ckernels_sparse_patch(const ckernels_sparse *s) { return layout_of(s).patch; }

/// Vectors may read and write beyond the last run of a band.
static int64_t band_floats(const ckernels_sparse *s) {
  const band_layout b = layout_of(s);
  return rounded_up(b.height * b.pitch + MAX_VECTORS * HALF, 16);
}

static int64_t band_positions(const ckernels_sparse *s) {
  return rounded_up(s->band_rows * s->pooling.output_width, MASK);
}

int64_t ckernels_sparse_kernel_scratch(const ckernels_sparse *s, int64_t channel_count) {
  // Offsets and values, 8 channels by 64 positions; a byte of flags; a mask for every 64 positions.
  const int64_t positions = band_positions(s);
  return band_floats(s) + rounded_up(channel_count, HALF) * ckernels_sparse_patch(s) + positions * (2 * HALF) +
         positions / 4 + positions / MASK * HALF * 2;
}

int64_t ckernels_sparse_input_scratch(const ckernels_sparse *s) { return band_floats(s); }

/// Pooled rows first ..< end of an image, and output row `row` at the top of the band.
typedef struct {
  int64_t first, end;
  int64_t row, rows;
} band_rows;

CKERNELS_INLINE band_rows band_at(const ckernels_sparse *s, int64_t first, int64_t last) {
  const ckernels_pooling *p = &s->pooling;
  band_rows b = {.first = first, .end = smaller(first + s->band_rows, last)};
  b.row = larger(b.first * p->stride_height - p->pad_top, 0);
  const int64_t end = smaller((b.end - 1) * p->stride_height - p->pad_top + p->window_height, p->input_height);
  b.rows = (end - 1 - b.row) * s->window.stride_height + (s->window.kernel_height - 1) * s->window.dilation_height + 1;
  return b;
}

/// The columns begin ..< end of a padded row that lie inside the image.
CKERNELS_INLINE void inside_columns(const ckernels_window *w, int64_t width, int64_t *begin, int64_t *end) {
  *begin = smaller(larger(w->pad_left, 0), width);
  *end = larger(*begin, smaller(w->input_width + w->pad_left, width));
}

/// Copies the rows of a band of one image, with padding.
CKERNELS_CLONES
static void fill_band(const ckernels_sparse *s, const band_rows *rows, const float *image, float *band) {
  const ckernels_window *w = &s->window;
  const band_layout b = layout_of(s);
  const int64_t channels = w->input_channels;
  int64_t begin, end;
  inside_columns(w, b.width, &begin, &end);
  for (int64_t r = 0; r < rows->rows; r++) {
    float *to = band + r * b.pitch;
    const int64_t y = rows->row * w->stride_height + r - w->pad_top;
    if (y < 0 || y >= w->input_height || begin == end) {
      clear_run(to, b.pitch);
      continue;
    }
    const float *from = image + (y * w->input_width + begin - w->pad_left) * channels;
    clear_run(to, begin * channels);
    clear_run(to + end * channels, (b.width - end) * channels);
    copy_run(to + begin * channels, from, (end - begin) * channels);
  }
}

// MARK: - Transposition

/// Transposes 8 rows of 8 floats to `columns` runs of `rows` floats.
CKERNELS_INLINE void transpose_eight(const float *from, int64_t from_stride, float32x8 *b) {
  float32x8 a[8];
  CKERNELS_UNROLLED for (int64_t r = 0; r < 8; r++) a[r] = LOAD_HALF(from + r * from_stride);
  CKERNELS_UNROLLED for (int i = 0; i < 8; i += 2) {
    b[i] = __builtin_shufflevector(a[i], a[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[i + 1] = __builtin_shufflevector(a[i], a[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  CKERNELS_UNROLLED for (int i = 0; i < 8; i += 4) CKERNELS_UNROLLED for (int k = 0; k < 2; k++) {
    a[i + k] = __builtin_shufflevector(b[i + k], b[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    a[i + k + 2] = __builtin_shufflevector(b[i + k], b[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  }
  CKERNELS_UNROLLED for (int k = 0; k < 4; k++) {
    b[k] = __builtin_shufflevector(a[k], a[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[k + 4] = __builtin_shufflevector(a[k], a[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

/// The kernel gradient of up to 8 channels: sums [8, patch] to columns of [K, output channels].
CKERNELS_CLONES
static void store_sums(const ckernels_sparse_kernel_gradient_job *job, const float *sums, int64_t channel,
                       int64_t count) {
  const band_layout b = layout_of(&job->sparse);
  const int64_t outputs = job->sparse.pooling.channels;
  for (int64_t u = 0; u < job->sparse.window.kernel_height; u++)
    for (int64_t k = 0; k < b.run; k += HALF) {
      float32x8 columns[HALF];
      transpose_eight(sums + u * b.padded_run + k, b.patch, columns);
      float *to = job->kernel_gradient + (u * b.run + k) * outputs + channel;
      for (int64_t r = 0; r < smaller(HALF, b.run - k); r++, to += outputs)
        if (count == HALF)
          AT(to) = columns[r] + (job->accumulate ? LOAD_HALF(to) : (float32x8){0});
        else
          for (int64_t o = 0; o < count; o++) to[o] = columns[r][o] + (job->accumulate ? to[o] : 0);
    }
}

CKERNELS_CLONES
void ckernels_sparse_transpose_kernel(const ckernels_sparse *s, const float *kernel, int64_t first_channel,
                                      int64_t channel_count, float *patches) {
  const band_layout b = layout_of(s);
  const int64_t outputs = s->pooling.channels, end = first_channel + channel_count;
  for (int64_t o = first_channel; o < end; o += HALF)
    for (int64_t u = 0; u < s->window.kernel_height; u++)
      for (int64_t k = 0; k < b.padded_run; k += HALF) {
        const float *from = kernel + (u * b.run + k) * outputs + o;
        const int64_t rows = smaller(HALF, b.run - k), count = smaller(HALF, end - o);
        float *to = patches + o * b.patch + u * b.padded_run + k;
        if (rows == HALF && count == HALF) {
          float32x8 columns[HALF];
          transpose_eight(from, outputs, columns);
          for (int i = 0; i < HALF; i++) AT(to + i * b.patch) = columns[i];
        } else
          for (int64_t c = 0; c < count; c++)
            for (int64_t r = 0; r < HALF; r++) to[c * b.patch + r] = r < rows ? from[r * outputs + c] : 0;
      }
}

// MARK: - Kernel gradient

/// The units of 8 channels: offsets and values [positions, 8], and for each channel one bit a position.
typedef struct {
  int32_t *at;
  float *values;
  uint8_t *flags;
  uint64_t *masks;  // [positions / 64, 8]
  int64_t positions;
} unit_list;

/// Lists 8 channels, `count` of which exist, at the positions of a band.
CKERNELS_CLONES
static void list_units(const ckernels_sparse *s, const band_rows *rows, int64_t image, int64_t channel, int64_t count,
                       unit_list *units) {
  const ckernels_pooling *p = &s->pooling;
  const band_layout b = layout_of(s);
  // row = place / width, by a reciprocal that is exact for bytes
  const int32_t reciprocal = (int32_t)((65535 + p->window_width) / p->window_width);
  const int32_t column_step = (int32_t)b.column_step;
  const int32_t row_step = (int32_t)(b.row_step - p->window_width * b.column_step);
  const int64_t all = p->images * p->output_height * p->output_width * p->channels;
  int64_t n = 0;
  for (int64_t i = rows->first; i < rows->end; i++)
    for (int64_t j = 0; j < p->output_width; j++, n++) {
      const int64_t from = ((image * p->output_height + i) * p->output_width + j) * p->channels + channel;
      const int64_t base = (i * p->stride_height - p->pad_top - rows->row) * b.row_step +
                           (j * p->stride_width - p->pad_left) * b.column_step;
      float32x8 g;
      uint8x8 place;
      if (from + HALF <= all) {
        g = LOAD_HALF(s->gradient + from);
        place = *(const uint8x8 *)(s->places + from);
      } else {
        float values[8] = {0};
        uint8_t bytes[8] = {0};
        for (int64_t o = 0; o < count; o++) values[o] = s->gradient[from + o], bytes[o] = s->places[from + o];
        g = LOAD_HALF(values);
        place = *(const uint8x8 *)bytes;
      }
      const int32x8 at = __builtin_convertvector(place, int32x8);
      const int32x8 row = (at * reciprocal) >> 16;
      *(int32x8 *)(units->at + n * HALF) = at * column_step + row * row_step + (int32_t)base;
      AT(units->values + n * HALF) = g;
      const bool8 alive = __builtin_convertvector(g != 0, bool8);
      memcpy(units->flags + n, &alive, 1);
    }
  units->positions = n;
  for (int64_t k = n; k < rounded_up(n, MASK); k++) units->flags[k] = 0;
  for (int64_t k = 0; k < n; k += MASK) {
    const uint8x64 flags = *(const uint8x64 *)(units->flags + k);
    for (int o = 0; o < HALF; o++) {
      const bool64 bits = __builtin_convertvector((flags & (uint8_t)(1 << o)) != 0, bool64);
      memcpy(units->masks + k / MASK * HALF + o, &bits, 8);
    }
  }
}

#define ADD(sums, g, from)                                                                             \
  CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++) \
      sums[u * vectors + v] += (g)*LOAD_HALF((from) + u * pitch + v * HALF)

/// Adds g * patch of one channel to a block of its sums. `runs` and `vectors` are constants after inlining.
CKERNELS_INLINE void sum_patches(const int runs, const int vectors, const unit_list *units, int o, const float *band,
                                 int64_t pitch, float *sums, int64_t run) {
  float32x8 a[MAX_RUNS * MAX_VECTORS] = {0}, b[MAX_RUNS] = {0};
  const int32_t *at = units->at + o;
  const float *values = units->values + o;
  for (int64_t k = 0; k < units->positions; k += MASK, at += MASK * HALF, values += MASK * HALF) {
    uint64_t mask = units->masks[k / MASK * HALF + o];
    if (vectors == 1)
      // Two sums hide the latency of the additions.
      for (int pairs = __builtin_popcountll(mask) / 2; pairs > 0; pairs--) {
        const int64_t i = __builtin_ctzll(mask) * HALF;
        mask &= mask - 1;
        const int64_t j = __builtin_ctzll(mask) * HALF;
        mask &= mask - 1;
        const float *x = band + at[i], *y = band + at[j];
        ADD(a, values[i], x);
        ADD(b, values[j], y);
      }
    while (mask) {
      const int64_t i = __builtin_ctzll(mask) * HALF;
      mask &= mask - 1;
      const float *x = band + at[i];
      ADD(a, values[i], x);
    }
  }
  CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++)
      AT(sums + u * run + v * HALF) += vectors == 1 ? a[u] + b[u] : a[u * vectors + v];
}

#define VECTORS(function, R, ...)                \
  case R:                                        \
    switch (vectors) {                           \
    case 1: function(R, 1, __VA_ARGS__); break;  \
    case 2: function(R, 2, __VA_ARGS__); break;  \
    case 3: function(R, 3, __VA_ARGS__); break;  \
    case 4: function(R, 4, __VA_ARGS__); break;  \
    default: function(R, 5, __VA_ARGS__); break; \
    }                                            \
    break;
#define FOR_BLOCK(function, ...)      \
  switch (runs) {                     \
    VECTORS(function, 1, __VA_ARGS__) \
    VECTORS(function, 2, __VA_ARGS__) \
    VECTORS(function, 3, __VA_ARGS__) \
    VECTORS(function, 4, __VA_ARGS__) \
    VECTORS(function, 5, __VA_ARGS__) \
  }

CKERNELS_CLONES
static void kernel_gradient_block(const int64_t runs, const int64_t vectors, const unit_list *units,
                                  const int64_t channels, const float *band, int64_t pitch, float *sums, int64_t run,
                                  int64_t patch) {
  for (int o = 0; o < channels; o++) {
    float *to = sums + o * patch;
    FOR_BLOCK(sum_patches, units, o, band, pitch, to, run)
  }
}

/// The size of each of the fewest equal parts of `total` of at most `limit`.
CKERNELS_INLINE int64_t even_part(int64_t total, int64_t limit) {
  const int64_t parts = (total + limit - 1) / limit;
  return (total + parts - 1) / parts;
}

void ckernels_sparse_kernel_gradient(const ckernels_sparse_kernel_gradient_job *job) {
  const ckernels_sparse *s = &job->sparse;
  const ckernels_window *w = &s->window;
  const ckernels_pooling *p = &s->pooling;
  const band_layout b = layout_of(s);
  const int64_t patch = ckernels_sparse_patch(s), positions = band_positions(s);
  const int64_t image_floats = w->input_height * w->input_width * w->input_channels;
  float *band = job->scratch, *sums = band + band_floats(s);
  unit_list units;
  units.values = sums + rounded_up(job->channel_count, HALF) * patch;
  units.at = (int32_t *)(units.values + positions * HALF);
  units.masks = (uint64_t *)(units.at + positions * HALF);
  units.flags = (uint8_t *)(units.masks + positions / MASK * HALF);
  clear_run(sums, rounded_up(job->channel_count, HALF) * patch);
  const int64_t runs = even_part(s->window.kernel_height, MAX_RUNS),
                vectors = even_part(b.padded_run / HALF, MAX_VECTORS);
  const int64_t pitch = b.pitch * w->dilation_height;
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t first = 0; first < p->output_height; first += s->band_rows) {
      const band_rows rows = band_at(s, first, p->output_height);
      fill_band(s, &rows, job->input + n * image_floats, band);
      for (int64_t o = 0; o < job->channel_count; o += HALF) {
        const int64_t count = smaller(HALF, job->channel_count - o);
        list_units(s, &rows, n, job->first_channel + o, count, &units);
        for (int64_t u = 0; u < s->window.kernel_height; u += runs)
          for (int64_t v = 0; v < b.padded_run / HALF; v += vectors)
            kernel_gradient_block(smaller(runs, s->window.kernel_height - u), smaller(vectors, b.padded_run / HALF - v),
                                  &units, count, band + u * pitch + v * HALF, pitch,
                                  sums + o * patch + u * b.padded_run + v * HALF, b.padded_run, patch);
      }
    }
  for (int64_t o = 0; o < job->channel_count; o += HALF)
    store_sums(job, sums + o * patch, job->first_channel + o, smaller(HALF, job->channel_count - o));
}

// MARK: - Input gradient

/// Up to 64 channels at one pooled position: which of them are not zero, and the places of all.
typedef struct {
  uint64_t alive;
  uint8x64 places;
} position_units;

CKERNELS_INLINE void units_at(const ckernels_sparse *s, int64_t at, int64_t count, int64_t all, position_units *units) {
  float values[MASK];
  uint8_t bytes[MASK];
  const float *g = s->gradient + at;
  const uint8_t *places = s->places + at;
  if (at + MASK > all) {
    for (int64_t o = 0; o < count; o++) bytes[o] = places[o];
    for (int64_t o = count; o < MASK; o++) bytes[o] = 0;
    places = bytes;
    if (at + rounded_up(count, HALF) > all) {
      for (int64_t o = 0; o < count; o++) values[o] = g[o];
      for (int64_t o = count; o < rounded_up(count, HALF); o++) values[o] = 0;
      g = values;
    }
  }
  units->alive = 0;
  for (int64_t o = 0; o < count; o += HALF) {
    const bool8 bits = __builtin_convertvector(LOAD_HALF(g + o) != 0, bool8);
    uint8_t byte;
    memcpy(&byte, &bits, 1);
    units->alive |= (uint64_t)byte << o;
  }
  if (count < MASK) units->alive &= ((uint64_t)1 << count) - 1;
  units->places = *(const uint8x64 *)places;
}

/// Adds g * patch of `count` channels to a block of the band, for the pooled rows of a band.
CKERNELS_INLINE void scatter_patches(const int runs, const int vectors, const ckernels_sparse *s, const band_rows *rows,
                                     int64_t image, int64_t channel, int64_t count, const float *patches, int64_t patch,
                                     float *band, const band_layout *b) {
  const ckernels_pooling *p = &s->pooling;
  const int64_t all = p->images * p->output_height * p->output_width * p->channels;
  const int64_t row_pitch = b->pitch * s->window.dilation_height, pitch = b->padded_run;
  for (int64_t i = rows->first; i < rows->end; i++)
    for (int64_t j = 0; j < p->output_width; j++) {
      const int64_t from = ((image * p->output_height + i) * p->output_width + j) * p->channels + channel;
      const int64_t base = (i * p->stride_height - p->pad_top - rows->row) * b->row_step +
                           (j * p->stride_width - p->pad_left) * b->column_step;
      position_units units;
      units_at(s, from, count, all, &units);
      for (int64_t r = 0, place = 0; units.alive; r++)
        for (int64_t c = 0; c < p->window_width; c++, place++) {
          const bool64 bits = __builtin_convertvector(units.places == (uint8_t)place, bool64);
          uint64_t mask;
          memcpy(&mask, &bits, 8);
          mask &= units.alive;
          if (mask == 0) continue;
          units.alive &= ~mask;
          float32x8 sums[MAX_RUNS * MAX_VECTORS] = {0};
          do {
            const int64_t o = __builtin_ctzll(mask);
            mask &= mask - 1;
            const float *x = patches + o * patch;
            ADD(sums, s->gradient[from + o], x);
          } while (mask);
          float *to = band + (base + r * b->row_step + c * b->column_step);
          CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++)
              AT(to + u * row_pitch + v * HALF) += sums[u * vectors + v];
        }
    }
}

CKERNELS_CLONES
static void input_gradient_block(const int64_t runs, const int64_t vectors, const ckernels_sparse *s,
                                 const band_rows *rows, int64_t image, int64_t channel, int64_t count,
                                 const float *patches, int64_t patch, float *band, const band_layout *b){
    FOR_BLOCK(scatter_patches, s, rows, image, channel, count, patches, patch, band, b)}

/// Adds the rows of a band that lie in first ..< end to an image, and stores those from `*written` on.
CKERNELS_INLINE void flush_band(const ckernels_sparse *s, const band_rows *rows, const float *band, int64_t end_row,
                                int64_t first_row, int64_t *written, float *image) {
  const ckernels_window *w = &s->window;
  const band_layout b = layout_of(s);
  const int64_t channels = w->input_channels, length = w->input_width * channels;
  int64_t begin, end;
  inside_columns(w, b.width, &begin, &end);
  const int64_t top = rows->row * w->stride_height - w->pad_top;
  for (int64_t y = larger(first_row, top); y < smaller(end_row, top + rows->rows); y++) {
    for (; *written <= y; ++*written) clear_run(image + *written * length, length);
    const float *from = band + (y - top) * b.pitch + begin * channels;
    float *to = image + y * length + (begin == end ? 0 : (begin - w->pad_left) * channels);
    add_run(to, from, (end - begin) * channels);
  }
}

CKERNELS_CLONES
void ckernels_sparse_input_gradient(const ckernels_sparse_input_gradient_job *job) {
  const ckernels_sparse *s = &job->sparse;
  const ckernels_window *w = &s->window;
  const ckernels_pooling *p = &s->pooling;
  const band_layout b = layout_of(s);
  const int64_t patch = ckernels_sparse_patch(s), length = w->input_width * w->input_channels;
  const int64_t runs = even_part(s->window.kernel_height, MAX_RUNS),
                vectors = even_part(b.padded_run / HALF, MAX_VECTORS);
  const int64_t floats = band_floats(s);
  float *image = job->input_gradient + job->image * w->input_height * length;
  int64_t written = job->first_row;
  for (int64_t first = 0; first < p->output_height; first += s->band_rows) {
    const band_rows rows = band_at(s, first, p->output_height);
    const int64_t top = rows.row * w->stride_height - w->pad_top;
    if (top >= job->end_row || top + rows.rows <= job->first_row) continue;
    clear_run(job->scratch, floats);
    for (int64_t o = 0; o < p->channels; o += MASK)
      for (int64_t u = 0; u < s->window.kernel_height; u += runs)
        for (int64_t v = 0; v < b.padded_run / HALF; v += vectors)
          input_gradient_block(smaller(runs, s->window.kernel_height - u), smaller(vectors, b.padded_run / HALF - v), s,
                               &rows, job->image, o, smaller(MASK, p->channels - o),
                               job->patches + o * patch + u * b.padded_run + v * HALF, patch,
                               job->scratch + u * b.pitch * w->dilation_height + v * HALF, &b);
    flush_band(s, &rows, job->scratch, job->end_row, job->first_row, &written, image);
  }
  for (; written < job->end_row; written++) clear_run(image + written * length, length);
}
