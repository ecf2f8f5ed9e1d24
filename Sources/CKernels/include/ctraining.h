#ifndef PLUMB_CTRAINING_H
#define PLUMB_CTRAINING_H

// The places of one head's numbers in a sequence: rows of a query are `q_stride` floats apart, those of a key and of a value
// `k_stride`.
struct plumb_causal {
  long tokens, size, q_stride, k_stride;
  float scale;
};

// The numbers of one step of AdamW: the weights are `kept` but for what decays; gradients are times `scale`; `rate` and `root_factor`
// have the corrections for the first steps in them.
struct plumb_adam {
  double scale, beta1, beta2, epsilon, kept, rate, root_factor;
};

// The kernels that only training needs. Bits depend on nothing but the numbers and whether the instruction set fuses.
struct plumb_training_kernels {
  // The number of floats of scratch that `product` needs for so many columns.
  long (*_Nonnull matrix_scratch)(long columns);

  // out[r·out_stride + j] = Σₖ a[r·row_stride + k·term_stride]·b[k·b_stride + j] for 0 ≤ r < rows and 0 ≤ j < columns, term by term
  // in Float32; added to what is there where it `adds`.
  void (*_Nonnull product)(const float *_Nonnull a, long row_stride, long term_stride, long rows, long terms,
                           const float *_Nonnull b, long b_stride, long columns, int adds, float *_Nonnull out,
                           long out_stride, float *_Nonnull scratch);

  // out[c·rows + r] = x[r·stride + c].
  void (*_Nonnull transpose)(const float *_Nonnull x, long stride, long rows, long columns, float *_Nonnull out);

  // The number of floats of scratch that attention needs.
  long (*_Nonnull causal_scratch)(long tokens, long size);

  // The attention of one head over a whole sequence; its weights are [tokens, tokens].
  void (*_Nonnull causal_forward)(const struct plumb_causal *_Nonnull shape, const float *_Nonnull q,
                                  const float *_Nonnull k, const float *_Nonnull v, float *_Nonnull weights,
                                  float *_Nonnull out, float *_Nonnull scratch);

  // The gradients of one head's attention from that of its output: dq is written, dk and dv are added to.
  void (*_Nonnull causal_backward)(const struct plumb_causal *_Nonnull shape, const float *_Nonnull q,
                                   const float *_Nonnull k, const float *_Nonnull v, const float *_Nonnull weights,
                                   const float *_Nonnull g, float *_Nonnull dq, float *_Nonnull dk, float *_Nonnull dv,
                                   float *_Nonnull scratch);

  // Adds the gradient of a normalised row to `out`, and returns 1/√(mean(x²) + epsilon).
  double (*_Nonnull rms_norm_backward)(const float *_Nonnull x, const float *_Nonnull weight, const float *_Nonnull g,
                                       long count, float epsilon, float *_Nonnull out);

  // Adds the gradients of a normalisation's weights first ≤ i < last, 8 at most, over all rows.
  void (*_Nonnull rms_norm_weight)(const float *_Nonnull x, const float *_Nonnull g, const double *_Nonnull roots,
                                   long rows, long columns, long first, long last, float *_Nonnull sums);

  // Turns pairs of neighbours in place: `direction` is 1, or −1 for backwards.
  void (*_Nonnull turn_pairs)(float *_Nonnull x, long heads, long size, const double *_Nonnull cosines,
                              const double *_Nonnull sines, double direction);

  // out[i] = silu(gate[i])·up[i].
  void (*_Nonnull gated)(const float *_Nonnull gate, const float *_Nonnull up, long count, float *_Nonnull out);

  // Replaces gate and up by their gradients.
  void (*_Nonnull gated_backward)(float *_Nonnull gate, float *_Nonnull up, const float *_Nonnull g, long count);

  // Returns the cross-entropy of a row, and replaces its logits by their gradient times `factor`.
  double (*_Nonnull cross_entropy)(float *_Nonnull logits, long count, long target, double factor,
                                   double *_Nonnull scratch);

  // Σᵢ x[i]².
  double (*_Nonnull sum_of_squares)(const float *_Nonnull x, long count);

  // One step of AdamW, in place.
  void (*_Nonnull adam)(const struct plumb_adam *_Nonnull step, const float *_Nonnull g, long count, float *_Nonnull w,
                        float *_Nonnull m, float *_Nonnull v);
};

#endif
