// Scores and weighted values of a few rows, consecutive tokens of one head or heads of one token: both over the tree of
// `linear.h`, with the lanes in 16 vectors rather than in one, so that 16 outputs are computed side by side and no lane is
// ever moved.

// Adds 16 vectors pairwise: s + (s + 8), then 4, 2 and 1 apart, as `lane_sum` adds lanes.
INLINE v16f vector_sum(v16f sums[LANES]) {
  UNROLL
  for (int distance = LANES / 2; distance > 0; distance /= 2) {
    UNROLL
    for (int lane = 0; lane < distance; lane++) sums[lane] += sums[lane + distance];
  }
  return sums[0];
}

// The quotient by the root is computed in Float64 and rounded once. Where the root is a power of two, a product by its
// reciprocal in binary32 is the same number: both are the exact quotient, rounded once.
INLINE v16f divided_by_root(v16f sums, double root) {
  float reciprocal = (float)(1 / root);
  uint64_t bits;
  memcpy(&bits, &root, 8);
  if ((bits & ((1ull << 52) - 1)) == 0) return sums * reciprocal;
  v8f low = __builtin_shufflevector(sums, sums, 0, 1, 2, 3, 4, 5, 6, 7);
  v8f high = __builtin_shufflevector(sums, sums, 8, 9, 10, 11, 12, 13, 14, 15);
  low = __builtin_convertvector(__builtin_convertvector(low, v8d) / root, v8f);
  high = __builtin_convertvector(__builtin_convertvector(high, v8d) / root, v8f);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// The scores of `R` rows with one group of 16 keys, of which `counts[r]` are wanted. `AT_ONCE` lanes of each row are
// summed at a time: a key that is loaded serves all rows.
INLINE void score_tile(const int R, const int AT_ONCE, const float *queries, long query_stride, const float *keys,
                       long size, double root, const long counts[R], float *out, long out_stride) {
  v16f lanes[R][LANES], sums[24];
  long whole = size / LANES * LANES;
  UNROLL
  for (int first = 0; first < LANES; first += AT_ONCE) {
    UNROLL
    for (int i = 0; i < R * AT_ONCE; i++) sums[i] = (v16f){0};
    for (long i = first; i < whole; i += LANES) {
      UNROLL
      for (int lane = 0; lane < AT_ONCE; lane++) {
        v16f key = LOAD(v16f, keys + LANES * (i + lane));
        UNROLL
        for (int r = 0; r < R; r++) {
          sums[r * AT_ONCE + lane] =
            MULTIPLY_ADD(key, splat(queries[r * query_stride + i + lane]), sums[r * AT_ONCE + lane]);
        }
      }
    }
    UNROLL
    for (int r = 0; r < R; r++) {
      UNROLL
      for (int lane = 0; lane < AT_ONCE; lane++) lanes[r][first + lane] = sums[r * AT_ONCE + lane];
    }
  }
  UNROLL
  for (int r = 0; r < R; r++) {
    if (counts[r] <= 0) continue;
    UNROLL
    for (int lane = 0; lane < LANES; lane++) {
      long i = whole + lane;
      if (i >= size) break;
      lanes[r][lane] = MULTIPLY_ADD(LOAD(v16f, keys + LANES * i), splat(queries[r * query_stride + i]), lanes[r][lane]);
    }
    v16f result = divided_by_root(vector_sum(lanes[r]), root);
    memcpy(out + r * out_stride, &result, (size_t)(counts[r] < LANES ? counts[r] : LANES) * sizeof(float));
  }
}

static void scores(const float *queries, long query_stride, long rows, long growth, const float *keys,
                   long group_stride, long positions, long size, double root, float *out, long out_stride) {
  // A group of keys serves all rows while it is in the first-level cache.
  for (long s = 0; s < positions + (rows - 1) * growth; s += LANES, keys += group_stride) {
    long row = 0;
    // One token has so little to do with a group that memory must be asked for the next; beyond the last it does nothing.
    if (growth == 0) {
      for (long i = 0; i < size; i++) __builtin_prefetch(keys + group_stride + LANES * i);
    }
#if TILE_VALUES == 3
    for (; row + 3 <= rows; row += 3) {
      long seen = positions + row * growth - s;
      long counts[3] = {seen, seen + growth, seen + 2 * growth};
      if (counts[2] <= 0) continue;
      score_tile(3, TILE_LANES, queries + row * query_stride, query_stride, keys, size, root, counts,
                 out + row * out_stride + s, out_stride);
    }
#endif
    for (; row < rows; row++) {
      long counts[1] = {positions + row * growth - s};
      if (counts[0] <= 0) continue;
      score_tile(1, TILE_LANES_ALONE, queries + row * query_stride, query_stride, keys, size, root, counts,
                 out + row * out_stride + s, out_stride);
    }
  }
}

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

static void values(const float *weights, long weights_stride, long rows, long growth, const float *values,
                   long stride, long positions, long size, float *out, long out_stride) {
  // The values of one token's head lie apart, and are read 16 columns at a time, in an order that no prefetcher follows.
  // Where they fit into half a MiB, and so into the second-level cache, they are asked for in their own order.
  if (growth == 0 && positions * size <= 1 << 17) {
    for (long s = 0; s < positions; s++) {
      for (long i = 0; i < size; i += LANES) __builtin_prefetch(values + s * stride + i);
    }
  }
  for (long i = 0; i < size; i += LANES) {
    long columns = size - i < LANES ? size - i : LANES, row = 0;
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
