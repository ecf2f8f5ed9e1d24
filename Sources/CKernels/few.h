// The product of a matrix with a few tokens' numbers: too few for it to pay that both are packed (`many.h`). Over the tree of
// `linear.h`, with a row's lanes in one vector.

// The rows that are decoded together: 64 rows of 576 columns are 144 KiB, which the second-level cache holds.
#define FEW_PANEL 64

// The columns that are taken at a time where there are more: 6 rows of activations and 4 of weights over them are 30 KiB,
// which the first-level cache holds. A multiple of 16.
#define COLUMNS 768

// `R` rows of weights times `T` rows of activations, each `stride` floats apart, over `columns`: the sums of the columns
// before are taken from `kept` unless they are the first, and left there unless they are the last. `R` and `T` are
// constants wherever this is inlined, so the sums stay in registers. A vector of activations that may lie across two lines of
// the cache costs two reads: the first tile of a panel, which `packs`, leaves what it read in `packed`, aligned and in the
// order in which the others read it.
INLINE void few_tile(const int R, const int T, const int is_first, const int is_last, const int packs, const float *w,
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

// All `rows` of a panel times `T` rows of activations over at most `COLUMNS` columns, `R` rows at a time; without `kept` where
// these columns are all.
INLINE void few_strip(const int R, const int T, const int is_first, const int is_last, const float *w, long rows,
                      const float *x, long stride, long columns, float *kept, const float *bias, float *y, long outputs) {
  _Alignas(64) float packed[FEW_TOKENS * COLUMNS];
  long r = 0;
  if (R <= rows) {
    few_tile(R, T, is_first, is_last, 1, w, x, packed, stride, columns, kept, bias, y, outputs);
    r = R;
  }
  for (; r + R <= rows; r += R) {
    few_tile(R, T, is_first, is_last, 0, w + r * stride, x, packed, stride, columns, kept ? kept + r * T * LANES : 0,
             bias ? bias + r : 0, y + r, outputs);
  }
  for (; r < rows; r++) {
    few_tile(1, T, is_first, is_last, 1, w + r * stride, x, packed, stride, columns, kept ? kept + r * T * LANES : 0,
             bias ? bias + r : 0, y + r, outputs);
  }
}

// The same over all columns, so many at a time as the cache holds beside each other.
INLINE void all_columns(const int R, const int T, const float *w, long rows, const float *x, long columns,
                        const float *bias, float *y, long outputs) {
  if (columns <= COLUMNS) {
    few_strip(R, T, 1, 1, w, rows, x, columns, columns, 0, bias, y, outputs);
    return;
  }
  float kept[FEW_PANEL * FEW_TOKENS * LANES];
  few_strip(R, T, 1, 0, w, rows, x, columns, COLUMNS, kept, bias, y, outputs);
  long j = COLUMNS;
  for (; columns - j > COLUMNS; j += COLUMNS) {
    few_strip(R, T, 0, 0, w + j, rows, x + j, columns, COLUMNS, kept, bias, y, outputs);
  }
  few_strip(R, T, 0, 1, w + j, rows, x + j, columns, columns - j, kept, bias, y, outputs);
}

// A panel times all tokens. Between two tiles of tokens it asks for a share of the `ahead_bytes` from `ahead` on, which are
// needed next, so that memory is read while numbers are multiplied.
static void few_panel(const float *w, long rows, const float *x, long tokens, long columns, const float *bias, float *y,
                      long outputs, uintptr_t ahead, long ahead_bytes) {
  const uintptr_t share = (uintptr_t)(ahead_bytes / ((tokens + FEW_TOKENS - 1) / FEW_TOKENS) + 63) / 64 * 64;
  for (;;) {
    long taken = tokens < FEW_TOKENS ? tokens : FEW_TOKENS;
    for (uintptr_t i = 0; i < share; i += 64) ASK(ahead + i, 2);
    ahead += share;
    switch (taken) {
    case 1: all_columns(TILE_ROWS_ALONE, 1, w, rows, x, columns, bias, y, outputs); break;
    case 2: all_columns(FEW_ROWS, 2, w, rows, x, columns, bias, y, outputs); break;
#if FEW_TOKENS >= 3
    case 3: all_columns(FEW_ROWS, 3, w, rows, x, columns, bias, y, outputs); break;
#endif
#if FEW_TOKENS >= 6
    case 4: all_columns(FEW_ROWS, 4, w, rows, x, columns, bias, y, outputs); break;
    case 5: all_columns(FEW_ROWS, 5, w, rows, x, columns, bias, y, outputs); break;
    case 6: all_columns(FEW_ROWS, 6, w, rows, x, columns, bias, y, outputs); break;
#endif
    }
    tokens -= taken;
    if (tokens <= 0) break;
    x += taken * columns;
    y += taken * outputs;
  }
}

static void multiply_few(const struct plumb_matrix *w, const float *x, long tokens, long first, long last, const float *bias,
                         float *y, long outputs, float *scratch) {
  for (long row = first; row < last; row += FEW_PANEL) {
    long rows = last - row < FEW_PANEL ? last - row : FEW_PANEL;
    const uint8_t *stored = (const uint8_t *)w->data + row * w->row_bytes;
    const float *decoded = scratch;
    if (w->type == F32 && (uintptr_t)stored % 64 == 0 && w->row_bytes % 64 == 0) {
      decoded = (const float *)stored;
    } else {
      for (long r = 0; r < rows; r++) decode(w->type, stored + r * w->row_bytes, w->columns, scratch + r * w->columns);
    }
    long next = last - row - rows < FEW_PANEL ? last - row - rows : FEW_PANEL;
    few_panel(decoded, rows, x, tokens, w->columns, bias ? bias + row : 0, y + row, outputs,
              (uintptr_t)stored + (uintptr_t)(rows * w->row_bytes), next * w->row_bytes);
  }
}
