// The position of a pooling window, which all pooling loops share.
#ifndef C_KERNELS_POOLING_WINDOW_H
#define C_KERNELS_POOLING_WINDOW_H

#include "dispatch.h"
#include "include/pooling.h"

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

#endif
