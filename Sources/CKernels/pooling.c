#include "include/pooling.h"

#include "dispatch.h"
#include <string.h>

/// The taps of a window that lie inside the image.
typedef struct {
  int64_t first, end;
} taps;

CKERNELS_INLINE taps taps_on_image(int64_t origin, int64_t window, int64_t input) {
  const int64_t first = origin < 0 ? -origin : 0;
  const int64_t end = origin + window > input ? input - origin : window;
  return (taps){first, end};
}

CKERNELS_INLINE int beats(float candidate, float best) { return candidate > best || candidate != candidate; }

CKERNELS_CLONES
void ckernels_max_pool(const ckernels_pooling *p, const float *restrict input, float *restrict output) {
  const int64_t row = p->input_width * p->channels;
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output += p->channels) {
        const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
        const taps rows = taps_on_image(y, p->window_height, p->input_height);
        const taps columns = taps_on_image(x, p->window_width, p->input_width);
        const float *corner = input + (n * p->input_height + y + rows.first) * row + (x + columns.first) * p->channels;
        memcpy(output, corner, (size_t)p->channels * sizeof(float));
        for (int64_t u = rows.first; u < rows.end; u++)
          for (int64_t v = columns.first; v < columns.end; v++) {
            const float *pixel = input + (n * p->input_height + y + u) * row + (x + v) * p->channels;
            for (int64_t c = 0; c < p->channels; c++) output[c] = beats(pixel[c], output[c]) ? pixel[c] : output[c];
          }
      }
}

CKERNELS_CLONES
void ckernels_average_pool(const ckernels_pooling *p, const float *restrict input, float *restrict output) {
  const int64_t row = p->input_width * p->channels;
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output += p->channels) {
        const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
        const taps rows = taps_on_image(y, p->window_height, p->input_height);
        const taps columns = taps_on_image(x, p->window_width, p->input_width);
        for (int64_t c = 0; c < p->channels; c++) output[c] = 0;
        for (int64_t u = rows.first; u < rows.end; u++)
          for (int64_t v = columns.first; v < columns.end; v++) {
            const float *pixel = input + (n * p->input_height + y + u) * row + (x + v) * p->channels;
            for (int64_t c = 0; c < p->channels; c++) output[c] += pixel[c];
          }
        const float covered = (float)((rows.end - rows.first) * (columns.end - columns.first));
        for (int64_t c = 0; c < p->channels; c++) output[c] /= covered;
      }
}

CKERNELS_CLONES
void ckernels_max_pool_gradient(const ckernels_pooling *p, const float *restrict input,
                                const float *restrict output_gradient, int all_ties, float *restrict input_gradient) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  memset(input_gradient, 0, (size_t)(p->images * p->input_height * row) * sizeof(float));
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output_gradient += channels) {
        const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
        const taps rows = taps_on_image(y, p->window_height, p->input_height);
        const taps columns = taps_on_image(x, p->window_width, p->input_width);
        const int64_t image = n * p->input_height * row;
        for (int64_t c = 0; c < channels; c++) {
          int64_t place = image + (y + rows.first) * row + (x + columns.first) * channels + c;
          float best = input[place];
          for (int64_t u = rows.first; u < rows.end; u++)
            for (int64_t v = columns.first; v < columns.end; v++) {
              const int64_t here = image + (y + u) * row + (x + v) * channels + c;
              if (beats(input[here], best)) {
                best = input[here];
                place = here;
              }
            }
          if (!all_ties) {
            input_gradient[place] += output_gradient[c];
            continue;
          }
          for (int64_t u = rows.first; u < rows.end; u++)
            for (int64_t v = columns.first; v < columns.end; v++) {
              const int64_t here = image + (y + u) * row + (x + v) * channels + c;
              if (input[here] == best || (best != best && here == place)) input_gradient[here] += output_gradient[c];
            }
        }
      }
}

CKERNELS_CLONES
void ckernels_average_pool_gradient(const ckernels_pooling *p, const float *restrict output_gradient,
                                    float *restrict input_gradient) {
  const int64_t channels = p->channels, row = p->input_width * channels;
  memset(input_gradient, 0, (size_t)(p->images * p->input_height * row) * sizeof(float));
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output_gradient += channels) {
        const int64_t y = i * p->stride_height - p->pad_top, x = j * p->stride_width - p->pad_left;
        const taps rows = taps_on_image(y, p->window_height, p->input_height);
        const taps columns = taps_on_image(x, p->window_width, p->input_width);
        const float covered = (float)((rows.end - rows.first) * (columns.end - columns.first));
        for (int64_t u = rows.first; u < rows.end; u++)
          for (int64_t v = columns.first; v < columns.end; v++) {
            float *pixel = input_gradient + (n * p->input_height + y + u) * row + (x + v) * channels;
            for (int64_t c = 0; c < channels; c++) pixel[c] += output_gradient[c] / covered;
          }
      }
}
