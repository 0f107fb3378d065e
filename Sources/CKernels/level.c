#include "level.h"

#include "dispatch.h"

const char *ckernels_level(void) {
#if defined(CKERNELS_HAS_CLONES)
  // The same checks in the same order as the loader.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
  if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
#endif
  return "baseline";
}
