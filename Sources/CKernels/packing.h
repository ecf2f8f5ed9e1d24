// How the operands of a matrix product lie while they are multiplied: lane by lane of the tree, so that a vector holds 16 rows'
// terms of one lane and no lane is ever moved.

// The columns that are decoded at a time: a whole block of every type. 16 rows of them are 16 KiB.
#define SPAN 256

// The terms of each lane of a row; in the last, lanes without a column have a zero.
INLINE long lane_terms(long columns) { return (columns + LANES - 1) / LANES; }

// Column c of 16 rows' 16 columns in out[c].
INLINE void transpose(const float *rows, long stride, v16f out[LANES]) {
  UNROLL
  for (int four = 0; four < LANES; four += 4) {
    // Part q of `quarters[r]` is four columns of row 4·q + r.
    v16f quarters[4], pairs[4];
    UNROLL
    for (int r = 0; r < 4; r++) {
      const float *at = rows + r * stride + four;
      v8f low = __builtin_shufflevector(LOAD(v4f, at), LOAD(v4f, at + 4 * stride), 0, 1, 2, 3, 4, 5, 6, 7);
      v8f high = __builtin_shufflevector(LOAD(v4f, at + 8 * stride), LOAD(v4f, at + 12 * stride), 0, 1, 2, 3, 4, 5, 6, 7);
      quarters[r] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
    UNROLL
    for (int r = 0; r < 4; r += 2) {
      v16f x = quarters[r], y = quarters[r + 1];
      pairs[r] = __builtin_shufflevector(x, y, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
      pairs[r + 1] = __builtin_shufflevector(x, y, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
    }
    UNROLL
    for (int c = 0; c < 4; c += 2) {
      v16f x = pairs[c / 2], y = pairs[c / 2 + 2];
      out[four + c] = __builtin_shufflevector(x, y, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
      out[four + c + 1] = __builtin_shufflevector(x, y, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    }
  }
}

// At most 16 stored rows, the first `taken` of 16 with zeros for those that are absent: term i of the lane that has its turn
// at n is at packed[(n·terms + i)·width + row].
INLINE void pack(const uint32_t type, const uint8_t *stored, long row_bytes, long rows, long columns, const int taken,
                 float *packed, const int width) {
  _Alignas(64) float span[LANES * SPAN];
  const long terms = lane_terms(columns);
  for (long j = 0; j < columns; j += SPAN) {
    const long count = columns - j < SPAN ? columns - j : SPAN, whole = lane_terms(count);
    for (long r = 0; r < LANES; r++) {
      float *row = span + r * SPAN;
      // A row's bytes are in proportion to its columns.
      if (r < rows) decode(type, stored + r * row_bytes + j / SPAN * (row_bytes * SPAN / columns), count, row);
      const long first = r < rows ? count : 0;
      memset(row + first, 0, (size_t)(LANES * whole - first) * sizeof(float));
    }
    for (long i = 0; i < whole; i++) {
      v16f lanes[LANES];
      transpose(span + LANES * i, SPAN, lanes);
      UNROLL
      for (int n = 0; n < LANES; n++) {
        float *out = packed + (n * terms + j / LANES + i) * width;
        memcpy(out, &lanes[lane_of_turn[n]], (size_t)taken * sizeof(float));
      }
    }
  }
}
