// What every instruction set shares: plain loops without branches, which the compiler turns into vector instructions.
//
// Each line is one of the package's own formulas for single elements, in the same order of operations, so that the results
// are the same bits: every operation rounds by itself, and none is fused with another. Their arguments stand there.

#pragma STDC FP_CONTRACT OFF

#define LESS_48 (1 - 0x1p-48)
#define MORE_48 (1 + 0x1p-48)
#define LESS_51 (1 - 0x1p-51)
#define MORE_51 (1 + 0x1p-51)
#define GREATEST_FINITE 0x1.fffffep127

static inline uint64_t bits_of(double number) {
  uint64_t bits;
  __builtin_memcpy(&bits, &number, 8);
  return bits;
}

static inline double from_bits(uint64_t bits) {
  double number;
  __builtin_memcpy(&number, &bits, 8);
  return number;
}

static inline double magnitude_of(double number) { return from_bits(bits_of(number) & INT64_MAX); }

static inline double up(double number) {
  const uint64_t bits = bits_of(number);
  return number == 0 ? 0x1p-1074 : from_bits(number > 0 ? bits + 1 : bits - 1);
}

static inline double down(double number) { return -up(-number); }

// The greatest Float32 that is not above a number which is not negative, and the least that is not below.
static inline float float_below(double number) {
  const float nearest = (float)number;
  uint32_t bits;
  __builtin_memcpy(&bits, &nearest, 4);
  bits -= (double)nearest > number;
  float below;
  __builtin_memcpy(&below, &bits, 4);
  return below;
}

static inline float float_above(double number) {
  const float nearest = (float)number;
  uint32_t bits;
  __builtin_memcpy(&bits, &nearest, 4);
  bits += (double)nearest < number;
  float above;
  __builtin_memcpy(&above, &bits, 4);
  return above;
}

static inline double not_negative(double number) { return number > 0 ? number : 0; }

struct double_sum { double sum, rest; };

static inline struct double_sum add(double a, double b) {
  const double sum = a + b, part = sum - a;
  return (struct double_sum){sum, (a - (sum - part)) + (b - part)};
}

static inline uint64_t half_spacing_bits(double magnitude) {
  const int64_t biased = (int64_t)(bits_of(magnitude) >> 52) - 24;
  return (uint64_t)(biased > 1023 - 150 ? biased : 1023 - 150);
}

static inline double half_spacing(double magnitude) { return from_bits(half_spacing_bits(magnitude) << 52); }

static inline double inverse_spacing(double magnitude) {
  return from_bits((2045 - half_spacing_bits(magnitude < 0x1p128 ? magnitude : 0x1p128)) << 52);
}

struct range { double lower, upper; };

// Of a number without a rest.
static inline struct range near_magnitudes(double value, double error) {
  const double magnitude = magnitude_of(value);
  return (struct range){
    error == 0 ? magnitude : not_negative((magnitude - error) * LESS_51),
    error == 0 ? magnitude : (magnitude + error) * MORE_51};
}

static inline struct range magnitudes(double value, double rest, double error) {
  const struct range near = near_magnitudes(value, error);
  const double magnitude = magnitude_of(value), outward = value < 0 ? -rest : rest;
  const double least = down(magnitude + down(outward - error));
  const double greatest = up(magnitude_of(magnitude + up(outward + error)));
  return (struct range){rest != 0 ? not_negative(least) : near.lower, rest != 0 ? greatest : near.upper};
}

// From a number without a rest that is not known exactly.
static inline struct range near_distances(double engine, double value, double error) {
  const double centre = magnitude_of(engine - value), slack = (error + centre * 0x1p-52) * MORE_51;
  return (struct range){not_negative((centre - slack) * LESS_51), (centre + slack) * MORE_51};
}

static inline struct range distances(double engine, double value, double rest, double error) {
  const struct range near = near_distances(engine, value, error);
  const struct double_sum first = add(engine, -value), inner = add(first.rest, -rest), outer = add(first.sum, inner.sum);
  const double centre = magnitude_of(outer.sum), outward = outer.sum < 0 ? -outer.rest : outer.rest;
  const double slack = up(up(error + magnitude_of(inner.rest)) + magnitude_of(outer.rest));
  const int is_near = rest == 0 && error > 0, is_known = error == 0 && inner.rest == 0;
  const double known_lower = outward < 0 ? down(centre) : centre, known_upper = outward > 0 ? up(centre) : centre;
  return (struct range){
    is_near ? near.lower : is_known ? known_lower : not_negative(down(centre - slack)),
    is_near ? near.upper : is_known ? known_upper : up(centre + slack)};
}

// 0 for 0; otherwise 1 for what is at most 2^-64, the last for what is above 2^192.
static inline uint64_t cell_of(double number) {
  const int64_t cell = (int64_t)((bits_of(number) - 1) >> 46) - ((1023 - 64) << 6) + 1;
  const int64_t least = cell > 1 ? cell : 1, last = least < PLUMB_SURVEY_CELLS - 1 ? least : PLUMB_SURVEY_CELLS - 1;
  return number == 0 ? 0 : (uint64_t)last;
}

// The bin of a histogram whose least edge is 2^`exponent`: cells of one bin share it.
static inline int64_t bin_of(double number, int64_t exponent) {
  const int64_t bin = (int64_t)((bits_of(number) - 1) >> 52), least = 1022 + exponent;
  return number == 0 ? 0 : bin > least ? bin : least;
}

static int may_not_round(
  const double *restrict magnitudes, const double *restrict weights, size_t count, double scale) {
  int may = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t bits = bits_of(weights[i]) & INT64_MAX;
    const double weight = from_bits(bits), others = from_bits(bits & (bits - 1));
    // Without its lowest bit a power of two would lose one of its exponent.
    const double lowest = bits & (((uint64_t)1 << 52) - 1) ? weight - others : weight;
    may |= (weight == 0) | (magnitudes[i] < scale * lowest);
  }
  return may;
}

static void sum_bounds(
  const double *restrict magnitudes, size_t count, const struct plumb_sum_model *model, double *restrict errors,
  double *restrict lower, double *restrict upper) {
  const double gamma = model->gamma, underflow = model->underflow, off = model->off, relative = model->relative;
  for (size_t i = 0; i < count; i++) {
    const double magnitude = magnitudes[i], smallest = magnitude * (1 - off), greatest = magnitude * (1 + off);
    const double least = (gamma * (smallest + underflow) + underflow) * LESS_48;
    const double most = (gamma * (greatest + underflow) + underflow) * MORE_48;
    const int may_be_inside = (smallest + least) * LESS_48 <= GREATEST_FINITE;
    const int is_inside = (greatest + most) * MORE_48 <= GREATEST_FINITE;
    errors[i] = magnitude * relative * (1 + 0x1p-20);
    lower[i] = magnitude > 0 ? (may_be_inside ? least : INFINITY) : 0;
    upper[i] = magnitude > 0 ? (is_inside ? most * (1 + 0x1p-30) : INFINITY) : 0;
  }
}

static size_t near_median(
  const float *restrict lower, const float *restrict upper, size_t count, float least, float greatest,
  uint32_t *restrict places, size_t *restrict below) {
  enum { GROUP = 16 };
  size_t found = 0;
  for (size_t start = 0; start < count; start += GROUP) {
    const size_t end = start + GROUP < count ? start + GROUP : count;
    int64_t near = 0, less = 0;
    for (size_t i = start; i < end; i++) {
      less += (upper[i] <= least) & (upper[i] >= 0);
      near += (upper[i] > least) & (lower[i] <= greatest);
    }
    *below += (size_t)less;
    // Few groups hold one.
    if (near)
      for (size_t i = start; i < end; i++)
        if ((upper[i] > least) & (lower[i] <= greatest)) places[found++] = (uint32_t)i;
  }
  return found;
}

// e^x for -700 <= x <= 0; its proof is that of the package's own.
static inline double exponential(double x) {
  const double shift = 0x1.8p52, shifted = x * 0x1.71547652b82fep0 + shift, k = shifted - shift;
  const struct double_sum a = add(x, -(k * 0x1.62e42fefa3800p-1));
  const double r = a.rest - k * 0x1.ef35793c76730p-45;
  double q = 1 / 6227020800.0;
  q = q * a.sum + 1 / 479001600.0;
  q = q * a.sum + 1 / 39916800.0;
  q = q * a.sum + 1 / 3628800.0;
  q = q * a.sum + 1 / 362880.0;
  q = q * a.sum + 1 / 40320.0;
  q = q * a.sum + 1 / 5040.0;
  q = q * a.sum + 1 / 720.0;
  q = q * a.sum + 1 / 120.0;
  q = q * a.sum + 1 / 24.0;
  q = q * a.sum + 1 / 6.0;
  q = q * a.sum + 0.5;
  const double t = a.sum + a.sum * a.sum * q, y = 1 + (t + r * (1 + t));
  // The lowest bits of the shifted number are those of k.
  return y * from_bits((bits_of(shifted) + 1023) << 52);
}

static void logistic(const float *restrict x, size_t count, double *restrict values, double *restrict errors) {
  for (size_t i = 0; i < count; i++) {
    const double number = x[i], magnitude = magnitude_of(number);
    const int is_beyond = magnitude > 690;
    const double power = exponential(is_beyond ? -690 : -magnitude);
    const double value = (number < 0 ? number * power : number) / (1 + power);
    values[i] = is_beyond ? not_negative(number) : value;
    errors[i] = is_beyond ? 0x1p-860 : magnitude_of(value) * (6 * 0x1p-53) + 0x1p-860;
  }
}

static void rounding_bounds(
  const double *restrict values, const double *restrict errors, size_t count, double relative, double *restrict lower,
  double *restrict upper) {
  for (size_t i = 0; i < count; i++) {
    const struct range size = near_magnitudes(values[i], errors[i]);
    const double inherited_least = (size.lower * relative + lower[i]) * LESS_48;
    const double inherited_greatest = (size.upper * relative + upper[i]) * MORE_48 * (1 + 0x1p-40);
    const double reached = (size.upper * (1 + 0x1p-40) + inherited_greatest) * MORE_48;
    const double half = half_spacing(inherited_least == 0 ? size.lower : (size.lower + inherited_least) * LESS_48);
    const double least = inherited_least == 0 ? half : (inherited_least + half) * LESS_48;
    const double most = (inherited_greatest + half_spacing(reached)) * MORE_48;
    const int is_inside = size.lower + inherited_least <= GREATEST_FINITE;
    lower[i] = is_inside ? least : INFINITY;
    upper[i] = is_inside && reached <= GREATEST_FINITE ? most : INFINITY;
  }
}

static void exact_bounds(
  const double *restrict values, const double *restrict rests, size_t count, double *restrict lower,
  double *restrict upper) {
  for (size_t i = 0; i < count; i++) {
    const double value = values[i], rest = rests[i], magnitude = magnitude_of(value);
    const struct range size = magnitudes(value, rest, 0);
    const int is_float = rest == 0 && (double)(float)value == value;
    const int is_inside = is_float || rest == 0
      ? magnitude <= GREATEST_FINITE
      : magnitude < GREATEST_FINITE || (magnitude == GREATEST_FINITE && (value < 0 ? -rest : rest) <= 0);
    lower[i] = is_inside ? (is_float ? 0 : half_spacing(size.lower)) : INFINITY;
    upper[i] = is_inside ? (is_float ? 0 : half_spacing(size.upper)) : INFINITY;
  }
}

// One run of at most PLUMB_SURVEY_RUN elements; where `is_known` is 0, an element whose error is 0 counts as not ordinary.
static inline __attribute__((always_inline)) void mark(
  const float *restrict engine, const double *restrict values, const double *restrict rests,
  const double *restrict errors, const double *restrict lower, const double *restrict upper, size_t count,
  const struct plumb_survey_records least, float *restrict ulps_lower, float *restrict ulps_upper,
  uint16_t *restrict ulps_cells, uint16_t *restrict margin_cells, const int is_known) {
  for (size_t i = 0; i < count; i++) {
    const double value = values[i], rest = is_known ? rests[i] : 0, error = errors[i];
    const double bound_lower = lower[i], bound_upper = upper[i];
    const int is_finite = __builtin_fabsf(engine[i]) <= (float)GREATEST_FINITE && bound_upper < INFINITY;
    // What is not finite is not looked at, and must not overflow what follows.
    const double number = is_finite ? engine[i] : 0;
    const struct range distance = is_known ? distances(number, value, rest, error) : near_distances(number, value, error);
    const struct range size = is_known ? magnitudes(value, rest, error) : near_magnitudes(value, error);
    const double first = distance.lower * inverse_spacing(size.upper), last = distance.upper * inverse_spacing(size.lower);
    const int is_power =
      bound_lower == bound_upper && (bits_of(bound_lower) & (((uint64_t)1 << 52) - 1)) == 0;
    const double least_margin = distance.lower / bound_upper, most_margin = distance.upper / bound_lower;
    const int is_equal = distance.upper == 0;
    const double margin_lower = is_equal ? 0 : is_power ? least_margin : least_margin * (1 - 0x1p-52);
    const double margin_upper = is_equal ? 0 : is_power ? most_margin : most_margin * (1 + 0x1p-51);
    const int is_within = (bound_lower > 0 || is_equal) & (distance.upper <= bound_lower);
    const int is_below = (last < least.ulps) & (distance.upper < least.absolute) & (size.upper < least.magnitude)
      & (margin_upper < least.margin);
    const int is_sure = (bin_of(first, -4) == bin_of(last, -4)) & (bin_of(margin_lower, -6) == bin_of(margin_upper, -6));
    const int is_ordinary =
      is_finite & is_within & is_below & is_sure & (last < 0x1p190) & (is_known || error > 0);
    ulps_lower[i] = float_below(first);
    ulps_upper[i] = float_above(last);
    ulps_cells[i] = (uint16_t)(is_ordinary ? cell_of(last) : PLUMB_SURVEY_CELLS);
    margin_cells[i] = (uint16_t)cell_of(margin_upper);
  }
}

static size_t survey(
  const float *engine, const struct plumb_near *near, int is_known, size_t count,
  const struct plumb_survey_records *records, float *ulps_lower, float *ulps_upper, int32_t *restrict ulps_counts,
  int32_t *restrict margin_counts, uint16_t *restrict others) {
  uint16_t ulps_cells[PLUMB_SURVEY_RUN], margin_cells[PLUMB_SURVEY_RUN];
  if (is_known)
    mark(
      engine, near->values, near->rests, near->errors, near->lower, near->upper, count, *records, ulps_lower, ulps_upper,
      ulps_cells, margin_cells, 1);
  else
    mark(
      engine, near->values, near->rests, near->errors, near->lower, near->upper, count, *records, ulps_lower, ulps_upper,
      ulps_cells, margin_cells, 0);
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    if (ulps_cells[i] == PLUMB_SURVEY_CELLS) {
      others[found++] = (uint16_t)i;
    } else {
      ulps_counts[ulps_cells[i]]++;
      margin_counts[margin_cells[i]]++;
    }
  }
  return found;
}
