#if defined(__x86_64__)

#include <immintrin.h>

#include "cexact.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512ifma"))), apply_to = function)

// 24 sums in registers: each step multiplies two vectors of weights by six limbs, lower and upper halves apart.
#define ROWS 6

static inline __attribute__((always_inline)) void limb_rows(
  const uint64_t *panel, size_t terms, const uint64_t *x, size_t stride, uint64_t *sums, const int rows) {
  __m512i low[ROWS][2], high[ROWS][2];
  for (int row = 0; row < rows; row++)
    for (int part = 0; part < 2; part++) low[row][part] = high[row][part] = _mm512_setzero_si512();
  for (size_t term = 0; term < terms; term++, panel += PLUMB_LIMB_COLUMNS) {
    const __m512i first = _mm512_loadu_si512(panel), second = _mm512_loadu_si512(panel + 8);
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
      const __m512i factor = _mm512_set1_epi64((long long)x[row * stride + term]);
      low[row][0] = _mm512_madd52lo_epu64(low[row][0], first, factor);
      high[row][0] = _mm512_madd52hi_epu64(high[row][0], first, factor);
      low[row][1] = _mm512_madd52lo_epu64(low[row][1], second, factor);
      high[row][1] = _mm512_madd52hi_epu64(high[row][1], second, factor);
    }
  }
  for (int row = 0; row < rows; row++, sums += 2 * PLUMB_LIMB_COLUMNS)
    for (int part = 0; part < 2; part++) {
      _mm512_storeu_si512(sums + 8 * part, low[row][part]);
      _mm512_storeu_si512(sums + PLUMB_LIMB_COLUMNS + 8 * part, high[row][part]);
    }
}

#include "limbs.h"

plumb_limb_product *const plumb_limb_product_ifma = limb_product;

#pragma clang attribute pop

#endif
