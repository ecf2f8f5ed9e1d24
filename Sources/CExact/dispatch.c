#include "cexact.h"

extern plumb_panel_product *const plumb_panel_product_portable, *const plumb_panel_product_avx2,
  *const plumb_panel_product_avx512;

plumb_panel_product *plumb_panel_product_for(enum plumb_exact_instruction_set set) {
  switch (set) {
  case PLUMB_EXACT_PORTABLE: return plumb_panel_product_portable;
#if defined(__x86_64__)
  case PLUMB_EXACT_AVX2: return __builtin_cpu_supports("avx2") ? plumb_panel_product_avx2 : 0;
  case PLUMB_EXACT_AVX512_VNNI:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
             && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")
           ? plumb_panel_product_avx512 : 0;
#endif
  default: return 0;
  }
}

extern plumb_panel_sums *const plumb_panel_sums_portable, *const plumb_panel_sums_avx2, *const plumb_panel_sums_avx512;

plumb_panel_sums *plumb_panel_sums_for(enum plumb_exact_instruction_set set) {
  switch (set) {
  case PLUMB_EXACT_PORTABLE: return plumb_panel_sums_portable;
#if defined(__x86_64__)
  case PLUMB_EXACT_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? plumb_panel_sums_avx2 : 0;
  case PLUMB_EXACT_AVX512_VNNI: return __builtin_cpu_supports("avx512f") ? plumb_panel_sums_avx512 : 0;
#endif
  default: return 0;
  }
}

extern const struct plumb_survey_functions plumb_survey_portable, plumb_survey_avx2, plumb_survey_avx512;

const struct plumb_survey_functions *plumb_survey_for(enum plumb_exact_instruction_set set) {
  switch (set) {
  case PLUMB_EXACT_PORTABLE: return &plumb_survey_portable;
#if defined(__x86_64__)
  case PLUMB_EXACT_AVX2: return __builtin_cpu_supports("avx2") ? &plumb_survey_avx2 : 0;
  case PLUMB_EXACT_AVX512_VNNI:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
             && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
           ? &plumb_survey_avx512 : 0;
#endif
  default: return 0;
  }
}

extern plumb_remainder_product *const plumb_remainder_product_portable, *const plumb_remainder_product_avx2,
  *const plumb_remainder_product_avx512;

plumb_remainder_product *plumb_remainder_product_for(enum plumb_exact_instruction_set set) {
  // Both are made of the same instructions.
  if (!plumb_panel_product_for(set)) return 0;
  switch (set) {
#if defined(__x86_64__)
  case PLUMB_EXACT_AVX2: return plumb_remainder_product_avx2;
  case PLUMB_EXACT_AVX512_VNNI: return plumb_remainder_product_avx512;
#endif
  default: return plumb_remainder_product_portable;
  }
}
