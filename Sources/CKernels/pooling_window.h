// The position of a pooling window, which all pooling loops share.
#ifndef C_KERNELS_POOLING_WINDOW_H
#define C_KERNELS_POOLING_WINDOW_H

#include "dispatch.h"
#include "include/pooling.h"

/// The part of window (i, j) inside the image: taps u0 ..< u1 and v0 ..< v1, with tap (0, 0) at pixel (y, x).
typedef struct {
  int64_t y, x, u0, u1, v0, v1;
} placed_window;

/// The number of the first `taps` taps from `origin` on that lie before `end`; `origin` may be negative.
CKERNELS_INLINE int64_t taps_before(int64_t end, int64_t origin, int64_t taps, int64_t dilation) {
  // Without dilation, there are no divisions: windows are small.
  const int64_t last = dilation == 1 ? end - 1 - origin : (end - 1 - origin) / dilation;
  return last + 1 < taps ? last + 1 : taps;
}

CKERNELS_INLINE int64_t first_tap_inside(int64_t origin, int64_t dilation) {
  return origin >= 0 ? 0 : dilation == 1 ? -origin : (-origin + dilation - 1) / dilation;
}

CKERNELS_INLINE placed_window window_at(const ckernels_pooling *p, int64_t i, int64_t j) {
  const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
  return (placed_window){
      .y = y,
      .x = x,
      .u0 = first_tap_inside(y, p->dilation_height),
      .v0 = first_tap_inside(x, p->dilation_width),
      .u1 = taps_before(p->input_height, y, p->window_height, p->dilation_height),
      .v1 = taps_before(p->input_width, x, p->window_width, p->dilation_width),
  };
}

/// The index of the pixel of tap (u, v) in its image.
CKERNELS_INLINE int64_t pixel_at(const ckernels_pooling *p, const placed_window *w, int64_t u, int64_t v) {
  return (w->y + u * p->dilation_height) * p->input_width + w->x + v * p->dilation_width;
}

/// The divisor of an average.
CKERNELS_INLINE float averaged_taps(const ckernels_pooling *p, const placed_window *w) {
  if (!p->counts_padding) return (float)((w->u1 - w->u0) * (w->v1 - w->v0));
  return (float)(taps_before(p->input_height + p->pad_bottom, w->y, p->window_height, p->dilation_height) *
                 taps_before(p->input_width + p->pad_right, w->x, p->window_width, p->dilation_width));
}

#endif
