#include "ckernels.h"
#include "cvectors.h"
#include "numbers.h"

// Packs the tokens' numbers where the set wants them packed, as the engine does.
static void linear(const struct plumb_kernels *kernels, struct plumb_vector_call *call) {
  const int64_t *i = call->integers;
  const long tokens = i[3], columns = i[2];
  const struct plumb_matrix matrix = {call->inputs[0], i[1], columns, (uint32_t)i[0]};
  const float *x = call->inputs[1], *bias = call->input_bytes[2] ? call->inputs[2] : 0;
  const long strips = kernels->packed_strips(tokens);
  float *packed = lent(strips * kernels->strip_floats(columns) * (long)sizeof(float));
  float *scratch = lent(kernels->linear_scratch(tokens, columns) * (long)sizeof(float));
  for (long strip = 0; strip < strips; strip++) kernels->pack_strip(x, tokens, columns, strip, packed);
  kernels->linear(&matrix, strips ? packed : x, tokens, i[5], i[6], bias, call->outputs[0], i[4], scratch);
  free(packed);
  free(scratch);
}

int plumb_vector_call_kernels(int set, struct plumb_vector_call *call) {
  const struct plumb_kernels *kernels = plumb_kernels_for((enum plumb_instruction_set)set);
  if (!kernels) return -1;
  const int64_t *i = call->integers;
  void **in = call->inputs, **out = call->outputs;
  switch (call->function) {
  // type, row_bytes, columns, tokens, outputs, first, last; the matrix, x, and the bias or nothing.
  case PLUMB_VECTOR_LINEAR: linear(kernels, call); break;
  // type, columns; the row.
  case PLUMB_VECTOR_DECODE: kernels->decode((uint32_t)i[0], in[0], i[1], out[0]); break;
  // query_stride, rows, growth, group_stride, positions, size, root, out_stride; queries, keys.
  case PLUMB_VECTOR_SCORES:
    kernels->scores(in[0], i[0], i[1], i[2], in[1], i[3], i[4], i[5], as_double(i[6]), out[0], i[7]);
    break;
  // weights_stride, rows, growth, stride, positions, size, out_stride; weights, values.
  case PLUMB_VECTOR_VALUES: kernels->values(in[0], i[0], i[1], i[2], in[1], i[3], i[4], i[5], out[0], i[6]); break;
  // count; x.
  case PLUMB_VECTOR_SOFTMAX: {
    double *scratch = lent(i[0] * (long)sizeof(double));
    kernels->softmax(in[0], i[0], scratch, out[0]);
    free(scratch);
    break;
  }
  // count, epsilon; x, weight.
  case PLUMB_VECTOR_RMS_NORM: kernels->rms_norm(in[0], in[1], i[0], as_float(i[1]), out[0]); break;
  // count; x, y.
  case PLUMB_VECTOR_ADD: kernels->add(in[0], in[1], i[0], out[0]); break;
  case PLUMB_VECTOR_MULTIPLY: kernels->multiply(in[0], in[1], i[0], out[0]); break;
  // function, count; x.
  case PLUMB_VECTOR_MAP: kernels->map((enum plumb_function)i[0], in[0], i[1], out[0]); break;
  case PLUMB_VECTOR_MAP_ROUNDED: kernels->map_rounded((enum plumb_function)i[0], in[0], i[1], out[0]); break;
  // row_stride, term_stride, terms, columns, first_row, last_row, first, last; a, b.
  case PLUMB_VECTOR_PRODUCTS:
    kernels->products(in[0], i[0], i[1], i[2], in[1], i[3], i[4], i[5], i[6], i[7], out[0]);
    break;
  default: return -1;
  }
  return kernels->fused;
}
