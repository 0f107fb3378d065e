#include "include/pooling.h"

#include "pooling_window.h"
#include "vectors.h"
#include <string.h>

CKERNELS_CLONES
void ckernels_average_pool(const ckernels_pooling *p, const float *restrict input, float *restrict output) {
  const int64_t row = p->input_width * p->channels;
  for (int64_t n = 0; n < p->images; n++)
    for (int64_t i = 0; i < p->output_height; i++)
      for (int64_t j = 0; j < p->output_width; j++, output += p->channels) {
        const placed_window w = window_at(p, i, j);
        for (int64_t c = 0; c < p->channels; c++) output[c] = 0;
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            const float *pixel = input + n * p->input_height * row + pixel_at(p, &w, u, v) * p->channels;
            for (int64_t c = 0; c < p->channels; c++) output[c] += pixel[c];
          }
        const float covered = averaged_taps(p, &w);
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
        const placed_window w = window_at(p, i, j);
        const int64_t image = n * p->input_height * row;
        for (int64_t c = 0; c < channels; c++) {
          int64_t place = image + pixel_at(p, &w, w.u0, w.v0) * channels + c;
          float best = input[place];
          for (int64_t u = w.u0; u < w.u1; u++)
            for (int64_t v = w.v0; v < w.v1; v++) {
              const int64_t here = image + pixel_at(p, &w, u, v) * channels + c;
              if (greater_or_nan(input[here], best)) {
                best = input[here];
                place = here;
              }
            }
          for (int64_t u = w.u0; u < w.u1; u++)
            for (int64_t v = w.v0; v < w.v1; v++) {
              const int64_t here = image + pixel_at(p, &w, u, v) * channels + c;
              if (here == place || (all_ties && input[here] == best)) input_gradient[here] += output_gradient[c];
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
        const placed_window w = window_at(p, i, j);
        const float covered = averaged_taps(p, &w);
        for (int64_t u = w.u0; u < w.u1; u++)
          for (int64_t v = w.v0; v < w.v1; v++) {
            float *pixel = input_gradient + n * p->input_height * row + pixel_at(p, &w, u, v) * channels;
            for (int64_t c = 0; c < channels; c++) pixel[c] += output_gradient[c] / covered;
          }
      }
}
