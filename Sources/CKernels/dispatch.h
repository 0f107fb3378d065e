// Compiles a kernel once for each level of x86-64; the loader chooses the clone.
#ifndef C_KERNELS_DISPATCH_H
#define C_KERNELS_DISPATCH_H

#if defined(__linux__)
#include <features.h>
#endif

// IFUNC resolvers run before the thread sanitizer is initialized, so it needs builds without clones.
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

// A check of debug builds, in which the package manager defines DEBUG.
#if defined(DEBUG)
#include <assert.h>
#define CKERNELS_ASSERT(condition) assert(condition)
#else
#define CKERNELS_ASSERT(condition) ((void)(0 && (condition)))
#endif

// Helpers must be inlined into every clone; otherwise they would be compiled for the baseline only.
#define CKERNELS_INLINE static inline __attribute__((always_inline))

// For loops whose data must stay in registers: a small constant number of rows, columns or channels.
#define CKERNELS_UNROLLED _Pragma("clang loop unroll(full)")

#endif
