#include "include/direct.h"

#include "product_tile.h"
#include "window_walk.h"

// A matrix product whose left factor is never built, because its rows are already in the image:
//
//     image row   . . a b c d e f . .         window of pixel 0:  a b c | g h i      columns by channels,
//     next row    . . g h i j k l . .         window of pixel 1:  b c d | h i j      position = start + offset
//
// Two tables hold the starts of some windows and the offsets of the elements of a window. Windows must not
// reach beyond the image; a caller with padding copies some rows of the image with their padding first.

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

// MARK: - Starts and offsets

/// Whether the taps of a block lie inside the image for every window.
CKERNELS_INLINE int windows_are_inside(const ckernels_window *w, const ckernels_column_block *block) {
  const tap_block taps = tap_block_of(w, block);
  const int64_t top = taps.first_row * w->dilation_height - w->pad_top;
  const int64_t bottom =
      (w->output_height - 1) * w->stride_height + (taps.end_row - 1) * w->dilation_height - w->pad_top;
  const int64_t right = (w->output_width - 1) * w->stride_width + (w->kernel_width - 1) * w->dilation_width;
  return top >= 0 && bottom < w->input_height && w->pad_left <= 0 && right - w->pad_left < w->input_width;
}

/// offsets[k] = the distance of element k of a window from the element of tap (0, 0), channel 0.
CKERNELS_INLINE void find_offsets(const ckernels_window *w, const ckernels_column_block *block, int64_t *offsets) {
  CKERNELS_ASSERT(block->tap_count * block->channel_count <= ckernels_direct_max_patch_length);
  int64_t k = 0;
  for (int64_t tap = block->first_tap; tap < block->first_tap + block->tap_count; tap++) {
    const int64_t u = tap / w->kernel_width, v = tap % w->kernel_width;
    const int64_t start = (u * w->dilation_height * w->input_width + v * w->dilation_width) * w->input_channels;
    for (int64_t c = 0; c < block->channel_count; c++) offsets[k++] = start + block->first_channel + c;
  }
}

/// starts[i] = the position of tap (0, 0) of the window of pixel `first` + i.
CKERNELS_INLINE void find_starts(const ckernels_window *w, int64_t first, int64_t count, int64_t *starts) {
  const int64_t step = w->stride_width * w->input_channels;
  output_pixel pixel = pixel_at(w, first);
  for (int64_t i = 0; i < count;) {
    int64_t start =
        ((pixel.image * w->input_height + pixel.input_row) * w->input_width + pixel.input_column) * w->input_channels;
    const int64_t in_row = w->output_width - pixel.column, end = in_row < count - i ? i + in_row : count;
    for (; i < end; i++, start += step) starts[i] = start;
    pixel.column = w->output_width - 1;
    advance_pixel(w, &pixel);
  }
}

// MARK: - Forward: rows are pixels, panels are packed kernels

/// The pixels whose starts are computed at a time, if possible in whole output rows.
enum { STARTS = 252 };

CKERNELS_CLONES
void ckernels_direct_forward(const ckernels_direct_forward_job *job) {
  const ckernels_window *w = job->window;
  CKERNELS_ASSERT(windows_are_inside(w, &job->block));
  const tile_level *level = tiles_of_this_cpu();
  int64_t offsets[ckernels_direct_max_patch_length], starts[STARTS];
  find_offsets(w, &job->block, offsets);
  tile_product product = {
      .left = job->input,
      .terms = offsets,
      .term_count = job->block.tap_count * job->block.channel_count,
      .panel_row_stride = job->panel_row_stride,
      .stride = job->output_stride,
      .rectify = job->function == ckernels_relu,
  };
  const int64_t at_once = w->output_width <= STARTS ? STARTS / w->output_width * w->output_width : STARTS;
  for (int64_t first = 0; first < job->block.pixel_count; first += at_once) {
    const int64_t rest = job->block.pixel_count - first, count = rest < at_once ? rest : at_once;
    find_starts(w, job->block.first_pixel + first, count, starts);
    for (int64_t i = 0; i < count; i += product.row_count) {
      product.rows = starts + i;
      product.row_count = job->output_count > PANEL ? rows_of_tile(product.rows, count - i, level) : count;
      for (int64_t c = 0; c < job->output_count; c += PANEL) {
        product.panel = job->panels + c / PANEL * job->panel_stride;
        product.to = job->output + (first + i) * job->output_stride + c;
        product.column_count = job->output_count - c < PANEL ? job->output_count - c : PANEL;
        product.initial = job->accumulate ? product.to : job->bias ? job->bias + c : zeros;
        product.initial_stride = job->accumulate ? job->output_stride : 0;
        multiply_panel(level, &product);
      }
    }
  }
}

// MARK: - The kernel gradient: rows are elements of a window, panels are packed pixels

/// Up to this patch length, each output gradient is read too few times to amortize packing.
enum { SHORT_PATCH = 48 };

CKERNELS_CLONES
void ckernels_direct_kernel_gradient(const ckernels_direct_kernel_gradient_job *job) {
  const tile_level *level = tiles_of_this_cpu();
  CKERNELS_ASSERT(windows_are_inside(job->window, &job->block));
  CKERNELS_ASSERT(job->pixels_at_once <= ckernels_direct_max_pixels);
  const int64_t patch_length = job->block.tap_count * job->block.channel_count;
  int64_t offsets[ckernels_direct_max_patch_length], starts[ckernels_direct_max_pixels];
  find_offsets(job->window, &job->block, offsets);
  const int packed = job->output_count % 8 != 0 || patch_length > SHORT_PATCH;
  const int64_t width = job->output_count < PANEL ? (job->output_count + 7) / 8 * 8 : PANEL;
  for (int64_t p = 0; p < job->block.pixel_count; p += job->pixels_at_once) {
    const int64_t rest = job->block.pixel_count - p, count = rest < job->pixels_at_once ? rest : job->pixels_at_once;
    const float *gradient = job->output_gradient + p * job->output_stride;
    if (packed) ckernels_pack_panels(gradient, count, job->output_count, job->output_stride, width, job->panels);
    find_starts(job->window, job->block.first_pixel + p, count, starts);
    tile_product product = {
        .left = job->input,
        .rows = offsets,
        .row_count = patch_length,
        .terms = starts,
        .term_count = count,
        .panel_row_stride = packed ? width : job->output_stride,
        .stride = job->kernel_stride,
    };
    const int accumulate = p > 0 || job->accumulate;
    for (int64_t c = 0; c < job->output_count; c += PANEL) {
      product.panel = packed ? job->panels + c * count : gradient + c;
      product.column_count = job->output_count - c < PANEL ? job->output_count - c : PANEL;
      product.to = job->kernel_gradient + c;
      product.initial = accumulate ? product.to : zeros;
      product.initial_stride = accumulate ? job->kernel_stride : 0;
      multiply_panel(level, &product);
    }
  }
}
