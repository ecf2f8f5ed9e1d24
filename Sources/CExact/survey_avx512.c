#if defined(__x86_64__)

#include "cexact.h"

#include <math.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))), apply_to = function)

#include "survey.h"

const struct plumb_survey_functions plumb_survey_avx512 = {
  may_not_round, sum_bounds, near_median, rounding_bounds, exact_bounds, logistic, survey};

#pragma clang attribute pop

#endif
