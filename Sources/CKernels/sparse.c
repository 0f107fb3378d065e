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

/// What the callers guarantee: a place is a byte, an offset in a band 32 bits, and no window lies in padding.
static void check_sparse(const ckernels_sparse *s) {
  const ckernels_pooling *p = &s->pooling;
  CKERNELS_ASSERT(s->window.dilation_width == 1 && p->window_height * p->window_width <= 256);
  CKERNELS_ASSERT(p->input_height == s->window.output_height && p->input_width == s->window.output_width);
  CKERNELS_ASSERT(band_floats(s) < INT32_MAX);
  (void)p;
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

/// The columns begin ..< end of a padded row that lie inside the image.
CKERNELS_INLINE void inside_columns(const ckernels_window *w, int64_t width, int64_t *begin, int64_t *end) {
  *begin = smaller(larger(w->pad_left, 0), width);
  *end = larger(*begin, smaller(w->input_width + w->pad_left, width));
}

/// Copies the rows of a band from its image, with padding.
CKERNELS_CLONES
static void fill_band(const image_band *band, const float *image) {
  const ckernels_window *w = &band->sparse->window;
  const int64_t width = band->layout.width, channels = w->input_channels;
  int64_t begin, end;
  inside_columns(w, width, &begin, &end);
  for (int64_t r = 0; r < band->rows; r++) {
    float *to = band->memory + r * band->layout.pitch;
    const int64_t y = band->row * w->stride_height + r - w->pad_top;
    if (y < 0 || y >= w->input_height || begin == end) {
      clear_run(to, width * channels);
      continue;
    }
    const float *from = image + (y * w->input_width + begin - w->pad_left) * channels;
    clear_run(to, begin * channels);
    copy_run(to + begin * channels, from, (end - begin) * channels);
    clear_run(to + end * channels, (width - end) * channels);
  }
}

// MARK: - Transposition

/// columns = 8 rows of 8 floats, transposed.
CKERNELS_INLINE void transpose_eight(const float *from, int64_t from_stride, float32x8 *columns) {
  float32x8 a[HALF], *b = columns;
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

// MARK: - Kernel gradient

/// The units of 8 channels at the positions of a band: offsets of patches and values [positions, 8], and for
/// each channel the positions that are not zero, one bit each.
typedef struct {
  int32_t *at;
  float *values;
  uint8_t *flags;   // [positions], a bit for each channel
  uint64_t *masks;  // [positions / 64, 8]
  int64_t positions;
} unit_list;

/// Lists the channels of a band, at most 8.
CKERNELS_CLONES
static void list_units(const image_band *band, unit_list *units) {
  const ckernels_sparse *s = band->sparse;
  const ckernels_pooling *p = &s->pooling;
  const band_layout *b = &band->layout;
  // Row = place / window width, by a reciprocal that is exact for bytes.
  const int32_t reciprocal = (int32_t)((65535 + p->window_width) / p->window_width);
  const int32_t column_step = (int32_t)b->column_step;
  const int32_t row_step = (int32_t)(b->row_step - p->window_width * b->column_step);
  const int64_t all = pooled_count(p);
  int64_t n = 0;
  for (int64_t i = band->first; i < band->end; i++)
    for (int64_t j = 0; j < p->output_width; j++, n++) {
      const int64_t from = pooled_index(band, i, j);
      float32x8 g;
      uint8x8 place;
      if (from + HALF <= all) {
        g = LOAD_HALF(s->gradient + from);
        place = *(const uint8x8 *)(s->places + from);
      } else {
        float values[HALF] = {0};
        uint8_t bytes[HALF] = {0};
        for (int64_t o = 0; o < band->count; o++) values[o] = s->gradient[from + o];
        for (int64_t o = 0; o < band->count; o++) bytes[o] = s->places[from + o];
        g = LOAD_HALF(values);
        place = *(const uint8x8 *)bytes;
      }
      const int32x8 at = __builtin_convertvector(place, int32x8), row = (at * reciprocal) >> 16;
      *(int32x8 *)(units->at + n * HALF) = at * column_step + row * row_step + (int32_t)window_offset(band, i, j);
      AT(units->values + n * HALF) = g;
      const bool8 alive = __builtin_convertvector(g != 0, bool8);
      memcpy(units->flags + n, &alive, sizeof(uint8_t));
    }
  units->positions = n;
  for (int64_t k = n; k < rounded_up(n, MASK); k++) units->flags[k] = 0;
  for (int64_t k = 0; k < n; k += MASK)
    for (int o = 0; o < HALF; o++) {
      const uint8x64 bit = *(const uint8x64 *)(units->flags + k) & (uint8_t)(1 << o);
      const bool64 alive = __builtin_convertvector(bit != 0, bool64);
      memcpy(units->masks + k / MASK * HALF + o, &alive, sizeof(uint64_t));
    }
}

/// Adds g * patch of channel `o` to a block of its sums.
CKERNELS_INLINE void sum_patches(const int runs, const int vectors, const unit_list *units, int o,
                                 const image_band *band, const float *from, float *sums) {
  CKERNELS_ASSERT(runs <= MAX_RUNS && vectors <= MAX_VECTORS);
  float32x8 a[MAX_RUNS * MAX_VECTORS] = {0}, b[MAX_RUNS * MAX_VECTORS] = {0};
  const int64_t pitch = band->layout.pitch * band->sparse->window.dilation_height, run = band->layout.padded_run;
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
        ADD(a, values[i], from + at[i], pitch);
        ADD(b, values[j], from + at[j], pitch);
      }
    for (; mask; mask &= mask - 1) {
      const int64_t i = __builtin_ctzll(mask) * HALF;
      ADD(a, values[i], from + at[i], pitch);
    }
  }
  CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++)
      AT(sums + u * run + v * HALF) += vectors == 1 ? a[u] + b[u] : a[u * vectors + v];
}

/// Adds the products of a band to the sums [channels, patch] of its channels.
CKERNELS_CLONES
static void sum_band(const image_band *band, const unit_list *units, float *sums) {
  const band_layout *b = &band->layout;
  const int64_t height = band->sparse->window.kernel_height, width = b->padded_run / HALF;
  const int64_t block_runs = runs_of_block(band->sparse), block_vectors = vectors_of_block(b);
  for (int64_t u = 0; u < height; u += block_runs)
    for (int64_t v = 0; v < width; v += block_vectors) {
      const int64_t runs = smaller(block_runs, height - u), vectors = smaller(block_vectors, width - v);
      const float *from = band->memory + u * b->pitch * band->sparse->window.dilation_height + v * HALF;
      float *to = sums + u * b->padded_run + v * HALF;
      for (int o = 0; o < band->count; o++, to += b->patch) FOR_BLOCK(sum_patches, units, o, band, from, to)
    }
}

void ckernels_sparse_kernel_gradient(const ckernels_sparse_kernel_gradient_job *job) {
  const ckernels_sparse *s = &job->sparse;
  const ckernels_window *w = &s->window;
  check_sparse(s);
  image_band band = {.sparse = s, .layout = layout_of(s), .memory = job->scratch};
  const int64_t patch = band.layout.patch, positions = band_positions(s);
  const int64_t channels = rounded_up(job->channel_count, HALF);
  float *sums = band.memory + band_floats(s);
  unit_list units = {.values = sums + channels * patch};
  units.at = (int32_t *)(units.values + positions * HALF);
  units.masks = (uint64_t *)(units.at + positions * HALF);
  units.flags = (uint8_t *)(units.masks + positions / MASK * HALF);
  clear_run(sums, channels * patch);
  for (; band.image < s->pooling.images; band.image++)
    for (int64_t first = 0; first < s->pooling.output_height; first += s->band_rows) {
      place_band(&band, first);
      fill_band(&band, job->input + band.image * w->input_height * w->input_width * w->input_channels);
      for (int64_t o = 0; o < job->channel_count; o += HALF) {
        band.channel = job->first_channel + o;
        band.count = smaller(HALF, job->channel_count - o);
        list_units(&band, &units);
        sum_band(&band, &units, sums + o * patch);
      }
    }
  for (int64_t o = 0; o < job->channel_count; o += HALF)
    store_sums(job, sums + o * patch, job->first_channel + o, smaller(HALF, job->channel_count - o));
}

// MARK: - Input gradient

/// Up to 64 channels at one pooled position: which of them are not zero, and their places.
typedef struct {
  uint64_t alive;
  uint8x64 places;
} position_units;

CKERNELS_INLINE void read_units(const image_band *band, int64_t from, position_units *units) {
  const ckernels_sparse *s = band->sparse;
  const int64_t count = band->count, all = pooled_count(&s->pooling);
  CKERNELS_ASSERT(count <= MASK);
  float values[MASK];
  uint8_t bytes[MASK] = {0};
  const float *g = s->gradient + from;
  const uint8_t *places = s->places + from;
  if (from + MASK > all) {
    for (int64_t o = 0; o < count; o++) bytes[o] = places[o];
    places = bytes;
  }
  if (from + rounded_up(count, HALF) > all) {
    for (int64_t o = 0; o < rounded_up(count, HALF); o++) values[o] = o < count ? g[o] : 0;
    g = values;
  }
  units->places = *(const uint8x64 *)places;
  units->alive = 0;
  for (int64_t o = 0; o < count; o += HALF) {
    const bool8 alive = __builtin_convertvector(LOAD_HALF(g + o) != 0, bool8);
    uint8_t bits;
    memcpy(&bits, &alive, sizeof(bits));
    units->alive |= (uint64_t)bits << o;
  }
  if (count < MASK) units->alive &= ((uint64_t)1 << count) - 1;
}

/// The channels that are not zero and have their maximum at `place`.
CKERNELS_INLINE uint64_t channels_at(const position_units *units, int64_t place) {
  const bool64 equal = __builtin_convertvector(units->places == (uint8_t)place, bool64);
  uint64_t mask;
  memcpy(&mask, &equal, sizeof(mask));
  return mask & units->alive;
}

/// Adds g * patch of the band's channels, summed over those with the same place, to a block of the band. The last
/// vector of a run has `last` floats of it; the others would add 0 * g, which is NaN if g is infinite.
CKERNELS_INLINE void scatter_patches(const int runs, const int vectors, const image_band *band, const float *patches,
                                     int64_t last, float *memory) {
  // Copies, because stores of vectors may alias what pointers refer to.
  const ckernels_sparse copy = *band->sparse;
  image_band at = *band;
  at.sparse = &copy;
  const ckernels_pooling *p = &copy.pooling;
  const band_layout *b = &at.layout;
  const int64_t pitch = b->pitch * copy.window.dilation_height, run = b->padded_run, patch = b->patch;
  const int32x8 in_run = (int32x8){0, 1, 2, 3, 4, 5, 6, 7} < (int32_t)last;
  for (int64_t i = at.first; i < at.end; i++)
    for (int64_t j = 0; j < p->output_width; j++) {
      const int64_t from = pooled_index(&at, i, j), offset = window_offset(&at, i, j);
      position_units units;
      read_units(&at, from, &units);
      for (int64_t r = 0; r < p->window_height && units.alive; r++)
        for (int64_t c = 0; c < p->window_width; c++) {
          uint64_t mask = channels_at(&units, r * p->window_width + c);
          if (mask == 0) continue;
          units.alive &= ~mask;
          float32x8 sums[MAX_RUNS * MAX_VECTORS] = {0};
          do {
            const int64_t o = __builtin_ctzll(mask);
            mask &= mask - 1;
            ADD(sums, copy.gradient[from + o], patches + o * patch, run);
          } while (mask);
          CKERNELS_ASSERT(offset + r * b->row_step + c * b->column_step >= 0);
          float *to = memory + (offset + r * b->row_step + c * b->column_step);
          CKERNELS_UNROLLED for (int u = 1; u <= runs; u++) sums[u * vectors - 1] =
              (float32x8)((int32x8)sums[u * vectors - 1] & in_run);
          CKERNELS_UNROLLED for (int u = 0; u < runs; u++) CKERNELS_UNROLLED for (int v = 0; v < vectors; v++)
              AT(to + u * pitch + v * HALF) += sums[u * vectors + v];
        }
    }
}

/// The gradient of a band, overwritten, from patches [output channels, patch].
CKERNELS_CLONES
static void scatter_band(image_band *band, const float *patches) {
  const ckernels_sparse *s = band->sparse;
  const band_layout *b = &band->layout;
  const int64_t height = s->window.kernel_height, width = b->padded_run / HALF;
  const int64_t block_runs = runs_of_block(s), block_vectors = vectors_of_block(b);
  clear_run(band->memory, band_floats(s));
  // Blocks of 64 channels, whose block of patches stays in the first-level cache.
  for (band->channel = 0; band->channel < s->pooling.channels; band->channel += MASK) {
    band->count = smaller(MASK, s->pooling.channels - band->channel);
    for (int64_t u = 0; u < height; u += block_runs)
      for (int64_t v = 0; v < width; v += block_vectors) {
        const int64_t runs = smaller(block_runs, height - u), vectors = smaller(block_vectors, width - v);
        const float *from = patches + band->channel * b->patch + u * b->padded_run + v * HALF;
        float *to = band->memory + u * b->pitch * s->window.dilation_height + v * HALF;
        const int64_t last = smaller(HALF, b->run - (v + vectors - 1) * HALF);
        FOR_BLOCK(scatter_patches, band, from, last, to)
      }
  }
}

/// Adds a band to rows of its image without padding; rows from `written` on, which have no gradient yet, are
/// cleared first. Returns the first row that is still not written.
CKERNELS_CLONES
static int64_t add_band(const image_band *band, const ckernels_sparse_input_gradient_job *job, int64_t written) {
  const ckernels_window *w = &band->sparse->window;
  const int64_t channels = w->input_channels, length = w->input_width * channels;
  int64_t begin, end;
  inside_columns(w, band->layout.width, &begin, &end);
  const int64_t top = band->row * w->stride_height - w->pad_top;
  for (int64_t y = larger(job->first_row, top); y < smaller(job->end_row, top + band->rows); y++) {
    float *to = job->input_gradient + (job->image * w->input_height + y) * length;
    for (; written <= y; written++) clear_run(to + (written - y) * length, length);
    if (begin < end)
      add_run(to + (begin - w->pad_left) * channels, band->memory + (y - top) * band->layout.pitch + begin * channels,
              (end - begin) * channels);
  }
  return written;
}

void ckernels_sparse_input_gradient(const ckernels_sparse_input_gradient_job *job) {
  const ckernels_sparse *s = &job->sparse;
  const ckernels_window *w = &s->window;
  check_sparse(s);
  image_band band = {.sparse = s, .layout = layout_of(s), .image = job->image, .memory = job->scratch};
  int64_t written = job->first_row;
  for (int64_t first = 0; first < s->pooling.output_height; first += s->band_rows) {
    place_band(&band, first);
    const int64_t top = band.row * w->stride_height - w->pad_top;
    if (top >= job->end_row || top + band.rows <= job->first_row) continue;
    scatter_band(&band, job->patches);
    written = add_band(&band, job, written);
  }
  const int64_t length = w->input_width * w->input_channels;
  for (; written < job->end_row; written++)
    clear_run(job->input_gradient + (job->image * w->input_height + written) * length, length);
}
