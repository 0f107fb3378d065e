// Only CBLASShim sees this module: it exists so that SwiftPM asks pkg-config
// for OpenBLAS' own headers and not for whichever BLAS owns the plain <cblas.h>.
#include <cblas.h>
