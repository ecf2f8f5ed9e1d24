// Stored rows to binary32. The layouts are those of the GGUF format.
//
// Each formula's products are exact in binary32, so that an element carries at most the one rounding of the addition
// of its minimum. A scale d is a binary16: 11 significant bits, a multiple of 2^−24, at most 65504.
//   Q4_0  d·(q − 8)            11 + 4 bits                                               exact
//   Q4_1  d·q + m              11 + 4 bits for d·q                                       one rounding
//   Q5_0  d·(q − 16)           11 + 5 bits                                               exact
//   Q5_1  d·q + m              11 + 5 bits for d·q                                       one rounding
//   Q8_0  d·q                  11 + 8 bits                                               exact
//   Q2_K  d·s·q − dmin·n       11 + 4 + 2 bits, 11 + 4 bits                              one rounding
//   Q3_K  d·(s − 32)·(q − 4)   |(s − 32)·(q − 4)| ≤ 32·4 = 2^7, so 11 + 7 bits           exact
//   Q4_K  d·s·q − dmin·n       11 + 6 + 4 bits, 11 + 6 bits                              one rounding
//   Q5_K  d·s·q − dmin·n       11 + 6 + 5 bits, 11 + 6 bits                              one rounding
//   Q6_K  d·s·(q − 32)         |s·(q − 32)| ≤ 128·32 = 2^12, so 11 + 12 bits             exact
//   IQ4_NL d·T[q]              11 + 7 bits                                               exact
//   IQ4_XS d·(s − 32)·T[q]     |(s − 32)·T[q]| < 32·128 = 2^12, so 11 + 12 bits          exact
//   F64                                                                                  one rounding
// All products of binary16 scales are below 2^29 and multiples of 2^−24, as is their sum: nothing over- or underflows.
//   MXFP4 2^(e − 128)·T[q]     a power of two, from 2^−128 on, times |T[q]| ≤ 12          exact
// Readers refuse what is beyond binary32, and a binary64 that would be subnormal there and is no binary32; subnormal products are multiples of 2^−128. Because the product
// is exact, fusing it with the addition changes no bit, nor does computing q's value from q or looking it up in a table
// of all values: every instruction set decodes alike.

enum {
  F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q2_K = 10, Q3_K = 11, Q4_K = 12, Q5_K = 13,
  Q6_K = 14, IQ4_NL = 20, IQ4_XS = 23, F64 = 28, BF16 = 30, MXFP4 = 39,
};

// Whether a block has 256 elements; of any other type it has 32.
#define IS_LONG(type) \
  ((type) == Q2_K || (type) == Q3_K || (type) == Q4_K || (type) == Q5_K || (type) == Q6_K || (type) == IQ4_XS)
// The bytes of a block.
#define BYTES(type) \
  ((type) == MXFP4 ? 17 : (type) == Q4_0 || (type) == IQ4_NL ? 18 : (type) == Q4_1 ? 20 : (type) == Q5_0 ? 22 : (type) == Q5_1 ? 24 : (type) == Q8_0 ? 34 \
   : (type) == Q2_K ? 84 : (type) == Q3_K ? 110 : (type) == IQ4_XS ? 136 : (type) == Q4_K ? 144 : (type) == Q5_K ? 176 : 210)
// The bytes of 32 elements, rounded up.
#define RUN_BYTES(type) \
  ((type) == F64 ? 256 : (type) == F32 ? 128 : (type) == F16 || (type) == BF16 ? 64 \
   : IS_LONG(type) ? (BYTES(type) + 7) / 8 : BYTES(type))

#if HAS_HALF
// The processor converts binary16, exactly.
typedef _Float16 v16half __attribute__((vector_size(32)));
INLINE v16f from_halves(v16h halves) { return __builtin_convertvector((v16half)halves, v16f); }
INLINE float from_half(const uint8_t *bytes) { return (float)LOAD(_Float16, bytes); }
typedef _Float16 v4half __attribute__((vector_size(8)));
// Two that follow one another. From memory four are converted by fewer instructions than one; 8 bytes are read.
INLINE v2f from_two_halves(const uint8_t *bytes) {
  v4f values = __builtin_convertvector(LOAD(v4half, bytes), v4f);
  return __builtin_shufflevector(values, values, 0, 1);
}
#else
// A half's exponent and fraction, moved to a single's place, are the value times 2^−112, subnormals included; the
// product with 2^112 is exact, and infinities and NaNs get their exponent by hand.
INLINE v16f from_halves(v16h halves) {
  v16u bits = __builtin_convertvector(halves, v16u);
  v16u magnitude = (bits & 0x7fff) << 13;
  v16f scaled = (v16f)magnitude * 0x1p112f;
  v16u special = (v16u)(magnitude >= 0x0f800000u) & 0x7f800000u;
  return (v16f)((v16u)scaled | special | ((bits & 0x8000) << 16));
}
INLINE float from_half(const uint8_t *bytes) {
  uint32_t half = LOAD(uint16_t, bytes), magnitude = (half & 0x7fff) << 13;
  float scaled = LOAD(float, &magnitude) * 0x1p112f;
  uint32_t bits = LOAD(uint32_t, &scaled) | (magnitude >= 0x0f800000u ? 0x7f800000u : 0) | (half & 0x8000) << 16;
  return LOAD(float, &bits);
}
INLINE v2f from_two_halves(const uint8_t *bytes) { return (v2f){from_half(bytes), from_half(bytes + 2)}; }
#endif

// Sixteen binary64, each rounded to the nearest binary32, ties to even.
INLINE v16f from_doubles(const uint8_t *bytes) {
  v8f low = __builtin_convertvector(LOAD(v8d, bytes), v8f), high = __builtin_convertvector(LOAD(v8d, bytes + 64), v8f);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

INLINE v16f from_brains(v16h halves) { return (v16f)(__builtin_convertvector(halves, v16u) << 16); }

static const v16f counting = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// step·(q − bias) + offset for 16 values of q: the low four bits of each element.
INLINE v16f from_nibbles(v16i q, float bias, float step, float offset) {
#if HAS_LOOKUP
  return __builtin_ia32_permvarsf512(MULTIPLY_ADD(counting - bias, splat(step), splat(offset)), q);
#else
  return MULTIPLY_ADD(__builtin_convertvector(q & 15, v16f) - bias, splat(step), splat(offset));
#endif
}

INLINE v16i widened(const uint8_t *bytes) { return __builtin_convertvector(LOAD(v16b, bytes), v16i); }

// The numbers that the nibbles of IQ4_NL and IQ4_XS stand for.
static const v16f levels = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// Twice the numbers that the nibbles of MXFP4 stand for, and half the power of two that multiplies them.
static const v16f halves = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
INLINE float half_power(uint8_t exponent) {
  uint32_t bits = exponent < 2 ? 0x00200000u << exponent : (uint32_t)(exponent - 1) << 23;
  return LOAD(float, &bits);
}

// The numbers of a table at the low four bits of each element.
INLINE v16f from_table(v16f table, v16i q) {
#if HAS_LOOKUP
  return __builtin_ia32_permvarsf512(table, q);
#else
  v16f out = table;
  for (int i = 0; i < 16; i++) out[i] = table[q[i] & 15];
  return out;
#endif
}

// The elements of a run of 32 whose nibbles are the low ones of 16 bytes, then the high ones.
INLINE void from_bytes(const uint8_t *bytes, float bias, float step, float offset, v16f out[2]) {
  v16i q = widened(bytes);
#if HAS_LOOKUP
  // Hides from the compiler that these are bytes: shifted as such, they would take two instructions more.
  __asm__("" : "+v"(q));
#endif
  out[0] = from_nibbles(q, bias, step, offset);
  out[1] = from_nibbles(q >> 4, bias, step, offset);
}

// The same as integers.
INLINE v16i nibbles(const uint8_t *bytes, const int high) { return high ? widened(bytes) >> 4 : widened(bytes) & 15; }

// Bits `first` to `first + 15` of a word, each as 0 or 16.
INLINE v16i fifth_bits(uint32_t word, int first) {
  v16u lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (v16i)((((word >> first) >> lane) & 1) << 4);
}

INLINE v16f as_floats(v16i integers) { return __builtin_convertvector(integers, v16f); }

// The 6-bit scales and minimums of 8 sub-blocks, out of 12 packed bytes: the first four of each stand in the low six bits of
// bytes 0–3 and 4–7; the last four have their low nibbles in bytes 8–11 and their high bits in the top two of bytes 0–3
// and 4–7.
INLINE void packed_scales(const uint8_t *packed, v8f *scales, v8f *minimums) {
  uint32_t first = LOAD(uint32_t, packed), second = LOAD(uint32_t, packed + 4), third = LOAD(uint32_t, packed + 8);
  uint64_t low = 0x3f3f3f3f, upper = 0x30303030, lower = 0x0f0f0f0f;
  uint64_t s = (first & low) | ((third & lower) | (first >> 2 & upper)) << 32;
  uint64_t m = (second & low) | ((third >> 4 & lower) | (second >> 2 & upper)) << 32;
  *scales = __builtin_convertvector(LOAD(v8b, &s), v8f);
  *minimums = __builtin_convertvector(LOAD(v8b, &m), v8f);
}

// The most columns whose scales are held at a time: whole blocks of every type.
#define SCALED 1024

// What the elements of each run of 32 are made with: a step and an offset, or of Q6_K a step for each half. They are computed
// before the elements, and read from memory, where they are needed: a vector filled from a register competes with the
// table look-ups.
struct scales {
  float of[SCALED / 32][2];
};

// The scales of at most `SCALED` columns from j on, whole runs, from the beginning of a block. `type` is a constant wherever
// this is inlined.
INLINE void read_scales(const uint32_t type, const uint8_t *row, long j, long columns, struct scales *out) {
  const uint8_t *at;
  switch (type) {
  case Q4_0: case Q4_1: case Q5_0: case Q5_1: case Q8_0: case IQ4_NL:
    at = row + j / 32 * BYTES(type);
    for (long i = 0; i < columns / 32; i++) STORE(out->of[i], from_two_halves(at + i * BYTES(type)));
    break;
  case MXFP4:
    at = row + j / 32 * BYTES(type);
    for (long i = 0; i < columns / 32; i++) out->of[i][0] = half_power(at[i * BYTES(type)]);
    break;
  case Q4_K: case Q5_K:
    at = row + j / 256 * BYTES(type);
    for (long i = 0; i < columns / 32; i += 8, at += BYTES(type)) {
      v2f both = from_two_halves(at);
      v8f scales, minimums;
      packed_scales(at + 4, &scales, &minimums);
      v8f steps = scales * both[0], offsets = minimums * -both[1];
      STORE(out->of[i], __builtin_shufflevector(steps, offsets, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    }
    break;
  case Q3_K:
    at = row + j / 256 * BYTES(type);
    for (long i = 0; i < columns / 32; i += 8, at += BYTES(type)) {
      float step = from_half(at + 108);
      for (int k = 0; k < 16; k++) {
        int low = at[96 + k % 8] >> (4 * (k / 8)) & 15, high = at[104 + k % 4] >> (2 * (k / 4)) & 3;
        out->of[i + k / 2][k % 2] = step * (float)(low + 16 * high - 32);
      }
    }
    break;
  case IQ4_XS:
    at = row + j / 256 * BYTES(type);
    for (long i = 0; i < columns / 32; i += 8, at += BYTES(type)) {
      float step = from_half(at);
      for (int k = 0; k < 8; k++) {
        int low = at[4 + k / 2] >> (4 * (k % 2)) & 15, high = LOAD(uint16_t, at + 2) >> (2 * k) & 3;
        out->of[i + k][0] = step * (float)(low + 16 * high - 32);
      }
    }
    break;
  case Q6_K:
    at = row + j / 256 * BYTES(type);
    for (long i = 0; i < columns / 32; i += 8, at += BYTES(type)) {
      STORE(out->of[i], as_floats(__builtin_convertvector(LOAD(v16c, at + 192), v16i)) * from_half(at + 208));
    }
    break;
  }
}

// Q4_K and Q5_K: each run of 32 bytes of nibbles holds two sub-blocks of 32, the low nibbles' first; bit `index` of 32
// bytes is the fifth bit of sub-block `index`.
INLINE void decode_k45(const int fifth, const uint8_t *block, long index, float step, float offset, v16f out[2]) {
  for (int half = 0; half < 2; half++) {
    const uint8_t *at = block + (fifth ? 48 : 16) + 32 * (index / 2) + 16 * half;
    v16i q = widened(at) >> (int)(4 * (index % 2));
    if (fifth) {
      q = (q & 15) | ((widened(block + 16 + 16 * half) >> (int)index) & 1) << 4;
      out[half] = MULTIPLY_ADD(as_floats(q), splat(step), splat(offset));
    } else {
      out[half] = from_nibbles(q, 0, step, offset);
    }
  }
}

// Q6_K: each half block of 128 elements is four runs of 32: the low nibbles of 64 bytes, then their high nibbles; run k
// has its upper two bits at bit 2k of 32 bytes.
INLINE void decode_k6(const uint8_t *block, long index, const float steps[2], v16f out[2]) {
  long part = index / 4, run = index % 4;
  for (int half = 0; half < 2; half++) {
    v16i q = (widened(block + 64 * part + 32 * (run % 2) + 16 * half) >> (int)(4 * (run / 2))) & 15;
    q |= ((widened(block + 128 + 32 * part + 16 * half) >> (int)(2 * run)) & 3) << 4;
    out[half] = as_floats(q - 32) * steps[half];
  }
}

// Q2_K and Q3_K: each half block of 128 elements is four runs of 32, run k with its bit pairs at bit 2k of 32 bytes.
INLINE v16i bit_pairs(const uint8_t *bytes, long index, int half) {
  return (widened(bytes + 32 * (index / 4) + 16 * half) >> (int)(2 * (index % 4))) & 3;
}

// The scale and the minimum of each half run stand in one byte.
INLINE void decode_k2(const uint8_t *block, long index, v16f out[2]) {
  float step = from_half(block + 80), offset = from_half(block + 82);
  for (int half = 0; half < 2; half++) {
    uint8_t both = block[2 * index + half];
    out[half] = MULTIPLY_ADD(as_floats(bit_pairs(block + 16, index, half)), splat(step * (float)(both & 15)),
                             splat(-(offset * (float)(both >> 4))));
  }
}

// Bit `index` of 32 bytes is the third bit of run `index`.
INLINE void decode_k3(const uint8_t *block, long index, const float steps[2], v16f out[2]) {
  for (int half = 0; half < 2; half++) {
    v16i third = ((widened(block + 16 * half) >> (int)index) & 1) << 2;
    out[half] = as_floats(bit_pairs(block + 32, index, half) + third - 4) * steps[half];
  }
}

// The 32 elements of a row from column j on, a multiple of 32, as two vectors; their scales are those of `run`. `type` is a
// constant wherever this is inlined.
INLINE void decode32(const uint32_t type, const uint8_t *row, long j, const struct scales *scales, long run,
                     v16f out[2]) {
  const uint8_t *at;
  const float *scale = scales->of[run];
  switch (type) {
  case F32:
    out[0] = LOAD(v16f, row + 4 * j);
    out[1] = LOAD(v16f, row + 4 * j + 64);
    break;
  case F64:
    out[0] = from_doubles(row + 8 * j);
    out[1] = from_doubles(row + 8 * j + 128);
    break;
  case F16:
    out[0] = from_halves(LOAD(v16h, row + 2 * j));
    out[1] = from_halves(LOAD(v16h, row + 2 * j + 32));
    break;
  case BF16:
    out[0] = from_brains(LOAD(v16h, row + 2 * j));
    out[1] = from_brains(LOAD(v16h, row + 2 * j + 32));
    break;
  // Adding −0 leaves every number as it is, −0 included.
  case Q4_0: from_bytes(row + j / 32 * BYTES(Q4_0) + 2, 8, scale[0], -0.0f, out); break;
  case Q4_1: from_bytes(row + j / 32 * BYTES(Q4_1) + 4, 0, scale[0], scale[1], out); break;
  case Q5_0:
    at = row + j / 32 * BYTES(Q5_0);
    for (int half = 0; half < 2; half++) {
      v16i q = nibbles(at + 6, half) | fifth_bits(LOAD(uint32_t, at + 2), 16 * half);
      out[half] = as_floats(q - 16) * scale[0];
    }
    break;
  case Q5_1:
    at = row + j / 32 * BYTES(Q5_1);
    for (int half = 0; half < 2; half++) {
      v16i q = nibbles(at + 8, half) | fifth_bits(LOAD(uint32_t, at + 4), 16 * half);
      out[half] = MULTIPLY_ADD(as_floats(q), splat(scale[0]), splat(scale[1]));
    }
    break;
  case Q8_0:
    at = row + j / 32 * BYTES(Q8_0);
    for (int half = 0; half < 2; half++) {
      out[half] = as_floats(__builtin_convertvector(LOAD(v16c, at + 2 + 16 * half), v16i)) * scale[0];
    }
    break;
  case Q2_K: decode_k2(row + j / 256 * BYTES(Q2_K), j % 256 / 32, out); break;
  case Q3_K: decode_k3(row + j / 256 * BYTES(Q3_K), j % 256 / 32, scale, out); break;
  case IQ4_NL: case IQ4_XS:
    at = type == IQ4_NL ? row + j / 32 * BYTES(IQ4_NL) + 2 : row + j / 256 * BYTES(IQ4_XS) + 8 + j % 256 / 2;
    for (int half = 0; half < 2; half++) out[half] = from_table(levels, nibbles(at, half)) * scale[0];
    break;
  case MXFP4:
    at = row + j / 32 * BYTES(MXFP4) + 1;
    for (int half = 0; half < 2; half++) out[half] = from_table(halves, nibbles(at, half)) * scale[0];
    break;
  case Q4_K: decode_k45(0, row + j / 256 * BYTES(Q4_K), j % 256 / 32, scale[0], scale[1], out); break;
  case Q5_K: decode_k45(1, row + j / 256 * BYTES(Q5_K), j % 256 / 32, scale[0], scale[1], out); break;
  case Q6_K: decode_k6(row + j / 256 * BYTES(Q6_K), j % 256 / 32, scale, out); break;
  }
}

// Decodes the columns of whole runs of 32, and returns their number.
INLINE long decode_runs(const uint32_t type, const uint8_t *row, long columns, float *out) {
  long whole = columns / 32 * 32;
  struct scales scales;
  for (long start = 0; start < whole; start += SCALED) {
    long count = whole - start < SCALED ? whole - start : SCALED;
    read_scales(type, row, start, count, &scales);
    for (long i = 0; i < count / 32; i++) {
      v16f values[2];
      decode32(type, row, start + 32 * i, &scales, i, values);
      STORE(out + start + 32 * i, values[0]);
      STORE(out + start + 32 * i + LANES, values[1]);
    }
  }
  return whole;
}

// Does `STATEMENT` with `TYPE` a constant: one copy of the code for each type of weights.
#define FOR_TYPE(type, STATEMENT) \
  switch (type) { \
  case F32: { enum { TYPE = F32 }; STATEMENT; } break; \
  case F64: { enum { TYPE = F64 }; STATEMENT; } break; \
  case F16: { enum { TYPE = F16 }; STATEMENT; } break; \
  case BF16: { enum { TYPE = BF16 }; STATEMENT; } break; \
  case Q4_0: { enum { TYPE = Q4_0 }; STATEMENT; } break; \
  case Q4_1: { enum { TYPE = Q4_1 }; STATEMENT; } break; \
  case Q5_0: { enum { TYPE = Q5_0 }; STATEMENT; } break; \
  case Q5_1: { enum { TYPE = Q5_1 }; STATEMENT; } break; \
  case Q8_0: { enum { TYPE = Q8_0 }; STATEMENT; } break; \
  case Q2_K: { enum { TYPE = Q2_K }; STATEMENT; } break; \
  case Q3_K: { enum { TYPE = Q3_K }; STATEMENT; } break; \
  case IQ4_NL: { enum { TYPE = IQ4_NL }; STATEMENT; } break; \
  case IQ4_XS: { enum { TYPE = IQ4_XS }; STATEMENT; } break; \
  case MXFP4: { enum { TYPE = MXFP4 }; STATEMENT; } break; \
  case Q4_K: { enum { TYPE = Q4_K }; STATEMENT; } break; \
  case Q5_K: { enum { TYPE = Q5_K }; STATEMENT; } break; \
  case Q6_K: { enum { TYPE = Q6_K }; STATEMENT; } break; \
  }

static void decode(uint32_t type, const void *row, long columns, float *out) {
  long done = 0;
  FOR_TYPE(type, done = decode_runs(TYPE, row, columns, out));
  // Only the plain types have rows that are not whole runs.
  for (const uint8_t *bytes = row; done < columns; done++) {
    uint16_t half = 0;
    v16f value;
    switch (type) {
    case F32: memcpy(out + done, bytes + 4 * done, 4); continue;
    case F64: out[done] = (float)LOAD(double, bytes + 8 * done); continue;
    case F16: memcpy(&half, bytes + 2 * done, 2); value = from_halves((v16h){half}); break;
    default: memcpy(&half, bytes + 2 * done, 2); value = from_brains((v16h){half}); break;
    }
    out[done] = value[0];
  }
}
