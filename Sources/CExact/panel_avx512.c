#if defined(__x86_64__)

#include <immintrin.h>

#include "cexact.h"
#include "moduli.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))), apply_to = function)

// 24 sums in registers: each step multiplies two vectors of weights by twelve digits.
#define TILE 12

static inline __attribute__((always_inline)) void sum_tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums,
  const int width) {
  __m512i low[TILE], high[TILE];
  for (int column = 0; column < width; column++) low[column] = high[column] = _mm512_setzero_si512();
  for (size_t slice = 0; slice < slices; slice++) {
    const int8_t *place = digits - 4 * slice;
    for (size_t group = 0; group < groups; group++, place += 4 * stride, weights += 4 * PLUMB_PANEL_ROWS) {
      const __m512i first = _mm512_loadu_si512(weights), second = _mm512_loadu_si512(weights + 64);
#pragma clang loop unroll(full)
      for (int column = 0; column < width; column++) {
        int32_t four;
        __builtin_memcpy(&four, place + 4 * column, 4);
        const __m512i digit = _mm512_set1_epi32(four);
        low[column] = _mm512_dpbusd_epi32(low[column], first, digit);
        high[column] = _mm512_dpbusd_epi32(high[column], second, digit);
      }
    }
  }
  for (int column = 0; column < width; column++) {
    _mm512_storeu_si512(sums + PLUMB_PANEL_ROWS * column, low[column]);
    _mm512_storeu_si512(sums + PLUMB_PANEL_ROWS * column + 16, high[column]);
  }
}

static void tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  sum_tile(weights, slices, groups, digits, stride, sums, TILE);
}

static void narrow_tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  sum_tile(weights, slices, groups, digits, stride, sums, 4);
}

#include "panel.h"
#include "remainders.h"

plumb_panel_product *const plumb_panel_product_avx512 = panel_product;
plumb_remainder_product *const plumb_remainder_product_avx512 = remainder_product;

#pragma clang attribute pop

#endif
