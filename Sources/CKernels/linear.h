// Matrix products. Every output is one dot product over the tree that `SummationTree` declares: term j goes to lane
// j mod 16, a lane adds its terms in ascending order, the lanes are added by `lane_sum`. How outputs are grouped into
// tiles, panels and threads decides what is in the cache, and no bit.

// From how many tokens on it pays to pack both operands: with 40 it takes as long as it spares.
#define MANY_TOKENS 48

INLINE int is_packed(long tokens) { return tokens >= MANY_TOKENS; }

static long packed_strips(long tokens) { return is_packed(tokens) ? strips(tokens) : 0; }

static long linear_scratch(long tokens, long columns) {
  return is_packed(tokens) ? panel_rows(columns) * LANES * lane_terms(columns) : FEW_PANEL * columns;
}

static void linear(const struct plumb_matrix *w, const float *x, long tokens, long first, long last, const float *bias,
                   float *y, long outputs, float *scratch) {
  if (is_packed(tokens)) {
    multiply_many(w, x, tokens, first, last, bias, y, outputs, scratch);
  } else if (tokens == 1 && w->columns % 32 == 0) {
    const uint8_t *stored = (const uint8_t *)w->data + first * w->row_bytes;
    FOR_TYPE(w->type, stored_strip(TYPE, stored, last - first, w->row_bytes, x, w->columns, bias ? bias + first : 0,
                                   y + first));
  } else {
    multiply_few(w, x, tokens, first, last, bias, y, outputs, scratch);
  }
}
