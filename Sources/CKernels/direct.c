#include "include/direct.h"

#include "product_tile.h"
#include "window_walk.h"

// A matrix product whose left factor is never built, because its rows are already in the image:
//
//     image row   . . a b c d e f . .         window of pixel 0:  a b c | g h i      columns by channels,
//     next row    . . g h i j k l . .         window of pixel 1:  b c d | h i j      one run for each kernel row
//
// Each row of a tile of sums has a pointer, and all pointers advance along the runs together. Tiles with a
// window that reaches beyond the image are gathered first, and so are short rows of the kernel gradient.

CKERNELS_CLONES
void ckernels_pack_panels(const float *values, int64_t rows, int64_t columns, int64_t stride, int64_t width,
                          float *panels) {
  for (int64_t c = 0; c < columns; c += width) {
    const int64_t count = columns - c < width ? columns - c : width;
    for (int64_t r = 0; r < rows; r++, panels += width) {
      copy_run(panels, values + r * stride + c, count);
      clear_run(panels + count, width - count);
    }
  }
}

// MARK: - The contiguous runs of a window

/// The contiguous runs of a block, relative to tap (0, 0) of a window: one per kernel row, or one per tap if
/// the taps of a row are not contiguous.
typedef struct {
  int64_t count;
  int64_t offset[ckernels_direct_max_patch_length], length[ckernels_direct_max_patch_length];
} patch_runs;

CKERNELS_INLINE void find_runs(const ckernels_window *w, const ckernels_column_block *block, patch_runs *runs) {
  const tap_block taps = tap_block_of(w, block);
  const int64_t row_scalars = w->input_width * w->input_channels;
  const int whole_rows = taps_are_runs(w, block);
  runs->count = 0;
  for (int64_t u = taps.first_row; u < taps.end_row; u++) {
    const int64_t end = end_column(&taps, u, w->kernel_width);
    for (int64_t v = first_column(&taps, u); v < end; v++) {
      runs->offset[runs->count] =
          u * w->dilation_height * row_scalars + v * w->dilation_width * w->input_channels + block->first_channel;
      runs->length[runs->count++] = whole_rows ? (end - v) * block->channel_count : block->channel_count;
      if (whole_rows) break;
    }
  }
}

/// The current output pixel of a block, and the input position of tap (0, 0) of its window.
typedef struct {
  output_pixel pixel;
  int64_t start;
  /// The output columns whose windows lie between the left and the right edge of the image.
  int64_t first_inside, end_inside;
  /// Whether the windows of this row lie between the top and the bottom edge of the image.
  int row_is_inside;
} window_walk;

CKERNELS_INLINE void begin_row(const ckernels_window *w, const tap_block *taps, window_walk *walk) {
  const output_pixel *pixel = &walk->pixel;
  const int64_t top = pixel->input_row + taps->first_row * w->dilation_height;
  const int64_t bottom = pixel->input_row + (taps->end_row - 1) * w->dilation_height;
  walk->row_is_inside = top >= 0 && bottom < w->input_height;
  walk->start = ((pixel->image * w->input_height + pixel->input_row) * w->input_width + pixel->input_column) *
                w->input_channels;
}

CKERNELS_INLINE window_walk walk_from(const ckernels_window *w, const tap_block *taps, int64_t pixel) {
  window_walk walk = {.pixel = pixel_at(w, pixel)};
  const int64_t extent = (w->kernel_width - 1) * w->dilation_width + 1;
  walk.first_inside = ceil_div(w->pad_left, w->stride_width);
  walk.end_inside = ceil_div(w->input_width - extent + 1 + w->pad_left, w->stride_width);
  begin_row(w, taps, &walk);
  return walk;
}

/// Whether all taps of the window lie inside the image.
CKERNELS_INLINE int current_window_is_inside(const window_walk *walk) {
  return walk->row_is_inside && walk->pixel.column >= walk->first_inside && walk->pixel.column < walk->end_inside;
}

CKERNELS_INLINE void advance(const ckernels_window *w, const tap_block *taps, window_walk *walk) {
  if (walk->pixel.column + 1 < w->output_width) {
    walk->pixel.column++;
    walk->start += w->stride_width * w->input_channels;
    return;
  }
  advance_pixel(w, &walk->pixel);
  begin_row(w, taps, walk);
}

CKERNELS_INLINE ckernels_column_block pixels_of(const ckernels_column_block *block, int64_t first, int64_t count) {
  ckernels_column_block part = *block;
  part.first_pixel += first;
  part.pixel_count = count;
  return part;
}

// MARK: - Forward: rows are pixels, panels are packed kernels

CKERNELS_INLINE void forward(const int max_rows, const int max_vectors, const ckernels_direct_forward_job *job) {
  const ckernels_window *w = job->window;
  const int64_t patch_length = job->block.tap_count * job->block.channel_count;
  const tap_block taps = tap_block_of(w, &job->block);
  patch_runs runs;
  find_runs(w, &job->block, &runs);
  left_piece in_place[ckernels_direct_max_patch_length];
  int64_t starts[TILE], gathered_rows[TILE];
  for (int64_t r = 0; r < runs.count; r++)
    in_place[r] = (left_piece){job->input + runs.offset[r], starts, 1, runs.length[r]};
  for (int64_t i = 0; i < TILE; i++) gathered_rows[i] = i * patch_length;
  const left_piece gathered = {job->columns, gathered_rows, 1, patch_length};

  window_walk walk = walk_from(w, &taps, job->block.first_pixel);
  for (int64_t p = 0; p < job->block.pixel_count; p += TILE) {
    const int64_t count = job->block.pixel_count - p < TILE ? job->block.pixel_count - p : TILE;
    int inside = 1;
    for (int64_t i = 0; i < count; i++, advance(w, &taps, &walk)) {
      starts[i] = walk.start;
      inside &= current_window_is_inside(&walk);
    }
    if (!inside) {
      const ckernels_column_block part = pixels_of(&job->block, p, count);
      ckernels_im2col_pixels(w, &part, job->input, job->columns);
    }
    tile_product tile = {
        .pieces = inside ? in_place : &gathered,
        .piece_count = inside ? runs.count : 1,
        .panel_row_stride = job->panel_row_stride,
        .row_count = count,
        .stride = job->output_stride,
        .rectify = job->function == ckernels_relu,
    };
    const float *next = job->output + (p + TILE) * job->output_stride;
    for (int64_t c = 0; c < job->output_count; c += PANEL) {
      // Prefetches the output lines of the next tile for writing, so that their misses overlap.
      for (int64_t i = 0; i < TILE; i++)
        for (int64_t v = c; v < c + PANEL; v += LANES) __builtin_prefetch(next + i * job->output_stride + v, 1);
      tile.panel = job->panels + c / PANEL * job->panel_stride;
      tile.to = job->output + p * job->output_stride + c;
      tile.column_count = job->output_count - c < PANEL ? job->output_count - c : PANEL;
      tile.initial = job->accumulate ? tile.to : job->bias ? job->bias + c : zeros;
      tile.initial_stride = job->accumulate ? job->output_stride : 0;
      multiply_tile(max_rows, max_vectors, &tile);
    }
  }
}

// MARK: - The kernel gradient: rows are elements of a window, panels are packed pixels

/// Output rows with fewer windows inside the image than this are gathered, because many short pieces are
/// slower than a copy.
enum { SHORT_ROW = 32 };

/// Splits pixels into pieces: read in place while the windows of an output row are inside the image, and
/// gathered elsewhere. Returns the number of pieces.
///
///     output row    | g | in place . . . . . . . . . | g |   windows at the border reach beyond the image
///
/// The rows of a gathered piece are offsets in `columns`; those of a piece in place are offsets in a window.
CKERNELS_INLINE int64_t cut_pieces(const ckernels_direct_kernel_gradient_job *job, int64_t first, int64_t count,
                                   const int64_t *in_place, const int64_t *gathered, left_piece *pieces) {
  const ckernels_window *w = job->window;
  const int64_t patch_length = job->block.tap_count * job->block.channel_count;
  const int64_t step = w->stride_width * w->input_channels;
  const tap_block taps = tap_block_of(w, &job->block);
  window_walk walk = walk_from(w, &taps, job->block.first_pixel + first);
  // Whether the last window of an output row and the first one of the next row are one step apart.
  const int rows_are_adjacent = step * w->output_width == w->stride_height * w->input_width * w->input_channels;
  const int in_pieces = rows_are_adjacent || walk.end_inside - walk.first_inside >= SHORT_ROW;
  int64_t piece_count = 0, first_gathered = 0, gathered_count = 0;
  for (int64_t p = 0; p <= count; p++) {
    const int inside = p < count && in_pieces && current_window_is_inside(&walk);
    if (gathered_count > 0 && (p == count || inside)) {
      const ckernels_column_block part = pixels_of(&job->block, first + first_gathered, gathered_count);
      ckernels_im2col_pixels(w, &part, job->input, job->columns + first_gathered * patch_length);
      pieces[piece_count++] =
          (left_piece){job->columns + first_gathered * patch_length, gathered, patch_length, gathered_count};
      gathered_count = 0;
    }
    if (p == count) break;
    const float *start = job->input + walk.start;
    left_piece *last = pieces + piece_count - 1;
    if (inside && piece_count > 0 && last->rows == in_place && last->start + last->count * step == start) {
      last->count++;
    } else if (inside) {
      pieces[piece_count++] = (left_piece){start, in_place, step, 1};
    } else if (gathered_count++ == 0) {
      first_gathered = p;
    }
    advance(w, &taps, &walk);
  }
  return piece_count;
}

/// Up to this patch length, each output gradient is read too few times to amortize packing.
enum { SHORT_PATCH = 48 };

CKERNELS_INLINE void kernel_gradient(const int max_rows, const int max_vectors,
                                     const ckernels_direct_kernel_gradient_job *job) {
  const int64_t channels = job->block.channel_count, patch_length = job->block.tap_count * channels;
  patch_runs runs;
  find_runs(job->window, &job->block, &runs);
  int64_t in_place[ckernels_direct_max_patch_length], gathered[ckernels_direct_max_patch_length];
  for (int64_t r = 0, term = 0; r < runs.count; r++)
    for (int64_t k = 0; k < runs.length[r]; k++) in_place[term++] = runs.offset[r] + k;
  for (int64_t k = 0; k < patch_length; k++) gathered[k] = k;

  left_piece pieces[ckernels_direct_max_pixels];
  for (int64_t p = 0; p < job->block.pixel_count; p += job->pixels_at_once) {
    const int64_t rest = job->block.pixel_count - p, count = rest < job->pixels_at_once ? rest : job->pixels_at_once;
    const float *gradient = job->output_gradient + p * job->output_stride;
    const int packed = job->output_count % 8 != 0 || patch_length > SHORT_PATCH;
    if (packed) ckernels_pack_panels(gradient, count, job->output_count, job->output_stride, PANEL,
                                     job->panels);
    tile_product tile = {
        .pieces = pieces,
        .piece_count = cut_pieces(job, p, count, in_place, gathered, pieces),
        .panel_row_stride = packed ? PANEL : job->output_stride,
        .stride = job->kernel_stride,
    };
    const int accumulate = p > 0 || job->accumulate;
    for (int64_t c = 0; c < job->output_count; c += PANEL) {
      tile.panel = packed ? job->panels + c * count : gradient + c;
      tile.column_count = job->output_count - c < PANEL ? job->output_count - c : PANEL;
      for (int64_t k = 0; k < patch_length; k += TILE) {
        tile.first_row = k;
        tile.row_count = patch_length - k < TILE ? patch_length - k : TILE;
        tile.to = job->kernel_gradient + k * job->kernel_stride + c;
        tile.initial = accumulate ? tile.to : zeros;
        tile.initial_stride = accumulate ? job->kernel_stride : 0;
        multiply_tile(max_rows, max_vectors, &tile);
      }
    }
  }
}

// MARK: - A tile for each register file

// Clones would all have the same tile, but the 12 x 32 sums, which take 24 of the 32 registers of AVX-512,
// would spill on CPUs with 16. `min_vector_width` lets `name_v4` use 512-bit registers; by default the
// compiler prefers 256 bits.
#if defined(CKERNELS_HAS_CLONES)
#define AT_EACH_LEVEL(name)                                                                                          \
  __attribute__((target("arch=x86-64-v4"), min_vector_width(512))) static void name##_v4(                           \
      const ckernels_direct_##name##_job *job) {                                                                     \
    name(12, 2, job);                                                                                                \
  }                                                                                                                  \
  __attribute__((target("arch=x86-64-v3"))) static void name##_v3(const ckernels_direct_##name##_job *job) {        \
    name(6, 1, job);                                                                                                 \
  }                                                                                                                  \
  static void name##_baseline(const ckernels_direct_##name##_job *job) { name(3, 1, job); }                         \
  void ckernels_direct_##name(const ckernels_direct_##name##_job *job) {                                             \
    __builtin_cpu_init();                                                                                            \
    if (__builtin_cpu_supports("x86-64-v4"))                                                                         \
      name##_v4(job);                                                                                                \
    else if (__builtin_cpu_supports("x86-64-v3"))                                                                    \
      name##_v3(job);                                                                                                \
    else                                                                                                             \
      name##_baseline(job);                                                                                          \
  }
#else
#define AT_EACH_LEVEL(name)                                                                                          \
  void ckernels_direct_##name(const ckernels_direct_##name##_job *job) { name(6, 1, job); }
#endif

AT_EACH_LEVEL(forward)
AT_EACH_LEVEL(kernel_gradient)
