// The one door to OpenBLAS. <cblas.h> stays on the other side of it, so that its
// enums and its hundred functions do not leak into Swift.
#ifndef CBLAS_SHIM_H
#define CBLAS_SHIM_H

#include <stdint.h>

/// Why a product was refused; `cblas_shim_ok` when it was computed.
/// OpenBLAS itself prints a warning on a bad argument, leaves C as it was, and goes on.
typedef enum {
  cblas_shim_ok = 0,
  /// m, n or k is below 1 or above INT32_MAX.
  cblas_shim_bad_size = 1,
  /// A leading dimension is shorter than a row, or above INT32_MAX.
  cblas_shim_bad_leading_dimension = 2,
} cblas_shim_status;

/// How OpenBLAS was built to run threads: what `openblas_get_parallel` answers.
typedef enum {
  cblas_shim_serial = 0,
  cblas_shim_pthreads = 1,
  cblas_shim_openmp = 2,
} cblas_shim_flavor;

/// C = alpha * op(A) op(B) + beta * C, all row-major; op transposes where the flag is not 0.
/// op(A) is m x k, op(B) is k x n, C is m x n. beta = 0 overwrites whatever C held, NaN too.
cblas_shim_status cblas_shim_sgemm(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                                   const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
                                   int64_t ldc);

/// Tells OpenBLAS, for the whole process, to use one thread a call; returns what it then says it uses.
int cblas_shim_use_one_thread(void);

/// How OpenBLAS was built to run threads.
cblas_shim_flavor cblas_shim_get_flavor(void);

/// Version and build options, for example "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...".
const char *cblas_shim_version(void);

/// The kernels that OpenBLAS chose for this CPU, for example "SkylakeX".
const char *cblas_shim_core_name(void);

#endif
