#include "sparse_band.h"

int64_t ckernels_sparse_input_scratch(const ckernels_sparse *s) { return band_floats(s); }

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
          transpose_eight(from, HALF, outputs, columns);
          for (int i = 0; i < HALF; i++) AT(to + i * b.patch) = columns[i];
        } else
          for (int64_t c = 0; c < count; c++)
            for (int64_t r = 0; r < HALF; r++) to[c * b.patch + r] = r < rows ? from[r * outputs + c] : 0;
      }
}

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
  // The columns of the band inside the image.
  const int64_t begin = clamp_to(w->pad_left, 0, band->layout.width);
  const int64_t end = clamp_to(w->input_width + w->pad_left, begin, band->layout.width);
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
