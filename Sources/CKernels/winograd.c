#include "include/winograd.h"

#include "float_run.h"
#include <stddef.h>

// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), sections 4.1 and 4.3: an m x m tile of
// outputs costs (m + 2)^2 multiplications a channel pair instead of 9 m^2. The interpolation points are
// 0, 1, -1 (and 2, -2 for m = 4) and infinity. Every transform is two passes of a one-dimensional one, each
// over 16 channels at a time.
//
//      input tile                products                 output tile
//      d d d d d d     B' d B    p p p p p p              y y y y
//      d d d d d d    ------->   p p p p p p    A' p A    y y y y
//      ... 6 x 6                 ... 6 x 6     ------->   ... 4 x 4

enum { LANES = 16, MOST = 6 };

// Vectors go through pointers: passed by value, their convention would depend on the clone.

/// The first `count` of 16 floats, zeros behind them.
CKERNELS_INLINE void load_lanes(float32x16 *to, const float *from, int64_t count) {
  if (count == LANES) {
    *to = *(const float32x16 *)from;
  } else {
    *to = (float32x16){0};
    for (int64_t i = 0; i < count; i++) (*to)[i] = from[i];
  }
}

CKERNELS_INLINE void store_lanes(float *to, const float32x16 *from, int64_t count) {
  if (count == LANES)
    *(float32x16 *)to = *from;
  else
    for (int64_t i = 0; i < count; i++) to[i] = (*from)[i];
}

// One-dimensional transforms; `step` is the distance between the elements of a vector of vectors.

CKERNELS_INLINE void input_points(int m, const float32x16 *d, ptrdiff_t step, float32x16 *t, ptrdiff_t to_step) {
  const float32x16 d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step];
  if (m == 2) {
    t[0] = d0 - d2;
    t[to_step] = d1 + d2;
    t[2 * to_step] = d2 - d1;
    t[3 * to_step] = d1 - d3;
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

CKERNELS_INLINE void kernel_points(int m, const float32x16 *g, ptrdiff_t step, float32x16 *t, ptrdiff_t to_step) {
  const float32x16 g0 = g[0], g1 = g[step], g2 = g[2 * step];
  if (m == 2) {
    t[0] = g0;
    t[to_step] = 0.5f * (g0 + g1 + g2);
    t[2 * to_step] = 0.5f * (g0 - g1 + g2);
    t[3 * to_step] = g2;
  } else {
    const float32x16 sixth = (g0 + g2) * (-1 / 6.0f), middle = g1 * (1 / 6.0f);
    const float32x16 ends = g0 * (1 / 24.0f) + g2 * (1 / 6.0f), twelfth = g1 * (1 / 12.0f);
    t[0] = 0.25f * g0;
    t[to_step] = sixth - middle;
    t[2 * to_step] = sixth + middle;
    t[3 * to_step] = ends + twelfth;
    t[4 * to_step] = ends - twelfth;
    t[5 * to_step] = g2;
  }
}

CKERNELS_INLINE void output_points(int m, const float32x16 *p, ptrdiff_t step, float32x16 *y, ptrdiff_t to_step) {
  const float32x16 p0 = p[0], p1 = p[step], p2 = p[2 * step], p3 = p[3 * step];
  if (m == 2) {
    y[0] = p0 + p1 + p2;
    y[to_step] = p1 - p2 - p3;
  } else {
    const float32x16 p4 = p[4 * step], p5 = p[5 * step];
    const float32x16 sum = p1 + p2, difference = p1 - p2, sum2 = p3 + p4, difference2 = p3 - p4;
    y[0] = p0 + sum + sum2;
    y[to_step] = difference + 2 * difference2;
    y[2 * to_step] = sum + 4 * sum2;
    y[3 * to_step] = difference + 8 * difference2 + p5;
  }
}

// The kernel's gradient is a 3x3 correlation of input tiles with 4x4 tiles of the output's gradient: F(3x3, 4x4), at the
// same points and with the same B as F(4x4, 3x3).

CKERNELS_INLINE void gradient_points(const float32x16 *g, ptrdiff_t step, float32x16 *t, ptrdiff_t to_step) {
  const float32x16 g0 = g[0], g1 = g[step], g2 = g[2 * step], g3 = g[3 * step];
  const float32x16 even = (g0 + g2) * (-1 / 6.0f), odd = (g1 + g3) * (1 / 6.0f);
  const float32x16 even2 = (g0 + 4 * g2) * (1 / 24.0f), odd2 = (g1 + 4 * g3) * (1 / 12.0f);
  t[0] = 0.25f * g0;
  t[to_step] = even - odd;
  t[2 * to_step] = even + odd;
  t[3 * to_step] = even2 + odd2;
  t[4 * to_step] = even2 - odd2;
  t[5 * to_step] = g3;
}

CKERNELS_INLINE void kernel_gradient_points(const float32x16 *p, ptrdiff_t step, float32x16 *y, ptrdiff_t to_step) {
  const float32x16 sum = p[step] + p[2 * step], difference = p[step] - p[2 * step];
  const float32x16 sum2 = p[3 * step] + p[4 * step], difference2 = p[3 * step] - p[4 * step];
  y[0] = p[0] + sum + sum2;
  y[to_step] = difference + 2 * difference2;
  y[2 * to_step] = sum + 4 * sum2 + p[5 * step];
}

/// Where a tile's output begins.
typedef struct {
  int64_t image, row, column;
} tile_place;

CKERNELS_INLINE tile_place place_of(const ckernels_tiling *tiling, int64_t tile, int m) {
  const int64_t per_image = tiling->tiles_down * tiling->tiles_across, within = tile % per_image;
  const tile_place place = {tile / per_image, within / tiling->tiles_across * m, within % tiling->tiles_across * m};
  return place;
}

CKERNELS_INLINE void transform_input(const int m, const ckernels_tiling *tiling, const float *input,
                                     int64_t first_tile, int64_t tile_count, int64_t first_channel,
                                     int64_t channel_count, float *to) {
  const int n = m + 2;
  const int64_t height = tiling->input_height, width = tiling->input_width, channels = tiling->input_channels;
  const int64_t position_step = tile_count * channel_count;
  for (int64_t t = 0; t < tile_count; t++, to += channel_count) {
    const tile_place place = place_of(tiling, first_tile + t, m);
    const int64_t y0 = place.row - tiling->pad_top, x0 = place.column - tiling->pad_left;
    const int inside = y0 >= 0 && x0 >= 0 && y0 + n <= height && x0 + n <= width;
    const float *image = input + place.image * height * width * channels + first_channel;
    for (int64_t c = 0; c < channel_count; c += LANES) {
      const int64_t lanes = channel_count - c < LANES ? channel_count - c : LANES;
      float32x16 d[MOST * MOST], half[MOST * MOST], v[MOST];
      if (inside && lanes == LANES) {
        const float *from = image + (y0 * width + x0) * channels + c;
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) d[i * n + j] = *(const float32x16 *)(from + (i * width + j) * channels);
      } else {
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) {
            const int64_t y = y0 + i, x = x0 + j;
            if (y >= 0 && y < height && x >= 0 && x < width)
              load_lanes(&d[i * n + j], image + (y * width + x) * channels + c, lanes);
            else
              d[i * n + j] = (float32x16){0};
          }
      }
      for (int j = 0; j < n; j++) input_points(m, d + j, n, half + j, n);
      for (int i = 0; i < n; i++) {
        input_points(m, half + i * n, 1, v, 1);
        for (int j = 0; j < n; j++) store_lanes(to + (i * n + j) * position_step + c, &v[j], lanes);
      }
    }
  }
}

CKERNELS_INLINE void transform_kernel(const int m, const ckernels_tiling *tiling, const float *kernel,
                                      int64_t first_input, int64_t input_count, int64_t first_output,
                                      int64_t output_count, float *to) {
  const int n = m + 2;
  const int64_t outputs = tiling->output_channels, tap_step = tiling->input_channels * outputs;
  for (int64_t c = 0; c < input_count; c++, to += output_count) {
    const float *from = kernel + (first_input + c) * outputs + first_output;
    for (int64_t o = 0; o < output_count; o += LANES) {
      const int64_t lanes = output_count - o < LANES ? output_count - o : LANES;
      float32x16 g[9], half[MOST * 3], u[MOST];
      for (int tap = 0; tap < 9; tap++) load_lanes(&g[tap], from + tap * tap_step + o, lanes);
      for (int j = 0; j < 3; j++) kernel_points(m, g + j, 3, half + j, 3);
      for (int i = 0; i < n; i++) {
        kernel_points(m, half + i * 3, 1, u, 1);
        for (int j = 0; j < n; j++) store_lanes(to + (i * n + j) * input_count * output_count + o, &u[j], lanes);
      }
    }
  }
}

CKERNELS_INLINE void transform_output(const int m, const ckernels_tiling *tiling, const float *products,
                                      int64_t first_tile, int64_t tile_count, int64_t first_channel,
                                      int64_t channel_count, const float *bias, int relu, float *output) {
  const int n = m + 2;
  const int64_t height = tiling->output_height, width = tiling->output_width, channels = tiling->output_channels;
  const int64_t position_step = tile_count * channel_count;
  for (int64_t t = 0; t < tile_count; t++, products += channel_count) {
    const tile_place place = place_of(tiling, first_tile + t, m);
    const int64_t rows = height - place.row < m ? height - place.row : m;
    const int64_t columns = width - place.column < m ? width - place.column : m;
    float *first = output + ((place.image * height + place.row) * width + place.column) * channels + first_channel;
    for (int64_t c = 0; c < channel_count; c += LANES) {
      const int64_t lanes = channel_count - c < LANES ? channel_count - c : LANES;
      float32x16 shift = {0};
      if (bias) load_lanes(&shift, bias + first_channel + c, lanes);
      float32x16 p[MOST], half[4 * MOST], y[4];
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) load_lanes(&p[i], products + (i * n + j) * position_step + c, lanes);
        output_points(m, p, 1, half + j, n);
      }
      for (int i = 0; i < rows; i++) {
        output_points(m, half + i * n, 1, y, 1);
        for (int j = 0; j < columns; j++) {
          float32x16 value = y[j] + shift;
          if (relu) value = (float32x16)((int32x16)value & ~(value < 0));  // NaN stays NaN
          store_lanes(first + (i * width + j) * channels + c, &value, lanes);
        }
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_winograd_input(const ckernels_tiling *tiling, const float *input, int64_t first_tile, int64_t tile_count,
                             int64_t first_channel, int64_t channel_count, float *to) {
  if (tiling->m == 2)
    transform_input(2, tiling, input, first_tile, tile_count, first_channel, channel_count, to);
  else
    transform_input(4, tiling, input, first_tile, tile_count, first_channel, channel_count, to);
}

CKERNELS_CLONES
void ckernels_winograd_kernel(const ckernels_tiling *tiling, const float *kernel, int64_t first_input,
                              int64_t input_count, int64_t first_output, int64_t output_count, float *to) {
  if (tiling->m == 2)
    transform_kernel(2, tiling, kernel, first_input, input_count, first_output, output_count, to);
  else
    transform_kernel(4, tiling, kernel, first_input, input_count, first_output, output_count, to);
}

CKERNELS_CLONES
static void tiles_to_output(const ckernels_tiling *tiling, const float *products, int64_t first_tile,
                            int64_t tile_count, int64_t first_channel, int64_t channel_count, const float *bias,
                            int relu, float *output) {
  if (tiling->m == 2)
    transform_output(2, tiling, products, first_tile, tile_count, first_channel, channel_count, bias, relu, output);
  else
    transform_output(4, tiling, products, first_tile, tile_count, first_channel, channel_count, bias, relu, output);
}

void ckernels_winograd_output(const ckernels_tiling *tiling, const float *products, int64_t first_tile,
                              int64_t tile_count, int64_t first_channel, int64_t channel_count, const float *bias,
                              ckernels_function function, float *output) {
  tiles_to_output(tiling, products, first_tile, tile_count, first_channel, channel_count, bias,
                  function == ckernels_relu, output);
  if (function == ckernels_identity || function == ckernels_relu) return;
  for (int64_t t = first_tile; t < first_tile + tile_count; t++) {
    const int m = (int)tiling->m;
    const tile_place place = place_of(tiling, t, m);
    const int64_t columns = tiling->output_width - place.column < m ? tiling->output_width - place.column : m;
    for (int64_t i = place.row; i < place.row + m && i < tiling->output_height; i++)
      ckernels_finish_rows(
          output +
              ((place.image * tiling->output_height + i) * tiling->output_width + place.column) *
                  tiling->output_channels +
              first_channel,
          columns, channel_count, tiling->output_channels, NULL, function);
  }
}

CKERNELS_CLONES
void ckernels_winograd_gradient(const ckernels_tiling *tiling, const float *gradient, int64_t first_tile,
                                int64_t tile_count, int64_t first_channel, int64_t channel_count, float *to) {
  const int64_t height = tiling->output_height, width = tiling->output_width, channels = tiling->output_channels;
  const int64_t position_step = tile_count * channel_count;
  for (int64_t t = 0; t < tile_count; t++, to += channel_count) {
    const tile_place place = place_of(tiling, first_tile + t, 4);
    const float *from = gradient + ((place.image * height + place.row) * width + place.column) * channels + first_channel;
    for (int64_t c = 0; c < channel_count; c += LANES) {
      const int64_t lanes = channel_count - c < LANES ? channel_count - c : LANES;
      float32x16 g[16], half[6 * 4], u[6];
      for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
          if (place.row + i < height && place.column + j < width)
            load_lanes(&g[i * 4 + j], from + (i * width + j) * channels + c, lanes);
          else
            g[i * 4 + j] = (float32x16){0};
        }
      for (int j = 0; j < 4; j++) gradient_points(g + j, 4, half + j, 4);
      for (int i = 0; i < 6; i++) {
        gradient_points(half + i * 4, 1, u, 1);
        for (int j = 0; j < 6; j++) store_lanes(to + (i * 6 + j) * position_step + c, &u[j], lanes);
      }
    }
  }
}

CKERNELS_CLONES
void ckernels_winograd_kernel_gradient(const ckernels_tiling *tiling, const float *products, int64_t first_input,
                                       int64_t input_count, int64_t first_output, int64_t output_count, int accumulate,
                                       float *kernel) {
  const int64_t outputs = tiling->output_channels, tap_step = tiling->input_channels * outputs;
  const int64_t position_step = input_count * output_count;
  for (int64_t c = 0; c < input_count; c++, products += output_count) {
    float *to = kernel + (first_input + c) * outputs + first_output;
    for (int64_t o = 0; o < output_count; o += LANES) {
      const int64_t lanes = output_count - o < LANES ? output_count - o : LANES;
      float32x16 p[6], half[3 * 6], y[3];
      for (int j = 0; j < 6; j++) {
        for (int i = 0; i < 6; i++) load_lanes(&p[i], products + (i * 6 + j) * position_step + o, lanes);
        kernel_gradient_points(p, 1, half + j, 6);
      }
      for (int i = 0; i < 3; i++) {
        kernel_gradient_points(half + i * 6, 1, y, 1);
        for (int j = 0; j < 3; j++) {
          float *tap = to + (i * 3 + j) * tap_step + o;
          if (accumulate) {
            float32x16 before;
            load_lanes(&before, tap, lanes);
            y[j] += before;
          }
          store_lanes(tap, &y[j], lanes);
        }
      }
    }
  }
}
