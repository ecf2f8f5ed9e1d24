#include "cexact.h"

int plumb_digits_exponents(const float *values, size_t count, int *least, int *greatest) {
  // Of magnitudes as integers, which are in order; 0 becomes the greatest in the search for the least.
  int32_t low = INT32_MAX, high = 0;
  for (size_t index = 0; index < count; index++) {
    int32_t magnitude;
    __builtin_memcpy(&magnitude, values + index, 4);
    magnitude &= INT32_MAX;
    const int32_t other = magnitude ? magnitude : INT32_MAX;
    low = other < low ? other : low;
    high = magnitude > high ? magnitude : high;
  }
  *least = (low >> 23 ? low >> 23 : 1) - 127;
  *greatest = (high >> 23 ? high >> 23 : high ? 1 : 0) - 127;
  return high >> 23 < 255;
}

// Adding 128 to each byte of a number in two's complement, with carries, leaves bytes that are 128 more than its digits.
#define OFFSET 0x80808080u

void plumb_digits_of_floats(
  const float *values, size_t count, int unit, size_t words, size_t stride, uint32_t *out) {
  if (words == 2) {
    // A multiple of the unit up to 2^62 units, of 24 bits: the product is exact in Float64, and the integer that it is.
    union { uint64_t bits; double number; } scale = {(uint64_t)(1023 - unit) << 52};
    for (size_t index = 0; index < count; index++) {
      const uint64_t number = (uint64_t)(int64_t)((double)values[index] * scale.number);
      const uint64_t digits = (number + 0x8080808080808080) ^ 0x8080808080808080;
      out[index] = (uint32_t)digits;
      out[stride + index] = (uint32_t)(digits >> 32);
    }
    return;
  }
  for (size_t index = 0; index < count; index++) {
    uint32_t bits;
    __builtin_memcpy(&bits, values + index, 4);
    const uint32_t biased = bits >> 23 & 255;
    const uint64_t significand = (bits & 0x7FFFFF) | (biased ? 0x800000 : 0);
    // The place of the significand's lowest bit; a number of 24 bits lies in two words at most.
    const size_t place = significand ? (size_t)((int)(biased ? biased : 1) - 150 - unit) : 0;
    const size_t first = place / 32;
    const uint64_t shifted = significand << place % 32;
    const uint32_t turned = bits >> 31 ? UINT32_MAX : 0;
    uint64_t negation = bits >> 31, carry = 0;
    for (size_t word = 0; word < words; word++) {
      const uint32_t value = word == first ? (uint32_t)shifted : word == first + 1 ? (uint32_t)(shifted >> 32) : 0;
      negation += value ^ turned;
      carry += (uint64_t)(uint32_t)negation + OFFSET;
      out[word * stride + index] = (uint32_t)carry ^ OFFSET;
      negation >>= 32;
      carry >>= 32;
    }
  }
}

void plumb_digits_of_words(
  const uint64_t *quads, const uint64_t *singles, size_t count, size_t size, size_t words, size_t stride,
  uint32_t *out) {
  const size_t grouped = size / 4 * 4;
  for (size_t index = 0; index < count; index++) {
    uint64_t number = 0, carry = 0, sign = 0;
    for (size_t word = 0; word < words; word++) {
      if (word % 2) number >>= 32;
      else if (word / 2 < size) {
        number = word / 2 < grouped ? quads[4 * (word / 8 * count + index) + word / 2 % 4]
                                    : singles[(word / 2 - grouped) * count + index];
        // Offset binary becomes two's complement, whose sign continues.
        if (word / 2 == size - 1) {
          number ^= (uint64_t)1 << 63;
          sign = number >> 63 ? ~(uint64_t)0 : 0;
        }
      } else number = sign;
      carry += (uint64_t)(uint32_t)number + OFFSET;
      out[word * stride + index] = (uint32_t)carry ^ OFFSET;
      carry >>= 32;
    }
  }
}
