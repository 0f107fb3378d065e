#include "include/finite.h"

#include "dispatch.h"
#include <string.h>

CKERNELS_CLONES
int ckernels_all_finite(int64_t count, const float *values) {
  // An exponent of ones. Integer operations, so that the loop vectorizes without reordering additions.
  uint32_t bits = 0;
  for (int64_t i = 0; i < count; i++) {
    uint32_t word;
    memcpy(&word, &values[i], sizeof word);
    bits |= (word & 0x7f800000) == 0x7f800000;
  }
  return bits == 0;
}
