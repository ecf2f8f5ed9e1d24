// The layers of a decoder row by row, backwards, and the step of the optimiser: everything in Float64 from Float32s, rounded once
// where it is stored. Sums over n terms: term i goes to lane i mod 8, lanes are added pairwise; sums over rows go row by row.

// Adds to `out` the gradient of x in x·r·weight, r = 1/√(mean(x²) + epsilon), from the gradient g of that: r·g·weight −
// x·r³·mean(g·weight·x). Returns r.
static double rms_norm_backward(const float *x, const float *weight, const float *g, long count, float epsilon,
                                float *out) {
  v8d squares = {0}, products = {0};
  FOR_EIGHTS(count, {
    const v8d values = load_widened(x + i, n);
    squares += values * values;
    products += values * (load_widened(g + i, n) * load_widened(weight + i, n));
  });
  const double root = reciprocal_root8(splat8(double_lane_sum(squares) / (double)count + (double)epsilon))[0];
  const double factor = root * root * root * (double_lane_sum(products) / (double)count);
  FOR_EIGHTS(count, {
    const v8d own = load_widened(g + i, n) * load_widened(weight + i, n) * root - load_widened(x + i, n) * factor;
    store_rounded(out + i, load_widened(out + i, n) + own, n);
  });
  return root;
}

// sums[i] += Σᵣ g[r, i]·x[r, i]·roots[r] for first ≤ i < last, which are 8 at most.
static void rms_norm_weight(const float *x, const float *g, const double *roots, long rows, long columns, long first,
                            long last, float *sums) {
  v8d sum = load_widened(sums + first, last - first);
  for (long r = 0; r < rows; r++) {
    const long place = r * columns + first;
    sum += load_widened(g + place, last - first) * load_widened(x + place, last - first) * roots[r];
  }
  store_rounded(sums + first, sum, last - first);
}

// Turns each pair (2i, 2i + 1) of `heads` heads of `size` by the angles of one position, whose cosines and sines are given; backwards
// where `direction` is −1.
static void turn_pairs(float *x, long heads, long size, const double *cosines, const double *sines, double direction) {
  for (long head = 0; head < heads; head++) {
    for (long i = 0; i < size / 2; i++) {
      float *pair = x + head * size + 2 * i;
      const double a = (double)pair[0], b = (double)pair[1], sine = sines[i] * direction;
      pair[0] = (float)(a * cosines[i] - b * sine);
      pair[1] = (float)(a * sine + b * cosines[i]);
    }
  }
}

// out[i] = silu(gate[i])·up[i].
static void gated(const float *gate, const float *up, long count, float *out) {
  FOR_EIGHTS(count, store_rounded(out + i, silu8(load_widened(gate + i, n)) * load_widened(up + i, n), n));
}

// Replaces gate and up by their gradients, from the gradient g of silu(gate)·up.
static void gated_backward(float *gate, float *up, const float *g, long count) {
  FOR_EIGHTS(count, {
    const v8d x = load_widened(gate + i, n);
    const v8d incoming = load_widened(g + i, n);
    const v8d other = load_widened(up + i, n);
    const v8d sigmoid = sigmoid8(x);
    store_rounded(gate + i, incoming * other * (sigmoid * (1.0 + x * (1.0 - sigmoid))), n);
    store_rounded(up + i, incoming * (x * sigmoid), n);
  });
}

// Returns −log softmax(logits)[target], and replaces the logits by the gradient of that times `factor`. `scratch` holds count doubles.
static double cross_entropy(float *logits, long count, long target, double factor, double *scratch) {
  const double greatest = (double)greatest_of(logits, count), own = (double)logits[target] - greatest;
  v8d sums = {0};
  FOR_EIGHTS(count, {
    store_doubles(scratch + i, exponential8(load_widened(logits + i, n) - greatest), n);
    sums += load_doubles(scratch + i, n);
  });
  const double sum = double_lane_sum(sums), scale = factor / sum;
  FOR_EIGHTS(count, store_rounded(logits + i, load_doubles(scratch + i, n) * scale, n));
  logits[target] = (float)(scratch[target] * scale - factor);
  return log8(splat8(sum))[0] - own;
}

// Σᵢ x[i]².
static double sum_of_squares(const float *x, long count) {
  v8d squares = {0};
  FOR_EIGHTS(count, {
    const v8d values = load_widened(x + i, n);
    squares += values * values;
  });
  return double_lane_sum(squares);
}

// One step of AdamW for `count` weights w with the gradients g·scale. Source: Loshchilov, Hutter 2019, algorithm 2, with the rate of
// PyTorch's form: w ← w·(1 − rate·decay) − rate/correction₁ · m/(√v/√correction₂ + epsilon).
static void adam(const struct plumb_adam *step, const float *g, long count, float *w, float *m, float *v) {
  const double first = 1 - step->beta1, second = 1 - step->beta2;
  FOR_EIGHTS(count, {
    const v8d gradient = load_widened(g + i, n) * step->scale;
    const v8d mean = load_widened(m + i, n) * step->beta1 + gradient * first;
    const v8d square = load_widened(v + i, n) * step->beta2 + gradient * gradient * second;
    const v8d size = __builtin_elementwise_sqrt(square) * step->root_factor + step->epsilon;
    const v8d decayed = load_widened(w + i, n) * step->kept;
    store_rounded(m + i, mean, n);
    store_rounded(v + i, square, n);
    store_rounded(w + i, decayed - mean / size * step->rate, n);
  });
}

// The table of these kernels.
#define TRAINING_KERNELS { \
  .matrix_scratch = matrix_scratch, \
  .product = matrix_product, \
  .transpose = matrix_transpose, \
  .causal_scratch = causal_scratch, \
  .causal_forward = causal_forward, \
  .causal_backward = causal_backward, \
  .rms_norm_backward = rms_norm_backward, \
  .rms_norm_weight = rms_norm_weight, \
  .turn_pairs = turn_pairs, \
  .gated = gated, \
  .gated_backward = gated_backward, \
  .cross_entropy = cross_entropy, \
  .sum_of_squares = sum_of_squares, \
  .adam = adam, \
}
