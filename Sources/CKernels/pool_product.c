#include "include/pooling.h"

#include "pooling_window.h"
#include "vectors.h"
#include <string.h>

// Max pooling of the raw product of a convolution, inside a fused op. The most common window, 2x2 at stride 2
// without padding, has its own loops; all other windows use the general loops at the end.
//
// Lanes are channels: raw products, outputs and places are [images, height, width, channels].

// MARK: - The maximum of four values and its index

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
         p->pad_top == 0 && p->pad_left == 0 && p->dilation_height == 1 && p->dilation_width == 1 &&
         p->output_height * 2 <= p->input_height && p->output_width * 2 <= p->input_width;
}

// MARK: - 2x2

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

// MARK: - Any window

CKERNELS_INLINE void pool_pixels(const ckernels_pooling *p, const float *restrict raw, float *restrict output,
                                 uint8_t *restrict places, const int keep) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  for (int64_t n = 0; n < p->images; n++, raw += p->input_height * row)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output += channels) {
        const placed_window w = window_at(p, i, j);
        memcpy(output, raw + pixel_at(p, &w, w.u0, w.v0) * channels, (size_t)channels * sizeof(float));
        if (keep) memset(places, (int)(w.u0 * p->window_width + w.v0), (size_t)channels);
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            const float *pixel = raw + pixel_at(p, &w, u, v) * channels;
            const uint8_t place = (uint8_t)(u * p->window_width + v);
            for (int64_t c = 0; c < channels; c++) {
              const int larger = greater_or_nan(pixel[c], output[c]);
              output[c] = larger ? pixel[c] : output[c];
              if (keep) places[c] = larger ? place : places[c];
            }
          }
        if (keep) places += channels;
      }
}

CKERNELS_CLONES
void ckernels_pool_product(const ckernels_pooling *p, const float *raw, float *output, uint8_t *places) {
  CKERNELS_ASSERT(!places || p->window_height * p->window_width <= 256);  // a place is a byte
  if (is_two_by_two(p) && places)
    pool_pixels_2x2(p, raw, output, places, 1);
  else if (is_two_by_two(p))
    pool_pixels_2x2(p, raw, output, NULL, 0);
  else if (places)
    pool_pixels(p, raw, output, places, 1);
  else
    pool_pixels(p, raw, output, NULL, 0);
}

CKERNELS_CLONES
void ckernels_unpool_product(const ckernels_pooling *p, const float *restrict gradient, const uint8_t *restrict places,
                             float *restrict raw) {
  CKERNELS_ASSERT(p->window_height * p->window_width <= 256);  // a place is a byte
  const int64_t channels = p->channels, row = p->input_width * channels;
  memset(raw, 0, (size_t)(p->images * p->input_height * row) * sizeof(float));
  for (int64_t n = 0; n < p->images; n++, raw += p->input_height * row)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, gradient += channels, places += channels) {
        const placed_window w = window_at(p, i, j);
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            float *pixel = raw + pixel_at(p, &w, u, v) * channels;
            const uint8_t place = (uint8_t)(u * p->window_width + v);
            for (int64_t c = 0; c < channels; c++) pixel[c] += places[c] == place ? gradient[c] : 0;
          }
      }
}
