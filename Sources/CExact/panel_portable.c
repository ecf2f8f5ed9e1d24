#include "cexact.h"
#include "moduli.h"

#define TILE 4

static void narrow_tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  for (size_t index = 0; index < 4 * PLUMB_PANEL_ROWS; index++) sums[index] = 0;
  for (size_t slice = 0; slice < slices; slice++) {
    const int8_t *place = digits - 4 * slice;
    for (size_t group = 0; group < groups; group++, place += 4 * stride, weights += 4 * PLUMB_PANEL_ROWS)
      for (size_t column = 0; column < 4; column++)
        for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++)
          for (size_t element = 0; element < 4; element++)
            sums[PLUMB_PANEL_ROWS * column + row] +=
              (int32_t)weights[4 * row + element] * place[4 * column + element];
  }
}

static void tile(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, int32_t *sums) {
  narrow_tile(weights, slices, groups, digits, stride, sums);
}

#include "panel.h"
#include "remainders.h"

plumb_panel_product *const plumb_panel_product_portable = panel_product;
plumb_remainder_product *const plumb_remainder_product_portable = remainder_product;
