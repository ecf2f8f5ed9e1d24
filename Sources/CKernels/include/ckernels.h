#ifndef PLUMB_CKERNELS_H
#define PLUMB_CKERNELS_H

#include <stdint.h>

#include "ctraining.h"

// The instruction sets that the kernels are compiled for.
enum plumb_instruction_set {
  PLUMB_PORTABLE = 0,
  PLUMB_AVX2 = 1,
  PLUMB_AVX512 = 2,
  PLUMB_NEON = 3,
};

// The functions of one number.
enum plumb_function {
  PLUMB_RELU,
  PLUMB_SILU,
  PLUMB_GELU,
  PLUMB_GELU_TANH,
  PLUMB_SIGMOID,
  PLUMB_EXP,
  PLUMB_TANH,
  PLUMB_ERF,
  PLUMB_LOG,
  PLUMB_LOG_ONE_PLUS,
  PLUMB_SINE,
  PLUMB_COSINE,
  PLUMB_RECIPROCAL_ROOT,
};

// A matrix of weights as it is stored; `type` is the raw value of the format (`ggml_type`).
struct plumb_matrix {
  const void *_Nonnull data;
  long row_bytes;
  long columns;
  uint32_t type;
};

// One set of kernels, all compiled for one instruction set.
//
// Swift cannot write these: it has no per-function target attribute, so without `unsafeFlags` it neither uses vectors
// wider than SSE2's nor fuses a multiply-add without a call.
struct plumb_kernels {
  // Non-zero where a product and the addition that follows it are rounded once, as one fused operation.
  int fused;

  // The number of strips that the numbers of so many tokens are packed into for `linear`; 0 where it takes them as they are.
  long (*_Nonnull packed_strips)(long tokens);

  // The number of floats of a packed strip.
  long (*_Nonnull strip_floats)(long columns);

  // Writes the strip `index` of x, [tokens, columns], to its place in `packed`, which begins with strip 0.
  void (*_Nonnull pack_strip)(const float *_Nonnull x, long tokens, long columns, long index, float *_Nonnull packed);

  // The number of floats of scratch that `linear` needs for so many tokens and a matrix of `columns`.
  long (*_Nonnull linear_scratch)(long tokens, long columns);

  // y[t·outputs + r] = Σⱼ w[r, j]·x[t, j] (+ bias[r]) for the rows first ≤ r < last of `outputs`. `x` has been packed, unless
  // `packed_strips` says 0.
  void (*_Nonnull linear)(const struct plumb_matrix *_Nonnull w, const float *_Nonnull x, long tokens, long first,
                          long last, const float *_Nullable bias, float *_Nonnull y, long outputs,
                          float *_Nonnull scratch);

  // Turns one stored row into binary32, with at most one rounding an element.
  void (*_Nonnull decode)(uint32_t type, const void *_Nonnull row, long columns, float *_Nonnull out);

  // out[r, s] = (Σᵢ query[r, i]·key[s, i]) / root for 0 ≤ r < rows and 0 ≤ s < positions + r·growth: with a growth of 1
  // each row sees one position more than the one before. Keys lie in groups of 16 positions, `group_stride` floats apart;
  // within a group element i of position s is at [16·i + s mod 16].
  void (*_Nonnull scores)(const float *_Nonnull queries, long query_stride, long rows, long growth,
                          const float *_Nonnull keys, long group_stride, long positions, long size, double root,
                          float *_Nonnull out, long out_stride);

  // out[r, i] = Σₛ weights[r, s]·values[s, i] over 0 ≤ s < positions + r·growth, for 0 ≤ r < rows and 0 ≤ i < size. A
  // row of values is readable up to the next multiple of 16 elements.
  void (*_Nonnull values)(const float *_Nonnull weights, long weights_stride, long rows, long growth,
                          const float *_Nonnull values, long stride, long positions, long size, float *_Nonnull out,
                          long out_stride);

  // out[i] = e^x[i] / Σⱼ e^x[j]. `scratch` holds count doubles.
  void (*_Nonnull softmax)(const float *_Nonnull x, long count, double *_Nonnull scratch, float *_Nonnull out);

  // out[i] = x[i] / √(mean(x²) + epsilon) · weight[i].
  void (*_Nonnull rms_norm)(const float *_Nonnull x, const float *_Nonnull weight, long count, float epsilon,
                            float *_Nonnull out);

  // out[i] = x[i] + y[i].
  void (*_Nonnull add)(const float *_Nonnull x, const float *_Nonnull y, long count, float *_Nonnull out);

  // out[i] = x[i]·y[i].
  void (*_Nonnull multiply)(const float *_Nonnull x, const float *_Nonnull y, long count, float *_Nonnull out);

  // out[i] = f(x[i]) in Float64.
  void (*_Nonnull map)(enum plumb_function function, const double *_Nonnull x, long count, double *_Nonnull out);

  // out[i] = f(x[i]) in Float64, rounded to binary32.
  void (*_Nonnull map_rounded)(enum plumb_function function, const float *_Nonnull x, long count,
                               float *_Nonnull out);

  // out[r·columns + j] = Σₖ a[r·row_stride + k·term_stride]·b[k·columns + j] over 0 ≤ k < terms, in Float64 and rounded once, for
  // first_row ≤ r < last_row and first ≤ j < last.
  void (*_Nonnull products)(const float *_Nonnull a, long row_stride, long term_stride, long terms,
                            const float *_Nonnull b, long columns, long first_row, long last_row, long first, long last,
                            float *_Nonnull out);

  // The kernels that only training needs.
  struct plumb_training_kernels training;
};

// The kernels for an instruction set, or NULL where this build or this processor lacks it.
const struct plumb_kernels *_Nullable plumb_kernels_for(enum plumb_instruction_set set);

// Threads that take items of work until none is left, and sleep in between.
//
// In C because Swift has threads only in Foundation, which the engine does without.
struct plumb_crew;

// A crew of `threads`, of which the caller of `plumb_crew_run` is one; fewer where the system refuses more.
struct plumb_crew *_Nonnull plumb_crew_create(int threads);

// The number of threads of the crew.
int plumb_crew_size(const struct plumb_crew *_Nonnull crew);

// Calls body(context, item, worker) once for every 0 ≤ item < items, each on some worker, and returns when all are
// done. One call at a time.
void plumb_crew_run(struct plumb_crew *_Nonnull crew, long items, void *_Nonnull context,
                    void (*_Nonnull body)(void *_Nonnull context, long item, int worker));

// The first of the `items` of a round that `worker` takes; it takes those that follow, up to the first of the next one.
long plumb_crew_first_item(const struct plumb_crew *_Nonnull crew, long items, int worker);

// Says what `worker` will read when it next waits and a round begins: while it waits it asks memory for these `bytes` at
// `start`. They are never read, so that they may be anything. Holds from the end of the next round; not while one runs.
void plumb_crew_expect(struct plumb_crew *_Nonnull crew, int worker, const void *_Nonnull start, long bytes);

// Ends the threads.
void plumb_crew_destroy(struct plumb_crew *_Nonnull crew);

#endif
