#include "include/pooling.h"

#include "float_run.h"
#include <string.h>

// Max pooling of the raw product of a convolution, inside a fused op. The most common window, 2x2 at stride 2
// without padding, has its own loops for both layouts; all other windows use the general loops at the end.

// MARK: - The maximum of four values and its index

/// Replaces the maximum by a larger value or NaN; without branches, so that the loop vectorizes.
CKERNELS_INLINE void take_larger(float candidate, int32_t candidate_at, float *best, int32_t *at) {
  const int larger = (candidate > *best) | (candidate != candidate);
  *at = larger ? candidate_at : *at;
  *best = larger ? candidate : *best;
}

CKERNELS_INLINE float first_maximum(float a, float b, float c, float d, uint8_t *place) {
  float best = a;
  int32_t at = 0;
  take_larger(b, 1, &best, &at);
  take_larger(c, 2, &best, &at);
  take_larger(d, 3, &best, &at);
  if (place) *place = (uint8_t)at;
  return best;
}

static int is_two_by_two(const ckernels_pooling *p) {
  return p->window_height == 2 && p->window_width == 2 && p->stride_height == 2 && p->stride_width == 2 &&
         p->pad_top == 0 && p->pad_left == 0 && p->output_height * 2 <= p->input_height &&
         p->output_width * 2 <= p->input_width;
}

// MARK: - 2x2, pixels by channels: lanes are channels

// `keep` is a constant after inlining; inference needs no places.

CKERNELS_INLINE void pool_pixels_2x2(const ckernels_pooling *p, const float *restrict raw, float *restrict output,
                                     uint8_t *restrict places, const int keep) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++) {
      const float *above = raw + (n * p->input_height + 2 * i) * row, *below = above + row;
      for (int64_t j = 0; j < p->output_width; j++) {
        const float *a = above + 2 * j * channels, *c = below + 2 * j * channels;
        for (int64_t k = 0; k < channels; k++)
          output[k] = first_maximum(a[k], a[k + channels], c[k], c[k + channels], keep ? &places[k] : NULL);
        output += channels;
        if (keep) places += channels;
      }
    }
}

CKERNELS_CLONES
static void unpool_pixels_2x2(const ckernels_pooling *p, const float *restrict gradient,
                              const uint8_t *restrict places, float *restrict raw) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  const int64_t used = p->output_width * 2 * channels;
  for (int64_t n = 0; n < p->images; n++) {
    float *image = raw + n * p->input_height * row;
    for (int64_t i = 0; i < p->output_height; i++) {
      float *above = image + 2 * i * row, *below = above + row;
      for (int64_t j = 0; j < p->output_width; j++) {
        float *a = above + 2 * j * channels, *c = below + 2 * j * channels;
        for (int64_t k = 0; k < channels; k++) {
          const float g = gradient[k];
          const int32_t place = places[k];
          a[k] = place == 0 ? g : 0;
          a[k + channels] = place == 1 ? g : 0;
          c[k] = place == 2 ? g : 0;
          c[k + channels] = place == 3 ? g : 0;
        }
        gradient += channels;
        places += channels;
      }
      for (int64_t k = used; k < row; k++) above[k] = below[k] = 0;
    }
    const int64_t rows_used = 2 * p->output_height;
    memset(image + rows_used * row, 0, (size_t)((p->input_height - rows_used) * row) * sizeof(float));
  }
}

// MARK: - 2x2, channels first: lanes are columns, transposed to [pixel, channel] when stored

/// Output columns at a time. The last vector of a row overlaps the one before it; only rows shorter than a
/// vector are processed one by one.
enum { lanes = 8 };

CKERNELS_INLINE void pool_columns(const float *above, const float *below, int64_t count, int64_t pixel,
                                  float *restrict output, uint8_t *restrict places, const int keep) {
  float best[lanes];
  uint8_t place[lanes];
  for (int64_t j = 0; j < count; j++)
    best[j] = first_maximum(above[2 * j], above[2 * j + 1], below[2 * j], below[2 * j + 1], keep ? &place[j] : NULL);
  if (keep)
    for (int64_t j = 0; j < count; j++) places[j] = place[j];
  for (int64_t j = 0; j < count; j++) output[j * pixel] = best[j];
}

CKERNELS_INLINE void pool_channels_2x2(const ckernels_pooling *p, const float *restrict raw, float *restrict output,
                                       uint8_t *restrict places, const int keep) {
  const int64_t height = p->input_height, width = p->input_width, channels = p->channels, wide = p->output_width;
  for (int64_t c = 0; c < channels; c++)
    for (int64_t n = 0; n < p->images; n++)
      for (int64_t i = 0; i < p->output_height; i++) {
        const float *above = raw + ((c * p->images + n) * height + 2 * i) * width, *below = above + width;
        float *to = output + (n * p->output_height + i) * wide * channels + c;
        if (wide < lanes) pool_columns(above, below, wide, channels, to, places, keep);
        else
          for (int64_t next = 0; next < wide; next += lanes) {
            const int64_t j = next + lanes <= wide ? next : wide - lanes;
            pool_columns(above + 2 * j, below + 2 * j, lanes, channels, to + j * channels, keep ? places + j : NULL, keep);
          }
        if (keep) places += wide;
      }
}

CKERNELS_CLONES
static void pool_2x2(const ckernels_pooling *p, int channels_first, const float *raw, float *output,
                     uint8_t *places) {
  if (channels_first && places) pool_channels_2x2(p, raw, output, places, 1);
  else if (channels_first) pool_channels_2x2(p, raw, output, NULL, 0);
  else if (places) pool_pixels_2x2(p, raw, output, places, 1);
  else pool_pixels_2x2(p, raw, output, NULL, 0);
}

/// Computes two rows of 16 from 8 gradients; with explicit vectors, because the compiler does not vectorize
/// the loop over every other column.
///
///     above   [g0 if place 0 | g0 if place 1 | g1 if place 0 | g1 if place 1 | ...
///     below   [g0 if place 2 | g0 if place 3 | g1 if place 2 | g1 if place 3 | ...
CKERNELS_INLINE void unpool_lanes(const float *restrict gradient, int64_t pixel, const uint8_t *restrict places,
                                  float *restrict above, float *restrict below) {
  float32x8 g;
  int32x8 place;
  for (int j = 0; j < lanes; j++) g[j] = gradient[j * pixel];
  for (int j = 0; j < lanes; j++) place[j] = places[j];
  const float32x8 a = (float32x8)((int32x8)g & (place == 0)), b = (float32x8)((int32x8)g & (place == 1));
  const float32x8 c = (float32x8)((int32x8)g & (place == 2)), d = (float32x8)((int32x8)g & (place == 3));
  *(float32x16 *)above = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
  *(float32x16 *)below = __builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

CKERNELS_INLINE void unpool_columns(const float *restrict gradient, int64_t pixel, const uint8_t *restrict places,
                                    int64_t count, float *restrict above, float *restrict below) {
  for (int64_t j = 0; j < count; j++) {
    const float g = gradient[j * pixel];
    above[2 * j] = places[j] == 0 ? g : 0;
    above[2 * j + 1] = places[j] == 1 ? g : 0;
    below[2 * j] = places[j] == 2 ? g : 0;
    below[2 * j + 1] = places[j] == 3 ? g : 0;
  }
}

CKERNELS_CLONES
static void unpool_channels_2x2(const ckernels_pooling *p, const float *restrict gradient,
                                const uint8_t *restrict places, float *restrict raw) {
  const int64_t height = p->input_height, width = p->input_width, channels = p->channels, wide = p->output_width;
  const int64_t rows_used = 2 * p->output_height;
  for (int64_t c = 0; c < channels; c++)
    for (int64_t n = 0; n < p->images; n++) {
      float *plane = raw + (c * p->images + n) * height * width;
      for (int64_t i = 0; i < p->output_height; i++) {
        float *above = plane + 2 * i * width, *below = above + width;
        const float *from = gradient + (n * p->output_height + i) * wide * channels + c;
        if (wide < lanes) unpool_columns(from, channels, places, wide, above, below);
        else
          for (int64_t next = 0; next < wide; next += lanes) {
            const int64_t j = next + lanes <= wide ? next : wide - lanes;
            unpool_lanes(from + j * channels, channels, places + j, above + 2 * j, below + 2 * j);
          }
        places += wide;
        for (int64_t k = 2 * wide; k < width; k++) above[k] = below[k] = 0;
      }
      memset(plane + rows_used * width, 0, (size_t)((height - rows_used) * width) * sizeof(float));
    }
}

// MARK: - Any window, pixels by channels: lanes are channels

/// The part of window (i, j) inside the image: taps u0 ..< u1 and v0 ..< v1, with tap (0, 0) at pixel (y, x).
typedef struct {
  int64_t y, x, u0, u1, v0, v1;
} placed_window;

CKERNELS_INLINE placed_window window_at(const ckernels_pooling *p, int64_t i, int64_t j) {
  const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
  return (placed_window){
      .y = y,
      .x = x,
      .u0 = y < 0 ? -y : 0,
      .v0 = x < 0 ? -x : 0,
      .u1 = y + p->window_height > p->input_height ? p->input_height - y : p->window_height,
      .v1 = x + p->window_width > p->input_width ? p->input_width - x : p->window_width,
  };
}

CKERNELS_CLONES
static void pool_pixels(const ckernels_pooling *p, const float *restrict raw, float *restrict output,
                        uint8_t *restrict places) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  for (int64_t n = 0; n < p->images; n++, raw += p->input_height * row)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output += channels, places += channels) {
        const placed_window w = window_at(p, i, j);
        memcpy(output, raw + (w.y + w.u0) * row + (w.x + w.v0) * channels, (size_t)channels * sizeof(float));
        memset(places, (int)(w.u0 * p->window_width + w.v0), (size_t)channels);
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            const float *pixel = raw + (w.y + u) * row + (w.x + v) * channels;
            const uint8_t place = (uint8_t)(u * p->window_width + v);
            for (int64_t c = 0; c < channels; c++) {
              const int larger = (pixel[c] > output[c]) | (pixel[c] != pixel[c]);
              output[c] = larger ? pixel[c] : output[c];
              places[c] = larger ? place : places[c];
            }
          }
      }
}

CKERNELS_CLONES
static void unpool_pixels(const ckernels_pooling *p, const float *restrict gradient, const uint8_t *restrict places,
                          float *restrict raw) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  memset(raw, 0, (size_t)(p->images * p->input_height * row) * sizeof(float));
  for (int64_t n = 0; n < p->images; n++, raw += p->input_height * row)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, gradient += channels, places += channels) {
        const placed_window w = window_at(p, i, j);
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            float *pixel = raw + (w.y + u) * row + (w.x + v) * channels;
            const uint8_t place = (uint8_t)(u * p->window_width + v);
            for (int64_t c = 0; c < channels; c++) pixel[c] += places[c] == place ? gradient[c] : 0;
          }
      }
}

// MARK: - Any window, channels first

void ckernels_pool_product(const ckernels_pooling *p, int channels_first, const float *raw, float *output,
                           uint8_t *places) {
  if (is_two_by_two(p)) {
    pool_2x2(p, channels_first, raw, output, places);
    return;
  }
  if (!channels_first) {
    if (places) pool_pixels(p, raw, output, places);
    else ckernels_max_pool(p, raw, output);
    return;
  }
  const int64_t in = p->input_height * p->input_width, out = p->output_height * p->output_width;
  for (int64_t c = 0; c < p->channels; c++)
    for (int64_t n = 0; n < p->images; n++) {
      const float *plane = raw + (c * p->images + n) * in;
      for (int64_t i = 0; i < p->output_height; i++)
        for (int64_t j = 0; j < p->output_width; j++) {
          const placed_window w = window_at(p, i, j);
          float best = plane[(w.y + w.u0) * p->input_width + w.x + w.v0];
          int32_t place = (int32_t)(w.u0 * p->window_width + w.v0);
          for (int64_t u = w.u0; u < w.u1; u++)
            for (int64_t v = w.v0; v < w.v1; v++)
              take_larger(plane[(w.y + u) * p->input_width + w.x + v], (int32_t)(u * p->window_width + v), &best,
                          &place);
          const int64_t pixel = i * p->output_width + j;
          output[(n * out + pixel) * p->channels + c] = best;
          if (places) places[(c * p->images + n) * out + pixel] = (uint8_t)place;
        }
    }
}

void ckernels_unpool_product(const ckernels_pooling *p, int channels_first, const float *output_gradient,
                             const uint8_t *places, float *raw_gradient) {
  if (is_two_by_two(p)) {
    if (channels_first) unpool_channels_2x2(p, output_gradient, places, raw_gradient);
    else unpool_pixels_2x2(p, output_gradient, places, raw_gradient);
    return;
  }
  if (!channels_first) {
    unpool_pixels(p, output_gradient, places, raw_gradient);
    return;
  }
  const int64_t in = p->input_height * p->input_width, out = p->output_height * p->output_width;
  memset(raw_gradient, 0, (size_t)(p->images * in * p->channels) * sizeof(float));
  for (int64_t c = 0; c < p->channels; c++)
    for (int64_t n = 0; n < p->images; n++)
      for (int64_t i = 0; i < p->output_height; i++)
        for (int64_t j = 0; j < p->output_width; j++) {
          const placed_window w = window_at(p, i, j);
          const int64_t pixel = i * p->output_width + j, plane = c * p->images + n;
          const int64_t place = places[plane * out + pixel];
          const int64_t u = place / p->window_width, v = place % p->window_width;
          raw_gradient[plane * in + (w.y + u) * p->input_width + w.x + v] +=
              output_gradient[(n * out + pixel) * p->channels + c];
        }
}
