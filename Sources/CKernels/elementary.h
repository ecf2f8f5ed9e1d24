// The exponential in Float64, without fused operations, so that every instruction set gives the same bits.
//
// For −708 ≤ x ≤ 709 the result is e^x·(1 + ε) with |ε| ≤ 2^−50; declared as `EngineAccuracy.exp64`. Proof, u = 2^−53:
//  1. k is an integer next to x·log₂e (adding and subtracting 1.5·2^52 rounds; k is at most 1023 in magnitude), and
//     |x − k·ln 2| ≤ 0.34658 even where the rounded product chose the farther neighbour.
//  2. L1 has 42 significant bits, k at most 10: k·L1 is exact. k = 0, or x and k·L1 lie within a factor 2 of each other:
//     for |k| = 1 the rounded product is about ½, so that |x| ≥ (½ − u)·ln 2 > L1/2; for |k| ≥ 2 any x of step 1 does. The
//     difference is exact (Sterbenz). |k·L2| < 2^−34.0 is rounded by less
//     than 2^−87, the second difference, below 1/2, by 2^−55 at most, and L1 + L2 misses ln 2 by less than 2^−102:
//     r is off by less than 2^−54.9, which is a relative error of e^r of 0.27 u.
//  3. Terms after r^13/13! add less than 0.34658^14/14!·1.03 < 2^−57.7, relative to e^r ≥ 0.7071 less than 0.06 u.
//  4. With z = r² ≤ 0.1202, e^r = E + r·O, E = Σ z^i/(2i)! and O = Σ z^i/(2i + 1)!: two sums of positive terms, of which
//     neither waits for the other. By Horner's rule term i rounds at most 3i + 2 times: its coefficient, i factors z
//     with their product and sum, and its own sum; 1 is exact. E is off by (1 + 5·z/2 + 8·z²/24 + …) u < 1.31 u, O by
//     (1 + 5·z/6 + …) u < 1.11 u.
//  5. r·O ≤ 0.354 is off by 0.3466·1.11 u and its rounding, 0.74 u in all, and the last sum rounds by u, relative: for
//     e^r ≥ 0.7071 a relative (1.31 + 0.74)/0.7071 u + u < 3.91 u.
//  6. The sum is below 4.3 u, with second-order terms below 4.4 u < 8 u = 2^−50. The scaling by 2^k is exact: for
//     x ≥ −708 the result is at least 2^−1021.5, a normal number.
// e^0 is exactly 1: k = 0, r = 0.

static const double reciprocal_factorials[] = {
  1, 1, 0x1p-1, 0x1.5555555555555p-3, 0x1.5555555555555p-5, 0x1.1111111111111p-7, 0x1.6c16c16c16c17p-10,
  0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-16, 0x1.71de3a556c734p-19, 0x1.27e4fb7789f5cp-22, 0x1.ae64567f544e4p-26,
  0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33,
};

// `COUNT` vectors at a time, at most `TOGETHER`, each replaced by its exponentials: while one waits for a product, the
// processor has the others to go on with, without looking far ahead. `COUNT` is a constant wherever this is inlined.
INLINE void exponentials(const int COUNT, v8d x[]) {
  const double shift = 0x1.8p52;
  v8d shifted[TOGETHER], r[TOGETHER], z[TOGETHER], even[TOGETHER], odd[TOGETHER];
#define EACH UNROLL for (int i = 0; i < COUNT; i++)
  EACH shifted[i] = x[i] * 0x1.71547652b82fep0 + shift;
  EACH z[i] = shifted[i] - shift;
  EACH r[i] = (x[i] - z[i] * 0x1.62e42fefa3800p-1) - z[i] * 0x1.ef35793c76730p-45;
  EACH z[i] = r[i] * r[i];
  EACH even[i] = (v8d){0} + reciprocal_factorials[12];
  EACH odd[i] = (v8d){0} + reciprocal_factorials[13];
  UNROLL
  for (int k = 10; k >= 0; k -= 2) {
    EACH even[i] = even[i] * z[i] + reciprocal_factorials[k];
    EACH odd[i] = odd[i] * z[i] + reciprocal_factorials[k + 1];
  }
  EACH even[i] += r[i] * odd[i];
  // The low bits of `shifted` are k; moved to the exponent's place they make 2^k.
  EACH even[i] *= (v8d)(((v8l)shifted[i] << 52) + ((v8l){0} + 1023) * (1LL << 52));
  EACH x[i] = (v8d)((v8l)even[i] & ~(v8l)(x[i] < -708.0));
}

INLINE v8d exponential8(v8d x) {
  exponentials(1, &x);
  return x;
}

// Up to 8 doubles from memory, 0 in the others.
INLINE v8d load_doubles(const double *pointer, long count) {
  v8d vector = {0};
  if (count >= DOUBLES) vector = LOAD(v8d, pointer);
  else memcpy(&vector, pointer, (size_t)count * sizeof(double));
  return vector;
}

// Up to 8 floats from memory as doubles, 0 in the others.
INLINE v8d load_widened(const float *pointer, long count) {
  v8f vector = {0};
  if (count >= DOUBLES) vector = LOAD(v8f, pointer);
  else memcpy(&vector, pointer, (size_t)count * sizeof(float));
  return __builtin_convertvector(vector, v8d);
}

// Up to 8 doubles to memory.
INLINE void store_doubles(double *pointer, v8d values, long count) {
  if (count >= DOUBLES) STORE(pointer, values);
  else memcpy(pointer, &values, (size_t)count * sizeof(double));
}

// Does `STATEMENT` for every 8 of `COUNT` elements: `i` is the first and `n` their number, a constant for all but the last,
// so that no sum leaves its register for the call that copies a part of a vector.
#define FOR_EIGHTS(COUNT, STATEMENT) \
  { \
    long i = 0; \
    for (; i + DOUBLES <= (COUNT); i += DOUBLES) { enum { n = DOUBLES }; STATEMENT; } \
    if (i < (COUNT)) { long n = (COUNT) - i; STATEMENT; } \
  }

// Up to 8 doubles to memory as floats: the one rounding to binary32 of all that is computed in Float64.
INLINE void store_rounded(float *pointer, v8d values, long count) {
  v8f rounded = __builtin_convertvector(values, v8f);
  if (count >= DOUBLES) STORE(pointer, rounded);
  else memcpy(pointer, &rounded, (size_t)count * sizeof(float));
}
