// The elementary functions in Float64, eight at a time, without fused operations, so that every instruction set gives
// the same bits. The errors are declared in `Engine/Accuracy.swift`; u = 2^−53. An exponential is off by 8 u, relative
// (`elementary.h`).

INLINE v8d select8(v8l condition, v8d yes, v8d no) {
  return (v8d)(((v8l)yes & condition) | ((v8l)no & ~condition));
}
INLINE v8d magnitude8(v8d x) { return (v8d)((v8l)x & INT64_MAX); }
INLINE v8d with_sign8(v8d magnitude, v8d sign) { return (v8d)((v8l)magnitude | ((v8l)sign & INT64_MIN)); }
INLINE v8d splat8(double x) { return (v8d){x, x, x, x, x, x, x, x}; }
INLINE int any8(v8l condition) { return __builtin_reduce_or(condition) != 0; }

// 1/(1 + e^(−x)): relative 11 u.
//
// With e = e^(−|x|) ≤ 1 nothing overflows: 1/(1 + e) for x ≥ 0, e/(1 + e) for x < 0. e/(1 + e) is off by at most e's
// 8 u; the sum and the quotient round once each.
INLINE v8d sigmoid8(v8d x) {
  v8d powers = exponential8(-magnitude8(x));
  return select8(x < 0.0, powers, splat8(1)) / (1.0 + powers);
}

// x/(1 + e^(−x)), as above with one product more for x < 0: relative 12 u. As many at a time as `exponentials` takes.
INLINE void silus(const int COUNT, v8d x[]) {
  v8d powers[TOGETHER];
  EACH powers[i] = -magnitude8(x[i]);
  exponentials(COUNT, powers);
  EACH x[i] = select8(x[i] < 0.0, x[i] * powers[i], x[i]) / (1.0 + powers[i]);
}
INLINE v8d silu8(v8d x) {
  silus(1, &x);
  return x;
}

// x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) = x/(1 + e^(−2z)), in which nothing cancels. The constants are √(8/π) and
// 0.044715·√(8/π); the error is derived at `geluTanhRelativeError`.
INLINE v8d gelu_tanh8(v8d x) {
  v8d powers = exponential8(-(magnitude8(x) * (0x1.9884533d43651p+0 + 0x1.2444f2a4d8b4bp-4 * (x * x))));
  return select8(x < 0.0, x * powers, x) / (1.0 + powers);
}

// tanh x: relative 10 u, by the following proof; z = |x|.
//  1. z ≤ ½: tanh z = z/(1 + z²/(3 + z²/(5 + …))), Lambert's continued fraction, all of whose terms are positive. Cut
//     after 17 it is off by less than the distance to the next convergent, z^19/(17!!·19!!) at most, which relative to
//     tanh z > 0.92 z is below 2^−72. z² rounds once and each step twice, and a step passes on at most a twelfth of the
//     error before it: the denominator is off by less than 3 u, the quotient by 4 u.
//  2. z > ½: tanh z = (1 − e)/(1 + e), e = e^(−2z) < 0.3679, whose 8 u are a relative 2e/(1 − e²)·8 u < 6.9 u of the
//     result; the difference, the sum and the quotient round once each: 9.9 u. For z > 354, e = 0 and
//     tanh z > 1 − 2^−1020.
INLINE v8d tanh8(v8d x) {
  v8d size = magnitude8(x), square = x * x, fraction = splat8(17);
  v8d powers = exponential8(-2.0 * size);
  UNROLL
  for (int odd = 15; odd > 0; odd -= 2) fraction = (double)odd + square / fraction;
  return select8(size <= 0.5, x / fraction, with_sign8((1.0 - powers) / (1.0 + powers), x));
}

// 1/(2k + 1)!! for 0 ≤ k < 30.
static const double reciprocal_odd_factorials[] = {
  0x1p+0, 0x1.5555555555555p-2, 0x1.1111111111111p-4, 0x1.3813813813814p-7, 0x1.1566abc011567p-10,
  0x1.937e11175f095p-14, 0x1.f09b28ba4d955p-18, 0x1.08db48ebe51c7p-21, 0x1.f28db670be53bp-26, 0x1.a3d5a71b92cd3p-30,
  0x1.3fdfbc45c52eap-34, 0x1.bd0ac3296b624p-39, 0x1.1cd3b01a822a6p-43, 0x1.519297d390c9fp-48, 0x1.747e72912d023p-53,
  0x1.808286c768445p-58, 0x1.74dba97b8be52p-63, 0x1.54e6174c62a5ap-68, 0x1.26d4d5e132b8cp-73, 0x1.e3d36c1c38faap-79,
  0x1.799ec4c4db4d0p-84, 0x1.19050980a3336p-89, 0x1.8fac24452c5fdp-95, 0x1.101e0dcd0ddf3p-100,
  0x1.636b2c25f2c57p-106, 0x1.be03fb2a9a10ep-112, 0x1.0d4adb45318cap-117, 0x1.395bc2a44c468p-123,
  0x1.5fd74f512d38cp-129, 0x1.7da878c0310ddp-135,
};

// S(z) = Σ zᵏ/(2k + 1)!! for 0 ≤ z ≤ 6.25: relative 61 u.
//
// All terms are positive. Cut after 30 it lacks a relative 2^−64 at z = 6.25, and less below, as the terms that are left
// out grow faster than the others. Term k's coefficient rounds once, and it passes through at most 2k + 1 products and
// sums: 60 u.
INLINE v8d odd_series8(v8d z) {
  v8d sum = splat8(reciprocal_odd_factorials[29]);
  for (int k = 28; k >= 0; k--) sum = sum * z + reciprocal_odd_factorials[k];
  return sum;
}

// Mills' ratio R(t) = 1/(t + 1/(t + 2/(t + 3/(t + …)))) for 2.5 ≤ t ≤ 40, Laplace's continued fraction, cut after 100
// terms: relative 400 u.
//
// All terms are positive: the value lies between neighbouring convergents, whose distance relative to R is at most 2^−64
// at t = 2.5. It is n!/(Bₙ·Bₙ₊₁·R), where the denominators B have positive coefficients, one of two neighbours is odd,
// and t·R grows with t, because R′ = t·R − 1 and R > t/(1 + t²) (Gordon 1941): it is less above 2.5.
// With the fraction from its k-th term on written as pₖ/pₖ₊₁, pₖ = t·pₖ₊₁ + k·pₖ₊₂ needs no division. Each step rounds a
// product and a sum of positive terms, at most 2 u more than what it is made from: p₁ is off by 200 u, p₂ by 198 u. No p
// exceeds 42.5^101 < 2^547, since t ≤ pₖ/pₖ₊₁ ≤ t + 100/t ≤ 42.5.
INLINE v8d mills_ratio8(v8d t) {
  v8d later = splat8(1), p = t;
  for (int k = 100; k >= 1; k--) {
    v8d next = t * p + (double)k * later;
    later = p;
    p = next;
  }
  return later / p;
}

// x·Φ(x), where Φ(x) = (1 + erf(x/√2))/2, for x of 24 bits: relative 8400 u, by the following proof.
//
// x² is exact, so the exponential is off by 8 u, and φ = e^(−x²/2)/√(2π) by 10 u.
//  1. |x| ≤ 2.5: Φ = ½ + x·φ·S(x²). The second term P is off by 10 u, 61 u and two products: 73 u. |P| < ½, and
//     Φ(−2.5) > 0.0062: what cancels leaves 73·½/0.0062 u < 5900 u, and the sum's rounding.
//  2. x < −2.5: Φ = φ·R(−x): 411 u. Where φ counts as 0, e^(−x²/2) < e^−708.
//  3. x > 2.5: Φ = 1 − φ·R, where the second term is below 0.0063.
INLINE v8d gelu8(v8d x) {
  v8d size = magnitude8(x), square = x * x;
  v8d density = exponential8(square * -0.5) * 0x1.9884533d43651p-2;
  v8d result = x;
  v8l inner = size <= 2.5;
  if (any8(inner)) result = 0.5 + x * density * odd_series8(square);
  if (any8(~inner)) {
    v8d tail = density * mills_ratio8(select8(size < 40.0, size, splat8(40)));
    result = select8(inner, result, select8(x < 0.0, tail, 1.0 - tail));
  }
  return x * result;
}

// erf x for x of 24 bits: relative 75 u, by the following proof; t = √2·|x|, and 2x² is exact.
//  1. t ≤ 2.5: 2/√π·x·e^(−x²)·S(2x²): 8 u for the exponential, 61 u, the constant and three products: 73 u.
//  2. t > 2.5: 1 − √(2/π)·e^(−x²)·R(t), whose second term is below 0.0126. R is off by 400 u, and by 2 u for its argument,
//     as t·|R′/R| ≤ 1; with the rest 413 u, of which 0.0126/0.98 reach the result, and the difference rounds: 7 u.
INLINE v8d erf8(v8d x) {
  v8d size = magnitude8(x) * 0x1.6a09e667f3bcdp+0, square = x * x;
  v8d power = exponential8(-square);
  v8d result = x;
  v8l inner = 2.0 * square <= 6.25;
  if (any8(inner)) result = 0x1.20dd750429b6dp+0 * x * power * odd_series8(2.0 * square);
  if (any8(~inner)) {
    v8d tail = power * 0x1.9884533d43651p-1 * mills_ratio8(select8(size < 40.0, size, splat8(40)));
    result = select8(inner, result, with_sign8(1.0 - tail, x));
  }
  return result;
}

// 2/3, 2/5, … 2/21.
static const double twice_reciprocals_of_odds[] = {
  0x1.5555555555555p-1, 0x1.999999999999ap-2, 0x1.2492492492492p-2, 0x1.c71c71c71c71cp-3, 0x1.745d1745d1746p-3,
  0x1.3b13b13b13b14p-3, 0x1.1111111111111p-3, 0x1.e1e1e1e1e1e1ep-4, 0x1.af286bca1af28p-4, 0x1.8618618618618p-4,
};

// 2·artanh f for |f| < 0.1716.
INLINE v8d twice_inverse_tanh8(v8d f) {
  v8d z = f * f, p = splat8(0);
  UNROLL
  for (int i = 9; i >= 0; i--) p = p * z + twice_reciprocals_of_odds[i];
  return 2.0 * f + f * (z * p);
}

// The natural logarithm of a normal number: relative 6 u, by the following proof. −∞ for 0, NaN below, +∞ for +∞.
// x = m·2^e with m in [0.7071, 1.4143], and log m = 2·artanh f, f = (m − 1)/(m + 1), |f| < 0.1716.
//  1. m − 1 is exact (Sterbenz); m + 1 and the quotient are rounded: f is off by 2.01 u, relative.
//  2. log m = 2f·(1 + z·P(z)), z = f² < 0.0295, with z·P < 0.0101: the errors of z (5.1 u), of P's Horner steps and
//     coefficients (below 4 u) and of the two products (2 u) add 0.0101·12 u; the series is cut at a relative
//     z^11/23 < 2^−60; the last addition is rounded: s is off by 3.2 u in all.
//  3. e = 0: that is the result. Otherwise e·L1 is exact (42 and 11 bits), |s| < 0.3466 and |e·ln 2 + s| > 0.3465:
//     s and the rounding of s + e·L2 contribute at most (3.2 + 1.01) u·0.3466, relative 4.22 u, and the last
//     addition 1 u: 5.3 u in all.
INLINE v8d log8(v8d x) {
  const double shift = 0x1p52;
  v8l bits = (v8l)x;
  v8d m = (v8d)((bits & ((1LL << 52) - 1)) | (1023LL << 52));
  v8d e = (v8d)(((bits >> 52) & 2047) | (1075LL << 52)) - (shift + 1023);
  v8l high = m > 0x1.6a09e667f3bcdp0;
  m = select8(high, m * 0.5, m);
  e = select8(high, e + 1.0, e);
  v8d s = twice_inverse_tanh8((m - 1.0) / (m + 1.0));
  v8d result = e * 0x1.62e42fefa3800p-1 + (s + e * 0x1.ef35793c76730p-45);
  result = select8(x == 0.0, splat8(-__builtin_inf()), result);
  return select8((x >= 0.0) & (x < __builtin_inf()), result, select8(x > 0.0, x, splat8(__builtin_nan(""))));
}

// log(1 + x) of x ≥ 0, NaN below: relative 9 u. Below √2 − 1, m − 1 = x is exact and m + 1 = 2 + x is rounded, as in the
// proof of `log8`; above, the sum's rounding is a relative u of an argument whose logarithm exceeds 0.3465: 2.9 u more.
INLINE v8d log_one_plus8(v8d x) {
  v8d result = select8(x < 0.4142, twice_inverse_tanh8(x / (2.0 + x)), log8(1.0 + x));
  return select8(x >= 0.0, result, splat8(__builtin_nan("")));
}

// −1/3!, 1/5!, … 1/17! and −1/2!, 1/4!, … 1/16!.
static const double sine_coefficients[] = {
  -0x1.5555555555555p-3, 0x1.1111111111111p-7, -0x1.a01a01a01a01ap-13, 0x1.71de3a556c734p-19, -0x1.ae64567f544e4p-26,
  0x1.6124613a86d09p-33, -0x1.ae7f3e733b81fp-41, 0x1.952c77030ad4ap-49,
};
static const double cosine_coefficients[] = {
  -0x1p-1, 0x1.5555555555555p-5, -0x1.6c16c16c16c17p-10, 0x1.a01a01a01a01ap-16, -0x1.27e4fb7789f5cp-22,
  0x1.1eed8eff8d898p-29, -0x1.93974a8c07c9dp-37, 0x1.ae7f3e733b81fp-45,
};

// The sine of x + quarter·π/2 for |x| ≤ 2^24, NaN beyond: absolute 3 u for any x, and relative 4 u for an x of 24 bits,
// by the following proof.
//  1. k is an integer next to 2x/π, below 2^23.4 in magnitude; the product is off by less than 2^−28, so that
//     |r| < 0.7854 for r = x − k·π/2.
//  2. π/2 = P1 + P2 + P3 to within 2^−114; P1 and P2 have 29 significant bits, so k·P1 and k·P2 are exact. k = 0, or x
//     and k·P1 lie within a factor 2 of each other: x − k·P1 is exact (Sterbenz). The next two differences, both below
//     1, are rounded by at most u/2 each, k·P3 (below 2^−35) by 2^−88, and π/2 is missed by k·2^−114: r is off by 1.01 u.
//     The first of them is at most |r| + |k·P3|: r is also off by at most 2.01 u·|r| + 2^−87.
//  3. sin r = r + r·(z·Q), z = r² < 0.617, Q = −1/3! + z/5! − … to z⁷/17!. In Horner's rule |pᵢ| is at most its
//     leading coefficient; coefficients, products and sums together err by at most 3.1 u·Σ zⁱ/(2i + 3)! < 0.54 u in Q.
//     z·Q errs by 0.617·(0.54 + 0.167 + 0.167) u, r·(z·Q) by 0.51 u, the last sum, below 1, by u/2, and the series is
//     cut below 2^−63: 1.02 u. Relative to sin r ≥ 0.9|r| that is (0.54 + 0.11)/0.9 u for z·Q and the product, and u for
//     the sum: 1.8 u.
//  4. cos r = 1 + z·C, C = −1/2 + z/4! − … to −z⁷/16!: C errs by u/4 for the sum, 0.03 u for the last product and
//     0.617·3.1/24 u for the rest: 0.37 u. z·C errs by 0.617·0.37 u, 0.31 u for z and u/4 for the product; the last
//     sum, at most 1, by u/2; the series is cut below 0.02 u: 1.31 u.
//  5. r's own error reaches sine times at most 1, cosine times at most 0.7072: 2.03 u and 2.03 u. sin 0 = 0 and
//     cos 0 = 1 exactly.
//  6. An x of 24 bits: k = 0 makes r = x. Otherwise |sin x| and |cos x| exceed 2^−28 (all of them were enumerated: the
//     least is cos 252.898… = 2^−27.8), so that the 2^−87 of r are less than 0.02 u of the result. Where the sine of r is
//     the result it is off by 2.01 u, as r·cos r ≤ sin r, by 1.8 u and that: 3.83 u. Where its cosine is, which is at least
//     0.7071, by (1.31 + 0.7072·2.01·0.7854) u/0.7071 and that: 3.5 u.
INLINE v8d sine8(v8d x, const int quarter) {
  const double shift = 0x1.8p52;
  v8d shifted = x * 0x1.45f306dc9c883p-1 + shift;
  v8d k = shifted - shift;
  v8d r = ((x - k * 0x1.921fb54p0) - k * 0x1.10b4611p-30) - k * 0x1.4c4c6628b80dcp-59;
  v8d z = r * r, q = splat8(0), c = splat8(0);
  UNROLL
  for (int i = 7; i >= 0; i--) {
    q = q * z + sine_coefficients[i];
    c = c * z + cosine_coefficients[i];
  }
  v8d sine = r + r * (z * q), cosine = 1.0 + z * c;
  // The low bits of `shifted` are those of k: the quarter of the circle.
  v8l turn = (v8l)shifted + quarter;
  v8d result = select8((turn & 1) != 0, cosine, sine);
  result = (v8d)((v8l)result ^ ((turn & 2) << 62));
  // The sum of −0 and a product +0 would lose the sign.
  if (quarter == 0) result = select8(x == 0.0, x, result);
  return select8(magnitude8(x) <= 0x1p24, result, splat8(__builtin_nan("")));
}

// 1/√x: the root and the quotient round once each: relative 2 u and their product.
INLINE v8d reciprocal_root8(v8d x) { return 1.0 / __builtin_elementwise_sqrt(x); }

// `function`, a constant wherever this is inlined, of eight numbers.
INLINE v8d function8(const enum plumb_function function, v8d x) {
  switch (function) {
  case PLUMB_RELU: return select8(x < 0.0, splat8(0), x);
  case PLUMB_SILU: return silu8(x);
  case PLUMB_GELU: return gelu8(x);
  case PLUMB_GELU_TANH: return gelu_tanh8(x);
  case PLUMB_SIGMOID: return sigmoid8(x);
  // Beyond 709 the exponential declares nothing.
  case PLUMB_EXP: return exponential8(select8(x > 709.0, splat8(709), x));
  case PLUMB_TANH: return tanh8(x);
  case PLUMB_ERF: return erf8(x);
  case PLUMB_LOG: return log8(x);
  case PLUMB_LOG_ONE_PLUS: return log_one_plus8(x);
  case PLUMB_SINE: return sine8(x, 0);
  case PLUMB_COSINE: return sine8(x, 1);
  case PLUMB_RECIPROCAL_ROOT: return reciprocal_root8(x);
  }
}

// Does `STATEMENT` with `FUNCTION` a constant: one loop for each function.
#define FOR_FUNCTION(function, STATEMENT) \
  switch (function) { \
  case PLUMB_RELU: { enum { FUNCTION = PLUMB_RELU }; STATEMENT; } break; \
  case PLUMB_SILU: { enum { FUNCTION = PLUMB_SILU }; STATEMENT; } break; \
  case PLUMB_GELU: { enum { FUNCTION = PLUMB_GELU }; STATEMENT; } break; \
  case PLUMB_GELU_TANH: { enum { FUNCTION = PLUMB_GELU_TANH }; STATEMENT; } break; \
  case PLUMB_SIGMOID: { enum { FUNCTION = PLUMB_SIGMOID }; STATEMENT; } break; \
  case PLUMB_EXP: { enum { FUNCTION = PLUMB_EXP }; STATEMENT; } break; \
  case PLUMB_TANH: { enum { FUNCTION = PLUMB_TANH }; STATEMENT; } break; \
  case PLUMB_ERF: { enum { FUNCTION = PLUMB_ERF }; STATEMENT; } break; \
  case PLUMB_LOG: { enum { FUNCTION = PLUMB_LOG }; STATEMENT; } break; \
  case PLUMB_LOG_ONE_PLUS: { enum { FUNCTION = PLUMB_LOG_ONE_PLUS }; STATEMENT; } break; \
  case PLUMB_SINE: { enum { FUNCTION = PLUMB_SINE }; STATEMENT; } break; \
  case PLUMB_COSINE: { enum { FUNCTION = PLUMB_COSINE }; STATEMENT; } break; \
  case PLUMB_RECIPROCAL_ROOT: { enum { FUNCTION = PLUMB_RECIPROCAL_ROOT }; STATEMENT; } break; \
  }

INLINE void map_rounded_all(const enum plumb_function function, const float *x, long count, float *out) {
  if (function == PLUMB_SILU) {
    for (; count >= TOGETHER * DOUBLES; count -= TOGETHER * DOUBLES, x += TOGETHER * DOUBLES, out += TOGETHER * DOUBLES) {
      v8d values[TOGETHER];
      UNROLL
      for (int i = 0; i < TOGETHER; i++) values[i] = load_widened(x + DOUBLES * i, DOUBLES);
      silus(TOGETHER, values);
      UNROLL
      for (int i = 0; i < TOGETHER; i++) store_rounded(out + DOUBLES * i, values[i], DOUBLES);
    }
  }
  FOR_EIGHTS(count, store_rounded(out + i, function8(function, load_widened(x + i, n)), n));
}

static void map_rounded(enum plumb_function function, const float *x, long count, float *out) {
  FOR_FUNCTION(function, map_rounded_all(FUNCTION, x, count, out));
}

INLINE void map_all(const enum plumb_function function, const double *x, long count, double *out) {
  FOR_EIGHTS(count, store_doubles(out + i, function8(function, load_doubles(x + i, n)), n));
}

static void map(enum plumb_function function, const double *x, long count, double *out) {
  FOR_FUNCTION(function, map_all(FUNCTION, x, count, out));
}
