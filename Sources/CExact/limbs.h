// What every instruction set shares: rows of the first factor are taken ROWS at a time, and limbs are carried.
//
// The including file defines ROWS and `static inline void limb_rows(…, const int rows)`, which writes for each of `rows` rows r
// of x, at most ROWS, and each column c
//
//     sums[(2·r) · 16 + c] = Σ_k lower(panel[16·k + c] · x[stride·r + k]),   sums[(2·r + 1) · 16 + c] = Σ_k upper(…),
//
// the product being upper · 2^52 + lower.

#define HALVES (2 * PLUMB_LIMB_COLUMNS)

// Adds the products of one row to out, modulo 2^(52·count): limb l of column c is out[stride·l + c], each below 2^52 but the
// last, which has the sign. The sums of limb i of the row and limb j of the weights stand at sums[(j · rows + i) · 32].
// Where row_terms is given nothing stands in out yet, and the terms are added.
//
// At most 2 · terms · min(x_limbs, weight_limbs) ≤ 2000 numbers below 2^52 meet in a column. With the limb that stands there or
// two correction terms, and a carry below 2^12, they stay below 2004 · 2^52 < 2^63.
// A right shift of a negative number is arithmetic in every compiler this is built by.
static void carry_row(
  const uint64_t *sums, size_t x_limbs, size_t weight_limbs, size_t rows, const uint64_t *row_terms,
  const uint64_t *column_terms, uint64_t *out, size_t stride, size_t count) {
  uint64_t carry[PLUMB_LIMB_COLUMNS] = {0};
  for (size_t limb = 0; limb < count; limb++) {
    uint64_t value[PLUMB_LIMB_COLUMNS];
    uint64_t *place = out + limb * stride;
    if (row_terms)
      for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++)
        value[column] = carry[column] + row_terms[limb] + column_terms[limb * stride + column];
    else
      for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++)
        value[column] = carry[column] + (place[column] & PLUMB_LIMB_MASK);
    for (size_t w = 0; w < weight_limbs; w++)
      for (size_t half = 0; half < 2; half++) {
        // The lower halves of limbs that meet here, and the upper halves of those that meet one below.
        if (limb < w + half || limb - w - half >= x_limbs) continue;
        const uint64_t *sum = sums + (w * rows + (limb - w - half)) * HALVES + half * PLUMB_LIMB_COLUMNS;
        for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++) value[column] += sum[column];
      }
    if (limb == count - 1)
      for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++)
        place[column] = (uint64_t)((int64_t)(value[column] << 12) >> 12);
    else
      for (size_t column = 0; column < PLUMB_LIMB_COLUMNS; column++) {
        carry[column] = value[column] >> 52;
        place[column] = value[column] & PLUMB_LIMB_MASK;
      }
  }
}

static void limb_product(
  const struct plumb_limbs *x, const struct plumb_limbs *weights, size_t terms, const uint64_t *row_terms,
  const uint64_t *column_terms, uint64_t *panels, uint64_t *sums, uint64_t *out, size_t count) {
  const size_t fewest = x->limbs < weights->limbs ? x->limbs : weights->limbs;
  const size_t chunk = PLUMB_LIMB_TERMS / fewest;
  size_t block = PLUMB_LIMB_BLOCK > x->limbs ? PLUMB_LIMB_BLOCK / x->limbs : 1;
  // Whole tiles where there is a choice.
  if (block > ROWS) block -= block % ROWS;
  const size_t stride = (weights->rows + PLUMB_LIMB_COLUMNS - 1) / PLUMB_LIMB_COLUMNS * PLUMB_LIMB_COLUMNS;
  for (size_t start = 0; start < terms; start += chunk) {
    const size_t size = terms - start < chunk ? terms - start : chunk;
    const size_t panel_size = weights->limbs * size * PLUMB_LIMB_COLUMNS;
    for (size_t row = 0; row < stride; row++)
      for (size_t limb = 0; limb < weights->limbs; limb++) {
        uint64_t *to = panels + row / PLUMB_LIMB_COLUMNS * panel_size + limb * size * PLUMB_LIMB_COLUMNS
          + row % PLUMB_LIMB_COLUMNS;
        const uint64_t *from = weights->numbers + (row * weights->limbs + limb) * terms + start;
        const int is_there = row < weights->rows;
        for (size_t term = 0; term < size; term++) to[term * PLUMB_LIMB_COLUMNS] = is_there ? from[term] : 0;
      }
    // The rows of a block stay in the second-level cache while the panels go by.
    for (size_t row = 0; row < x->rows; row += block) {
      const size_t used = x->rows - row < block ? x->rows - row : block, rows = used * x->limbs;
      const uint64_t *numbers = x->numbers + row * x->limbs * terms + start;
      for (size_t first = 0; first < stride; first += PLUMB_LIMB_COLUMNS) {
        const uint64_t *panel = panels + first / PLUMB_LIMB_COLUMNS * panel_size;
        for (size_t limb = 0; limb < weights->limbs; limb++) {
          const uint64_t *part = panel + limb * size * PLUMB_LIMB_COLUMNS;
          uint64_t *to = sums + limb * rows * HALVES;
          size_t done = 0;
          for (; done + ROWS <= rows; done += ROWS)
            limb_rows(part, size, numbers + done * terms, terms, to + done * HALVES, ROWS);
          for (; done < rows; done++) limb_rows(part, size, numbers + done * terms, terms, to + done * HALVES, 1);
        }
        for (size_t index = 0; index < used; index++)
          carry_row(
            sums + index * x->limbs * HALVES, x->limbs, weights->limbs, rows,
            start == 0 ? row_terms + (row + index) * count : 0, column_terms + first,
            out + (row + index) * count * stride + first, stride, count);
      }
    }
  }
}
