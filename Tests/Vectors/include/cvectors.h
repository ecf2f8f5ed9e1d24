// Calls of the C functions of this package, written down: what one is called with, as bytes, and what it writes.
//
// A call is the same wherever it is made: in a test, in a program whose memory a sanitizer watches, on another processor. Each
// array has a block of memory of its own that ends where the array ends, so that a sanitizer sees every byte beyond.
//
// A record is a sequence of 64-bit words, little-endian: the function; the number of integers, and they (a Float64 is its bits);
// the number of inputs, and of each its bytes' number, then they, filled up with zeros to whole words; the number of outputs, and
// of each its kind and its bytes' number. Outputs are filled with PLUMB_VECTOR_UNTOUCHED before the call.
#ifndef PLUMB_CVECTORS_H
#define PLUMB_CVECTORS_H

#include <stddef.h>
#include <stdint.h>

// The function that is called. The integers and inputs of each stand beside its call in kernels.c, training.c and exact.c.
enum plumb_vector_function {
  PLUMB_VECTOR_LINEAR,
  PLUMB_VECTOR_DECODE,
  PLUMB_VECTOR_SCORES,
  PLUMB_VECTOR_VALUES,
  PLUMB_VECTOR_SOFTMAX,
  PLUMB_VECTOR_RMS_NORM,
  PLUMB_VECTOR_ADD,
  PLUMB_VECTOR_MULTIPLY,
  PLUMB_VECTOR_MAP,
  PLUMB_VECTOR_MAP_ROUNDED,
  PLUMB_VECTOR_PRODUCTS,
  PLUMB_VECTOR_MATRIX_PRODUCT,
  PLUMB_VECTOR_MATRIX_TRANSPOSE,
  PLUMB_VECTOR_CAUSAL,
  PLUMB_VECTOR_NORM_BACKWARD,
  PLUMB_VECTOR_TURN,
  PLUMB_VECTOR_GATED,
  PLUMB_VECTOR_LOSS,
  PLUMB_VECTOR_ADAM,
  PLUMB_VECTOR_KERNELS,

  PLUMB_VECTOR_PANEL_PRODUCT = PLUMB_VECTOR_KERNELS,
  PLUMB_VECTOR_PANEL_SUMS,
  PLUMB_VECTOR_EXACT_WEIGHTS,
  PLUMB_VECTOR_TRANSPOSE,
  PLUMB_VECTOR_MAY_NOT_ROUND,
  PLUMB_VECTOR_SUM_BOUNDS,
  PLUMB_VECTOR_NEAR_MEDIAN,
  PLUMB_VECTOR_ROUNDING_BOUNDS,
  PLUMB_VECTOR_EXACT_BOUNDS,
  PLUMB_VECTOR_LOGISTIC,
  PLUMB_VECTOR_SURVEY,
  PLUMB_VECTOR_REMAINDER_PRODUCT,
  PLUMB_VECTOR_DIGITS_EXPONENTS,
  PLUMB_VECTOR_DIGITS_OF_FLOATS,
  PLUMB_VECTOR_DIGITS_OF_WORDS,
  PLUMB_VECTOR_PACK_WEIGHTS,
  PLUMB_VECTOR_PACK_DIGITS,
  PLUMB_VECTOR_FUNCTIONS,
};

// What an output holds: integers, or numbers of which every NaN is the same.
enum plumb_vector_kind {
  PLUMB_VECTOR_BYTES = 0,
  PLUMB_VECTOR_FLOATS = 4,
  PLUMB_VECTOR_DOUBLES = 8,
};

#define PLUMB_VECTOR_UNTOUCHED 0xA5
#define PLUMB_VECTOR_INTEGERS 16
#define PLUMB_VECTOR_ARRAYS 8

// A record with memory of its own.
struct plumb_vector_call {
  uint64_t function;
  int64_t integers[PLUMB_VECTOR_INTEGERS];
  void *_Nullable inputs[PLUMB_VECTOR_ARRAYS], *_Nullable outputs[PLUMB_VECTOR_ARRAYS];
  size_t input_bytes[PLUMB_VECTOR_ARRAYS], output_bytes[PLUMB_VECTOR_ARRAYS];
  uint64_t kinds[PLUMB_VECTOR_ARRAYS];
  size_t input_count, output_count;
};

// The bytes of all outputs of the record of `size` bytes; −1 where it is none.
long plumb_vector_output_bytes(const uint8_t *_Nonnull record, size_t size);

// Makes the call that a record holds with instruction set `set` (`plumb_instruction_set`) and writes its outputs one after the
// other. What CExact has no set for it does with its portable one. Returns whether products and sums are fused, 0 or 1; −1 where
// this build or this processor lacks the set, or the record is none.
int plumb_vector_replay(int set, const uint8_t *_Nonnull record, size_t size, uint8_t *_Nonnull outputs);

// The place of the first byte in which outputs of a record differ from what is expected, NaNs apart; −1 where none does.
long plumb_vector_difference(
  const uint8_t *_Nonnull record, size_t size, const uint8_t *_Nonnull outputs, const uint8_t *_Nonnull expected);

// The calls themselves; as plumb_vector_replay.
int plumb_vector_call_kernels(int set, struct plumb_vector_call *_Nonnull call);
int plumb_vector_call_training(int set, struct plumb_vector_call *_Nonnull call);
int plumb_vector_call_exact(int set, struct plumb_vector_call *_Nonnull call);

#endif
