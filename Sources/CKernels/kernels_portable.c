#pragma STDC FP_CONTRACT OFF

#define PLUMB_TABLE plumb_kernels_portable
#define PLUMB_FUSED 0
#define HAS_HALF 0
#define HAS_LOOKUP 0
#define TILE_VECTORS 1
#define TILE_TOKENS 2
#define TILE_WIDTH 2
#define FEW_ROWS 1
#define FEW_TOKENS 2
#define TILE_ROWS_ALONE 2
#define TOGETHER 1
#define TILE_VALUES 1
#define TILE_LANES_ALONE 2

#include "body.h"
