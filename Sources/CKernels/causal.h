// Attention over the whole of a sequence, forwards and backwards, for training: row r sees the positions 0 … r. Heads that share a
// key and a value are one piece of work, so that the sums over them have one order.

// The rows that are computed at a time: what they cannot see is left out but for a part of each such block.
#define CAUSAL_ROWS (4 * TILE_TOKENS)

static long causal_scratch(long tokens, long size) {
  const long products = matrix_scratch(tokens > size ? tokens : size);
  return products + 2 * tokens * size + CAUSAL_ROWS * tokens + 2 * tokens + LANES;
}

INLINE long causal_last(long first, long tokens) { return first + CAUSAL_ROWS < tokens ? first + CAUSAL_ROWS : tokens; }

// weights[r, s] for s ≤ r, zeros for the s beyond in the block of r; out[r] = Σₛ weights[r, s]·v[s].
static void causal_forward(const struct plumb_causal *shape, const float *q, const float *k, const float *v, float *weights,
                           float *out, float *scratch) {
  const long tokens = shape->tokens, size = shape->size;
  float *transposed = scratch, *products = scratch + tokens * size;
  double *powers = (double *)(products + matrix_scratch(tokens > size ? tokens : size));
  matrix_transpose(k, shape->k_stride, tokens, size, transposed);
  for (long first = 0; first < tokens; first += CAUSAL_ROWS) {
    const long last = causal_last(first, tokens);
    float *block = weights + first * tokens;
    matrix_product(q + first * shape->q_stride, shape->q_stride, 1, last - first, size, transposed, tokens, last, 0,
                   block, tokens, products);
    for (long r = first; r < last; r++) {
      float *row = weights + r * tokens;
      for (long s = 0; s <= r; s++) row[s] *= shape->scale;
      softmax(row, r + 1, powers, row);
      memset(row + r + 1, 0, (size_t)(last - r - 1) * sizeof(float));
    }
    matrix_product(block, tokens, 1, last - first, last, v, shape->k_stride, size, 0, out + first * shape->q_stride,
                   shape->q_stride, products);
  }
}

// From the gradient g of the output: dv += weightsᵀ·g; with s = weights ∘ (g·vᵀ − rowsum(weights ∘ g·vᵀ))·scale, dq = s·k and
// dk += sᵀ·q.
static void causal_backward(const struct plumb_causal *shape, const float *q, const float *k, const float *v,
                            const float *weights, const float *g, float *dq, float *dk, float *dv, float *scratch) {
  const long tokens = shape->tokens, size = shape->size;
  float *transposed = scratch, *block = scratch + tokens * size, *products = block + CAUSAL_ROWS * tokens;
  matrix_transpose(v, shape->k_stride, tokens, size, transposed);
  for (long first = 0; first < tokens; first += CAUSAL_ROWS) {
    const long last = causal_last(first, tokens), rows = last - first;
    const float *own = weights + first * tokens;
    const long q_place = first * shape->q_stride;
    matrix_product(own, 1, tokens, last, rows, g + q_place, shape->q_stride, size, 1, dv, shape->k_stride, products);
    matrix_product(g + q_place, shape->q_stride, 1, rows, size, transposed, tokens, last, 0, block, tokens, products);
    for (long r = 0; r < rows; r++) {
      const float *p = own + r * tokens;
      float *row = block + r * tokens;
      v8d sums = {0};
      FOR_EIGHTS(last, sums += load_widened(p + i, n) * load_widened(row + i, n));
      const double sum = double_lane_sum(sums), scale = (double)shape->scale;
      FOR_EIGHTS(last, store_rounded(row + i, load_widened(p + i, n) * (load_widened(row + i, n) - sum) * scale, n));
    }
    matrix_product(block, tokens, 1, rows, last, k, shape->k_stride, size, 0, dq + q_place, shape->q_stride, products);
    matrix_product(block, 1, tokens, last, rows, q + q_place, shape->q_stride, size, 1, dk, shape->k_stride, products);
  }
}
