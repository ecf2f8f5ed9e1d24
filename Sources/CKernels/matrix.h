// Products of two matrices in binary32, for training: many rows at a time, forwards and backwards alike.
//
// Each element is one sum that goes term by term, s ← a·b + s, fused where the instruction set fuses: the bits depend neither on
// the shape of the tiles nor on how rows are dealt out to threads.

// The columns of a tile, and the terms for which both operands are packed at a time: a panel of right-hand numbers is 32 KiB at most,
// which a second-level cache holds beside many others.
#define MATRIX_COLUMNS (TILE_VECTORS * LANES)
#define MATRIX_TERMS 256

// The rows of a tile for the last rows.
#define MATRIX_FEW (TILE_TOKENS > 4 ? 4 : 1)

INLINE long matrix_panels(long columns) { return (columns + MATRIX_COLUMNS - 1) / MATRIX_COLUMNS; }

static long matrix_scratch(long columns) {
  return MATRIX_TERMS * (matrix_panels(columns) * MATRIX_COLUMNS + TILE_TOKENS);
}

// `rows` rows of a packed tile times a packed panel; a constant number, so that the sums stay in registers.
INLINE void matrix_tile(const int rows, const float *a, const float *b, long terms, int adds, float *out, long stride) {
  v16f sums[TILE_TOKENS * TILE_VECTORS];
  UNROLL
  for (int i = 0; i < rows * TILE_VECTORS; i++) {
    sums[i] = (v16f){0};
    if (adds) sums[i] = LOAD(v16f, out + i / TILE_VECTORS * stride + i % TILE_VECTORS * LANES);
  }
  for (long k = 0; k < terms; k++) {
    v16f columns[TILE_VECTORS];
    UNROLL
    for (int v = 0; v < TILE_VECTORS; v++) columns[v] = LOAD(v16f, b + k * MATRIX_COLUMNS + v * LANES);
    UNROLL
    for (int r = 0; r < rows; r++) {
      const v16f factor = splat(a[k * TILE_TOKENS + r]);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v++) {
        sums[r * TILE_VECTORS + v] = MULTIPLY_ADD(columns[v], factor, sums[r * TILE_VECTORS + v]);
      }
    }
  }
  UNROLL
  for (int i = 0; i < rows * TILE_VECTORS; i++) {
    STORE(out + i / TILE_VECTORS * stride + i % TILE_VECTORS * LANES, sums[i]);
  }
}

// A tile of which `count` columns are there: the others are computed beside it and left.
INLINE void matrix_part(const int rows, const float *a, const float *b, long terms, int adds, float *out, long stride,
                        long count) {
  if (count >= MATRIX_COLUMNS) {
    if (adds) matrix_tile(rows, a, b, terms, 1, out, stride);
    else matrix_tile(rows, a, b, terms, 0, out, stride);
    return;
  }
  float whole[TILE_TOKENS * MATRIX_COLUMNS] = {0};
  for (int r = 0; adds && r < rows; r++) {
    memcpy(whole + r * MATRIX_COLUMNS, out + r * stride, (size_t)count * sizeof(float));
  }
  matrix_tile(rows, a, b, terms, 1, whole, MATRIX_COLUMNS);
  for (int r = 0; r < rows; r++) {
    memcpy(out + r * stride, whole + r * MATRIX_COLUMNS, (size_t)count * sizeof(float));
  }
}

static void matrix_pack(const float *b, long stride, long terms, long columns, float *packed) {
  for (long panel = 0; panel < matrix_panels(columns); panel++) {
    const long first = panel * MATRIX_COLUMNS;
    const long count = columns - first < MATRIX_COLUMNS ? columns - first : MATRIX_COLUMNS;
    float *place = packed + first * terms;
    for (long k = 0; k < terms; k++, place += MATRIX_COLUMNS) {
      if (count == MATRIX_COLUMNS) {
        memcpy(place, b + k * stride + first, MATRIX_COLUMNS * sizeof(float));
      } else {
        memcpy(place, b + k * stride + first, (size_t)count * sizeof(float));
        memset(place + count, 0, (size_t)(MATRIX_COLUMNS - count) * sizeof(float));
      }
    }
  }
}

static void matrix_product(const float *a, long row_stride, long term_stride, long rows, long terms, const float *b,
                           long b_stride, long columns, int adds, float *out, long out_stride, float *scratch) {
  float *left = scratch + MATRIX_TERMS * matrix_panels(columns) * MATRIX_COLUMNS;
  if (terms == 0 && !adds) {
    for (long r = 0; r < rows; r++) memset(out + r * out_stride, 0, (size_t)columns * sizeof(float));
  }
  for (long term = 0; term < terms; term += MATRIX_TERMS) {
    const long depth = terms - term < MATRIX_TERMS ? terms - term : MATRIX_TERMS;
    const int goes_on = adds || term > 0;
    matrix_pack(b + term * b_stride, b_stride, depth, columns, scratch);
    for (long row = 0; row < rows;) {
      const long height = rows - row >= TILE_TOKENS ? TILE_TOKENS : rows - row >= MATRIX_FEW ? MATRIX_FEW : 1;
      const float *source = a + row * row_stride + term * term_stride;
      for (long k = 0; k < depth; k++) {
        for (long r = 0; r < height; r++) left[k * TILE_TOKENS + r] = source[r * row_stride + k * term_stride];
      }
      for (long first = 0; first < columns; first += MATRIX_COLUMNS) {
        float *place = out + row * out_stride + first;
        const float *right = scratch + first * depth;
        if (height == TILE_TOKENS) {
          matrix_part(TILE_TOKENS, left, right, depth, goes_on, place, out_stride, columns - first);
        } else if (height == MATRIX_FEW) {
          matrix_part(MATRIX_FEW, left, right, depth, goes_on, place, out_stride, columns - first);
        } else {
          matrix_part(1, left, right, depth, goes_on, place, out_stride, columns - first);
        }
      }
      row += height;
    }
  }
}

// out[c·rows + r] = x[r·stride + c] for 0 ≤ r < rows and 0 ≤ c < columns.
static void matrix_transpose(const float *x, long stride, long rows, long columns, float *out) {
  for (long first = 0; first < rows; first += LANES) {
    const long last = first + LANES < rows ? first + LANES : rows;
    for (long c = 0; c < columns; c++) {
      for (long r = first; r < last; r++) out[c * rows + r] = x[r * stride + c];
    }
  }
}
