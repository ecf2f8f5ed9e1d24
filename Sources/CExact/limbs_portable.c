#include "cexact.h"

#define ROWS 2

static inline void limb_rows(
  const uint64_t *panel, size_t terms, const uint64_t *x, size_t stride, uint64_t *sums, const int rows) {
  for (int row = 0; row < rows; row++, x += stride, sums += 2 * PLUMB_LIMB_COLUMNS)
    for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++) {
      uint64_t low = 0, high = 0;
      for (size_t term = 0; term < terms; term++) {
        const unsigned __int128 product = (unsigned __int128)panel[PLUMB_LIMB_COLUMNS * term + column] * x[term];
        low += (uint64_t)product & PLUMB_LIMB_MASK;
        high += (uint64_t)(product >> 52);
      }
      sums[column] = low;
      sums[PLUMB_LIMB_COLUMNS + column] = high;
    }
}

#include "limbs.h"

plumb_limb_product *const plumb_limb_product_portable = limb_product;
