#include "include/winograd.h"

#include "float_run.h"
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
// The transforms evaluate polynomials at the points 0, 1, -1 (n = 4), also 2, -2 (n = 6), and at infinity. So
// B depends only on n; G also on the number of coefficients, and A on the number of sums. F(r x r, m x m),
// for the kernel gradient, is the same with m and r exchanged. Every transform applies a one-dimensional
// transform along both axes, to 16 channels at a time.

enum { MAX_POINTS = 6, MAX_TAPS = 5 };

// Vectors are passed by pointer, because the calling convention for vector arguments depends on the clone.

// One-dimensional transforms of vectors of 16 channels; `step` is the distance between the elements.

/// B' d for n points.
CKERNELS_INLINE void input_points(int n, const float32x16 *d, ptrdiff_t step, float32x16 *t, ptrdiff_t to_step) {
  const float32x16 d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  if (n == 4) {
    t[0] = d0 - d2;
    t[to_step] = d1 + d2;
    t[2 * to_step] = d2 - d1;
    t[3 * to_step] = d3 - d1;
  } else {
    const float32x16 d4 = d[4 * step], d5 = d[5 * step];
    const float32x16 even = d4 - 4 * d2, odd = d3 - 4 * d1, even2 = d4 - d2, odd2 = 2 * (d3 - d1);
    t[0] = 4 * d0 - 5 * d2 + d4;
    t[to_step] = even + odd;
    t[2 * to_step] = even - odd;
    t[3 * to_step] = even2 + odd2;
    t[4 * to_step] = even2 - odd2;
    t[5 * to_step] = 4 * d1 - 5 * d3 + d5;
  }
}

/// G g: the polynomial with these coefficients at n points, divided by the denominators of the interpolation.
///
///     even, odd: sums of the even and of the odd coefficients; even2, odd2: the same, weighted by powers of 2
CKERNELS_INLINE void weight_points(int n, int taps, const float32x16 *g, ptrdiff_t step, float32x16 *t,
                                   ptrdiff_t to_step) {
  float32x16 even = g[0], odd = g[step], even2 = g[0], odd2 = 2 * g[step];
  for (int k = 2; k < taps; k++) {
    const float32x16 tap = g[k * step];
    if (k % 2) {
      odd += tap;
      odd2 += (float)(1 << k) * tap;
    } else {
      even += tap;
      even2 += (float)(1 << k) * tap;
    }
  }
  const float32x16 last = g[(taps - 1) * step];
  if (n == 4) {
    t[0] = g[0];
    t[to_step] = 0.5f * (even + odd);
    t[2 * to_step] = 0.5f * (even - odd);
    t[3 * to_step] = last;
  } else {
    t[0] = 0.25f * g[0];
    t[to_step] = (-1 / 6.0f) * (even + odd);
    t[2 * to_step] = (-1 / 6.0f) * (even - odd);
    t[3 * to_step] = (1 / 24.0f) * (even2 + odd2);
    t[4 * to_step] = (1 / 24.0f) * (even2 - odd2);
    t[5 * to_step] = last;
  }
}

/// A' p: computes `count` sums over n points; sum k weights each point by its k-th power.
CKERNELS_INLINE void sum_points(int n, int count, const float32x16 *p, ptrdiff_t step, float32x16 *y,
                                ptrdiff_t to_step) {
  const float32x16 sum = p[step] + p[2 * step], difference = p[step] - p[2 * step];
  if (n == 4) {
    y[0] = p[0] + sum;
    for (int k = 1; k < count; k++) y[k * to_step] = k % 2 ? difference : sum;
  } else {
    const float32x16 sum2 = p[3 * step] + p[4 * step], difference2 = p[3 * step] - p[4 * step];
    y[0] = p[0] + sum + sum2;
    for (int k = 1; k < count; k++)
      y[k * to_step] = k % 2 ? difference + (float)(1 << k) * difference2 : sum + (float)(1 << k) * sum2;
  }
  y[(count - 1) * to_step] += p[(n - 1) * step];
}

/// The first output pixel of a tile.
typedef struct {
  int64_t image, row, column;
} tile_place;

CKERNELS_INLINE tile_place place_of(const ckernels_tiling *tiling, int64_t tile, int m) {
  const int64_t down = tiling->dilation_height, right = tiling->dilation_width;
  const int64_t per_subimage = tiling->tiles_down * tiling->tiles_across, within = tile % per_subimage;
  const int64_t subimage = tile / per_subimage;
  return (tile_place){
      .image = subimage / (down * right),
      .row = subimage / right % down + within / tiling->tiles_across * m * down,
      .column = subimage % right + within % tiling->tiles_across * m * right,
  };
}

CKERNELS_INLINE void transform_input(const int m, const int r, const ckernels_tiling *tiling,
                                     const ckernels_winograd_block *block, const float *input,
                                     const ckernels_transformed *to) {
  const int n = m + r - 1;
  const int64_t height = tiling->input_height, width = tiling->input_width, channels = tiling->input_channels;
  for (int64_t t = 0; t < block->row_count; t++) {
    const tile_place place = place_of(tiling, block->first_row + t, m);
    const int64_t y0 = place.row - tiling->pad_top, x0 = place.column - tiling->pad_left;
    const int64_t down = tiling->dilation_height, right = tiling->dilation_width;
    const int inside = y0 >= 0 && x0 >= 0 && y0 + (n - 1) * down < height && x0 + (n - 1) * right < width;
    const float *image = input + place.image * height * width * channels + block->first_channel;
    for (int64_t c = 0; c < block->channel_count; c += LANES) {
      const int64_t lanes = block->channel_count - c < LANES ? block->channel_count - c : LANES;
      float32x16 d[MAX_POINTS * MAX_POINTS], half[MAX_POINTS * MAX_POINTS], v[MAX_POINTS];
      if (inside && lanes == LANES) {
        const float *from = image + (y0 * width + x0) * channels + c;
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++)
            d[i * n + j] = *(const float32x16 *)(from + (i * down * width + j * right) * channels);
      } else {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) {
            const int64_t y = y0 + i * down, x = x0 + j * right;
            if (y >= 0 && y < height && x >= 0 && x < width)
              load_lanes(&d[i * n + j], image + (y * width + x) * channels + c, lanes);
            else
              d[i * n + j] = (float32x16){0};
          }
      }
      for (int j = 0; j < n; j++) input_points(n, d + j, n, half + j, n);
      for (int i = 0; i < n; i++) {
        input_points(n, half + i * n, 1, v, 1);
        float *target = to->start + i * n * to->position_step + t * to->row_step + c;
        for (int j = 0; j < n; j++) store_lanes(target + j * to->position_step, &v[j], lanes);
      }
    }
  }
}

CKERNELS_INLINE void transform_kernel(const int m, const int r, const ckernels_tiling *tiling,
                                      const ckernels_winograd_block *block, const float *kernel,
                                      const ckernels_transformed *to) {
  const int n = m + r - 1;
  const int64_t outputs = tiling->output_channels, tap_step = tiling->kernel_inputs * outputs;
  for (int64_t c = 0; c < block->row_count; c++) {
    const float *from = kernel + (block->first_row + c) * outputs + block->first_channel;
    for (int64_t o = 0; o < block->channel_count; o += LANES) {
      const int64_t lanes = block->channel_count - o < LANES ? block->channel_count - o : LANES;
      float32x16 g[MAX_TAPS * MAX_TAPS], half[MAX_POINTS * MAX_TAPS], u[MAX_POINTS];
      for (int tap = 0; tap < r * r; tap++) load_lanes(&g[tap], from + tap * tap_step + o, lanes);
      for (int j = 0; j < r; j++) weight_points(n, r, g + j, r, half + j, r);
      for (int i = 0; i < n; i++) {
        weight_points(n, r, half + i * r, 1, u, 1);
        float *target = to->start + i * n * to->position_step + c * to->row_step + o;
        for (int j = 0; j < n; j++) store_lanes(target + j * to->position_step, &u[j], lanes);
      }
    }
  }
}

CKERNELS_INLINE void transform_output(const int m, const int r, const ckernels_tiling *tiling,
                                      const ckernels_winograd_block *block, const ckernels_transformed *products,
                                      const float *bias, int relu, float *output) {
  const int n = m + r - 1;
  const int64_t height = tiling->output_height, width = tiling->output_width, channels = tiling->output_channels;
  for (int64_t t = 0; t < block->row_count; t++) {
    const tile_place place = place_of(tiling, block->first_row + t, m);
    const int64_t down = tiling->dilation_height, right = tiling->dilation_width;
    const int64_t first = ((place.image * height + place.row) * width + place.column) * channels + block->first_channel;
    for (int64_t c = 0; c < block->channel_count; c += LANES) {
      const int64_t lanes = block->channel_count - c < LANES ? block->channel_count - c : LANES;
      const float *from = products->start + t * products->row_step + c;
      float32x16 shift = {0};
      if (bias) load_lanes(&shift, bias + block->first_channel + c, lanes);
      float32x16 p[MAX_POINTS], half[4 * MAX_POINTS], y[4];
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) load_lanes(&p[i], from + (i * n + j) * products->position_step, lanes);
        sum_points(n, m, p, 1, half + j, n);
      }
      for (int i = 0; i < m && place.row + i * down < height; i++) {
        sum_points(n, m, half + i * n, 1, y, 1);
        for (int j = 0; j < m && place.column + j * right < width; j++) {
          float32x16 value = y[j] + shift;
          if (relu) value = RELU(value);
          store_lanes(output + first + (i * down * width + j * right) * channels + c, &value, lanes);
        }
      }
    }
  }
}

CKERNELS_INLINE void transform_gradient(const int m, const int r, const ckernels_tiling *tiling,
                                        const ckernels_winograd_block *block, const float *gradient,
                                        const ckernels_transformed *to) {
  const int n = m + r - 1;
  const int64_t height = tiling->output_height, width = tiling->output_width, channels = tiling->output_channels;
  for (int64_t t = 0; t < block->row_count; t++) {
    const tile_place place = place_of(tiling, block->first_row + t, m);
    const int64_t down = tiling->dilation_height, right = tiling->dilation_width;
    const int64_t first = ((place.image * height + place.row) * width + place.column) * channels + block->first_channel;
    for (int64_t c = 0; c < block->channel_count; c += LANES) {
      const int64_t lanes = block->channel_count - c < LANES ? block->channel_count - c : LANES;
      float32x16 g[4 * 4], half[MAX_POINTS * 4], u[MAX_POINTS];
      for (int i = 0; i < m; i++)
        for (int j = 0; j < m; j++) {
          if (place.row + i * down < height && place.column + j * right < width)
            load_lanes(&g[i * m + j], gradient + first + (i * down * width + j * right) * channels + c, lanes);
          else
            g[i * m + j] = (float32x16){0};
        }
      for (int j = 0; j < m; j++) weight_points(n, m, g + j, m, half + j, m);
      for (int i = 0; i < n; i++) {
        weight_points(n, m, half + i * m, 1, u, 1);
        float *target = to->start + i * n * to->position_step + t * to->row_step + c;
        for (int j = 0; j < n; j++) store_lanes(target + j * to->position_step, &u[j], lanes);
      }
    }
  }
}

CKERNELS_INLINE void transform_kernel_gradient(const int m, const int r, const ckernels_tiling *tiling,
                                               const ckernels_winograd_block *block,
                                               const ckernels_transformed *products, int accumulate, float *kernel) {
  const int n = m + r - 1;
  const int64_t outputs = tiling->output_channels, tap_step = tiling->kernel_inputs * outputs;
  for (int64_t c = 0; c < block->row_count; c++) {
    float *to = kernel + (block->first_row + c) * outputs + block->first_channel;
    for (int64_t o = 0; o < block->channel_count; o += LANES) {
      const int64_t lanes = block->channel_count - o < LANES ? block->channel_count - o : LANES;
      const float *from = products->start + c * products->row_step + o;
      float32x16 p[MAX_POINTS], half[MAX_TAPS * MAX_POINTS], y[MAX_TAPS];
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) load_lanes(&p[i], from + (i * n + j) * products->position_step, lanes);
        sum_points(n, r, p, 1, half + j, n);
      }
      for (int i = 0; i < r; i++) {
        sum_points(n, r, half + i * n, 1, y, 1);
        for (int j = 0; j < r; j++) {
          float *tap = to + (i * r + j) * tap_step + o;
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

/// Calls a transform with m and r as constants, so that its loops unroll.
#define WITH_CONSTANT_TILING(transform, ...)       \
  do {                                             \
    if (tiling->r == 5)                            \
      transform(2, 5, tiling, block, __VA_ARGS__); \
    else if (tiling->m == 2)                       \
      transform(2, 3, tiling, block, __VA_ARGS__); \
    else                                           \
      transform(4, 3, tiling, block, __VA_ARGS__); \
  } while (0)

CKERNELS_CLONES
void ckernels_winograd_input(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *input,
                             const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_input, input, to);
}

CKERNELS_CLONES
void ckernels_winograd_kernel(const ckernels_tiling *tiling, const ckernels_winograd_block *block, const float *kernel,
                              const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_kernel, kernel, to);
}

CKERNELS_CLONES
void ckernels_winograd_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                const float *gradient, const ckernels_transformed *to) {
  WITH_CONSTANT_TILING(transform_gradient, gradient, to);
}

CKERNELS_CLONES
void ckernels_winograd_kernel_gradient(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                                       const ckernels_transformed *products, int accumulate, float *kernel) {
  WITH_CONSTANT_TILING(transform_kernel_gradient, products, accumulate, kernel);
}

CKERNELS_CLONES
static void tiles_to_output(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                            const ckernels_transformed *products, const float *bias, int relu, float *output) {
  WITH_CONSTANT_TILING(transform_output, products, bias, relu, output);
}

void ckernels_winograd_output(const ckernels_tiling *tiling, const ckernels_winograd_block *block,
                              const ckernels_transformed *products, const float *bias, ckernels_function function,
                              float *output) {
  tiles_to_output(tiling, block, products, bias, function == ckernels_relu, output);
  if (function == ckernels_identity || function == ckernels_relu) return;
  const int64_t m = tiling->m, height = tiling->output_height, width = tiling->output_width;
  const int64_t down = tiling->dilation_height, right = tiling->dilation_width, channels = tiling->output_channels;
  for (int64_t t = block->first_row; t < block->first_row + block->row_count; t++) {
    const tile_place place = place_of(tiling, t, (int)m);
    // The pixels of a tile are not neighbors if there is dilation.
    for (int64_t i = place.row; i < place.row + m * down && i < height; i += down)
      for (int64_t j = place.column; j < place.column + m * right && j < width; j += right)
        ckernels_finish_rows(output + ((place.image * height + i) * width + j) * channels + block->first_channel, 1,
                             block->channel_count, channels, NULL, function);
  }
}
