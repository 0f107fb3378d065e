// The few vector loops that Swift's compiler cannot make fast on baseline x86-64. Everything here works on plain
// memory that the caller has sized; nothing allocates, and sums run in an order that the arguments alone decide.
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
