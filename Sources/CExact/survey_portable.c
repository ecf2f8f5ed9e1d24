#include "cexact.h"

#include <math.h>

#include "survey.h"

const struct plumb_survey_functions plumb_survey_portable = {
  may_not_round, sum_bounds, near_median, rounding_bounds, exact_bounds, logistic, survey};
