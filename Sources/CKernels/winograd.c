#include "include/winograd.h"

#include "vectors.h"
#include <stddef.h>

// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), section 4: F(m x m, r x r)
// computes an m x m tile of outputs with n^2 multiplications per pair of channels instead of m^2 r^2, n = m +
// r - 1.
//
//      input tile                products                 output tile
//      d d d d d d     B' d B    p p p p p p              y y y y
//      d d d d d d    ------->   p p p p p p    A' p A    y y y y
//      ... n x n                 ... n x n     ------->   ... m x m
//
// The transforms evaluate polynomials at the points 0, 1, -1 (n = 4), also 2, -2 (n = 6), also 1/2, -1/2 (n = 8),
// and at infinity. So B depends only on n; G also on the number of coefficients, and A on the number of sums.
// F(r x r, m x m), for the kernel gradient, is the same with m and r exchanged. Every transform applies a
// one-dimensional transform along both axes, to 16 channels at a time; a line is transformed along one.

/// The sizes of a tile along its rows (m outputs, r taps) and along its columns, as constants.
typedef struct {
  int m, r, columns_m, columns_r;
} tile_sizes;

#define ROW_POINTS(s) ((s).m + (s).r - 1)
#define COLUMN_POINTS(s) ((s).columns_m + (s).columns_r - 1)

enum { MAX_POINTS = 8, MAX_TAPS = 7, MAX_OUTPUTS = 4, MAX_POSITIONS = 36, MAX_HALF = 30 };

/// That a tile fits the arrays of all transforms: n x n positions, and half-transformed n x r or n x m.
CKERNELS_INLINE void check_sizes(const tile_sizes s) {
  CKERNELS_ASSERT(ROW_POINTS(s) <= MAX_POINTS && s.r <= MAX_TAPS && s.m <= MAX_OUTPUTS);
  CKERNELS_ASSERT(ROW_POINTS(s) * COLUMN_POINTS(s) <= MAX_POSITIONS);
  CKERNELS_ASSERT(ROW_POINTS(s) * s.columns_r <= MAX_HALF && ROW_POINTS(s) * s.columns_m <= MAX_HALF);
}

// Vectors are passed by pointer, because the calling convention for vector arguments depends on the clone.

// One-dimensional transforms of vectors of 16 channels; `step` is the distance between the elements. With one point
// they copy.

/// B' d for n points.
CKERNELS_INLINE void input_points(int n, const float32x16 *d, ptrdiff_t step, float32x16 *t, ptrdiff_t to_step) {
  if (n == 1) {
    t[0] = d[0];
    return;
  }
  const float32x16 d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  if (n == 4) {
    t[0] = d0 - d2;
    t[to_step] = d1 + d2;
    t[2 * to_step] = d2 - d1;
    t[3 * to_step] = d3 - d1;
    return;
  }
  const float32x16 d4 = d[4 * step], d5 = d[5 * step];
  if (n == 6) {
    const float32x16 even = d4 - 4 * d2, odd = d3 - 4 * d1, even2 = d4 - d2, odd2 = 2 * (d3 - d1);
    t[0] = 4 * d0 - 5 * d2 + d4;
    t[to_step] = even + odd;
    t[2 * to_step] = even - odd;
    t[3 * to_step] = even2 + odd2;
    t[4 * to_step] = even2 - odd2;
    t[5 * to_step] = 4 * d1 - 5 * d3 + d5;
    return;
  }
  const float32x16 d6 = d[6 * step], d7 = d[7 * step];
  const float32x16 even = d2 - 4.25f * d4 + d6, odd = d1 - 4.25f * d3 + d5;
  const float32x16 even2 = 0.25f * d2 - 1.25f * d4 + d6, odd2 = 0.5f * d1 - 2.5f * d3 + 2 * d5;
  const float32x16 even_half = 4 * d2 - 5 * d4 + d6, odd_half = 2 * d1 - 2.5f * d3 + 0.5f * d5;
  t[0] = d0 - d6 + 5.25f * (d4 - d2);
  t[to_step] = even + odd;
  t[2 * to_step] = even - odd;
  t[3 * to_step] = even2 + odd2;
  t[4 * to_step] = even2 - odd2;
  t[5 * to_step] = even_half + odd_half;
  t[6 * to_step] = even_half - odd_half;
  t[7 * to_step] = d7 - d1 + 5.25f * (d3 - d5);
}

/// G g: the polynomial with these coefficients at n points, divided by the denominators of the interpolation.
///
///     even, odd: sums of the even and of the odd coefficients; even2, odd2: the same, weighted by powers of 2;
///     even_half, odd_half: by powers of 1/2
CKERNELS_INLINE void weight_points(int n, int taps, const float32x16 *g, ptrdiff_t step, float32x16 *t,
                                   ptrdiff_t to_step) {
  if (n == 1) {
    t[0] = g[0];
    return;
  }
  float32x16 even = g[0], odd = g[step], even2 = g[0], odd2 = 2 * g[step], even_half = g[0], odd_half = 0.5f * g[step];
  for (int k = 2; k < taps; k++) {
    const float32x16 tap = g[k * step];
    if (k % 2) {
      odd += tap;
      odd2 += (float)(1 << k) * tap;
      odd_half += 1 / (float)(1 << k) * tap;
    } else {
      even += tap;
      even2 += (float)(1 << k) * tap;
      even_half += 1 / (float)(1 << k) * tap;
    }
  }
  const float at_one = n == 4 ? 0.5f : n == 6 ? -1 / 6.0f : -2 / 9.0f;
  t[0] = n == 6 ? 0.25f * g[0] : g[0];
  t[to_step] = at_one * (even + odd);
  t[2 * to_step] = at_one * (even - odd);
  if (n >= 6) {
    const float at_two = n == 6 ? 1 / 24.0f : 1 / 90.0f;
    t[3 * to_step] = at_two * (even2 + odd2);
    t[4 * to_step] = at_two * (even2 - odd2);
  }
  if (n >= 8) {
    t[5 * to_step] = (32 / 45.0f) * (even_half + odd_half);
    t[6 * to_step] = (32 / 45.0f) * (even_half - odd_half);
  }
  t[(n - 1) * to_step] = g[(taps - 1) * step];
}

/// A' p: computes `count` sums over n points; sum k weights each point by its k-th power.
CKERNELS_INLINE void sum_points(int n, int count, const float32x16 *p, ptrdiff_t step, float32x16 *y,
                                ptrdiff_t to_step) {
  if (n == 1) {
    y[0] = p[0];
    return;
  }
  for (int k = 0; k < count; k++) y[k * to_step] = k % 2 ? p[step] - p[2 * step] : p[step] + p[2 * step];
  y[0] += p[0];
  for (int pair = 1; pair < (n - 2) / 2; pair++) {
    const float32x16 plus = p[(2 * pair + 1) * step], minus = p[(2 * pair + 2) * step];
    for (int k = 0; k < count; k++)
      y[k * to_step] += (pair == 1 ? (float)(1 << k) : 1 / (float)(1 << k)) * (k % 2 ? plus - minus : plus + minus);
  }
  y[(count - 1) * to_step] += p[(n - 1) * step];
}

/// The first output pixel of a tile.
typedef struct {
  int64_t image, row, column;
} tile_place;

CKERNELS_INLINE tile_place place_of(const ckernels_tiling *tiling, const tile_sizes s, int64_t tile) {
  const int64_t down = tiling->dilation_rows, right = tiling->dilation_columns;
  const int64_t per_subimage = tiling->tiles_down * tiling->tiles_across, within = tile % per_subimage;
  const int64_t subimage = tile / per_subimage;
  return (tile_place){
      .image = subimage / (down * right),
      .row = subimage / right % down + within / tiling->tiles_across * s.m * down,
      .column = subimage % right + within % tiling->tiles_across * s.columns_m * right,
  };
}

/// The offset of a pixel's first channel; its row and column may lie outside the image.
CKERNELS_INLINE int64_t offset_of(const ckernels_image *image, int64_t index, int64_t row, int64_t column) {
  return index * image->rows * image->columns * image->channels + row * image->row_step + column * image->column_step;
}

/// d = `height` x `width` pixels that begin at a row and a column, zeros outside the image.
typedef struct {
  int height, width;
  int64_t index, row, column, channel, lanes;
} pixel_block;

CKERNELS_INLINE void load_pixels(const ckernels_tiling *tiling, const ckernels_image *image, const float *pixels,
                                 const pixel_block b, float32x16 *d) {
  const int64_t down = tiling->dilation_rows, right = tiling->dilation_columns;
  const int64_t start = offset_of(image, b.index, b.row, b.column) + b.channel;
  const int64_t row_step = down * image->row_step, column_step = right * image->column_step;
  const int inside = b.row >= 0 && b.column >= 0 && b.row + (b.height - 1) * down < image->rows &&
                     b.column + (b.width - 1) * right < image->columns;
  if (inside && b.lanes == LANES) {
    for (int i = 0; i < b.height; i++)
      for (int j = 0; j < b.width; j++) d[i * b.width + j] = LOAD(pixels + start + i * row_step + j * column_step);
    return;
  }
#pragma clang loop unroll(disable)
  for (int i = 0; i < b.height; i++)
#pragma clang loop unroll(disable)
    for (int j = 0; j < b.width; j++) {
      const int64_t y = b.row + i * down, x = b.column + j * right;
      if (y >= 0 && y < image->rows && x >= 0 && x < image->columns)
        load_lanes(&d[i * b.width + j], pixels + start + i * row_step + j * column_step, b.lanes);
      else
        d[i * b.width + j] = (float32x16){0};
    }
}

/// The channels from `c` on that one vector holds.
CKERNELS_INLINE int64_t lanes_from(const ckernels_winograd_block *block, int64_t c) {
  return block->channel_count - c < LANES ? block->channel_count - c : LANES;
}

/// Stores one position of a transformed block.
CKERNELS_INLINE void store_point(const ckernels_transformed *block, float *to, const float32x16 *value, int64_t lanes) {
  if (block->streams && lanes == LANES)
    stream(to, value);
  else
    store_lanes(to, value, lanes);
}

/// to = G g G' of `taps` x `columns_taps` vectors g.
CKERNELS_INLINE void store_weighted(const tile_sizes s, const int taps, const int columns_taps, const float32x16 *g,
                                    int64_t lanes, const ckernels_transformed *block, float *to) {
  const int n = ROW_POINTS(s), width = COLUMN_POINTS(s);
  float32x16 half[MAX_HALF], u[MAX_POINTS];
  for (int j = 0; j < columns_taps; j++) weight_points(n, taps, g + j, columns_taps, half + j, columns_taps);
  for (int i = 0; i < n; i++) {
    weight_points(width, columns_taps, half + i * columns_taps, 1, u, 1);
    for (int j = 0; j < width; j++) store_point(block, to + (i * width + j) * block->position_step, &u[j], lanes);
  }
}

CKERNELS_INLINE void transform_kernel(const tile_sizes s, const ckernels_tiling *tiling,
                                      const ckernels_winograd_block *block, const float *kernel,
                                      const ckernels_transformed *to) {
  const int64_t outputs = tiling->output.channels, tap_step = tiling->kernel_inputs * outputs;
  for (int64_t c = 0; c < block->row_count; c++) {
    const float *from = kernel + (block->first_row + c) * outputs + block->first_channel;
    for (int64_t o = 0; o < block->channel_count; o += LANES) {
      const int64_t lanes = lanes_from(block, o);
      float32x16 g[MAX_HALF];
      for (int tap = 0; tap < s.r * s.columns_r; tap++) load_lanes(&g[tap], from + tap * tap_step + o, lanes);
      store_weighted(s, s.r, s.columns_r, g, lanes, to, to->start + c * to->row_step + o);
    }
  }
}

/// to = B' d B of the tiles of an input, or G g G' of those of an output gradient if `is_gradient`, which is a constant
/// after inlining.
CKERNELS_INLINE void transform_tiles(const tile_sizes s, const ckernels_tiling *tiling,
                                     const ckernels_winograd_block *block, const int is_gradient, const float *pixels,
                                     const ckernels_transformed *to) {
  const int n = ROW_POINTS(s), width = COLUMN_POINTS(s);
  for (int64_t t = 0; t < block->row_count; t++) {
    const tile_place place = place_of(tiling, s, block->first_row + t);
    for (int64_t c = 0; c < block->channel_count; c += LANES) {
      const pixel_block tile = {
          .height = is_gradient ? s.m : n,
          .width = is_gradient ? s.columns_m : width,
          .index = place.image,
          .row = place.row - (is_gradient ? 0 : tiling->pad_rows),
          .column = place.column - (is_gradient ? 0 : tiling->pad_columns),
          .channel = block->first_channel + c,
          .lanes = lanes_from(block, c),
      };
      float32x16 d[MAX_POSITIONS], half[MAX_POSITIONS], v[MAX_POINTS];
      load_pixels(tiling, is_gradient ? &tiling->output : &tiling->input, pixels, tile, d);
      float *start = to->start + t * to->row_step + c;
      if (is_gradient) {
        store_weighted(s, s.m, s.columns_m, d, tile.lanes, to, start);
        continue;
      }
      for (int j = 0; j < width; j++) input_points(n, d + j, width, half + j, width);
      for (int i = 0; i < n; i++) {
        input_points(width, half + i * width, 1, v, 1);
        for (int j = 0; j < width; j++) store_point(to, start + (i * width + j) * to->position_step, &v[j], tile.lanes);
      }
    }
  }
}

/// half = A' p along the rows of the products of one row of a block.
CKERNELS_INLINE void sum_rows(const tile_sizes s, const int count, const float *from, int64_t position_step,
                              int64_t lanes, float32x16 *half) {
  const int n = ROW_POINTS(s), width = COLUMN_POINTS(s);
  float32x16 p[MAX_POINTS];
  for (int j = 0; j < width; j++) {
    for (int i = 0; i < n; i++) load_lanes(&p[i], from + (i * width + j) * position_step, lanes);
    sum_points(n, count, p, 1, half + j, width);
  }
}

CKERNELS_INLINE void transform_output(const tile_sizes s, const ckernels_tiling *tiling,
                                      const ckernels_winograd_block *block, const ckernels_transformed *products,
                                      const ckernels_winograd_finish *finish, float *output) {
  const int width = COLUMN_POINTS(s);
  const ckernels_image *image = &tiling->output;
  const int64_t down = tiling->dilation_rows, right = tiling->dilation_columns;
  for (int64_t t = 0; t < block->row_count; t++) {
    const tile_place place = place_of(tiling, s, block->first_row + t);
    const int64_t first = offset_of(image, place.image, place.row, place.column) + block->first_channel;
    for (int64_t c = 0; c < block->channel_count; c += LANES) {
      const int64_t lanes = lanes_from(block, c);
      float32x16 shift = {0}, half[MAX_OUTPUTS * MAX_POINTS], y[MAX_OUTPUTS];
      if (finish->bias) load_lanes(&shift, finish->bias + block->first_channel + c, lanes);
      sum_rows(s, s.m, products->start + t * products->row_step + c, products->position_step, lanes, half);
      for (int i = 0; i < s.m && place.row + i * down < image->rows; i++) {
        sum_points(width, s.columns_m, half + i * width, 1, y, 1);
        for (int j = 0; j < s.columns_m && place.column + j * right < image->columns; j++) {
          float32x16 value = y[j] + shift;
          if (finish->activation.function == ckernels_relu) value = RELU(value);
          store_lanes(output + first + i * down * image->row_step + j * right * image->column_step + c, &value, lanes);
        }
      }
      if (finish->activation.function == ckernels_identity || finish->activation.function == ckernels_relu) continue;
      // A function that is no vector operation.
      for (int i = 0; i < s.m && place.row + i * down < image->rows; i++)
        for (int j = 0; j < s.columns_m && place.column + j * right < image->columns; j++)
          ckernels_finish_rows(output + first + i * down * image->row_step + j * right * image->column_step + c, 1,
                               lanes, lanes, NULL, finish->activation);
    }
  }
}

CKERNELS_INLINE void transform_kernel_gradient(const tile_sizes s, const ckernels_tiling *tiling,
                                               const ckernels_winograd_block *block,
                                               const ckernels_transformed *products, int accumulate, float *kernel) {
  const int width = COLUMN_POINTS(s);
  const int64_t outputs = tiling->output.channels, tap_step = tiling->kernel_inputs * outputs;
  for (int64_t c = 0; c < block->row_count; c++) {
    float *to = kernel + (block->first_row + c) * outputs + block->first_channel;
    for (int64_t o = 0; o < block->channel_count; o += LANES) {
      const int64_t lanes = lanes_from(block, o);
      float32x16 half[MAX_HALF], y[MAX_TAPS];
      sum_rows(s, s.r, products->start + c * products->row_step + o, products->position_step, lanes, half);
      for (int i = 0; i < s.r; i++) {
        sum_points(width, s.columns_r, half + i * width, 1, y, 1);
        for (int j = 0; j < s.columns_r; j++) {
          float *tap = to + (i * s.columns_r + j) * tap_step + o;
          if (accumulate) {
            float32x16 previous;
            load_lanes(&previous, tap, lanes);
            y[j] += previous;
          }
          store_lanes(tap, &y[j], lanes);
        }
      }
    }
  }
}

/// Calls a transform with the sizes of a tile as constants, so that its loops unroll, if they are those of the tiling.
#define IF_TILE(side, taps, line, transform, ...)                                    \
  if (tiling->m == (side) && tiling->r == (taps) && tiling->is_line == (line)) {     \
    const tile_sizes sizes = {side, taps, (line) ? 1 : (side), (line) ? 1 : (taps)}; \
    check_sizes(sizes);                                                              \
    transform(sizes, tiling, block, __VA_ARGS__);                                    \
  }

#define WITH_CONSTANT_TILING(transform, ...)                                                                          \
  do {                                                                                                                \
    IF_TILE(2, 3, 0, transform, __VA_ARGS__)                                                                          \
    else IF_TILE(4, 3, 0, transform, __VA_ARGS__) else IF_TILE(2, 5, 0, transform, __VA_ARGS__) else IF_TILE(         \
        4, 3, 1, transform, __VA_ARGS__) else IF_TILE(4, 5, 1, transform,                                             \
                                                      __VA_ARGS__) else IF_TILE(2, 7, 1, transform,                   \
                                                                                __VA_ARGS__) else CKERNELS_ASSERT(0); \
  } while (0)

CKERNELS_CLONES
void ckernels_winograd_input(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *input,
                             const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_tiles, 0, input, to);
  if (to->streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CKERNELS_CLONES
void ckernels_winograd_kernel(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *kernel,
                              const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_kernel, kernel, to);
  if (to->streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CKERNELS_CLONES
void ckernels_winograd_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                const float *gradient, const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_tiles, 1, gradient, to);
  if (to->streams) __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

CKERNELS_CLONES
void ckernels_winograd_kernel_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                       const ckernels_transformed *products, int accumulate, float *kernel) {
  WITH_CONSTANT_TILING(transform_kernel_gradient, products, accumulate, kernel);
}

CKERNELS_CLONES
void ckernels_winograd_output(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                              const ckernels_transformed *products, const ckernels_winograd_finish *finish,
                              float *output) {
  WITH_CONSTANT_TILING(transform_output, products, finish, output);
}
