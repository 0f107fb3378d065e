#ifndef C_KERNELS_OPTIMIZER_H
#define C_KERNELS_OPTIMIZER_H

#include <stdint.h>

/// The gradients of several shards; shard l starts at first + l * stride.
typedef struct {
  const float *first;
  int64_t stride, count;
} ckernels_shards;

/// Adam (Kingma and Ba, arXiv 1412.6980), with the bias corrections folded into the step size. The decoupled
/// weight decay (Loshchilov and Hutter, arXiv 1711.05101) comes first. If scaled_decay is 0, it changes no
/// parameter:
///
///     g = shards[0] + shards[1] + ...     m = b1 * m + (1 - b1) * g     v = b2 * v + (1 - b2) * g * g
///     parameter -= scaled_decay * parameter                           scaled_decay = rate * weight decay
///     parameter -= step * m / (sqrt(v) + epsilon)                     step = rate * sqrt(1 - b2^t) / (1 - b1^t)
void ckernels_adam(int64_t count, ckernels_shards shards, float step, float scaled_decay, float b1, float b2,
                   float epsilon, float *parameters, float *m, float *v);

/// g += weight_decay * parameter, velocity = momentum * velocity - rate * g, parameter += velocity. If
/// velocity is NULL, parameter -= rate * g; if weight_decay is 0, g is unchanged.
void ckernels_sgd(int64_t count, ckernels_shards shards, float rate, float momentum, float weight_decay,
                  float *parameters, float *velocity);

#endif
