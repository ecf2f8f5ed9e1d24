#include "cexact.h"

#include <math.h>

// Each function turns one block into its numbers, exactly, by the formulas that the package states beside its types.

static inline double half(const uint8_t *bytes) {
  const unsigned bits = bytes[0] | (unsigned)bytes[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
  double magnitude;
  if (exponent == 31) magnitude = fraction ? NAN : INFINITY;
  else magnitude = exponent == 0 ? fraction * 0x1p-24 : ldexp(1024 + fraction, (int)exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

static inline double single(uint32_t bits) {
  float number;
  __builtin_memcpy(&number, &bits, 4);
  return number;
}

static inline uint32_t word(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

// 32 nibbles: the low ones of 16 bytes, then the high ones; with the bits of `fifth` above them.
static inline void nibbles(const uint8_t *bytes, uint32_t fifth, double scale, double offset, double *out) {
  for (int i = 0; i < 16; i++) {
    out[i] = scale * (double)(int)((bytes[i] & 15) + (fifth >> i & 1) * 16) + offset;
    out[i + 16] = scale * (double)(int)((bytes[i] >> 4) + (fifth >> (i + 16) & 1) * 16) + offset;
  }
}

// The 6-bit scale and minimum of sub-block `index`, packed into 12 bytes.
static inline void packed_scale(const uint8_t *packed, int index, int *scale, int *minimum) {
  if (index < 4) {
    *scale = packed[index] & 63;
    *minimum = packed[index + 4] & 63;
  } else {
    *scale = (packed[index + 4] & 15) | (packed[index - 4] >> 6) << 4;
    *minimum = packed[index + 4] >> 4 | (packed[index] >> 6) << 4;
  }
}

static inline void sub_blocks(const uint8_t *block, const uint8_t *fifth, const uint8_t *low, double *out) {
  const double scale = half(block), minimum = half(block + 2);
  for (int run = 0; run < 8; run++) {
    int sub_scale, sub_minimum;
    packed_scale(block + 4, run, &sub_scale, &sub_minimum);
    const double factor = scale * sub_scale, offset = minimum * sub_minimum;
    for (int i = 0; i < 32; i++) {
      const int nibble = low[run / 2 * 32 + i] >> (run % 2 * 4) & 15;
      out[32 * run + i] = factor * (double)(nibble + (fifth ? (fifth[i] >> run & 1) * 16 : 0)) - offset;
    }
  }
}

static inline void six_bits(const uint8_t *block, double *out) {
  const double scale = half(block + 208);
  for (int i = 0; i < 256; i++) {
    const int upper = i / 128, run = i % 128 / 32, place = i % 32;
    const int low = block[64 * upper + 32 * (run % 2) + place] >> (4 * (run / 2)) & 15;
    const int high = block[128 + 32 * upper + place] >> (2 * run) & 3;
    out[i] = scale * (int8_t)block[192 + i / 16] * (double)(low + 16 * high - 32);
  }
}

int plumb_exact_weights(uint32_t type, const uint8_t *bytes, size_t count, double *out, size_t stride) {
  double numbers[256];
  int is_finite = 1;
  for (size_t done = 0; done < count;) {
    size_t block = 32;
    switch (type) {
    case 0: block = 1, numbers[0] = single(word(bytes)), bytes += 4; break;
    case 1: block = 1, numbers[0] = half(bytes), bytes += 2; break;
    case 30: block = 1, numbers[0] = single((uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 24), bytes += 2; break;
    case 2: { const double d = half(bytes); nibbles(bytes + 2, 0, d, -8 * d, numbers); bytes += 18; break; }
    case 3: nibbles(bytes + 4, 0, half(bytes), half(bytes + 2), numbers), bytes += 20; break;
    case 6: { const double d = half(bytes); nibbles(bytes + 6, word(bytes + 2), d, -16 * d, numbers); bytes += 22; break; }
    case 7: nibbles(bytes + 8, word(bytes + 4), half(bytes), half(bytes + 2), numbers), bytes += 24; break;
    case 8: {
      const double d = half(bytes);
      for (int i = 0; i < 32; i++) numbers[i] = d * (int8_t)bytes[2 + i];
      bytes += 34;
      break;
    }
    case 12: block = 256, sub_blocks(bytes, 0, bytes + 16, numbers), bytes += 144; break;
    case 13: block = 256, sub_blocks(bytes, bytes + 16, bytes + 48, numbers), bytes += 176; break;
    case 14: block = 256, six_bits(bytes, numbers), bytes += 210; break;
    default: return 0;
    }
    for (size_t i = 0; i < block; i++, done++, out += stride) {
      is_finite &= isfinite(numbers[i]) != 0;
      *out = numbers[i];
    }
  }
  return is_finite;
}
