// Stored rows to binary32. The layouts are those of the GGUF format.
//
// Each formula's products are exact in binary32, so that an element carries at most the one rounding of the addition
// of its minimum. A scale d is a binary16: 11 significant bits, a multiple of 2^−24, at most 65504.
//   Q4_0  d·(q − 8)            11 + 4 bits                                               exact
//   Q4_1  d·q + m              11 + 4 bits for d·q                                       one rounding
//   Q5_0  d·(q − 16)           11 + 5 bits                                               exact
//   Q5_1  d·q + m              11 + 5 bits for d·q                                       one rounding
//   Q8_0  d·q                  11 + 8 bits                                               exact
//   Q4_K  d·s·q − dmin·n       11 + 6 + 4 bits, 11 + 6 bits                              one rounding
//   Q5_K  d·s·q − dmin·n       11 + 6 + 5 bits, 11 + 6 bits                              one rounding
//   Q6_K  d·s·(q − 32)         |s·(q − 32)| ≤ 128·32 = 2^12, so 11 + 12 bits             exact
// All products are below 2^29 and multiples of 2^−24, as is their sum: nothing over- or underflows. Because the product
// is exact, fusing it with the addition changes no bit, nor does computing q's value from q or looking it up in a table
// of all values: every instruction set decodes alike.

enum {
  F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q4_K = 12, Q5_K = 13, Q6_K = 14, BF16 = 30,
};

#if HAS_HALF
// The processor converts binary16, exactly.
typedef _Float16 v16half __attribute__((vector_size(32)));
INLINE v16f from_halves(v16h halves) { return __builtin_convertvector((v16half)halves, v16f); }
INLINE float from_half(const uint8_t *bytes) { return (float)LOAD(_Float16, bytes); }
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
#endif

INLINE v16f from_brains(v16h halves) { return (v16f)(__builtin_convertvector(halves, v16u) << 16); }

static const v16f counting = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// step·(q − bias) + offset for 16 values of q from 0 to 15.
INLINE v16f from_nibbles(v16i q, float bias, float step, float offset) {
#if HAS_LOOKUP
  v16f table = (counting - bias) * step + offset;
  return __builtin_ia32_permvarsf512(table, q);
#else
  return (__builtin_convertvector(q, v16f) - bias) * step + offset;
#endif
}

INLINE v16i widened(const uint8_t *bytes) { return __builtin_convertvector(LOAD(v16b, bytes), v16i); }

// 16 nibbles, the low ones of 16 bytes or the high ones. The table look-up ignores all but the low 4 bits.
INLINE v16i nibbles(const uint8_t *bytes, const int high) { return high ? widened(bytes) >> 4 : widened(bytes) & 15; }

// Bits `first` to `first + 15` of a word, each as 0 or 16.
INLINE v16i fifth_bits(uint32_t word, int first) {
  v16u lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (v16i)((((word >> first) >> lane) & 1) << 4);
}

INLINE v16f as_floats(v16i integers) { return __builtin_convertvector(integers, v16f); }

// The 6-bit scale and minimum of sub-block `index`, out of the 12 packed bytes: the first four of each stand in the low
// six bits of bytes 0–3 and 4–7; the last four have their low nibbles in bytes 8–11 and their high bits in the top two
// of bytes 0–3 and 4–7.
INLINE void packed_scale(const uint8_t *packed, long index, int *scale, int *minimum) {
  if (index < 4) {
    *scale = packed[index] & 63;
    *minimum = packed[index + 4] & 63;
  } else {
    *scale = (packed[index + 4] & 15) | (packed[index - 4] >> 6) << 4;
    *minimum = (packed[index + 4] >> 4) | (packed[index] >> 6) << 4;
  }
}

// Q4_K and Q5_K: each run of 32 bytes of nibbles holds two sub-blocks of 32, the low nibbles' first; bit `index` of 32
// bytes is the fifth bit of sub-block `index`.
INLINE void decode_k45(const int fifth, const uint8_t *block, long index, v16f out[2]) {
  int scale, minimum;
  packed_scale(block + 4, index, &scale, &minimum);
  float step = from_half(block) * (float)scale, offset = from_half(block + 2) * (float)minimum;
  for (int half = 0; half < 2; half++) {
    const uint8_t *at = block + (fifth ? 48 : 16) + 32 * (index / 2) + 16 * half;
    v16i q = (widened(at) >> (int)(4 * (index % 2))) & 15;
    if (fifth) {
      q |= ((widened(block + 16 + 16 * half) >> (int)index) & 1) << 4;
      out[half] = as_floats(q) * step - offset;
    } else {
      out[half] = from_nibbles(q, 0, step, -offset);
    }
  }
}

// Q6_K: each half block of 128 elements is four runs of 32: the low nibbles of 64 bytes, then their high nibbles; run k
// has its upper two bits at bit 2k of 32 bytes.
INLINE void decode_k6(const uint8_t *block, long index, v16f out[2]) {
  long part = index / 4, run = index % 4;
  float d = from_half(block + 208);
  for (int half = 0; half < 2; half++) {
    v16i q = (widened(block + 64 * part + 32 * (run % 2) + 16 * half) >> (int)(4 * (run / 2))) & 15;
    q |= ((widened(block + 128 + 32 * part + 16 * half) >> (int)(2 * run)) & 3) << 4;
    float step = d * (float)(int8_t)block[192 + 2 * index + half];
    out[half] = as_floats(q - 32) * step;
  }
}

// The 32 elements of a row from column j on, a multiple of 32, as two vectors. `type` is a constant wherever this is
// inlined.
INLINE void decode32(const uint32_t type, const uint8_t *row, long j, v16f out[2]) {
  const uint8_t *at;
  float d;
  switch (type) {
  case F32:
    out[0] = LOAD(v16f, row + 4 * j);
    out[1] = LOAD(v16f, row + 4 * j + 64);
    break;
  case F16:
    out[0] = from_halves(LOAD(v16h, row + 2 * j));
    out[1] = from_halves(LOAD(v16h, row + 2 * j + 32));
    break;
  case BF16:
    out[0] = from_brains(LOAD(v16h, row + 2 * j));
    out[1] = from_brains(LOAD(v16h, row + 2 * j + 32));
    break;
  case Q4_0:
    at = row + j / 32 * 18;
    d = from_half(at);
    // Adding −0 leaves every number as it is, −0 included.
    for (int half = 0; half < 2; half++) out[half] = from_nibbles(nibbles(at + 2, half), 8, d, -0.0f);
    break;
  case Q4_1:
    at = row + j / 32 * 20;
    d = from_half(at);
    for (int half = 0; half < 2; half++) out[half] = from_nibbles(nibbles(at + 4, half), 0, d, from_half(at + 2));
    break;
  case Q5_0:
    at = row + j / 32 * 22;
    d = from_half(at);
    for (int half = 0; half < 2; half++) {
      v16i q = nibbles(at + 6, half) | fifth_bits(LOAD(uint32_t, at + 2), 16 * half);
      out[half] = as_floats(q - 16) * d;
    }
    break;
  case Q5_1:
    at = row + j / 32 * 24;
    d = from_half(at);
    for (int half = 0; half < 2; half++) {
      v16i q = nibbles(at + 8, half) | fifth_bits(LOAD(uint32_t, at + 4), 16 * half);
      out[half] = as_floats(q) * d + from_half(at + 2);
    }
    break;
  case Q8_0:
    at = row + j / 32 * 34;
    d = from_half(at);
    for (int half = 0; half < 2; half++) {
      out[half] = as_floats(__builtin_convertvector(LOAD(v16c, at + 2 + 16 * half), v16i)) * d;
    }
    break;
  case Q4_K: decode_k45(0, row + j / 256 * 144, j % 256 / 32, out); break;
  case Q5_K: decode_k45(1, row + j / 256 * 176, j % 256 / 32, out); break;
  case Q6_K: decode_k6(row + j / 256 * 210, j % 256 / 32, out); break;
  }
}

// Decodes the columns of whole runs of 32, and returns their number.
INLINE long decode_runs(const uint32_t type, const uint8_t *row, long columns, float *out) {
  long j = 0;
  for (; j + 32 <= columns; j += 32) {
    v16f values[2];
    decode32(type, row, j, values);
    STORE(out + j, values[0]);
    STORE(out + j + LANES, values[1]);
  }
  return j;
}

// Does `STATEMENT` with `TYPE` a constant: one copy of the code for each type of weights.
#define FOR_TYPE(type, STATEMENT) \
  switch (type) { \
  case F32: { enum { TYPE = F32 }; STATEMENT; } break; \
  case F16: { enum { TYPE = F16 }; STATEMENT; } break; \
  case BF16: { enum { TYPE = BF16 }; STATEMENT; } break; \
  case Q4_0: { enum { TYPE = Q4_0 }; STATEMENT; } break; \
  case Q4_1: { enum { TYPE = Q4_1 }; STATEMENT; } break; \
  case Q5_0: { enum { TYPE = Q5_0 }; STATEMENT; } break; \
  case Q5_1: { enum { TYPE = Q5_1 }; STATEMENT; } break; \
  case Q8_0: { enum { TYPE = Q8_0 }; STATEMENT; } break; \
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
    case F16: memcpy(&half, bytes + 2 * done, 2); value = from_halves((v16h){half}); break;
    default: memcpy(&half, bytes + 2 * done, 2); value = from_brains((v16h){half}); break;
    }
    out[done] = value[0];
  }
}
