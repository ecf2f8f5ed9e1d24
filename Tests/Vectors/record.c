#include "cvectors.h"

#include <stdlib.h>
#include <string.h>

// What is left of a record to be read.
struct reader {
  const uint8_t *next;
  size_t left;
  int failed;
};

static uint64_t word(struct reader *reader) {
  uint64_t value = 0;
  if (reader->left < 8) {
    reader->failed = 1;
    return 0;
  }
  memcpy(&value, reader->next, 8);
  reader->next += 8;
  reader->left -= 8;
  return value;
}

// A number that is below `limit`.
static size_t count(struct reader *reader, size_t limit) {
  const uint64_t value = word(reader);
  if (value >= limit) reader->failed = 1;
  return value < limit ? (size_t)value : 0;
}

// A block that ends where the array ends; the calls need some of them at a multiple of 64.
static void *block(size_t bytes) {
  void *memory = 0;
  if (posix_memalign(&memory, 64, bytes)) abort();
  return memory;
}

static void release(struct plumb_vector_call *call) {
  for (size_t index = 0; index < PLUMB_VECTOR_ARRAYS; index++) {
    free(call->inputs[index]);
    free(call->outputs[index]);
  }
}

// Reads a record, with memory for its arrays where `allocates`; 0 where it is none.
static int parse(const uint8_t *record, size_t size, int allocates, struct plumb_vector_call *call) {
  struct reader reader = {record, size, 0};
  *call = (struct plumb_vector_call){.function = word(&reader)};
  const size_t integers = count(&reader, PLUMB_VECTOR_INTEGERS + 1);
  for (size_t index = 0; index < integers; index++) call->integers[index] = (int64_t)word(&reader);
  call->input_count = count(&reader, PLUMB_VECTOR_ARRAYS + 1);
  for (size_t index = 0; index < call->input_count && !reader.failed; index++) {
    const size_t bytes = count(&reader, reader.left + 1), padded = (bytes + 7) / 8 * 8;
    if (padded > reader.left) reader.failed = 1;
    if (reader.failed) break;
    call->input_bytes[index] = bytes;
    if (allocates) memcpy(call->inputs[index] = block(bytes), reader.next, bytes);
    reader.next += padded;
    reader.left -= padded;
  }
  call->output_count = count(&reader, PLUMB_VECTOR_ARRAYS + 1);
  for (size_t index = 0; index < call->output_count && !reader.failed; index++) {
    call->kinds[index] = word(&reader);
    const size_t bytes = call->output_bytes[index] = count(&reader, (size_t)1 << 32);
    if (allocates && !reader.failed) {
      memset(call->outputs[index] = block(bytes), PLUMB_VECTOR_UNTOUCHED, bytes);
    }
  }
  if (!reader.failed && reader.left == 0 && call->function < PLUMB_VECTOR_FUNCTIONS) return 1;
  release(call);
  return 0;
}

long plumb_vector_output_bytes(const uint8_t *record, size_t size) {
  struct plumb_vector_call call;
  if (!parse(record, size, 0, &call)) return -1;
  long bytes = 0;
  for (size_t index = 0; index < call.output_count; index++) bytes += (long)call.output_bytes[index];
  return bytes;
}

int plumb_vector_replay(int set, const uint8_t *record, size_t size, uint8_t *outputs) {
  struct plumb_vector_call call;
  if (!parse(record, size, 1, &call)) return -1;
  const int fused = call.function < PLUMB_VECTOR_MATRIX_PRODUCT ? plumb_vector_call_kernels(set, &call)
                    : call.function < PLUMB_VECTOR_KERNELS      ? plumb_vector_call_training(set, &call)
                                                         : plumb_vector_call_exact(set, &call);
  for (size_t index = 0; index < call.output_count; index++) {
    memcpy(outputs, call.outputs[index], call.output_bytes[index]);
    outputs += call.output_bytes[index];
  }
  release(&call);
  return fused;
}

static int is_nan(const uint8_t *bytes, uint64_t kind) {
  float single;
  double number;
  if (kind == PLUMB_VECTOR_FLOATS) {
    memcpy(&single, bytes, 4);
    return single != single;
  }
  memcpy(&number, bytes, 8);
  return number != number;
}

long plumb_vector_difference(const uint8_t *record, size_t size, const uint8_t *outputs, const uint8_t *expected) {
  struct plumb_vector_call call;
  if (!parse(record, size, 0, &call)) return 0;
  size_t place = 0;
  for (size_t index = 0; index < call.output_count; index++) {
    const uint64_t kind = call.kinds[index];
    const size_t end = place + call.output_bytes[index], step = kind == PLUMB_VECTOR_BYTES ? 1 : kind;
    for (; place < end; place += step) {
      if (!memcmp(outputs + place, expected + place, step)) continue;
      if (kind != PLUMB_VECTOR_BYTES && is_nan(outputs + place, kind) && is_nan(expected + place, kind)) continue;
      return (long)place;
    }
  }
  return -1;
}
