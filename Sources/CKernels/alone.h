// The product of a matrix with one token's numbers: each weight is decoded in registers as it is read, since memory is what
// takes the time. Over the tree of `linear.h`, with a row's lanes in one vector.

// Whether 32 weights fill lines of the cache. Such rows are memory's work: taken from as many places as there are rows in a
// tile they come faster than side by side. Of shorter ones the processor has more to do, and what is asked for follows in
// memory.
#define FILLS_LINES(type) (RUN_BYTES(type) % 64 == 0)

// How far ahead of each row memory is asked for where rows lie apart.
#define AHEAD 768

// `R` stored rows, `step` rows apart, times one row of activations of whole runs of 32 columns: each weight is decoded in
// registers. Meanwhile memory is asked for what comes next: in each row, or from `next` on.
INLINE void stored_tile(const uint32_t type, const int R, const uint8_t *stored, long step, uintptr_t next,
                        long row_bytes, const float *x, long columns, const float *bias, float *y) {
  v16f sums[32];
  struct scales scales[TILE_ROWS_ALONE];
  UNROLL
  for (int r = 0; r < R; r++) sums[r] = (v16f){0};
  const long distance = step * row_bytes, bytes = columns ? R * row_bytes * 32 / columns : 0;
  uintptr_t ahead = (uintptr_t)stored + AHEAD;
  for (long start = 0; start < columns; start += SCALED) {
    long count = columns - start < SCALED ? columns - start : SCALED;
    UNROLL
    for (int r = 0; r < R; r++) read_scales(type, stored + r * distance, start, count, &scales[r]);
    for (long i = 0; i < count / 32; i++, ahead += RUN_BYTES(type), next += (uintptr_t)bytes) {
      long j = start + 32 * i;
      v16f low = LOAD(v16f, x + j), high = LOAD(v16f, x + j + LANES);
      UNROLL
      for (int line = 0; line < (FILLS_LINES(type) ? 0 : R * RUN_BYTES(type)); line += 64) ASK(next + (uintptr_t)line, 3);
      UNROLL
      for (int r = 0; r < R; r++) {
        v16f weights[2];
        decode32(type, stored + r * distance, j, &scales[r], i, weights);
        UNROLL
        for (int line = 0; line < (FILLS_LINES(type) ? RUN_BYTES(type) : 0); line += 64)
          ASK(ahead + (uintptr_t)(r * distance + line), 3);
        sums[r] = MULTIPLY_ADD(weights[0], low, sums[r]);
        sums[r] = MULTIPLY_ADD(weights[1], high, sums[r]);
      }
    }
  }
  UNROLL
  for (int r = 0; r < R; r++) y[r * step] = bias ? lane_sum(sums[r]) + bias[r * step] : lane_sum(sums[r]);
}

INLINE void stored_strip(const uint32_t type, const uint8_t *stored, long rows, long row_bytes, const float *x,
                         long columns, const float *bias, float *y) {
  const long tiles = rows / TILE_ROWS_ALONE, step = FILLS_LINES(type) ? tiles : 1;
  for (long tile = 0; tile < tiles; tile++) {
    const long r = FILLS_LINES(type) ? tile : tile * TILE_ROWS_ALONE;
    const uint8_t *rows_of_tile = stored + r * row_bytes;
    // What follows the last tile is somebody else's.
    const uintptr_t next = (uintptr_t)rows_of_tile + (tile + 1 < tiles ? (uintptr_t)(TILE_ROWS_ALONE * row_bytes) : 0);
    stored_tile(type, TILE_ROWS_ALONE, rows_of_tile, step, next, row_bytes, x, columns, bias ? bias + r : 0, y + r);
  }
  for (long r = tiles * TILE_ROWS_ALONE; r < rows; r++) {
    const uint8_t *row = stored + r * row_bytes;
    stored_tile(type, 1, row, 1, (uintptr_t)row, row_bytes, x, columns, bias ? bias + r : 0, y + r);
  }
}
