// The numbers that the integers of a record are, and memory that a function is lent.
#ifndef PLUMB_VECTOR_NUMBERS_H
#define PLUMB_VECTOR_NUMBERS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline double as_double(int64_t bits) {
  double number;
  memcpy(&number, &bits, 8);
  return number;
}

static inline float as_float(int64_t bits) {
  const uint32_t low = (uint32_t)bits;
  float number;
  memcpy(&number, &low, 4);
  return number;
}

// Memory of so many bytes, which ends where a kernel may no longer write.
static inline void *lent(long bytes) {
  void *memory = 0;
  if (posix_memalign(&memory, 64, (size_t)bytes)) abort();
  return memory;
}

#endif
