// Every kernel, compiled for the instruction set of the including file, which defines PLUMB_TABLE, PLUMB_FUSED and the
// shape of the tiles: as many sums as its registers hold beside the operands.

// Vectors wider than the machine's never cross a call: every function that takes or returns one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#include "ckernels.h"
#include "vectors.h"

#include "decode.h"
#include "elementary.h"
#include "functions.h"

#include "alone.h"
#include "few.h"
#include "lanes.h"
#include "packing.h"
#include "many.h"
#include "linear.h"
#include "scores.h"
#include "values.h"
#include "pointwise.h"
#include "products.h"
#include "matrix.h"
#include "causal.h"
#include "descent.h"

const struct plumb_kernels PLUMB_TABLE = {
  .fused = PLUMB_FUSED,
  .packed_strips = packed_strips,
  .strip_floats = strip_floats,
  .pack_strip = pack_strip,
  .linear_scratch = linear_scratch,
  .linear = linear,
  .decode = decode,
  .scores = scores,
  .values = values,
  .softmax = softmax,
  .rms_norm = rms_norm,
  .add = add,
  .multiply = multiply,
  .map = map,
  .map_rounded = map_rounded,
  .products = products,
  .training = TRAINING_KERNELS,
};
