#include "cexact.h"

int plumb_limb_exponents(const float *values, size_t count, int *least, int *greatest) {
  uint32_t low = 255, high = 0;
  for (size_t index = 0; index < count; index++) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + index, 4);
    const uint32_t magnitude = bits & 0x7FFFFFFF, biased = magnitude >> 23;
    const uint32_t exponent = biased ? biased : 1;
    low = magnitude && exponent < low ? exponent : low;
    high = magnitude && exponent > high ? exponent : high;
  }
  *least = (int)low - 127;
  *greatest = (int)high - 127;
  return high < 255;
}

static inline void add(uint64_t (*sum)[2], uint64_t value) {
  (*sum)[0] += value;
  (*sum)[1] += (*sum)[0] < value;
}

void plumb_limb_pack_floats(
  const float *values, size_t count, int unit, size_t limbs, uint64_t *out, uint64_t (*sums)[2]) {
  for (size_t limb = 0; limb < limbs; limb++) sums[limb][0] = sums[limb][1] = 0;
  if (limbs == 1) {
    // A multiple of the unit below 2^51 units: the product is exact in Float64, and so is the integer that it is.
    union { uint64_t bits; double number; } scale = {(uint64_t)(1023 - unit) << 52};
    for (size_t start = 0; start < count; start += 2048) {
      const size_t end = start + 2048 < count ? start + 2048 : count;
      uint64_t sum = 0;
      for (size_t index = start; index < end; index++) {
        const uint64_t limb = (uint64_t)(int64_t)((double)values[index] * scale.number) + ((uint64_t)1 << 51);
        out[index] = limb;
        sum += limb;
      }
      add(sums, sum);
    }
    return;
  }
  for (size_t index = 0; index < count; index++) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + index, 4);
    const uint32_t biased = bits >> 23 & 255;
    const uint64_t significand = (bits & 0x7FFFFF) | (biased ? 0x800000 : 0);
    // The place of the significand's lowest bit; a number of 24 bits lies in two limbs at most.
    const size_t place = significand ? (size_t)((int)(biased ? biased : 1) - 150 - unit) : 0;
    const size_t first = place / 52, shift = place % 52;
    const uint64_t low = significand << shift & PLUMB_LIMB_MASK, high = shift > 28 ? significand >> (52 - shift) : 0;
    uint64_t carry = bits >> 31;
    const uint64_t turned = carry ? PLUMB_LIMB_MASK : 0;
    for (size_t limb = 0; limb < limbs; limb++) {
      uint64_t value = limb == first ? low : limb == first + 1 ? high : 0;
      value = (value ^ turned) + carry;
      carry = value >> 52;
      value = (value & PLUMB_LIMB_MASK) ^ (limb == limbs - 1 ? (uint64_t)1 << 51 : 0);
      out[limb * count + index] = value;
      add(sums + limb, value);
    }
  }
}

void plumb_limb_pack_words(
  const uint64_t *quads, const uint64_t *singles, size_t count, size_t words, size_t limbs, uint64_t *out,
  uint64_t (*sums)[2]) {
  for (size_t limb = 0; limb < limbs; limb++) sums[limb][0] = sums[limb][1] = 0;
  const size_t grouped = words / 4 * 4;
  for (size_t index = 0; index < count; index++) {
    uint64_t number[258];
    for (size_t word = 0; word < grouped; word++)
      number[word] = quads[4 * (word / 4 * count + index) + word % 4];
    for (size_t word = grouped; word < words; word++) number[word] = singles[(word - grouped) * count + index];
    // Offset binary becomes two's complement, whose sign continues.
    uint64_t sign = 0;
    if (words) {
      number[words - 1] ^= (uint64_t)1 << 63;
      sign = number[words - 1] >> 63 ? ~(uint64_t)0 : 0;
    }
    number[words] = sign;
    for (size_t limb = 0; limb < limbs; limb++) {
      const size_t word = 52 * limb / 64, shift = 52 * limb % 64;
      const uint64_t low = word < words ? number[word] : sign;
      const uint64_t high = word + 1 < words ? number[word + 1] : sign;
      uint64_t value = (shift ? low >> shift | high << (64 - shift) : low) & PLUMB_LIMB_MASK;
      value ^= limb == limbs - 1 ? (uint64_t)1 << 51 : 0;
      out[limb * count + index] = value;
      add(sums + limb, value);
    }
  }
}
