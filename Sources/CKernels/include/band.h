#ifndef C_KERNELS_BAND_H
#define C_KERNELS_BAND_H

#include "im2col.h"

/// Input rows with their padding: those that some output rows of some images read.
typedef struct {
  int64_t first_image, image_count;
  /// The first output row, of each image.
  int64_t first_row;
  /// Input rows and columns of one image, padding included.
  int64_t height, width;
} ckernels_band;

/// to[image][row][column][channel] = the input, 0 outside the images.
void ckernels_pad_band(const ckernels_window *window, const ckernels_band *band, const float *input, float *to);

#endif
