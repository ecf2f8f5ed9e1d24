#include "cexact.h"

#include <math.h>

// Each function turns one block into its numbers, exactly, by the formulas that the package states beside its types.

static inline double half(const uint8_t *bytes) {
  const unsigned bits = bytes[0] | (unsigned)bytes[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
  const uint64_t pattern = (uint64_t)(exponent + 1023 - 15) << 52 | (uint64_t)fraction << 42;
  double magnitude;
  __builtin_memcpy(&magnitude, &pattern, 8);
  if (exponent == 31) magnitude = fraction ? NAN : INFINITY;
  if (exponent == 0) magnitude = fraction * 0x1p-24;
  return bits >> 15 ? -magnitude : magnitude;
}

static inline double single(uint32_t bits) {
  float number;
  __builtin_memcpy(&number, &bits, 4);
  return number;
}

static inline double doubled(const uint8_t *bytes) {
  uint64_t bits = 0;
  for (int i = 0; i < 8; i++) bits |= (uint64_t)bytes[i] << (8 * i);
  double number;
  __builtin_memcpy(&number, &bits, 8);
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

static inline void two_bits(const uint8_t *block, double *out) {
  const double scale = half(block + 80), minimum = half(block + 82);
  for (int i = 0; i < 256; i++) {
    const int q = block[16 + i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3, both = block[i / 16];
    out[i] = scale * (both & 15) * (double)q - minimum * (both >> 4);
  }
}

static inline void three_bits(const uint8_t *block, double *out) {
  const double scale = half(block + 108);
  const uint8_t *packed = block + 96;
  for (int i = 0; i < 256; i++) {
    const int index = i / 16, q = block[32 + i / 128 * 32 + i % 32] >> (2 * (i % 128 / 32)) & 3;
    const int sub_scale = (packed[index % 8] >> (4 * (index / 8)) & 15) | (packed[8 + index % 4] >> (2 * (index / 4)) & 3) << 4;
    out[i] = scale * (sub_scale - 32) * (double)(q - 4 + (block[i % 32] >> (i / 32) & 1) * 4);
  }
}

static inline void levels(const uint8_t *bytes, double scale, double *out) {
  static const int8_t level[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
  for (int i = 0; i < 16; i++) {
    out[i] = scale * level[bytes[i] & 15];
    out[i + 16] = scale * level[bytes[i] >> 4];
  }
}

static inline void scaled_levels(const uint8_t *block, double *out) {
  const double scale = half(block);
  const unsigned upper = block[2] | (unsigned)block[3] << 8;
  for (int run = 0; run < 8; run++) {
    const int sub_scale = (block[4 + run / 2] >> (4 * (run % 2)) & 15) | (int)(upper >> (2 * run) & 3) << 4;
    levels(block + 8 + 16 * run, scale * (sub_scale - 32), out + 32 * run);
  }
}

// 32 nibbles of E2M1, the low ones of 16 bytes, then the high ones, times 2^(e − 127): all normal in binary64.
static inline void fours(const uint8_t *block, double *out) {
  static const int8_t half[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
  const uint64_t pattern = (uint64_t)(block[0] + 1023 - 128) << 52;
  double scale;
  __builtin_memcpy(&scale, &pattern, 8);
  if (block[0] == 255) scale = NAN;
  for (int i = 0; i < 16; i++) {
    out[i] = scale * half[block[1 + i] & 15];
    out[i + 16] = scale * half[block[1 + i] >> 4];
  }
  // Readers refuse what binary32 does not hold.
  for (int i = 0; i < 32; i++)
    if (__builtin_fabs(out[i]) >= 0x1p128) out[i] = INFINITY;
}

int plumb_exact_weights(uint32_t type, const uint8_t *bytes, size_t count, double *out, size_t stride) {
  double numbers[256];
  int is_finite = 1;
  if (type == 0 && stride == 1) {
    for (size_t i = 0; i < count; i++) out[i] = single(word(bytes + 4 * i));
    for (size_t i = 0; i < count; i++) is_finite &= __builtin_fabs(out[i]) < INFINITY;
    return is_finite;
  }
  for (size_t done = 0; done < count;) {
    size_t block = 32;
    const size_t run = count - done < 256 ? count - done : 256;
    switch (type) {
    case 0:
      block = run;
      for (size_t i = 0; i < run; i++, bytes += 4) numbers[i] = single(word(bytes));
      break;
    case 1:
      block = run;
      for (size_t i = 0; i < run; i++, bytes += 2) numbers[i] = half(bytes);
      break;
    case 28:
      block = run;
      for (size_t i = 0; i < run; i++, bytes += 8) numbers[i] = doubled(bytes);
      break;
    case 30:
      block = run;
      for (size_t i = 0; i < run; i++, bytes += 2) numbers[i] = single((uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 24);
      break;
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
    case 10: block = 256, two_bits(bytes, numbers), bytes += 84; break;
    case 11: block = 256, three_bits(bytes, numbers), bytes += 110; break;
    case 20: levels(bytes + 2, half(bytes), numbers), bytes += 18; break;
    case 23: block = 256, scaled_levels(bytes, numbers), bytes += 136; break;
    case 39: fours(bytes, numbers), bytes += 17; break;
    default: return 0;
    }
    for (size_t i = 0; i < block; i++) is_finite &= __builtin_fabs(numbers[i]) < INFINITY;
    for (size_t i = 0; i < block; i++) out[stride * i] = numbers[i];
    done += block;
    out += stride * block;
  }
  return is_finite;
}

void plumb_sums_transpose(const double *weights, size_t terms, double *panel, double *magnitudes) {
  for (size_t start = 0; start < terms; start += 8) {
    // What eight terms of every row take stays in the first cache.
    const size_t end = start + 8 < terms ? start + 8 : terms;
    for (size_t row = 0; row < PLUMB_SUM_COLUMNS; row++)
      for (size_t term = start; term < end; term++) {
        const double weight = weights[row * terms + term];
        panel[term * PLUMB_SUM_COLUMNS + row] = weight;
        magnitudes[term * PLUMB_SUM_COLUMNS + row] = __builtin_fabs(weight);
      }
  }
}
