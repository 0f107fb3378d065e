// The only interface to OpenBLAS. It hides <cblas.h>, whose enums and hundreds of functions would otherwise
// be visible in Swift.
#ifndef CBLAS_SHIM_H
#define CBLAS_SHIM_H

#include <stdint.h>

/// The reason why a product was refused, or `cblas_shim_ok` if it was computed.
/// OpenBLAS itself prints a warning on a bad argument, leaves C unchanged, and returns.
typedef enum {
  cblas_shim_ok = 0,
  /// m, n or k is below 1 or above INT32_MAX.
  cblas_shim_bad_size = 1,
  /// A leading dimension is shorter than a row, or above INT32_MAX.
  cblas_shim_bad_leading_dimension = 2,
} cblas_shim_status;

/// The thread support that OpenBLAS was built with: the result of `openblas_get_parallel`.
typedef enum {
  cblas_shim_serial = 0,
  cblas_shim_pthreads = 1,
  cblas_shim_openmp = 2,
} cblas_shim_flavor;

/// C = alpha * op(A) op(B) + beta * C, all row-major; op transposes if the flag is not 0.
/// op(A) is m x k, op(B) is k x n, C is m x n. beta = 0 overwrites C, including NaN.
cblas_shim_status cblas_shim_sgemm(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                                   const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
                                   int64_t ldc);

/// Sets OpenBLAS to one thread for the whole process, and returns the number of threads that it then reports.
int cblas_shim_use_one_thread(void);

/// The thread support that OpenBLAS was built with.
cblas_shim_flavor cblas_shim_get_flavor(void);

/// Version and build options, for example "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...".
const char *cblas_shim_version(void);

/// The kernels that OpenBLAS chose for this CPU, for example "SkylakeX".
const char *cblas_shim_core_name(void);

#endif
