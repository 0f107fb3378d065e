#include "include/response_normalization.h"

#include "vectors.h"
#include <math.h>
#include <string.h>

// A row of scratch is a row of scalars with zeros around it, so that windows at the ends need no special
// case:
//
//     [ 0 .. 0 | channels | 0 .. 0 ]
//       margin              margin          margin = before + after

CKERNELS_INLINE int64_t margin_of(const ckernels_response_normalization *n) { return n->before + n->after; }

CKERNELS_INLINE int64_t padded_of(const ckernels_response_normalization *n) { return n->channels + 2 * margin_of(n); }

int64_t ckernels_response_normalization_scratch(const ckernels_response_normalization *n) {
  return 2 * padded_of(n) + n->channels;
}

/// total[c] = first + scale * (padded[c - before] + ... + padded[c + after])
CKERNELS_INLINE void window_sums(const float *restrict padded, int64_t channels, int64_t before, int64_t after,
                                 float first, float scale, float *restrict total) {
  if (before == 2 && after == 2) {  // the window of the AlexNet paper, in one pass
    for (int64_t c = 0; c < channels; c++)
      total[c] = first + scale * (padded[c - 2] + padded[c - 1] + padded[c] + padded[c + 1] + padded[c + 2]);
    return;
  }
  for (int64_t c = 0; c < channels; c++) total[c] = padded[c - before];
  for (int64_t d = 1 - before; d <= after; d++)
    for (int64_t c = 0; c < channels; c++) total[c] += padded[c + d];
  for (int64_t c = 0; c < channels; c++) total[c] = first + scale * total[c];
}

/// s[c] = s[c]^-beta; a beta of 3/4 needs only square roots.
CKERNELS_INLINE void inverse_powers(float *restrict s, int64_t channels, float beta) {
  if (beta == 0.75f) {
    for (int64_t c = 0; c < channels; c++) {
      const float root = SQUARE_ROOT(s[c]);
      s[c] = 1 / (root * SQUARE_ROOT(root));
    }
    return;
  }
  for (int64_t c = 0; c < channels; c++) s[c] = powf(s[c], -beta);
}

CKERNELS_CLONES
void ckernels_response_normalize(const ckernels_response_normalization *n, const float *restrict x, float *restrict y,
                                 float *restrict scratch) {
  const int64_t channels = n->channels;
  float *squares = scratch + margin_of(n), *powers = scratch + padded_of(n);
  memset(scratch, 0, (size_t)padded_of(n) * sizeof(float));
  for (int64_t r = 0; r < n->rows; r++, x += channels, y += channels) {
    for (int64_t c = 0; c < channels; c++) squares[c] = x[c] * x[c];
    window_sums(squares, channels, n->before, n->after, n->k, n->alpha, powers);
    inverse_powers(powers, channels, n->beta);
    for (int64_t c = 0; c < channels; c++) y[c] = x[c] * powers[c];
  }
}

CKERNELS_CLONES
void ckernels_response_normalization_gradient(const ckernels_response_normalization *n, const float *restrict x,
                                              const float *restrict dy, float *restrict dx, float *restrict scratch) {
  const int64_t channels = n->channels, padded = padded_of(n);
  float *squares = scratch + margin_of(n), *terms = squares + padded, *powers = scratch + 2 * padded;
  memset(scratch, 0, (size_t)(2 * padded) * sizeof(float));
  for (int64_t r = 0; r < n->rows; r++, x += channels, dy += channels, dx += channels) {
    for (int64_t c = 0; c < channels; c++) squares[c] = x[c] * x[c];
    window_sums(squares, channels, n->before, n->after, n->k, n->alpha, powers);
    for (int64_t c = 0; c < channels; c++) terms[c] = dy[c] * x[c] / powers[c];
    inverse_powers(powers, channels, n->beta);
    for (int64_t c = 0; c < channels; c++) terms[c] *= powers[c];
    // The windows of the channels c - after .. c + before cover channel c.
    window_sums(terms, channels, n->after, n->before, 0, -2 * n->alpha * n->beta, dx);
    for (int64_t c = 0; c < channels; c++) dx[c] = dy[c] * powers[c] + x[c] * dx[c];
  }
}
