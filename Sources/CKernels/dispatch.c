#include "ckernels.h"

extern const struct plumb_kernels plumb_kernels_portable, plumb_kernels_avx2, plumb_kernels_avx512, plumb_kernels_neon;

const struct plumb_kernels *plumb_kernels_for(enum plumb_instruction_set set) {
  switch (set) {
  case PLUMB_PORTABLE: return &plumb_kernels_portable;
#if defined(__x86_64__)
  case PLUMB_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")
           ? &plumb_kernels_avx2 : 0;
  case PLUMB_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
             && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
             && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")
           ? &plumb_kernels_avx512 : 0;
#endif
#if defined(__aarch64__)
  case PLUMB_NEON: return &plumb_kernels_neon;
#endif
  default: return 0;
  }
}
