#if defined(__x86_64__)

#include <immintrin.h>

#include "cexact.h"
#include "moduli.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define TILE 4

// Even and odd bytes are widened to 16 bits and multiplied apart. (The instruction that multiplies bytes saturates its
// sums of two at 16 bits, which they may exceed.)
static void narrow_tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  const __m256i low_byte = _mm256_set1_epi16(255);
  for (int quarter = 0; quarter < 4; quarter++) {
    __m256i sum[4];
    for (int column = 0; column < 4; column++) sum[column] = _mm256_setzero_si256();
    const uint8_t *weight = weights + 32 * quarter;
    for (size_t slice = 0; slice < slices; slice++) {
      const int8_t *place = digits - 4 * slice;
      for (size_t group = 0; group < groups; group++, place += 4 * stride, weight += 4 * PLUMB_PANEL_ROWS) {
        const __m256i bytes = _mm256_loadu_si256((const __m256i *)weight);
        const __m256i even = _mm256_and_si256(bytes, low_byte), odd = _mm256_srli_epi16(bytes, 8);
        for (int column = 0; column < 4; column++) {
          int32_t four;
          __builtin_memcpy(&four, place + 4 * column, 4);
          const __m256i digit = _mm256_set1_epi32(four);
          const __m256i even_digit = _mm256_srai_epi16(_mm256_slli_epi16(digit, 8), 8);
          const __m256i odd_digit = _mm256_srai_epi16(digit, 8);
          sum[column] = _mm256_add_epi32(sum[column], _mm256_madd_epi16(even, even_digit));
          sum[column] = _mm256_add_epi32(sum[column], _mm256_madd_epi16(odd, odd_digit));
        }
      }
    }
    for (int column = 0; column < 4; column++)
      _mm256_storeu_si256((__m256i *)(sums + PLUMB_PANEL_ROWS * column + 8 * quarter), sum[column]);
  }
}

static void tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  narrow_tile(weights, slices, groups, digits, stride, sums);
}

#include "panel.h"
#include "remainders.h"

plumb_panel_product *const plumb_panel_product_avx2 = panel_product;
plumb_remainder_product *const plumb_remainder_product_avx2 = remainder_product;

#pragma clang attribute pop

#endif
