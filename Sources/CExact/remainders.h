// Exact products of matrices by remainders: what every instruction set shares.
//
// Instead of all pairs of digits of two long numbers, only remainders are multiplied, one product a modulus: with n bits in the
// result n/7.4 products of bytes, where digits take (n_x/8)·(n_w/8). The moduli and the way back stand in moduli.h.
// Source: Ozaki, Uchino & Imamura, "Ozaki Scheme II" (2025), which rounds the factors to integers first; here they are
// integers, and nothing is rounded.
//
// The including file defines `static void sum_columns(…)`.

static inline size_t least(size_t first, size_t second) { return first < second ? first : second; }

// A number congruent to `sum` modulo `modulus`: within 0.6 of it from 0, and `wrap` is added to what is negative.
//
// Needs: |sum|/modulus ≤ 2^19, within which the quotient is off by 2^19 · 3 · 2^−24 < 0.1 before it is rounded to the nearest
// integer, by adding 1.5 · 2^23. Roundings are to nearest; fused or not, the bound holds.
static inline int32_t remainder_of(int32_t sum, int32_t modulus, float inverse, int32_t wrap) {
  const float shifted = (float)sum * inverse + 12582912.0f;
  int32_t quotient;
  __builtin_memcpy(&quotient, &shifted, 4);
  const int32_t rest = sum - (quotient - 0x4B400000) * modulus;
  return rest + ((rest >> 31) & wrap);
}

// Part of a factor: words word ..< word + words of numbers start ..< start + terms of rows row ..< row + rows.
struct factor {
  const struct plumb_digits *numbers;
  size_t row, rows, word, words, start, terms;
};

// Remainders of at most 12 numbers of a row from `term` on by moduli first ..< first + 32, four to a word: those of terms
// 4·g ..< 4·g + 4 by modulus first + i to out[i · modulus_size + g · group_size]. Signed bytes where `wraps` is 0, without a
// sign otherwise.
//
// A sum is at most 44 · 255 · 128 in magnitude: the quotient is off by less than 0.002 where the modulus is 255, and a signed
// remainder within 127.5 + 0.3 of 0, or 128 for the modulus 256, of which −128 is the same.
static void row_remainders(
  const struct factor *factor, size_t row, size_t term, const struct moduli *moduli, size_t first,
  const uint8_t *powers, int wraps, uint8_t *out, size_t modulus_size, size_t group_size) {
  const struct plumb_digits *numbers = factor->numbers;
  const size_t start = ((factor->row + row) * numbers->words + factor->word) * numbers->stride + factor->start + term;
  const size_t columns = least(factor->terms - term, ROWS_AT_ONCE);
  const size_t count = least(moduli->count - first, MODULI_AT_ONCE);
  // Whole vectors of 16, of which the second may not be needed.
  const size_t lanes = count > 16 ? MODULI_AT_ONCE : 16;
  const int32_t *modulus = moduli->modulus + first;
  const float *inverse = moduli->inverse + first;
  int32_t sums[ROWS_AT_ONCE * MODULI_AT_ONCE];
  sum_columns(powers, 1, factor->words, numbers->digits + 4 * start, numbers->stride, columns, sums);
  for (size_t column = 0; column < columns; column += 4, out += group_size) {
    uint32_t four[MODULI_AT_ONCE];
    const int32_t *sum = sums + MODULI_AT_ONCE * column;
    for (size_t lane = 0; lane < lanes; lane++) {
      const int32_t wrap = wraps ? modulus[lane] : 0;
      uint32_t bytes = 0;
      for (size_t byte = 0; byte < 4; byte++)
        bytes |= (uint32_t)(remainder_of(sum[MODULI_AT_ONCE * byte + lane], modulus[lane], inverse[lane], wrap) & 255)
          << 8 * byte;
      four[lane] = bytes;
    }
    // One store after the other is faster than the instruction that scatters them.
#pragma clang loop vectorize(disable)
    for (size_t lane = 0; lane < count; lane++) __builtin_memcpy(out + lane * modulus_size, four + lane, 4);
  }
}

// Remainders of a factor, [modulus][row / together][group][row % together][4]: zeros for rows that fill the last group of rows.
// Returns the size of those by one modulus. What is written to in turns are a few lines of the cache.
static size_t factor_remainders(
  const struct factor *factor, size_t together, const struct moduli *moduli,
  const uint8_t powers[][MODULI_WORDS][MODULI_AT_ONCE][4], int wraps, uint8_t *out) {
  const size_t terms = factor->terms, size = remainders_size(factor->rows, together, terms);
  if (factor->rows % together) __builtin_memset(out, 0, moduli->count * size);
  for (size_t start = 0; start < factor->rows; start += together)
    for (size_t first = 0; first < moduli->count; first += MODULI_AT_ONCE)
      for (size_t term = 0; term < terms; term += ROWS_AT_ONCE)
        for (size_t row = start; row < factor->rows && row < start + together; row++)
          row_remainders(
            factor, row, term, moduli, first, powers[first / MODULI_AT_ONCE][0][0], wraps,
            out + first * size + start * terms + term * together + (row - start) * 4, size, 4 * together);
  return size;
}

// Puts remainders by `modulus` of the products of `rows` rows of x and 32 of weights where they belong.
static inline void put_remainders(
  const int32_t *sums, size_t rows, int32_t modulus, float inverse, uint8_t *out, size_t stride) {
  for (size_t row = 0; row < rows; row++, sums += PLUMB_PANEL_ROWS, out += stride)
    for (size_t lane = 0; lane < PLUMB_PANEL_ROWS; lane++)
      out[lane] = (uint8_t)remainder_of(sums[lane], modulus, inverse, modulus);
}

// Remainders of the products of `rows` rows of x and `panels` panels of weights: [panel][row of x][modulus][row of weights].
static void product_remainders(
  const uint8_t *x, size_t x_size, size_t rows, const uint8_t *weights, size_t weight_size, size_t panels,
  size_t terms, const struct moduli *moduli, uint8_t *out) {
  for (size_t first = 0; first < moduli->count; first += 4)
    for (size_t block = 0; block < rows; block += ROWS_IN_CACHE)
      for (size_t panel = 0; panel < panels; panel++)
        for (size_t modulus = first; modulus < first + 4 && modulus < moduli->count; modulus++)
          for (size_t row = block; row < rows && row < block + ROWS_IN_CACHE; row += ROWS_AT_ONCE) {
            int32_t sums[ROWS_AT_ONCE * PLUMB_PANEL_ROWS];
            sum_columns(
              weights + modulus * weight_size + panel * PLUMB_PANEL_ROWS * terms, 1, terms / 4,
              (const int8_t *)x + modulus * x_size + row * terms, ROWS_AT_ONCE, ROWS_AT_ONCE, sums);
            put_remainders(
              sums, least(rows - row, ROWS_AT_ONCE), moduli->modulus[modulus],
              moduli->inverse[modulus], out + ((panel * rows + row) * moduli->count + modulus) * PLUMB_PANEL_ROWS,
              moduli->count * PLUMB_PANEL_ROWS);
          }
}

// The 32 numbers whose remainders stand at `remainders`, [modulus][number], of `columns / 4 + 1` words each.
static void numbers_of(const uint8_t *remainders, const struct moduli *moduli, uint32_t *words) {
  static const int32_t zeros[MODULI_COLUMNS];
  static const uint8_t nothing[PLUMB_PANEL_ROWS];
  const size_t columns = moduli->columns;
  // As a panel: [modulus / 4][number][modulus % 4].
  uint32_t panel[MODULI / 4 * PLUMB_PANEL_ROWS];
  for (size_t modulus = 0; modulus < moduli->count; modulus += 4) {
    const uint8_t *from[4];
    for (size_t byte = 0; byte < 4; byte++)
      from[byte] = modulus + byte < moduli->count ? remainders + (modulus + byte) * PLUMB_PANEL_ROWS : nothing;
    for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++)
      panel[modulus / 4 * PLUMB_PANEL_ROWS + row] =
        from[0][row] | from[1][row] << 8 | from[2][row] << 16 | (uint32_t)from[3][row] << 24;
  }
  int32_t sums[PLUMB_PANEL_ROWS * MODULI_COLUMNS];
  sum_columns((const uint8_t *)panel, 1, (moduli->count + 3) / 4, moduli->cofactors, columns + 4, columns + 4, sums);
  int32_t multiple[PLUMB_PANEL_ROWS];
  // Of 48 remainders below 256, each times what is off by 1/2: below 0.012 · 2^19; P/M is at most 1/2.1 from an integer.
  for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++)
    multiple[row] =
      (128 * sums[columns * PLUMB_PANEL_ROWS + row] + sums[(columns + 1) * PLUMB_PANEL_ROWS + row] + (1 << 18)) >> 19;
  for (size_t column = 0; column < columns; column++)
    for (size_t row = 0; row < PLUMB_PANEL_ROWS; row++)
      sums[column * PLUMB_PANEL_ROWS + row] -= multiple[row] * moduli->product[column];
  carry_columns(sums, zeros, columns, words);
}

// Adds `from`, `size` words in two's complement, times 2^(32 · shift) to `to`, which has `count`; or writes it there.
static void add_words(const uint32_t *from, size_t size, size_t shift, uint32_t *to, size_t count, int is_first) {
  const uint32_t sign = from[size - 1] >> 31 ? UINT32_MAX : 0;
  if (is_first && shift == 0 && count <= size) {
    __builtin_memcpy(to, from, 4 * count);
    return;
  }
  uint64_t carry = 0;
  for (size_t word = 0; word < count; word++) {
    const uint32_t value = word < shift ? 0 : word - shift < size ? from[word - shift] : sign;
    carry += (uint64_t)value + (is_first ? 0 : to[word]);
    to[word] = (uint32_t)carry;
    carry >>= 32;
  }
}

// Adds the product of two parts, of at most ROWS_HELD and PANELS_HELD · 32 rows, to `out`, or writes it there.
static void add_product(
  const struct factor *x, const uint8_t *x_remainders, size_t x_size, const struct factor *weights,
  const struct moduli *moduli, uint8_t *scratch, uint32_t *out, size_t words, int is_first) {
  const size_t panels = (weights->rows + PLUMB_PANEL_ROWS - 1) / PLUMB_PANEL_ROWS, size = moduli->columns / 4 + 1;
  const size_t weight_size = factor_remainders(weights, PLUMB_PANEL_ROWS, moduli, moduli->powers, 1, scratch);
  uint8_t *remainders = scratch + moduli->count * weight_size;
  product_remainders(
    x_remainders, x_size, x->rows, scratch, weight_size, panels, x->terms, moduli, remainders);
  for (size_t row = 0; row < x->rows; row++)
    for (size_t panel = 0; panel < panels; panel++) {
      uint32_t numbers[PLUMB_PANEL_ROWS * (MODULI_COLUMNS / 4 + 1)];
      numbers_of(remainders + (panel * x->rows + row) * moduli->count * PLUMB_PANEL_ROWS, moduli, numbers);
      const size_t start = PLUMB_PANEL_ROWS * panel;
      uint32_t *place = out + ((x->row + row) * weights->numbers->rows + weights->row + start) * words;
      for (size_t lane = 0; lane < PLUMB_PANEL_ROWS && start + lane < weights->rows; lane++)
        add_words(numbers + lane * size, size, x->word + weights->word, place + lane * words, words, is_first);
    }
}

// How many words of each factor are multiplied at once, and their bits: as many as the moduli hold, by halves where both are long.
// Digits of w words make at most 128 · (256^(4·w) − 1)/255 < 2^(32·w). A sum of TERMS_HELD = 2^12 has 12 bits more.
static void cut(size_t *x_words, size_t *x_bits, size_t *weight_words, size_t *weight_bits) {
  const size_t room = MODULI_BITS - 12;
  if (*x_bits + *weight_bits <= room) return;
  const size_t words = *weight_words;
  *weight_words = least(words, 5);
  *x_words = least(*x_words, (room - 32 * *weight_words) / 32);
  *weight_words = least(words, (room - 32 * *x_words) / 32);
  *x_bits = least(*x_bits, 32 * *x_words);
  *weight_bits = least(*weight_bits, 32 * *weight_words);
}

static void remainder_product(
  const struct plumb_digits *x, const struct plumb_digits *weights, size_t x_bits, size_t weight_bits, uint8_t *scratch,
  uint32_t *out, size_t words) {
  const size_t terms = x->stride;
  size_t x_words = x->words, weight_words = weights->words;
  cut(&x_words, &x_bits, &weight_words, &weight_bits);
  struct moduli moduli;
  plumb_moduli(least(terms, TERMS_HELD), x_bits + weight_bits, &moduli);
  for (size_t row = 0; row < x->rows; row += ROWS_HELD) {
    int is_first = 1;
    for (size_t start = 0; start < terms; start += TERMS_HELD)
      for (size_t x_word = 0; x_word < x->words; x_word += x_words) {
        const size_t used = least(terms - start, TERMS_HELD);
        const struct factor first = {
          x, row, least(x->rows - row, ROWS_HELD), x_word, least(x->words - x_word, x_words), start, used};
        const size_t x_size = factor_remainders(&first, ROWS_AT_ONCE, &moduli, moduli.scaled, 0, scratch);
        for (size_t word = 0; word < weights->words; word += weight_words, is_first = 0)
          for (size_t other = 0; other < weights->rows; other += PANELS_HELD * PLUMB_PANEL_ROWS) {
            const struct factor second = {
              weights, other, least(weights->rows - other, PANELS_HELD * PLUMB_PANEL_ROWS), word,
              least(weights->words - word, weight_words), start, used};
            add_product(
              &first, scratch, x_size, &second, &moduli, scratch + moduli.count * x_size, out, words, is_first);
          }
      }
  }
}
