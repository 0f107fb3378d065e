#include "CBLASShim.h"

#include <cblas.h>

static int is_size(int64_t value) { return value >= 1 && value <= INT32_MAX; }

static int is_leading_dimension(int64_t value, int64_t row) { return value >= row && value <= INT32_MAX; }

cblas_shim_status cblas_shim_sgemm(int transpose_a, int transpose_b, int64_t m, int64_t n, int64_t k, float alpha,
                                   const float *a, int64_t lda, const float *b, int64_t ldb, float beta, float *c,
                                   int64_t ldc) {
  if (!is_size(m) || !is_size(n) || !is_size(k)) return cblas_shim_bad_size;
  if (!is_leading_dimension(lda, transpose_a ? m : k) || !is_leading_dimension(ldb, transpose_b ? k : n) ||
      !is_leading_dimension(ldc, n))
    return cblas_shim_bad_leading_dimension;
  cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans,
              (blasint)m, (blasint)n, (blasint)k, alpha, a, (blasint)lda, b, (blasint)ldb, beta, c, (blasint)ldc);
  return cblas_shim_ok;
}

int cblas_shim_use_one_thread(void) {
  openblas_set_num_threads(1);
  return openblas_get_num_threads();
}

cblas_shim_flavor cblas_shim_get_flavor(void) { return (cblas_shim_flavor)openblas_get_parallel(); }

const char *cblas_shim_version(void) { return openblas_get_config(); }

const char *cblas_shim_core_name(void) { return openblas_get_corename(); }
