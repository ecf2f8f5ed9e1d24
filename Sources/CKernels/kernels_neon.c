#if defined(__aarch64__)

#pragma STDC FP_CONTRACT OFF

#define PLUMB_TABLE plumb_kernels_neon
#define PLUMB_FUSED 1
#define HAS_HALF 1
#define HAS_LOOKUP 0
#define TILE_VECTORS 1
#define TILE_TOKENS 6
#define TILE_WIDTH 8
#define FEW_ROWS 2
#define FEW_TOKENS 3
#define TILE_ROWS_ALONE 4
#define TOGETHER 1
#define TILE_VALUES 1
#define TILE_LANES_ALONE 4

#include "body.h"

#endif
