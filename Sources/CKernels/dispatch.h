// How a kernel is compiled once for each level of x86-64 and picked when the program is loaded.
#ifndef C_KERNELS_DISPATCH_H
#define C_KERNELS_DISPATCH_H

#if defined(__linux__)
#include <features.h>
#endif

// The thread sanitizer's own calls cannot run yet where the loader asks which clone to take.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CKERNELS_WITHOUT_CLONES 1
#endif
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(CKERNELS_WITHOUT_CLONES)
#define CKERNELS_HAS_CLONES 1
#define CKERNELS_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CKERNELS_CLONES
#endif

// Helpers have to be inlined into every clone, or they would be compiled for the baseline only.
#define CKERNELS_INLINE static inline __attribute__((always_inline))

// In front of a loop over what has to stay in registers: a few rows, columns or channels, their number a constant.
#define CKERNELS_UNROLLED _Pragma("clang loop unroll(full)")

#endif
