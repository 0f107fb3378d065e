// Swift has no function multiversioning, so the vector loops are in C. All functions work on memory that the
// caller allocates. The order of every sum depends only on the arguments.
#ifndef C_KERNELS_H
#define C_KERNELS_H

#include "activation.h"
#include "band.h"
#include "batch_normalization.h"
#include "cpu_relax.h"
#include "direct.h"
#include "direct_rows.h"
#include "dropout.h"
#include "elementwise.h"
#include "epilogue.h"
#include "finite.h"
#include "grouped.h"
#include "im2col.h"
#include "level.h"
#include "loss.h"
#include "metrics.h"
#include "optimizer.h"
#include "pooling.h"
#include "prelu.h"
#include "response_normalization.h"
#include "softmax.h"
#include "sparse.h"
#include "thin_dense.h"
#include "winograd.h"

#endif
