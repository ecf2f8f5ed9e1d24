// What every instruction set shares: rows of the second factor are taken ROWS at a time.
//
// The including file defines ROWS and `static inline void sum_rows(…, const int rows)`, which sums the products of `rows`
// of them, at most ROWS.
static void panel_sums(
  const double *weights, size_t terms, const double *x, size_t count, double *sums) {
  size_t row = 0;
  for (; row + ROWS <= count; row += ROWS)
    sum_rows(weights, terms, x + row * terms, sums + row * PLUMB_SUM_COLUMNS, ROWS);
  for (; row < count; row++) sum_rows(weights, terms, x + row * terms, sums + row * PLUMB_SUM_COLUMNS, 1);
}
