// The product of a matrix with many tokens' numbers. Over the tree of `linear.h`, with the lanes one after the other: both
// operands are packed (`packing.h`), and a tile of `TILE_VECTORS` vectors of rows times `TILE_TOKENS` tokens keeps its sums in
// registers while the terms of one lane are added.

// The rows of a tile.
#define TILE_ROWS (TILE_VECTORS * LANES)

// The tokens of a tile that is little more than half as wide, for the last tokens.
#define TILE_HALF (TILE_TOKENS / 2 + 1)

// The floats of weights that a panel may have: 256 KiB, a fourth of a second-level cache of one MiB, beside which there is
// place for the next panel's and for the tokens' numbers that pass through.
#define PANEL_FLOATS (1 << 16)

// The last tokens, with which the next panel's weights are asked for: with more of them the cache would lose these again.
#define TOKENS_AHEAD 112

// The rows of a panel, whole tiles; a matrix without columns has some as well.
static long panel_rows(long columns) {
  long rows = PANEL_FLOATS / (LANES * lane_terms(columns) + 1) / TILE_ROWS * TILE_ROWS;
  return rows < TILE_ROWS ? TILE_ROWS : rows;
}

// Memory that is needed later, and how much of it is asked for at a time: little, since a processor waits for the oldest of a
// dozen lines before it asks for another.
struct later {
  uintptr_t next, end, share;
};

INLINE void ask(struct later *later) {
  const uintptr_t last = later->next + later->share < later->end ? later->next + later->share : later->end;
  for (; later->next < last; later->next += 64) ASK(later->next, 2);
}

// The lane that has its turn at n, of a tile with `T` tokens, over `terms` terms. `waiting` holds the sums of lanes before it;
// those of all go to `y`. `T` is a constant wherever this is inlined, so the sums stay in registers.
INLINE void lane_tile(const int T, const float *w, const float *x, long terms, int n, v16f *waiting, float *y,
                      long outputs) {
  v16f sums[TILE_VECTORS * TILE_TOKENS];
  UNROLL
  for (int i = 0; i < T * TILE_VECTORS; i++) sums[i] = (v16f){0};
  _Pragma("clang loop unroll_count(2)")
  for (long j = 0; j < terms; j++) {
    v16f weights[TILE_VECTORS];
    UNROLL
    for (int v = 0; v < TILE_VECTORS; v++) weights[v] = LOAD(v16f, w + j * TILE_ROWS + LANES * v);
    UNROLL
    for (int t = 0; t < T; t++) {
      v16f term = splat(x[j * TILE_WIDTH + t]);
      UNROLL
      for (int v = 0; v < TILE_VECTORS; v++) {
        sums[t * TILE_VECTORS + v] = MULTIPLY_ADD(weights[v], term, sums[t * TILE_VECTORS + v]);
      }
    }
  }
  float *place = (float *)carry(T * TILE_VECTORS, n, waiting, sums);
  float *out = n == LANES - 1 ? y : place;
  const long stride = n == LANES - 1 ? outputs : TILE_ROWS;
  UNROLL
  for (int t = 0; t < T; t++) {
    UNROLL
    for (int v = 0; v < TILE_VECTORS; v++) STORE(out + t * stride + LANES * v, sums[t * TILE_VECTORS + v]);
  }
}

// All rows of a packed panel times a strip of `T` tokens.
INLINE void strip(const int T, const float *w, long rows, const float *x, long terms, const float *bias, float *y,
                  long outputs, struct later *later) {
  v16f waiting[4 * TILE_VECTORS * TILE_TOKENS];
  float whole[TILE_ROWS * TILE_TOKENS];
  for (long row = 0; row < rows; row += TILE_ROWS) {
    const long count = rows - row < TILE_ROWS ? rows - row : TILE_ROWS;
    const int is_direct = count == TILE_ROWS && !bias;
    for (int n = 0; n < LANES; n++) {
      ask(later);
      lane_tile(T, w + (row * LANES + n * TILE_ROWS) * terms, x + n * TILE_WIDTH * terms, terms, n, waiting,
                is_direct ? y + row : whole, is_direct ? outputs : TILE_ROWS);
    }
    for (int t = 0; t < (is_direct ? 0 : T); t++) {
      for (long r = 0; r < count; r++) {
        const float sum = whole[t * TILE_ROWS + r];
        y[t * outputs + row + r] = bias ? sum + bias[row + r] : sum;
      }
    }
  }
}

static long strips(long tokens) { return (tokens + TILE_TOKENS - 1) / TILE_TOKENS; }

static long strip_floats(long columns) { return TILE_WIDTH * LANES * lane_terms(columns); }

// The tokens of a strip. The last one has some of the tokens before as well, rather than too few: they are computed twice,
// with the same bits.
INLINE long strip_tokens(long tokens, long index) {
  return tokens - index * TILE_TOKENS <= TILE_HALF ? TILE_HALF : TILE_TOKENS;
}
INLINE long strip_first(long tokens, long index) {
  const long last = tokens - strip_tokens(tokens, index);
  return index * TILE_TOKENS < last ? index * TILE_TOKENS : last;
}

static void pack_strip(const float *x, long tokens, long columns, long index, float *packed) {
  const float *first = x + strip_first(tokens, index) * columns;
  pack(F32, (const uint8_t *)first, columns * (long)sizeof(float), strip_tokens(tokens, index), columns, TILE_WIDTH,
       packed + index * strip_floats(columns), TILE_WIDTH);
}

// The rows of one panel times all tokens, of which there are `TILE_TOKENS` at least; `ahead_bytes` from `ahead` on are needed
// next.
static void panel(const float *w, long rows, const float *x, long tokens, long terms, const float *bias, float *y,
                  long outputs, uintptr_t ahead, long ahead_bytes) {
  const long count = strips(tokens), asking = strips(tokens < TOKENS_AHEAD ? tokens : TOKENS_AHEAD);
  const long times = asking * ((rows + TILE_ROWS - 1) / TILE_ROWS) * LANES;
  struct later later = {ahead, ahead, (uintptr_t)(ahead_bytes / times + 63) / 64 * 64};
  for (long index = 0; index < count; index++, x += TILE_WIDTH * LANES * terms) {
    if (index == count - asking) later.end = ahead + (uintptr_t)ahead_bytes;
    float *out = y + strip_first(tokens, index) * outputs;
    if (strip_tokens(tokens, index) == TILE_TOKENS) {
      strip(TILE_TOKENS, w, rows, x, terms, bias, out, outputs, &later);
    } else {
      strip(TILE_HALF, w, rows, x, terms, bias, out, outputs, &later);
    }
  }
}

static void multiply_many(const struct plumb_matrix *w, const float *x, long tokens, long first, long last,
                          const float *bias, float *y, long outputs, float *scratch) {
  const long terms = lane_terms(w->columns), most = panel_rows(w->columns);
  for (long row = first; row < last; row += most) {
    const long rows = last - row < most ? last - row : most;
    const uint8_t *stored = (const uint8_t *)w->data + row * w->row_bytes;
    for (long r = 0; r < (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS; r += LANES) {
      // A last tile may have places for rows that are absent.
      pack(w->type, stored + (r < rows ? r : 0) * w->row_bytes, w->row_bytes, rows - r < LANES ? rows - r : LANES, w->columns,
           LANES,
           scratch + r / TILE_ROWS * TILE_ROWS * LANES * terms + r % TILE_ROWS, TILE_ROWS);
    }
    // The rows that follow are this thread's next piece of work, unless another takes it.
    const long next = outputs - row - rows < most ? outputs - row - rows : most;
    panel(scratch, rows, x, tokens, terms, bias ? bias + row : 0, y + row, outputs,
          (uintptr_t)stored + (uintptr_t)(rows * w->row_bytes), next * w->row_bytes);
  }
}
