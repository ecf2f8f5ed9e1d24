#if defined(__x86_64__)

#include <immintrin.h>

#include "cexact.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define ROWS 4

// Twelve sums in registers: half of the columns at a time.
static inline __attribute__((always_inline)) void sum_rows(
  const double *weights, size_t terms, const double *x, double *sums, const int rows) {
  for (int half = 0; half < 2; half++, weights += 12, sums += 12) {
    __m256d sum[ROWS][3];
    for (int row = 0; row < rows; row++)
      for (int part = 0; part < 3; part++) sum[row][part] = _mm256_setzero_pd();
    for (size_t term = 0; term < terms; term++) {
      const double *place = weights + term * PLUMB_SUM_COLUMNS;
      const __m256d first = _mm256_loadu_pd(place), second = _mm256_loadu_pd(place + 4);
      const __m256d third = _mm256_loadu_pd(place + 8);
#pragma clang loop unroll(full)
      for (int row = 0; row < rows; row++) {
        const __m256d factor = _mm256_broadcast_sd(x + row * terms + term);
        sum[row][0] = _mm256_fmadd_pd(first, factor, sum[row][0]);
        sum[row][1] = _mm256_fmadd_pd(second, factor, sum[row][1]);
        sum[row][2] = _mm256_fmadd_pd(third, factor, sum[row][2]);
      }
    }
    for (int row = 0; row < rows; row++)
      for (int part = 0; part < 3; part++) _mm256_storeu_pd(sums + row * PLUMB_SUM_COLUMNS + 4 * part, sum[row][part]);
  }
}

#include "sums.h"

plumb_panel_sums *const plumb_panel_sums_avx2 = panel_sums;

#pragma clang attribute pop

#endif
