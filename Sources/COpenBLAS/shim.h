// Imported by CBLASShim only. Through this module, SwiftPM asks pkg-config for the headers of OpenBLAS,
// because the plain <cblas.h> may belong to another BLAS.
#include <cblas.h>
