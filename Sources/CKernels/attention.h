// Scores and weighted values of one query: both over the tree of `linear.h`, with the lanes in 16 vectors rather than
// in one, so that 16 outputs are computed side by side and no lane is ever moved.

// Adds 16 vectors pairwise: s + (s + 8), then 4, 2 and 1 apart, as `lane_sum` adds lanes.
INLINE v16f vector_sum(v16f sums[LANES]) {
  for (int distance = LANES / 2; distance > 0; distance /= 2) {
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

static void scores(const float *query, const float *keys, long group_stride, long positions, long size, double root,
                   float *out) {
  for (long s = 0; s < positions; s += LANES, keys += group_stride) {
    v16f sums[LANES];
    for (int lane = 0; lane < LANES; lane++) sums[lane] = (v16f){0};
    long i = 0;
    for (; i + LANES <= size; i += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        sums[lane] = MULTIPLY_ADD(LOAD(v16f, keys + LANES * (i + lane)), (v16f){0} + query[i + lane], sums[lane]);
      }
    }
    for (int lane = 0; lane < LANES && i + lane < size; lane++) {
      sums[lane] = MULTIPLY_ADD(LOAD(v16f, keys + LANES * (i + lane)), (v16f){0} + query[i + lane], sums[lane]);
    }
    v16f result = divided_by_root(vector_sum(sums), root);
    long count = positions - s < LANES ? positions - s : LANES;
    memcpy(out + s, &result, (size_t)count * sizeof(float));
  }
}

static void values(const float *weights, const float *values, long stride, long positions, long size, float *out) {
  for (long i = 0; i < size; i += LANES) {
    v16f sums[LANES];
    for (int lane = 0; lane < LANES; lane++) sums[lane] = (v16f){0};
    long s = 0;
    for (; s + LANES <= positions; s += LANES) {
      for (int lane = 0; lane < LANES; lane++) {
        v16f row = LOAD(v16f, values + (s + lane) * stride + i);
        sums[lane] = MULTIPLY_ADD(row, (v16f){0} + weights[s + lane], sums[lane]);
      }
    }
    for (int lane = 0; lane < LANES && s + lane < positions; lane++) {
      v16f row = LOAD(v16f, values + (s + lane) * stride + i);
      sums[lane] = MULTIPLY_ADD(row, (v16f){0} + weights[s + lane], sums[lane]);
    }
    v16f result = vector_sum(sums);
    memcpy(out + i, &result, (size_t)(size - i < LANES ? size - i : LANES) * sizeof(float));
  }
}
