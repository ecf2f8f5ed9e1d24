// Weighted values of a few rows, as in `scores.h`.

// 16 columns of `R` rows, of which the first sees `positions` and each next `growth` more. `AT_ONCE` lanes of each row are
// summed at a time, over the whole groups of 16 positions that all rows see; what is left is added row by row.
INLINE void value_tile(const int R, const int AT_ONCE, const float *weights, long weights_stride, const float *values,
                       long stride, long positions, long growth, long columns, float *out, long out_stride) {
  v16f lanes[3][LANES], sums[24];
  long whole = positions / LANES * LANES;
  for (int first = 0; first < LANES; first += AT_ONCE) {
    UNROLL
    for (int i = 0; i < R * AT_ONCE; i++) sums[i] = (v16f){0};
    for (long s = 0; s < whole; s += LANES) {
      UNROLL
      for (int lane = 0; lane < AT_ONCE; lane++) {
        v16f column = LOAD(v16f, values + (s + first + lane) * stride);
        UNROLL
        for (int r = 0; r < R; r++) {
          float weight = weights[r * weights_stride + s + first + lane];
          sums[r * AT_ONCE + lane] = MULTIPLY_ADD(column, splat(weight), sums[r * AT_ONCE + lane]);
        }
      }
    }
    UNROLL
    for (int r = 0; r < R; r++) {
      UNROLL
      for (int lane = 0; lane < AT_ONCE; lane++) lanes[r][first + lane] = sums[r * AT_ONCE + lane];
    }
  }
  for (int r = 0; r < R; r++) {
    for (long s = whole; s < positions + r * growth; s++) {
      v16f *sum = &lanes[r][s % LANES];
      *sum = MULTIPLY_ADD(LOAD(v16f, values + s * stride), splat(weights[r * weights_stride + s]), *sum);
    }
    v16f result = vector_sum(lanes[r]);
    memcpy(out + r * out_stride, &result, (size_t)columns * sizeof(float));
  }
}

#if TILE_VALUES == 3
// One position of `R` rows, 32 columns.
INLINE void value_term(const int R, const float *weight, long weights_stride, const float *value, v16f sums[]) {
  const v16f low = LOAD(v16f, value), high = LOAD(v16f, value + LANES);
  UNROLL
  for (int r = 0; r < R; r++) {
    v16f term = splat(weight[r * weights_stride]);
    sums[2 * r] = MULTIPLY_ADD(low, term, sums[2 * r]);
    sums[2 * r + 1] = MULTIPLY_ADD(high, term, sums[2 * r + 1]);
  }
}

// 32 columns of `BLOCK` rows, of which the first sees `positions` and each next `growth` more. Two lanes at a time, 8 apart,
// over the whole groups of 16 positions that all rows see, then over what is left of each row.
static void value_block(const float *weights, long weights_stride, const float *values, long stride, long positions,
                        long growth, float *out, long out_stride) {
  v16f waiting[4 * BLOCK * 2];
  const long whole = positions / LANES * LANES, most = positions + (BLOCK - 1) * growth;
  for (int n = 0; n < LANES / 2; n++) {
    v16f sums[2][BLOCK * 2];
    UNROLL
    for (int i = 0; i < BLOCK * 2; i++) sums[0][i] = sums[1][i] = (v16f){0};
    const long lane = lane_of_turn[2 * n];
    for (long s = lane; s < whole; s += LANES) {
      UNROLL
      for (int half = 0; half < 2; half++) {
        const long at = s + 8 * half;
        value_term(BLOCK, weights + at, weights_stride, values + at * stride, sums[half]);
      }
    }
    UNROLL
    for (int half = 0; half < 2; half++) {
      for (long at = whole + lane + 8 * half; at < most; at += LANES) {
        UNROLL
        for (int r = 0; r < BLOCK; r++) {
          if (at >= positions + r * growth) continue;
          value_term(1, weights + r * weights_stride + at, 0, values + at * stride, sums[half] + 2 * r);
        }
      }
    }
    UNROLL
    for (int j = 0; j < BLOCK * 2; j++) sums[0][j] += sums[1][j];
    v16f *place = carry(BLOCK * 2, n, waiting, sums[0]);
    UNROLL
    for (int j = 0; j < BLOCK * 2; j++) place[j] = sums[0][j];
  }
  for (int r = 0; r < BLOCK; r++) {
    STORE(out + r * out_stride, waiting[(3 * BLOCK + r) * 2]);
    STORE(out + r * out_stride + LANES, waiting[(3 * BLOCK + r) * 2 + 1]);
  }
}
#endif

static void values(const float *weights, long weights_stride, long rows, long growth, const float *values,
                   long stride, long positions, long size, float *out, long out_stride) {
  // The values of one token's head lie apart, and are read 16 columns at a time, in an order that no prefetcher follows.
  // Where they fit into half a MiB, and so into the second-level cache, they are asked for in their own order.
  if (growth == 0 && positions * size <= 1 << 17) {
    for (long s = 0; s < positions; s++) {
      for (long i = 0; i < size; i += LANES) ASK((uintptr_t)(values + s * stride + i), 3);
    }
  }
  long blocked = 0, wide = 0;
#if TILE_VALUES == 3
  blocked = growth > 0 ? rows / BLOCK * BLOCK : 0;
  wide = size / (2 * LANES) * (2 * LANES);
  for (long i = 0; i < wide; i += 2 * LANES) {
    for (long row = 0; row < blocked; row += BLOCK) {
      value_block(weights + row * weights_stride, weights_stride, values + i, stride, positions + row * growth, growth,
                  out + row * out_stride + i, out_stride);
    }
  }
#endif
  for (long i = 0; i < size; i += LANES) {
    long columns = size - i < LANES ? size - i : LANES, row = i < wide ? blocked : 0;
#if TILE_VALUES == 3
    for (; row + 3 <= rows; row += 3) {
      value_tile(3, TILE_LANES, weights + row * weights_stride, weights_stride, values + i, stride,
                 positions + row * growth, growth, columns, out + row * out_stride + i, out_stride);
    }
#endif
    for (; row < rows; row++) {
      value_tile(1, TILE_LANES_ALONE, weights + row * weights_stride, weights_stride, values + i, stride,
                 positions + row * growth, growth, columns, out + row * out_stride + i, out_stride);
    }
  }
}
