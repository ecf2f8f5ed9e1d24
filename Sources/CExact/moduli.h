// Moduli that have no common factor, and what remainders by them are made from and turned back by.
//
// An integer P with |P| ≤ M/2.1, M the product of the moduli m_i, is known by its remainders (Chinese remainder theorem): where
// c_i ≡ P · (M/m_i)^−1 modulo m_i,
//
//     P = Σ c_i · M/m_i − k · M,   k = Σ c_i/m_i − P/M, the integer nearest to Σ c_i/m_i.
//
// Each sum is one of products of bytes: remainders are below 256, and everything longer is split into digits −128…127 in
// base 256, which are called digits here.
#ifndef PLUMB_MODULI_H
#define PLUMB_MODULI_H

#include <stddef.h>
#include <stdint.h>

#include "cexact.h"

// There are 48 moduli at most; remainders are taken by 32 at a time.
#define MODULI 64
#define MODULI_AT_ONCE 32
// The most bits that M/2.1 may be asked for: the product of all is above 2^337.
#define MODULI_BITS 335
// The most words, of four digits each, of a number that remainders are taken of.
#define MODULI_WORDS 11
// The digits of M, and four columns for k, of which two are used.
#define MODULI_COLUMNS 48

// The rows of x that meet a panel of weights in registers.
#define ROWS_AT_ONCE 12
// Rows of x whose remainders by four moduli stay in the second-level cache, and what is held at once of x, weights and terms.
#define ROWS_IN_CACHE (11 * ROWS_AT_ONCE)
#define ROWS_HELD (4 * ROWS_IN_CACHE)
#define PANELS_HELD 4
#define TERMS_HELD 4096

struct moduli {
  size_t count;
  // Those that are not used are 1, and their inverses too.
  int32_t modulus[MODULI];
  float inverse[MODULI];
  // 256^(4·word + byte) modulo m_i, and the same times (M/m_i)^−1, as a panel of 32 rows: [i / 32][word][i % 32][byte].
  uint8_t powers[MODULI / MODULI_AT_ONCE][MODULI_WORDS][MODULI_AT_ONCE][4];
  uint8_t scaled[MODULI / MODULI_AT_ONCE][MODULI_WORDS][MODULI_AT_ONCE][4];
  // The digits of M, a multiple of 4 of them, and zeros.
  size_t columns;
  int32_t product[MODULI_COLUMNS];
  // Digit `column` of M/m_i at [i / 4][column][i % 4]; in the two columns after the last, h and l with
  // 128·h + l = 2^19/m_i, rounded.
  int8_t cofactors[(MODULI / 4) * MODULI_COLUMNS * 4];
};

// The bytes of the remainders of a factor by one modulus: whole lines of the cache, and six more, so that those of all
// moduli lie in different sets of it.
static inline size_t remainders_size(size_t rows, size_t together, size_t terms) {
  return ((rows + together - 1) / together * together * terms + 63) / 64 * 64 + 384;
}

// The fewest moduli whose product is above 2.1 · `terms` · 2^`bits`. Needs: that at most 2.1 · 2^MODULI_BITS.
void plumb_moduli(size_t terms, size_t bits, struct moduli *moduli);

#endif
