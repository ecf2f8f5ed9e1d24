// Products of two matrices whose sums are kept in Float64 and rounded once: those of gradients. A product of two Float32s is exact
// there, so that a fused and a plain addition are the same, and each sum goes term by term: the bits are those of any machine.

#define PRODUCT_ROWS 4
#define PRODUCT_COLUMNS 16

// `rows` rows of at most PRODUCT_COLUMNS columns; a constant number, so that the sums stay in registers.
INLINE void product_tile(const int rows, const float *a, long row_stride, long term_stride, long terms, const float *b,
                         long columns, float *out) {
  v8d sums[PRODUCT_ROWS][2] = {{{0}}};
  for (long k = 0; k < terms; k++) {
    const v8d low = load_widened(b + k * columns, DOUBLES), high = load_widened(b + k * columns + DOUBLES, DOUBLES);
    UNROLL
    for (int r = 0; r < rows; r++) {
      const double factor = (double)a[r * row_stride + k * term_stride];
      sums[r][0] += low * factor;
      sums[r][1] += high * factor;
    }
  }
  UNROLL
  for (int r = 0; r < rows; r++) {
    store_rounded(out + r * columns, sums[r][0], DOUBLES);
    store_rounded(out + r * columns + DOUBLES, sums[r][1], DOUBLES);
  }
}

static void products(const float *a, long row_stride, long term_stride, long terms, const float *b, long columns,
                     long first_row, long last_row, long first, long last, float *out) {
  long column = first;
  for (; column + PRODUCT_COLUMNS <= last; column += PRODUCT_COLUMNS) {
    long row = first_row;
    for (; row + PRODUCT_ROWS <= last_row; row += PRODUCT_ROWS)
      product_tile(PRODUCT_ROWS, a + row * row_stride, row_stride, term_stride, terms, b + column, columns,
                   out + row * columns + column);
    for (; row < last_row; row++)
      product_tile(1, a + row * row_stride, row_stride, term_stride, terms, b + column, columns,
                   out + row * columns + column);
  }
  for (; column < last; column++)
    for (long row = first_row; row < last_row; row++) {
      double sum = 0;
      for (long k = 0; k < terms; k++)
        sum += (double)a[row * row_stride + k * term_stride] * (double)b[k * columns + column];
      out[row * columns + column] = (float)sum;
    }
}
