// Scores of a few rows, consecutive tokens of one head or heads of one token, over the tree of `linear.h`, with the lanes in 16
// vectors rather than in one, so that 16 outputs are computed side by side and no lane is ever moved.

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

// The rows that a block has, tokens of one head: six with two lanes of two vectors each are 24 sums.
#define BLOCK 6

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

#if TILE_VALUES == 3
// One term of `R` rows with each of `G` groups of 16 keys.
INLINE void score_term(const int R, const int G, const float *query, long query_stride, const float *key,
                       long group_stride, v16f sums[]) {
  v16f keys[2];
  UNROLL
  for (int g = 0; g < G; g++) keys[g] = LOAD(v16f, key + g * group_stride);
  UNROLL
  for (int r = 0; r < R; r++) {
    v16f term = splat(query[r * query_stride]);
    UNROLL
    for (int g = 0; g < G; g++) sums[r * G + g] = MULTIPLY_ADD(keys[g], term, sums[r * G + g]);
  }
}

// The scores of `BLOCK` rows with `G` groups of 16 keys, of which the first row wants `count` and each next `growth` more. Two
// lanes at a time, 8 apart: each number that is loaded serves two products or six.
INLINE void score_block(const int G, const float *queries, long query_stride, const float *keys, long group_stride,
                        long size, double root, long count, long growth, float *out, long out_stride) {
  v16f waiting[4 * BLOCK * 2];
  const long whole = size / LANES * LANES;
  for (int n = 0; n < LANES / 2; n++) {
    v16f sums[2][BLOCK * 2];
    UNROLL
    for (int i = 0; i < BLOCK * G; i++) sums[0][i] = sums[1][i] = (v16f){0};
    long i = lane_of_turn[2 * n];
    for (; i < whole; i += LANES) {
      UNROLL
      for (int half = 0; half < 2; half++) {
        const long at = i + 8 * half;
        score_term(BLOCK, G, queries + at, query_stride, keys + LANES * at, group_stride, sums[half]);
      }
    }
    UNROLL
    for (int half = 0; half < 2; half++) {
      const long at = i + 8 * half;
      if (at < size) score_term(BLOCK, G, queries + at, query_stride, keys + LANES * at, group_stride, sums[half]);
    }
    UNROLL
    for (int j = 0; j < BLOCK * G; j++) sums[0][j] += sums[1][j];
    v16f *place = carry(BLOCK * G, n, waiting, sums[0]);
    UNROLL
    for (int j = 0; j < BLOCK * G; j++) place[j] = sums[0][j];
  }
  UNROLL
  for (int r = 0; r < BLOCK; r++) {
    UNROLL
    for (int g = 0; g < G; g++) {
      const long wanted = count + r * growth - LANES * g;
      if (wanted <= 0) continue;
      v16f result = divided_by_root(waiting[(3 * BLOCK + r) * G + g], root);
      float *place = out + r * out_stride + LANES * g;
      if (wanted >= LANES) STORE(place, result);
      else memcpy(place, &result, (size_t)wanted * sizeof(float));
    }
  }
}

// `rows` whole blocks, with two groups of keys at a time, which serve all rows while they are in the first-level cache.
static void score_blocks(const float *queries, long query_stride, long rows, long growth, const float *keys,
                         long group_stride, long positions, long size, double root, float *out, long out_stride) {
  for (long s = 0; s < positions + (rows - 1) * growth; s += 2 * LANES) {
    const float *groups = keys + s / LANES * group_stride;
    for (long row = 0; row < rows; row += BLOCK) {
      const float *first = queries + row * query_stride;
      const long count = positions + row * growth - s, most = count + (BLOCK - 1) * growth;
      float *place = out + row * out_stride + s;
      if (most > LANES) {
        score_block(2, first, query_stride, groups, group_stride, size, root, count, growth, place, out_stride);
      } else if (most > 0) {
        score_block(1, first, query_stride, groups, group_stride, size, root, count, growth, place, out_stride);
      }
    }
  }
}
#endif

static void scores(const float *queries, long query_stride, long rows, long growth, const float *keys,
                   long group_stride, long positions, long size, double root, float *out, long out_stride) {
  long blocked = 0;
#if TILE_VALUES == 3
  blocked = growth > 0 ? rows / BLOCK * BLOCK : 0;
  if (blocked > 0) {
    score_blocks(queries, query_stride, blocked, growth, keys, group_stride, positions, size, root, out, out_stride);
  }
  if (blocked == rows) return;
#endif
  // A group of keys serves all rows while it is in the first-level cache.
  for (long s = 0; s < positions + (rows - 1) * growth; s += LANES) {
    const float *group = keys + s / LANES * group_stride;
    long row = blocked;
    // One token has so little to do with a group that memory must be asked for the next; beyond the last it does nothing.
    if (growth == 0) {
      for (long i = 0; i < size; i++) ASK((uintptr_t)group + sizeof(float) * (uintptr_t)(group_stride + LANES * i), 3);
    }
#if TILE_VALUES == 3
    for (; row + 3 <= rows; row += 3) {
      long seen = positions + row * growth - s;
      long counts[3] = {seen, seen + growth, seen + 2 * growth};
      if (counts[2] <= 0) continue;
      score_tile(3, TILE_LANES, queries + row * query_stride, query_stride, group, size, root, counts,
                 out + row * out_stride + s, out_stride);
    }
#endif
    for (; row < rows; row++) {
      long counts[1] = {positions + row * growth - s};
      if (counts[0] <= 0) continue;
      score_tile(1, TILE_LANES_ALONE, queries + row * query_stride, query_stride, group, size, root, counts,
                 out + row * out_stride + s, out_stride);
    }
  }
}
