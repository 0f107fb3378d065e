// The vector loops that the Swift compiler cannot make fast on baseline x86-64. All functions work on memory
// that the caller allocates, none allocates, and the order of every sum depends on the arguments alone.
#ifndef C_KERNELS_H
#define C_KERNELS_H

#include "activation.h"
#include "cpu_relax.h"
#include "depthwise.h"
#include "direct.h"
#include "direct_rows.h"
#include "dropout.h"
#include "epilogue.h"
#include "im2col.h"
#include "level.h"
#include "loss.h"
#include "optimizer.h"
#include "pooling.h"
#include "response_normalization.h"
#include "softmax.h"
#include "thin_dense.h"
#include "winograd.h"

#endif
