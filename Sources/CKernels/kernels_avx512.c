#if defined(__x86_64__)

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)

#define PLUMB_TABLE plumb_kernels_avx512
#define PLUMB_FUSED 1
#define HAS_HALF 1
#define HAS_LOOKUP 1
#define TILE_VECTORS 2
#define TILE_TOKENS 14
#define TILE_WIDTH 16
#define FEW_ROWS 4
#define FEW_TOKENS 6
#define TILE_ROWS_ALONE 8
#define TOGETHER 4
#define TILE_VALUES 3
#define TILE_LANES 8
#define TILE_LANES_ALONE 16

#include "body.h"

#pragma clang attribute pop

#endif
