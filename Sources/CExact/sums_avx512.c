#if defined(__x86_64__)

#include <immintrin.h>

#include "cexact.h"

#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)

// 24 sums in registers: each step multiplies three vectors of weights by eight numbers.
#define ROWS 8

static inline __attribute__((always_inline)) void sum_rows(
  const double *weights, size_t terms, const double *x, double *sums, const int rows) {
  __m512d sum[ROWS][3];
  for (int row = 0; row < rows; row++)
    for (int part = 0; part < 3; part++) sum[row][part] = _mm512_setzero_pd();
  // Places of rows are computed once for four terms.
#pragma clang loop unroll_count(4)
  for (size_t term = 0; term < terms; term++, weights += PLUMB_SUM_COLUMNS) {
    const __m512d first = _mm512_loadu_pd(weights), second = _mm512_loadu_pd(weights + 8);
    const __m512d third = _mm512_loadu_pd(weights + 16);
#pragma clang loop unroll(full)
    for (int row = 0; row < rows; row++) {
      const __m512d factor = _mm512_set1_pd(x[row * terms + term]);
      sum[row][0] = _mm512_fmadd_pd(first, factor, sum[row][0]);
      sum[row][1] = _mm512_fmadd_pd(second, factor, sum[row][1]);
      sum[row][2] = _mm512_fmadd_pd(third, factor, sum[row][2]);
    }
  }
  for (int row = 0; row < rows; row++)
    for (int part = 0; part < 3; part++) _mm512_storeu_pd(sums + row * PLUMB_SUM_COLUMNS + 8 * part, sum[row][part]);
}

#include "sums.h"

plumb_panel_sums *const plumb_panel_sums_avx512 = panel_sums;

#pragma clang attribute pop

#endif
