// Exact products of matrices of integers, byte by byte.
//
// Swift cannot do this: the instructions that multiply sixty-four bytes at once are reached through vector types of C, and
// a function for them must be compiled for a processor that may not be the one at hand. It is a target of its own, apart
// from the engine's kernels, because what is exact shares no arithmetic with what is fast.
#ifndef PLUMB_CEXACT_H
#define PLUMB_CEXACT_H

#include <stddef.h>
#include <stdint.h>

// The rows of weights that are multiplied together.
#define PLUMB_PANEL_ROWS 32

// The most products that one column may sum: `slices` times 4·`groups`. A product of a byte 0…255 and one −128…127 is at
// most 32640 in magnitude, so the sum stays below 2,122,383,361 and has room for the carry from the column before, which
// is below 2^24, and for a correction below 2^9, within 2^31.
#define PLUMB_PANEL_PRODUCTS 65024

// On aarch64 there are the portable functions alone, whose plain loops the compiler turns into NEON's instructions: what is
// written for speed is measured first, and there was no such machine to measure on. Their bits are tested there.
enum plumb_exact_instruction_set { PLUMB_EXACT_PORTABLE, PLUMB_EXACT_AVX2, PLUMB_EXACT_AVX512_VNNI };

// A panel of weights times one vector: 32 integers of `columns / 4 + 1` words, in two's complement.
//
// Word w of row r goes to words[r · (columns / 4 + 1) + w]. The integer of row r is
//
//     Σ_c 256^c · (correction[c] + Σ_{i < slices} Σ_{k < 4·groups} weight(r, k, i) · digit(k, c − i)),   c < columns,
//
// where byte i of weight k is weights[((i · groups + k / 4) · 32 + r) · 4 + k % 4], without a sign, and
// digit(k, l), signed, is digits[((k / 4) · stride + l) · 4 + k % 4]: the caller keeps stride · 4 · groups bytes from
// −4 · (slices − 1) on readable there, zeros where no digit is.
// Needs: columns a multiple of 4; slices · 4 · groups ≤ PLUMB_PANEL_PRODUCTS; |correction[c]| ≤ 256;
// scratch of 32 · columns numbers.
typedef void plumb_panel_product(
  const uint8_t *weights, size_t slices, size_t groups, const int8_t *digits, size_t stride, size_t columns,
  const int32_t *correction, int32_t *scratch, uint32_t *words);

// The product for `set`, or null where this processor or this build has it not.
plumb_panel_product *plumb_panel_product_for(enum plumb_exact_instruction_set set);

// Writes one row of a panel: byte i of numbers[k] + 2^(8·slices − 1) to its place for each k < count; and of 0 from there
// to 4·groups, where the digits are 0 too. Every number is at least −2^(8·slices − 1) and below 2^(8·slices − 1).
void plumb_panel_pack_weights(
  const int64_t *numbers, size_t count, size_t slices, size_t groups, size_t row, uint8_t *weights);

// Writes the digits −128…127 in base 256 of one vector's element `index`, given the bytes of that element plus
// 128·(1 + 256 + … + 256^(count − 1)), least significant first.
void plumb_panel_pack_digits(const uint8_t *bytes, size_t count, size_t index, size_t stride, int8_t *digits);

// The columns of a panel of sums.
#define PLUMB_SUM_COLUMNS 24

// A panel of Float64 weights times `count` rows of `terms` Float64s:
//
//     sums[r · 24 + c] = Σ_k weights[24·k + c] · x[terms·r + k], added in the order of k from 0 on.
//
// Each product is rounded before it is added, or both together: where nothing over- or underflows, a sum is off by at
// most γ(terms)·Σ|weight|·|x|, with γ(n) = n·2^−53 / (1 − n·2^−53) (Higham, section 3.1). Roundings are to nearest.
typedef void plumb_panel_sums(const double *weights, size_t terms, const double *x, size_t count, double *sums);

// The sums for `set`, or null where this processor or this build has it not; those for AVX-512 need no VNNI.
plumb_panel_sums *plumb_panel_sums_for(enum plumb_exact_instruction_set set);

// Writes the `count` weights that `bytes` hold in the format `type` (the numbers of GGUF), the one at i to
// out[stride · i]; 0 where one of them is not finite, or the format is not known. `count` is a multiple of a block's weights.
//
// Nothing is rounded: a binary16 number is a multiple of 2^−24 below 2^16, and what a quantised format makes of two of
// them and of integers that make at most 2^12 is a multiple of 2^−24 below 2^29, as is every step on the way: 53 bits.
// Swift could, by raw pointers only: with subscripts that are checked, a model's weights take seconds.
int plumb_exact_weights(uint32_t type, const uint8_t *bytes, size_t count, double *out, size_t stride);

// Numbers that are known to within an error, with what is known of their bounds: `count` of each. Number i is within errors[i] of
// values[i] + rests[i], and its bound lies between lower[i] and upper[i], which is infinite where nothing is claimed.
struct plumb_near {
  const double *values, *rests, *errors, *lower, *upper;
};

// How a sum of products is bounded: by gamma · (S + underflow) + underflow, S the sum of magnitudes, which is off by `off`,
// relative. The sum itself is off by `relative` · S.
struct plumb_sum_model {
  double gamma, underflow, off, relative;
};

// What an element must reach to be the greatest.
struct plumb_survey_records {
  double margin, ulps, absolute, magnitude;
};

// Cells of numbers that are not negative: 0, then 64 to the octave from 2^-64 to 2^192.
#define PLUMB_SURVEY_CELLS 16385
#define PLUMB_SURVEY_RUN 256

// The survey of an activation, many elements at a time, by vector instructions. Each function does to every element what the
// package's own formulas do to one, and gives the same bits. Swift cannot do this: its vectors have the width that every
// processor has, and a function of its own cannot be compiled for another.
struct plumb_survey_functions {
  // Whether magnitudes[i], for some i, is below `scale` times the lowest bit of weights[i], or that is 0.
  int (*may_not_round)(const double *magnitudes, const double *weights, size_t count, double scale);
  // From sums of magnitudes, which are not negative: the errors and the bounds of the sums of products.
  void (*sum_bounds)(
    const double *magnitudes, size_t count, const struct plumb_sum_model *model, double *errors, double *lower,
    double *upper);
  // Writes the places i of what may be the median to `places`, which has room for `count`, and returns their number: upper[i] is
  // above `least` and lower[i] at most `greatest`. Adds to `below` the number of upper bounds from 0 to `least`.
  size_t (*near_median)(
    const float *lower, const float *upper, size_t count, float least, float greatest, uint32_t *places,
    size_t *below);
  // The bounds of numbers without rests that are off by `relative` and by what lower[i] and upper[i] hold before, and are
  // then rounded once. Needs: for each number, one of error, `relative` and upper[i] that is not 0.
  void (*rounding_bounds)(
    const double *values, const double *errors, size_t count, double relative, double *lower, double *upper);
  // The bounds of numbers that are known exactly and rounded once: 0 for those that Float32 holds.
  void (*exact_bounds)(const double *values, const double *rests, size_t count, double *lower, double *upper);
  // The numbers x / (1 + e^-x), which are off by errors[i] at most.
  void (*logistic)(const float *x, size_t count, double *values, double *errors);
  // Distances in ulps, rounded outward to Float32, of at most PLUMB_SURVEY_RUN elements. Of those that are ordinary the cells of the
  // upper bounds of distance and margin are counted, and the places of the others written to `others`; their number is
  // returned. Not ordinary is what is not certainly within, or in one bin of a histogram (up to 2^-4 for distances, 2^-6 for
  // margins, then octaves), or may reach one of the records; and, where `is_known` is 0, what has no error. Needs: where
  // `is_known` is 0, no number has a rest.
  size_t (*survey)(
    const float *engine, const struct plumb_near *near, int is_known, size_t count,
    const struct plumb_survey_records *records, float *ulps_lower, float *ulps_upper, int32_t *ulps_counts,
    int32_t *margin_counts, uint16_t *others);
};

// The functions for `set`, or null where this processor or this build has them not; those for AVX-512 need no VNNI.
const struct plumb_survey_functions *plumb_survey_for(enum plumb_exact_instruction_set set);

// Number `term` of each of the 24 rows of `weights`, which follow one another, goes to panel[24 · term + row], its magnitude
// to magnitudes. Swift could, and its checks of every subscript made this half as long again in a profile of local verdicts.
void plumb_sums_transpose(const double *weights, size_t terms, double *panel, double *magnitudes);

// Rows of `words` · 4 digits −128…127 in base 256 a number: digit 4·w + b of number k of row r, least first, is
// digits[((r · words + w) · stride + k) · 4 + b]. Zeros follow the row's numbers up to `stride`, a multiple of 4.
struct plumb_digits {
  const int8_t *digits;
  size_t rows, words, stride;
};

// Σ_k x(r, k) · weights(c, k) for each row r of x and c of the weights, k < stride: `words` words in two's complement from
// out[(r · weights.rows + c) · words] on.
//
// Needs: one stride for both; the numbers at most 2^x_bits and 2^weight_bits in magnitude; 32 · words at least the bits of a sum
// and its sign; as many bytes in scratch as plumb_remainder_scratch says, aligned to 64.
typedef void plumb_remainder_product(
  const struct plumb_digits *x, const struct plumb_digits *weights, size_t x_bits, size_t weight_bits, uint8_t *scratch,
  uint32_t *out, size_t words);

// The bytes of scratch for `rows` rows of x and a stride of `terms`.
size_t plumb_remainder_scratch(size_t rows, size_t terms);

// The product for `set`, or null where this processor or this build has it not.
plumb_remainder_product *plumb_remainder_product_for(enum plumb_exact_instruction_set set);

// The exponents of the least and the greatest of `count` numbers that are not 0, as if subnormals were 2^−126; 0 where one of
// the numbers is not finite. Where all are 0 the least is above the greatest.
int plumb_digits_exponents(const float *values, size_t count, int *least, int *greatest);

// Writes `count` numbers, multiples of 2^`unit` up to 2^(32·words − 2 + unit) in magnitude, each over 2^`unit`, as one row of
// plumb_digits: word w of number k to out[w · stride + k]. Needs: unit at least −149.
void plumb_digits_of_floats(
  const float *values, size_t count, int unit, size_t words, size_t stride, uint32_t *out);

// The same for integers in offset binary of `size` 64-bit words: words 4·g ..< 4·g + 4 of number k at quads[4·(g · count + k)],
// those beyond the last whole group at singles[(word − 4·(size / 4)) · count + k]. Needs: each integer, without its offset, at most
// 2^(32·words − 2) in magnitude; size at most 256.
void plumb_digits_of_words(
  const uint64_t *quads, const uint64_t *singles, size_t count, size_t size, size_t words, size_t stride, uint32_t *out);

#endif
