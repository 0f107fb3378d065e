#include "include/activation.h"

#include "dispatch.h"
#include <string.h>

CKERNELS_CLONES
void ckernels_activation_gradient(ckernels_function function, int64_t count, const float *y, const float *g,
                                  float *to) {
  switch (function) {
  case ckernels_identity:
    if (to != g) memcpy(to, g, (size_t)count * sizeof(float));
    break;
  case ckernels_relu:
    // NaN in the output passes the gradient's NaN on: a net that went wrong has to show it.
    for (int64_t i = 0; i < count; i++) to[i] = y[i] <= 0 ? 0 : (y[i] > 0 ? g[i] : y[i]);
    break;
  case ckernels_tanh:
    for (int64_t i = 0; i < count; i++) to[i] = g[i] * (1 - y[i] * y[i]);
    break;
  case ckernels_sigmoid:
    for (int64_t i = 0; i < count; i++) to[i] = g[i] * (y[i] * (1 - y[i]));
    break;
  }
}
