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
// is exact, fusing it with the addition would change no bit: every instruction set decodes alike.

enum {
  F32 = 0, F16 = 1, Q4_0 = 2, Q4_1 = 3, Q5_0 = 6, Q5_1 = 7, Q8_0 = 8, Q4_K = 12, Q5_K = 13, Q6_K = 14, BF16 = 30,
};

// binary16 to binary32, exactly. A half's exponent and fraction, moved to a single's place, are the value times 2^−112,
// subnormals included; the multiplication by 2^112 is exact, and infinities and NaNs get their exponent back by hand.
INLINE v16f from_halves(v16h halves) {
  v16u bits = __builtin_convertvector(halves, v16u);
  v16u magnitude = (bits & 0x7fff) << 13;
  v16f scaled = (v16f)magnitude * 0x1p112f;
  v16u special = (v16u)(magnitude >= 0x0f800000u) & 0x7f800000u;
  return (v16f)((v16u)scaled | special | ((bits & 0x8000) << 16));
}

INLINE float from_half(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, 2);
  uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
  float scaled;
  memcpy(&scaled, &magnitude, 4);
  scaled *= 0x1p112f;
  uint32_t bits;
  memcpy(&bits, &scaled, 4);
  bits |= (magnitude >= 0x0f800000u ? 0x7f800000u : 0) | (uint32_t)(half & 0x8000) << 16;
  memcpy(&scaled, &bits, 4);
  return scaled;
}

INLINE v16i low_nibbles(const uint8_t *bytes) { return __builtin_convertvector(LOAD(v16b, bytes) & 15, v16i); }
INLINE v16i high_nibbles(const uint8_t *bytes) { return __builtin_convertvector(LOAD(v16b, bytes) >> 4, v16i); }
INLINE v16f as_floats(v16i integers) { return __builtin_convertvector(integers, v16f); }

// Bits `first` to `first + 15` of a word, each as 0 or 16.
INLINE v16i fifth_bits(const uint8_t *bytes, int first) {
  uint32_t word;
  memcpy(&word, bytes, 4);
  v16u lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  return (v16i)((((word >> first) >> lane) & 1) << 4);
}

// One block of 32 elements as two vectors of 16.
INLINE void decode_block(const uint32_t type, const uint8_t *block, v16f out[2]) {
  v16i low, high;
  float d = from_half(block);
  switch (type) {
  case Q4_0:
    out[0] = as_floats(low_nibbles(block + 2) - 8) * d;
    out[1] = as_floats(high_nibbles(block + 2) - 8) * d;
    break;
  case Q4_1:
    out[0] = as_floats(low_nibbles(block + 4)) * d + from_half(block + 2);
    out[1] = as_floats(high_nibbles(block + 4)) * d + from_half(block + 2);
    break;
  case Q5_0:
    low = low_nibbles(block + 6) | fifth_bits(block + 2, 0);
    high = high_nibbles(block + 6) | fifth_bits(block + 2, 16);
    out[0] = as_floats(low - 16) * d;
    out[1] = as_floats(high - 16) * d;
    break;
  case Q5_1:
    low = low_nibbles(block + 8) | fifth_bits(block + 4, 0);
    high = high_nibbles(block + 8) | fifth_bits(block + 4, 16);
    out[0] = as_floats(low) * d + from_half(block + 2);
    out[1] = as_floats(high) * d + from_half(block + 2);
    break;
  case Q8_0:
    out[0] = as_floats(__builtin_convertvector(LOAD(v16c, block + 2), v16i)) * d;
    out[1] = as_floats(__builtin_convertvector(LOAD(v16c, block + 18), v16i)) * d;
    break;
  }
}

INLINE void decode_blocks(const uint32_t type, const long block_bytes, const uint8_t *row, long columns, float *out) {
  for (long j = 0; j < columns; j += 32, row += block_bytes) {
    v16f values[2];
    decode_block(type, row, values);
    STORE(out + j, values[0]);
    STORE(out + j + 16, values[1]);
  }
}

// The 6-bit scale and minimum of sub-block `index`, out of the 12 packed bytes: the first four of each stand in the low
// six bits of bytes 0–3 and 4–7; the last four have their low nibbles in bytes 8–11 and their high bits in the top two
// of bytes 0–3 and 4–7.
INLINE void packed_scale(const uint8_t *packed, int index, int *scale, int *minimum) {
  if (index < 4) {
    *scale = packed[index] & 63;
    *minimum = packed[index + 4] & 63;
  } else {
    *scale = (packed[index + 4] & 15) | (packed[index - 4] >> 6) << 4;
    *minimum = (packed[index + 4] >> 4) | (packed[index] >> 6) << 4;
  }
}

// Q4_K and Q5_K: each run of 32 bytes of nibbles holds two sub-blocks of 32, the low nibbles' first.
INLINE void decode_k45(const int fifth, const uint8_t *row, long columns, float *out) {
  const long block_bytes = fifth ? 176 : 144;
  for (; columns > 0; columns -= 256, row += block_bytes, out += 256) {
    float d = from_half(row), dmin = from_half(row + 2);
    const uint8_t *high = row + 16, *nibbles = row + (fifth ? 48 : 16);
    for (int index = 0; index < 8; index++) {
      int scale, minimum;
      packed_scale(row + 4, index, &scale, &minimum);
      float step = d * (float)scale, offset = dmin * (float)minimum;
      for (int half = 0; half < 32; half += 16) {
        const uint8_t *at = nibbles + 32 * (index / 2) + half;
        v16i q = index % 2 ? high_nibbles(at) : low_nibbles(at);
        if (fifth) q |= (__builtin_convertvector(LOAD(v16b, high + half), v16i) >> index & 1) << 4;
        STORE(out + 32 * index + half, as_floats(q) * step - offset);
      }
    }
  }
}

// Q6_K: each half block of 128 elements is four runs of 32: the low nibbles of 64 bytes, then their high nibbles; run k
// has its upper two bits at bit 2k of 32 bytes.
INLINE void decode_k6(const uint8_t *row, long columns, float *out) {
  for (; columns > 0; columns -= 256, row += 210, out += 256) {
    float d = from_half(row + 208);
    for (int part = 0; part < 16; part++) {
      int half = part / 8, run = part % 8 / 2, start = 16 * (part % 2);
      const uint8_t *low = row + 64 * half + 32 * (run % 2) + start, *high = row + 128 + 32 * half + start;
      v16i q = run / 2 ? high_nibbles(low) : low_nibbles(low);
      q |= (__builtin_convertvector(LOAD(v16b, high), v16i) >> 2 * run & 3) << 4;
      float step = d * (float)(int8_t)row[192 + part];
      STORE(out + 16 * part, as_floats(q - 32) * step);
    }
  }
}

static void decode(uint32_t type, const void *row, long columns, float *out) {
  const uint8_t *bytes = row;
  switch (type) {
  case F32: memcpy(out, row, (size_t)columns * sizeof(float)); break;
  case F16:
  case BF16:
    for (long j = 0; j < columns; j += LANES) {
      long count = columns - j < LANES ? columns - j : LANES;
      v16h halves = {0};
      if (count == LANES) halves = LOAD(v16h, bytes + 2 * j);
      else memcpy(&halves, bytes + 2 * j, (size_t)count * 2);
      v16f values = type == F16 ? from_halves(halves) : (v16f)(__builtin_convertvector(halves, v16u) << 16);
      memcpy(out + j, &values, (size_t)count * sizeof(float));
    }
    break;
  case Q4_0: decode_blocks(Q4_0, 18, bytes, columns, out); break;
  case Q4_1: decode_blocks(Q4_1, 20, bytes, columns, out); break;
  case Q5_0: decode_blocks(Q5_0, 22, bytes, columns, out); break;
  case Q5_1: decode_blocks(Q5_1, 24, bytes, columns, out); break;
  case Q8_0: decode_blocks(Q8_0, 34, bytes, columns, out); break;
  case Q4_K: decode_k45(0, bytes, columns, out); break;
  case Q5_K: decode_k45(1, bytes, columns, out); break;
  case Q6_K: decode_k6(bytes, columns, out); break;
  }
}
