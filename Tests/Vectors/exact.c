#include "cexact.h"
#include "ckernels.h"
#include "cvectors.h"
#include "numbers.h"

// The survey's functions; the integers of a call are its own.
static int survey(enum plumb_exact_instruction_set set, struct plumb_vector_call *call) {
  const struct plumb_survey_functions *functions = plumb_survey_for(set);
  if (!functions) return -1;
  const int64_t *i = call->integers;
  const size_t count = (size_t)i[0];
  void **in = call->inputs, **out = call->outputs;
  switch (call->function) {
  // count, scale; magnitudes, weights; whether.
  case PLUMB_VECTOR_MAY_NOT_ROUND: {
    const int may = functions->may_not_round(in[0], in[1], count, as_double(i[1])) != 0;
    memcpy(out[0], &may, sizeof may);
    break;
  }
  // count, and the model's four numbers; magnitudes; errors, lower, upper.
  case PLUMB_VECTOR_SUM_BOUNDS: {
    const struct plumb_sum_model model = {as_double(i[1]), as_double(i[2]), as_double(i[3]), as_double(i[4])};
    functions->sum_bounds(in[0], count, &model, out[0], out[1], out[2]);
    break;
  }
  // count, least, greatest; lower, upper; places, and how many they are and how many are below.
  case PLUMB_VECTOR_NEAR_MEDIAN: {
    size_t numbers[2] = {0, 0};
    numbers[0] = functions->near_median(
      in[0], in[1], count, (float)as_double(i[1]), (float)as_double(i[2]), out[0], &numbers[1]);
    memcpy(out[1], numbers, sizeof numbers);
    break;
  }
  // count, relative; values, errors, and what lower and upper hold before.
  case PLUMB_VECTOR_ROUNDING_BOUNDS:
    memcpy(out[0], in[2], call->input_bytes[2]);
    memcpy(out[1], in[3], call->input_bytes[3]);
    functions->rounding_bounds(in[0], in[1], count, as_double(i[1]), out[0], out[1]);
    break;
  // count; values, rests; lower, upper.
  case PLUMB_VECTOR_EXACT_BOUNDS: functions->exact_bounds(in[0], in[1], count, out[0], out[1]); break;
  // count; x; values, errors.
  case PLUMB_VECTOR_LOGISTIC: functions->logistic(in[0], count, out[0], out[1]); break;
  // count, is_known, and the four records; engine and the five arrays of what is near; ulps_lower, ulps_upper, others, their
  // number, and the two histograms.
  case PLUMB_VECTOR_SURVEY: {
    const struct plumb_near near = {in[1], in[2], in[3], in[4], in[5]};
    const struct plumb_survey_records records = {as_double(i[2]), as_double(i[3]), as_double(i[4]), as_double(i[5])};
    memset(out[4], 0, call->output_bytes[4]);
    memset(out[5], 0, call->output_bytes[5]);
    const size_t found =
      functions->survey(in[0], &near, (int)i[1], count, &records, out[0], out[1], out[4], out[5], out[2]);
    memcpy(out[3], &found, sizeof found);
    break;
  }
  default: return -1;
  }
  return 0;
}

// x_rows, x_words, rows, words, stride, x_bits, weight_bits, and a sum's words; the digits of x and of the weights.
static int remainder_product(enum plumb_exact_instruction_set set, struct plumb_vector_call *call) {
  plumb_remainder_product *product = plumb_remainder_product_for(set);
  if (!product) return -1;
  const int64_t *i = call->integers;
  const size_t stride = (size_t)i[4];
  const struct plumb_digits x = {call->inputs[0], (size_t)i[0], (size_t)i[1], stride};
  const struct plumb_digits weights = {call->inputs[1], (size_t)i[2], (size_t)i[3], stride};
  void *scratch = 0;
  if (posix_memalign(&scratch, 64, plumb_remainder_scratch(x.rows, stride))) abort();
  product(&x, &weights, (size_t)i[5], (size_t)i[6], scratch, call->outputs[0], (size_t)i[7]);
  free(scratch);
  return 0;
}

// slices, groups, stride, columns; the weights, the digits, of which those before the first are slices − 1 columns, corrections.
static int panel_product(enum plumb_exact_instruction_set set, struct plumb_vector_call *call) {
  plumb_panel_product *product = plumb_panel_product_for(set);
  if (!product) return -1;
  const int64_t *i = call->integers;
  int32_t *scratch = malloc((size_t)(PLUMB_PANEL_ROWS * i[3]) * sizeof *scratch);
  if (!scratch) abort();
  product(
    call->inputs[0], (size_t)i[0], (size_t)i[1], (const int8_t *)call->inputs[1] + 4 * (i[0] - 1), (size_t)i[2],
    (size_t)i[3], call->inputs[2], scratch, call->outputs[0]);
  free(scratch);
  return 0;
}

int plumb_vector_call_exact(int set, struct plumb_vector_call *call) {
  // The portable functions are all that there is for NEON.
  const enum plumb_exact_instruction_set exact = set == PLUMB_AVX2 ? PLUMB_EXACT_AVX2
    : set == PLUMB_AVX512                                          ? PLUMB_EXACT_AVX512_VNNI
                                                                   : PLUMB_EXACT_PORTABLE;
  if (!plumb_kernels_for((enum plumb_instruction_set)set)) return -1;
  const int64_t *i = call->integers;
  void **in = call->inputs, **out = call->outputs;
  switch (call->function) {
  case PLUMB_VECTOR_PANEL_PRODUCT: return panel_product(exact, call);
  // terms, count; the panel's weights, x.
  case PLUMB_VECTOR_PANEL_SUMS: {
    plumb_panel_sums *sums = plumb_panel_sums_for(exact);
    if (!sums) return -1;
    sums(in[0], (size_t)i[0], in[1], (size_t)i[1], out[0]);
    return exact != PLUMB_EXACT_PORTABLE;
  }
  // type, count, stride; the bytes; the numbers, and whether all are finite.
  case PLUMB_VECTOR_EXACT_WEIGHTS: {
    const int is_finite = plumb_exact_weights((uint32_t)i[0], in[0], (size_t)i[1], out[0], (size_t)i[2]);
    memcpy(out[1], &is_finite, sizeof is_finite);
    return 0;
  }
  // terms; the rows of weights.
  case PLUMB_VECTOR_TRANSPOSE: plumb_sums_transpose(in[0], (size_t)i[0], out[0], out[1]); return 0;
  case PLUMB_VECTOR_REMAINDER_PRODUCT: return remainder_product(exact, call);
  // count; values; least, greatest and whether all are finite.
  case PLUMB_VECTOR_DIGITS_EXPONENTS: {
    int numbers[3];
    numbers[2] = plumb_digits_exponents(in[0], (size_t)i[0], &numbers[0], &numbers[1]);
    memcpy(out[0], numbers, sizeof numbers);
    return 0;
  }
  // count, unit, words, stride; values.
  case PLUMB_VECTOR_DIGITS_OF_FLOATS:
    plumb_digits_of_floats(in[0], (size_t)i[0], (int)i[1], (size_t)i[2], (size_t)i[3], out[0]);
    return 0;
  // count, size, words, stride; quads, singles.
  case PLUMB_VECTOR_DIGITS_OF_WORDS:
    plumb_digits_of_words(in[0], in[1], (size_t)i[0], (size_t)i[1], (size_t)i[2], (size_t)i[3], out[0]);
    return 0;
  // count, slices, groups, row; numbers.
  case PLUMB_VECTOR_PACK_WEIGHTS:
    plumb_panel_pack_weights(in[0], (size_t)i[0], (size_t)i[1], (size_t)i[2], (size_t)i[3], out[0]);
    return 0;
  // count, index, stride; bytes.
  case PLUMB_VECTOR_PACK_DIGITS:
    plumb_panel_pack_digits(in[0], (size_t)i[0], (size_t)i[1], (size_t)i[2], out[0]);
    return 0;
  default: return survey(exact, call);
  }
}
