#ifndef C_KERNELS_H
#define C_KERNELS_H

#include "cpu_relax.h"

#endif
