// Matrix products. Every output is one dot product over the tree that `SummationTree` declares: term j goes to lane
// j mod 16, a lane adds its terms in ascending order, the lanes are added by `lane_sum`. How outputs are grouped into
// tiles, panels and threads decides what is in the cache, and no bit.

// The rows that are decoded together: 64 rows of 576 columns are 144 KiB, which the second-level cache holds.
#define PANEL 64

// The columns that are taken at a time where there are more: 6 rows of activations and 4 of weights over them are 30 KiB,
// which the first-level cache holds. A multiple of 16.
#define COLUMNS 768

// `R` rows of weights times `T` rows of activations, each `stride` floats apart, over `columns`: the sums of the columns
// before are taken from `kept` unless they are the first, and left there unless they are the last. `R` and `T` are
// constants wherever this is inlined, so the sums stay in registers. A vector of activations that may lie across two lines of
// the cache costs two reads: the first tile of a panel, which `packs`, leaves what it read in `packed`, aligned and in the
// order in which the others read it.
INLINE void tile(const int R, const int T, const int is_first, const int is_last, const int packs, const float *w,
                 const float *x, float *packed, long stride, long columns, float *kept, const float *bias, float *y,
                 long outputs) {
  v16f sums[32], terms[32];
  UNROLL
  for (int i = 0; i < R * T; i++) {
    if (is_first) sums[i] = (v16f){0};
    else sums[i] = LOAD(v16f, kept + LANES * i);
  }
  long whole = columns / LANES * LANES;
  for (long j = 0; j < whole; j += LANES) {
    UNROLL
    for (int t = 0; t < T; t++) {
      if (packs) {
        terms[t] = LOAD(v16f, x + t * stride + j);
        STORE(packed + T * j + LANES * t, terms[t]);
      } else {
        terms[t] = LOAD(v16f, packed + T * j + LANES * t);
      }
    }
    UNROLL
    for (int r = 0; r < R; r++) {
      v16f weights = LOAD(v16f, w + r * stride + j);
      UNROLL
      for (int t = 0; t < T; t++) sums[t * R + r] = MULTIPLY_ADD(weights, terms[t], sums[t * R + r]);
    }
  }
  if (!is_last) {
    UNROLL
    for (int i = 0; i < R * T; i++) STORE(kept + LANES * i, sums[i]);
    return;
  }
  if (whole < columns) {
    UNROLL
    for (int t = 0; t < T; t++) terms[t] = load_first(x + t * stride + whole, columns - whole);
    UNROLL
    for (int r = 0; r < R; r++) {
      v16f weights = load_first(w + r * stride + whole, columns - whole);
      UNROLL
      for (int t = 0; t < T; t++) sums[t * R + r] = MULTIPLY_ADD(weights, terms[t], sums[t * R + r]);
    }
  }
  float totals[32];
  if (R * T == 1) {
    totals[0] = lane_sum(sums[0]);
  } else {
    UNROLL
    for (int i = R * T; i < 32; i++) sums[i] = (v16f){0};
    STORE(totals, lane_sums(sums));
    if (R * T > LANES) STORE(totals + LANES, lane_sums(sums + LANES));
  }
  UNROLL
  for (int t = 0; t < T; t++) {
    float *out = y + t * outputs;
    UNROLL
    for (int r = 0; r < R; r++) out[r] = bias ? totals[t * R + r] + bias[r] : totals[t * R + r];
  }
}

// All `rows` of a panel times `T` rows of activations over at most `COLUMNS` columns, `R` rows at a time.
INLINE void strip(const int R, const int T, const int is_first, const int is_last, const float *w, long rows,
                  const float *x, long stride, long columns, float *kept, const float *bias, float *y, long outputs) {
  _Alignas(64) float packed[TILE_TOKENS * COLUMNS];
  long r = 0;
  if (R <= rows) {
    tile(R, T, is_first, is_last, 1, w, x, packed, stride, columns, kept, bias, y, outputs);
    r = R;
  }
  for (; r + R <= rows; r += R) {
    tile(R, T, is_first, is_last, 0, w + r * stride, x, packed, stride, columns, kept + r * T * LANES,
         bias ? bias + r : 0, y + r, outputs);
  }
  for (; r < rows; r++) {
    tile(1, T, is_first, is_last, 1, w + r * stride, x, packed, stride, columns, kept + r * T * LANES,
         bias ? bias + r : 0, y + r, outputs);
  }
}

// The same over all columns, so many at a time as the cache holds beside each other.
INLINE void all_columns(const int R, const int T, const float *w, long rows, const float *x, long columns,
                        const float *bias, float *y, long outputs) {
  if (columns <= COLUMNS) {
    strip(R, T, 1, 1, w, rows, x, columns, columns, 0, bias, y, outputs);
    return;
  }
  float kept[PANEL * TILE_TOKENS * LANES];
  strip(R, T, 1, 0, w, rows, x, columns, COLUMNS, kept, bias, y, outputs);
  long j = COLUMNS;
  for (; columns - j > COLUMNS; j += COLUMNS) {
    strip(R, T, 0, 0, w + j, rows, x + j, columns, COLUMNS, kept, bias, y, outputs);
  }
  strip(R, T, 0, 1, w + j, rows, x + j, columns, columns - j, kept, bias, y, outputs);
}

// Whether 32 weights fill lines of the cache. Such rows are memory's work: taken from as many places as there are rows in a
// tile they come faster than side by side. Of shorter ones the processor has more to do, and what is asked for follows in
// memory.
#define FILLS_LINES(type) (RUN_BYTES(type) % 64 == 0)

// How far ahead of each row memory is asked for where rows lie apart.
#define AHEAD 768

// `R` stored rows, `step` rows apart, times one row of activations of whole runs of 32 columns: each weight is decoded in
// registers. Meanwhile memory is asked for what comes next: in each row, or from `next` on.
INLINE void stored_tile(const uint32_t type, const int R, const uint8_t *stored, long step, const uint8_t *next,
                        long row_bytes, const float *x, long columns, const float *bias, float *y) {
  v16f sums[32];
  struct scales scales[TILE_ROWS_ALONE];
  UNROLL
  for (int r = 0; r < R; r++) sums[r] = (v16f){0};
  const long distance = step * row_bytes, bytes = columns ? R * row_bytes * 32 / columns : 0;
  const uint8_t *ahead = stored + AHEAD;
  for (long start = 0; start < columns; start += SCALED) {
    long count = columns - start < SCALED ? columns - start : SCALED;
    UNROLL
    for (int r = 0; r < R; r++) read_scales(type, stored + r * distance, start, count, &scales[r]);
    for (long i = 0; i < count / 32; i++, ahead += RUN_BYTES(type), next += bytes) {
      long j = start + 32 * i;
      v16f low = LOAD(v16f, x + j), high = LOAD(v16f, x + j + LANES);
      UNROLL
      for (int line = 0; line < (FILLS_LINES(type) ? 0 : R * RUN_BYTES(type)); line += 64) __builtin_prefetch(next + line);
      UNROLL
      for (int r = 0; r < R; r++) {
        v16f weights[2];
        decode32(type, stored + r * distance, j, &scales[r], i, weights);
        UNROLL
        for (int line = 0; line < (FILLS_LINES(type) ? RUN_BYTES(type) : 0); line += 64)
          __builtin_prefetch(ahead + r * distance + line);
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
    const uint8_t *next = rows_of_tile + (tile + 1 < tiles ? TILE_ROWS_ALONE * row_bytes : 0);
    stored_tile(type, TILE_ROWS_ALONE, rows_of_tile, step, next, row_bytes, x, columns, bias ? bias + r : 0, y + r);
  }
  for (long r = tiles * TILE_ROWS_ALONE; r < rows; r++) {
    const uint8_t *row = stored + r * row_bytes;
    stored_tile(type, 1, row, 1, row, row_bytes, x, columns, bias ? bias + r : 0, y + r);
  }
}

// A panel times all tokens. Between two tiles of tokens it asks for a share of the `ahead_bytes` from `ahead` on, which are
// needed next, so that memory is read while numbers are multiplied.
static void panel(const float *w, long rows, const float *x, long tokens, long columns, const float *bias, float *y,
                  long outputs, const uint8_t *ahead, long ahead_bytes) {
  long share = (ahead_bytes / ((tokens + TILE_TOKENS - 1) / TILE_TOKENS) + 63) / 64 * 64;
  while (tokens > 0) {
    long taken = tokens < TILE_TOKENS ? tokens : TILE_TOKENS;
    for (long i = 0; i < share; i += 64) __builtin_prefetch(ahead + i, 0, 2);
    ahead += share;
    switch (taken) {
    case 1: all_columns(TILE_ROWS_ALONE, 1, w, rows, x, columns, bias, y, outputs); break;
    case 2: all_columns(TILE_ROWS, 2, w, rows, x, columns, bias, y, outputs); break;
#if TILE_TOKENS >= 3
    case 3: all_columns(TILE_ROWS, 3, w, rows, x, columns, bias, y, outputs); break;
#endif
#if TILE_TOKENS >= 6
    case 4: all_columns(TILE_ROWS, 4, w, rows, x, columns, bias, y, outputs); break;
    case 5: all_columns(TILE_ROWS, 5, w, rows, x, columns, bias, y, outputs); break;
    case 6: all_columns(TILE_ROWS, 6, w, rows, x, columns, bias, y, outputs); break;
#endif
    }
    tokens -= taken;
    x += taken * columns;
    y += taken * outputs;
  }
}

static long linear_scratch(long columns) { return PANEL * columns; }

static void linear(const struct plumb_matrix *w, const float *x, long tokens, long first, long last, const float *bias,
                   float *y, long outputs, float *scratch) {
  if (tokens == 1 && w->columns % 32 == 0) {
    const uint8_t *stored = (const uint8_t *)w->data + first * w->row_bytes;
    FOR_TYPE(w->type, stored_strip(TYPE, stored, last - first, w->row_bytes, x, w->columns, bias ? bias + first : 0,
                                   y + first));
    return;
  }
  for (long row = first; row < last; row += PANEL) {
    long rows = last - row < PANEL ? last - row : PANEL;
    const uint8_t *stored = (const uint8_t *)w->data + row * w->row_bytes;
    const float *decoded = scratch;
    if (w->type == F32 && (uintptr_t)stored % 64 == 0 && w->row_bytes % 64 == 0) {
      decoded = (const float *)stored;
    } else {
      for (long r = 0; r < rows; r++) decode(w->type, stored + r * w->row_bytes, w->columns, scratch + r * w->columns);
    }
    long next = last - row - rows < PANEL ? last - row - rows : PANEL;
    panel(decoded, rows, x, tokens, w->columns, bias ? bias + row : 0, y + row, outputs, stored + rows * w->row_bytes,
          next * w->row_bytes);
  }
}
