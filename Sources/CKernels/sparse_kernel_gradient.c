#include "include/band.h"
#include "sparse_band.h"

int64_t ckernels_sparse_patch(const ckernels_sparse *s) { return layout_of(s).patch; }

static int64_t band_positions(const ckernels_sparse *s) {
  return rounded_up(s->band_rows * s->pooling.output_width, MASK);
}

int64_t ckernels_sparse_kernel_scratch(const ckernels_sparse *s, int64_t channel_count) {
  // Offsets and values, 8 channels by 64 positions; a byte of flags; a mask for every 64 positions.
  const int64_t positions = band_positions(s);
  return band_floats(s) + rounded_up(channel_count, HALF) * ckernels_sparse_patch(s) + positions * (2 * HALF) +
         positions / 4 + positions / MASK * HALF * 2;
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
      transpose_eight(sums + u * b.padded_run + k, HALF, b.patch, columns);
      float *to = job->kernel_gradient + (u * b.run + k) * outputs + channel;
      for (int64_t r = 0; r < smaller(HALF, b.run - k); r++, to += outputs)
        if (count == HALF)
          AT(to) = columns[r] + (job->accumulate ? LOAD_HALF(to) : (float32x8){0});
        else
          for (int64_t o = 0; o < count; o++) to[o] = columns[r][o] + (job->accumulate ? to[o] : 0);
    }
}

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
      const ckernels_band rows = {.first_image = band.image,
                                  .image_count = 1,
                                  .first_row = band.row,
                                  .height = band.rows,
                                  .width = band.layout.width};
      ckernels_pad_band(w, &rows, job->input, band.memory);
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
