#ifndef C_KERNELS_CPU_RELAX_H
#define C_KERNELS_CPU_RELAX_H

/// Hints to the core that it is in a spin loop, which saves power and favors the sibling hyperthread.
static inline void ckernels_cpu_relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

#endif
