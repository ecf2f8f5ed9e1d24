#include "ckernels.h"
#include "cvectors.h"
#include "numbers.h"

// What an output holds before the call: the input of this number.
static void begin(struct plumb_vector_call *call, int output, int input) {
  memcpy(call->outputs[output], call->inputs[input], call->input_bytes[input]);
}

// tokens, size, q_stride, k_stride, scale; q, k, v, g, and what dk and dv hold before; weights, out, dq, dk, dv.
static void causal(const struct plumb_training_kernels *kernels, struct plumb_vector_call *call) {
  const int64_t *i = call->integers;
  void **in = call->inputs, **out = call->outputs;
  const struct plumb_causal shape = {i[0], i[1], i[2], i[3], as_float(i[4])};
  float *scratch = lent(kernels->causal_scratch(shape.tokens, shape.size) * (long)sizeof(float));
  kernels->causal_forward(&shape, in[0], in[1], in[2], out[0], out[1], scratch);
  begin(call, 3, 4);
  begin(call, 4, 5);
  kernels->causal_backward(&shape, in[0], in[1], in[2], out[0], in[3], out[2], out[3], out[4], scratch);
  // What lies beyond a row's own position is nobody's.
  float *weights = out[0];
  for (long r = 0; r < shape.tokens; r++) {
    for (long s = r + 1; s < shape.tokens; s++) weights[r * shape.tokens + s] = 0;
  }
  free(scratch);
}

int plumb_vector_call_training(int set, struct plumb_vector_call *call) {
  const struct plumb_kernels *all = plumb_kernels_for((enum plumb_instruction_set)set);
  if (!all) return -1;
  const struct plumb_training_kernels *kernels = &all->training;
  const int64_t *i = call->integers;
  void **in = call->inputs, **out = call->outputs;
  switch (call->function) {
  // row_stride, term_stride, rows, terms, columns, adds; a, b, and what the output holds before.
  case PLUMB_VECTOR_MATRIX_PRODUCT: {
    float *scratch = lent(kernels->matrix_scratch(i[4]) * (long)sizeof(float));
    begin(call, 0, 2);
    kernels->product(in[0], i[0], i[1], i[2], i[3], in[1], i[4], i[4], (int)i[5], out[0], i[4], scratch);
    free(scratch);
    break;
  }
  // rows, columns; x.
  case PLUMB_VECTOR_MATRIX_TRANSPOSE: kernels->transpose(in[0], i[1], i[0], i[1], out[0]); break;
  case PLUMB_VECTOR_CAUSAL: causal(kernels, call); break;
  // rows, columns, epsilon; x, weight, g, what the gradient and the weight's hold before; them, and the roots.
  case PLUMB_VECTOR_NORM_BACKWARD: {
    begin(call, 0, 3);
    begin(call, 1, 4);
    double *roots = out[2];
    for (long r = 0; r < i[0]; r++) {
      const float *x = (const float *)in[0] + r * i[1], *g = (const float *)in[2] + r * i[1];
      roots[r] = kernels->rms_norm_backward(x, in[1], g, i[1], as_float(i[2]), (float *)out[0] + r * i[1]);
    }
    for (long first = 0; first < i[1]; first += 8) {
      const long last = first + 8 < i[1] ? first + 8 : i[1];
      kernels->rms_norm_weight(in[0], in[2], roots, i[0], i[1], first, last, out[1]);
    }
    break;
  }
  // heads, size, direction; x, cosines, sines.
  case PLUMB_VECTOR_TURN:
    begin(call, 0, 0);
    kernels->turn_pairs(out[0], i[0], i[1], in[1], in[2], as_double(i[2]));
    break;
  // count; gate, up, g; what is gated, and the two gradients.
  case PLUMB_VECTOR_GATED:
    kernels->gated(in[0], in[1], i[0], out[0]);
    begin(call, 1, 0);
    begin(call, 2, 1);
    kernels->gated_backward(out[1], out[2], in[2], i[0]);
    break;
  // count, target, factor; logits; their gradient, the loss and the sum of the gradient's squares.
  case PLUMB_VECTOR_LOSS: {
    double *scratch = lent(i[0] * (long)sizeof(double)), *numbers = out[1];
    begin(call, 0, 0);
    numbers[0] = kernels->cross_entropy(out[0], i[0], i[1], as_double(i[2]), scratch);
    numbers[1] = kernels->sum_of_squares(out[0], i[0]);
    free(scratch);
    break;
  }
  // count; g, w, m, v.
  case PLUMB_VECTOR_ADAM: {
    const struct plumb_adam step = {0.5, 0.9, 0.95, 1e-8, 0.9996, 0.004 / 0.19, 3.2};
    for (int k = 0; k < 3; k++) begin(call, k, k + 1);
    kernels->adam(&step, in[0], i[0], out[0], out[1], out[2]);
    break;
  }
  default: return -1;
  }
  return all->fused;
}
