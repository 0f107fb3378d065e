#include "include/band.h"

#include "float_run.h"
#include "window_walk.h"

CKERNELS_CLONES
void ckernels_pad_band(const ckernels_window *w, const ckernels_band *band, const float *input, float *to) {
  const int64_t channels = w->input_channels;
  const int64_t height = band->height, width = band->width;
  // The columns of a band that lie inside the image.
  const int64_t begin = clamp_to(w->pad_left, 0, width);
  const int64_t end = clamp_to(w->input_width + w->pad_left, begin, width);
  const int64_t top = band->first_row * w->stride_height - w->pad_top;
  for (int64_t n = band->first_image; n < band->first_image + band->image_count; n++)
    for (int64_t y = top; y < top + height; y++, to += width * channels) {
      if (y < 0 || y >= w->input_height) {
        clear_run(to, width * channels);
        continue;
      }
      const int64_t row = ((n * w->input_height + y) * w->input_width + begin - w->pad_left) * channels;
      clear_run(to, begin * channels);
      if (end > begin) copy_run(to + begin * channels, input + row, (end - begin) * channels);
      clear_run(to + end * channels, (width - end) * channels);
    }
}
