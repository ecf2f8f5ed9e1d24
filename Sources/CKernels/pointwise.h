// Sums and products of two operands in binary32; normalisation and softmax: everything in Float64, one rounding to
// binary32 at the end. The relative errors of what is rounded are derived and declared in `Engine/Accuracy.swift`. Sums
// over n terms: term i goes to lane i mod 8, lanes are added pairwise; absent terms are zeros.

// Squares are exact: twice 24 bits, and the exponents of Float64 hold 2^±298.
static void rms_norm(const float *x, const float *weight, long count, float epsilon, float *out) {
  v8d squares = {0};
  FOR_EIGHTS(count, {
    v8d values = load_widened(x + i, n);
    squares += values * values;
  });
  v8d scale = reciprocal_root8(splat8(double_lane_sum(squares) / (double)count + (double)epsilon));
  FOR_EIGHTS(count, store_rounded(out + i, load_widened(x + i, n) * scale * load_widened(weight + i, n), n));
}

// The greatest of at least one element; of zeros, either.
INLINE float greatest_of(const float *x, long count) {
  v16f lanes = splat(x[0]);
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    v16f values = LOAD(v16f, x + i);
    v16i greater = values > lanes;
    lanes = (v16f)(((v16i)values & greater) | ((v16i)lanes & ~greater));
  }
  float greatest = lanes[0];
  for (int lane = 1; lane < LANES; lane++) greatest = lanes[lane] > greatest ? lanes[lane] : greatest;
  for (; i < count; i++) greatest = x[i] > greatest ? x[i] : greatest;
  return greatest;
}

static void softmax(const float *x, long count, double *scratch, float *out) {
  if (count == 0) return;
  const double greatest = greatest_of(x, count);
  v8d sums = {0};
  long done = 0;
  for (; done + TOGETHER * DOUBLES <= count; done += TOGETHER * DOUBLES) {
    v8d powers[TOGETHER];
    UNROLL
    for (int i = 0; i < TOGETHER; i++) powers[i] = load_widened(x + done + DOUBLES * i, DOUBLES) - greatest;
    exponentials(TOGETHER, powers);
    UNROLL
    for (int i = 0; i < TOGETHER; i++) {
      STORE(scratch + done + DOUBLES * i, powers[i]);
      sums += powers[i];
    }
  }
  FOR_EIGHTS(count - done, {
    store_doubles(scratch + done + i, exponential8(load_widened(x + done + i, n) - greatest), n);
    sums += load_doubles(scratch + done + i, n);
  });
  double scale = 1 / double_lane_sum(sums);
  FOR_EIGHTS(count, store_rounded(out + i, load_doubles(scratch + i, n) * scale, n));
}

static void add(const float *x, const float *y, long count, float *out) {
  long i = 0;
  for (; i + LANES <= count; i += LANES) STORE(out + i, LOAD(v16f, x + i) + LOAD(v16f, y + i));
  for (; i < count; i++) out[i] = x[i] + y[i];
}

static void multiply(const float *x, const float *y, long count, float *out) {
  long i = 0;
  for (; i + LANES <= count; i += LANES) STORE(out + i, LOAD(v16f, x + i) * LOAD(v16f, y + i));
  for (; i < count; i++) out[i] = x[i] * y[i];
}
