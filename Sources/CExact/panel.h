// What every instruction set shares: columns are summed in tiles, then carried.
//
// The including file defines TILE, the columns of a tile, a multiple of 4, and `static void tile(…)`, which sums the
// products of one tile, and `static void narrow_tile(…)`, which does so for 4 columns.

// Carries the column sums, which are at most PLUMB_PANEL_PRODUCTS · 32640 in magnitude, into bytes.
//
// A right shift of a negative number is arithmetic in every compiler this is built by: it rounds toward −∞, which is what
// makes the byte that stays behind non-negative.
static void carry_columns(const int32_t *sums, const int32_t *correction, size_t columns, uint32_t *words) {
  int32_t carry[PLUMB_PANEL_ROWS] = {0};
  uint32_t word[PLUMB_PANEL_ROWS];
  const size_t count = columns / 4 + 1;
  for (size_t column = 0; column < columns; column += 4) {
    for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++) {
      const int32_t first = sums[column * PLUMB_PANEL_ROWS + row] + correction[column] + carry[row];
      const int32_t second = sums[(column + 1) * PLUMB_PANEL_ROWS + row] + correction[column + 1] + (first >> 8);
      const int32_t third = sums[(column + 2) * PLUMB_PANEL_ROWS + row] + correction[column + 2] + (second >> 8);
      const int32_t fourth = sums[(column + 3) * PLUMB_PANEL_ROWS + row] + correction[column + 3] + (third >> 8);
      carry[row] = fourth >> 8;
      word[row] = ((uint32_t)first & 255) | ((uint32_t)second & 255) << 8 | ((uint32_t)third & 255) << 16
        | ((uint32_t)fourth & 255) << 24;
    }
    for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++) words[row * count + column / 4] = word[row];
  }
  for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++) words[row * count + columns / 4] = (uint32_t)carry[row];
}

// The sums of the columns of a panel, as panel_product's declaration has them: column c of row r goes to sums[32·c + r].
static void sum_columns(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, size_t columns,
  int32_t *sums) {
  size_t column = 0;
  for (; column + TILE <= columns; column += TILE)
    tile(weights, slices, groups, digits + 4 * column, stride, sums + PLUMB_PANEL_ROWS * column);
  for (; column < columns; column += 4)
    narrow_tile(weights, slices, groups, digits + 4 * column, stride, sums + PLUMB_PANEL_ROWS * column);
}

static void panel_product(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, size_t columns,
  const int32_t *correction, int32_t *scratch, uint32_t *words) {
  sum_columns(weights, slices, groups, digits, stride, columns, scratch);
  carry_columns(scratch, correction, columns, words);
}
