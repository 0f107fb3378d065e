// The x86-64 level whose kernel clones this process runs.
#ifndef C_KERNELS_LEVEL_H
#define C_KERNELS_LEVEL_H

/// "x86-64-v4", "x86-64-v3" or "baseline".
const char *ckernels_level(void);

#endif
