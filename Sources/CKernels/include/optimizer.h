#ifndef C_KERNELS_OPTIMIZER_H
#define C_KERNELS_OPTIMIZER_H

#include <stdint.h>

/// The gradients of several shards; shard l starts at first + l * stride. Their sum is taken along a fixed binary
/// tree, whose subtrees can be summed separately, on other threads or machines, with the same bits:
///
///     tree(n shards) = tree(first p) + tree(other n - p)      p = the largest power of two below n
///
///     n = 3  (0 + 1) + 2      n = 6  ((0 + 1) + (2 + 3)) + (4 + 5)      n = 7  (.. as 6 ..) + ((4 + 5) + 6)
typedef struct {
  const float *first;
  int64_t stride, count;
} ckernels_shards;

/// sum[i] = the sum of the shards; there is at least one.
void ckernels_sum_shards(int64_t count, ckernels_shards shards, float *sum);

/// Returns the sum of the squares of the summed gradient, in double and in a fixed order.
double ckernels_sum_of_squares(int64_t count, ckernels_shards shards);

// Each optimizer uses g = factor * sum of the shards. The factor is 1, or less to clip the gradient by its norm.

/// Adam (Kingma and Ba, arXiv 1412.6980), with the bias corrections folded into the step size. The decoupled
/// weight decay (Loshchilov and Hutter, arXiv 1711.05101) comes first. If scaled_decay is 0, it changes no
/// parameter:
///
///     m = b1 * m + (1 - b1) * g     v = b2 * v + (1 - b2) * g * g
///     parameter -= scaled_decay * parameter                           scaled_decay = rate * weight decay
///     parameter -= step * m / (sqrt(v) + epsilon)                     step = rate * sqrt(1 - b2^t) / (1 - b1^t)
void ckernels_adam(int64_t count, ckernels_shards shards, float factor, float step, float scaled_decay, float b1,
                   float b2, float epsilon, float *parameters, float *m, float *v);

/// g += weight_decay * parameter, velocity = momentum * velocity - rate * g, parameter += velocity. With
/// `nesterov`, parameter += momentum * velocity - rate * g, with the new velocity. If velocity is NULL,
/// parameter -= rate * g; if weight_decay is 0, g is unchanged.
void ckernels_sgd(int64_t count, ckernels_shards shards, float factor, float rate, float momentum, int nesterov,
                  float weight_decay, float *parameters, float *velocity);

/// RMSprop as in Keras. If scaled_decay is 0, it changes no parameter:
///
///     v = rho * v + (1 - rho) * g * g
///     parameter -= scaled_decay * parameter                           scaled_decay = rate * weight decay
///     velocity = momentum * velocity - rate * g / sqrt(v + epsilon)   without velocity (NULL) in the parameter
///     parameter += velocity
void ckernels_rmsprop(int64_t count, ckernels_shards shards, float factor, float rate, float scaled_decay, float rho,
                      float momentum, float epsilon, float *parameters, float *v, float *velocity);

#endif
