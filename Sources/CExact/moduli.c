#include "moduli.h"

// From 256 downward each number that has no factor in common with those before it.
static const uint16_t all[] = {256, 255, 253, 251, 247, 241, 239, 233, 229, 227, 223, 217, 211, 199, 197, 193,
                               191, 181, 179, 173, 167, 163, 157, 151, 149, 139, 137, 131, 127, 113, 109, 107,
                               103, 101, 97,  89,  83,  79,  73,  71,  67,  61,  59,  53,  47,  43,  41,  37};

// Writes the digits −128…127 of a number that has room for them, `count` of them, least first.
static void to_digits(const uint8_t *bytes, size_t count, int32_t *digits) {
  int32_t carry = 0;
  for (size_t index = 0; index < count; index++) {
    const int32_t byte = bytes[index] + carry;
    carry = byte > 127;
    digits[index] = byte - 256 * carry;
  }
}

void plumb_moduli(size_t terms, size_t bits, struct moduli *moduli) {
  *moduli = (struct moduli){0};
  // M, least byte first. In Float64 it is off by 2^−47 of itself at most, so that it exceeds 2.09 times what is summed.
  uint8_t product[MODULI_COLUMNS] = {1};
  size_t count = 0, length = 1;
  const double least = 2.1 * (double)terms * __builtin_ldexp(1, (int)bits);
  for (double size = 1; size <= least; count++) {
    size *= all[count];
    uint32_t carry = 0;
    for (size_t index = 0; index <= length; index++) {
      carry += (uint32_t)product[index] * all[count];
      product[index] = (uint8_t)carry;
      carry >>= 8;
    }
    while (product[length]) length++;
  }
  moduli->count = count;
  // One bit more than M has, so that the last digit is not negative.
  moduli->columns = (length + 1 + 3) / 4 * 4;
  to_digits(product, moduli->columns, moduli->product);
  const size_t stride = moduli->columns + 4;
  for (size_t index = 0; index < MODULI; index++) {
    const uint32_t modulus = index < count ? all[index] : 1;
    moduli->modulus[index] = (int32_t)modulus;
    moduli->inverse[index] = 1 / (float)modulus;
    if (index >= count) continue;
    uint8_t cofactor[MODULI_COLUMNS] = {0};
    uint32_t rest = 0;
    for (size_t place = length; place-- > 0; rest %= modulus) {
      rest = rest << 8 | product[place];
      cofactor[place] = (uint8_t)(rest / modulus);
    }
    int32_t digits[MODULI_COLUMNS];
    to_digits(cofactor, moduli->columns, digits);
    int8_t *place = moduli->cofactors + index / 4 * 4 * stride + index % 4;
    for (size_t column = 0; column < moduli->columns; column++) place[4 * column] = (int8_t)digits[column];
    const int32_t quotient = (int32_t)(((1 << 20) / modulus + 1) / 2);
    place[4 * moduli->columns] = (int8_t)((quotient + 64) >> 7);
    place[4 * moduli->columns + 4] = (int8_t)(quotient - ((quotient + 64) >> 7) * 128);

    for (size_t byte = length; byte-- > 0;) rest = (rest << 8 | cofactor[byte]) % modulus;
    uint32_t inverse = 1;
    while (rest * inverse % modulus != 1 % modulus) inverse++;
    uint32_t power = 1;
    for (size_t byte = 0; byte < 4 * MODULI_WORDS; byte++, power = 256 * power % modulus) {
      moduli->powers[index / MODULI_AT_ONCE][byte / 4][index % MODULI_AT_ONCE][byte % 4] = (uint8_t)power;
      moduli->scaled[index / MODULI_AT_ONCE][byte / 4][index % MODULI_AT_ONCE][byte % 4] =
        (uint8_t)(power * inverse % modulus);
    }
  }
}

size_t plumb_remainder_scratch(size_t rows, size_t terms) {
  const size_t used = rows < ROWS_HELD ? rows : ROWS_HELD, held = terms < TERMS_HELD ? terms : TERMS_HELD;
  const size_t weights = PANELS_HELD * PLUMB_PANEL_ROWS;
  return sizeof all / sizeof *all
    * (remainders_size(used, ROWS_AT_ONCE, held) + remainders_size(weights, PLUMB_PANEL_ROWS, held) + used * weights);
}
