#include "cexact.h"

#pragma STDC FP_CONTRACT OFF

#define ROWS 2

static inline __attribute__((always_inline)) void sum_rows(
  const double *weights, size_t terms, const double *x, double *sums, const int rows) {
  for (size_t index = 0; index < (size_t)rows * PLUMB_SUM_COLUMNS; index++) sums[index] = 0;
  for (size_t term = 0; term < terms; term++, weights += PLUMB_SUM_COLUMNS)
    for (int row = 0; row < rows; row++) {
      const double factor = x[row * terms + term];
      for (size_t column = 0; column < PLUMB_SUM_COLUMNS; column++)
        sums[row * PLUMB_SUM_COLUMNS + column] += weights[column] * factor;
    }
}

#include "sums.h"

plumb_panel_sums *const plumb_panel_sums_portable = panel_sums;
