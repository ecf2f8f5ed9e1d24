// Vectors of fixed width, whatever the machine's own width: the compiler splits them where it must.
// Included once by each file that compiles the kernels for one instruction set, which defines PLUMB_FUSED first.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Weights are stored little-endian and read as they are stored."
#endif

#define INLINE static inline __attribute__((always_inline))

typedef float v16f __attribute__((vector_size(64)));
typedef float v8f __attribute__((vector_size(32)));
typedef float v4f __attribute__((vector_size(16)));
typedef float v2f __attribute__((vector_size(8)));
typedef int32_t v16i __attribute__((vector_size(64)));
typedef uint32_t v16u __attribute__((vector_size(64)));
typedef uint16_t v16h __attribute__((vector_size(32)));
typedef uint8_t v16b __attribute__((vector_size(16)));
typedef uint8_t v8b __attribute__((vector_size(8)));
typedef int8_t v16c __attribute__((vector_size(16)));
typedef double v8d __attribute__((vector_size(64)));
typedef double v4d __attribute__((vector_size(32)));
typedef double v2d __attribute__((vector_size(16)));
typedef int64_t v8l __attribute__((vector_size(64)));

// The widths of loads and stores; addresses may have any alignment.
#define LANES 16
#define DOUBLES 8

// Before a loop of a constant number of steps whose vectors must stay in registers.
#define UNROLL _Pragma("clang loop unroll(full)")

#define LOAD(type, pointer) \
  ({ \
    type loaded; \
    memcpy(&loaded, (pointer), sizeof(type)); \
    loaded; \
  })
#define STORE(pointer, vector) \
  do { \
    __typeof__(vector) stored = (vector); \
    memcpy((pointer), &stored, sizeof(stored)); \
  } while (0)

// The first `count` of a vector's elements from memory, zeros in the others. Reads no byte beyond.
INLINE v16f load_first(const void *pointer, long count) {
  v16f vector = {0};
  memcpy(&vector, pointer, (size_t)count * sizeof(float));
  return vector;
}

// Asks memory for the line at an address, which may lie beyond every array: it is a number, as no pointer may be formed there.
// The level is 3 for the first cache, 2 for the second: a constant, hence a macro.
#define ASK(address, level) __builtin_prefetch((const void *)(address), 0, (level))

// The same number in every lane.
INLINE v16f splat(float x) { return (v16f){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

// a·b + c with one rounding where the instruction set fuses, with two where it does not. Never decided by the compiler:
// contraction is off.
#if PLUMB_FUSED
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma((a), (b), (c))
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

// The sum of the 16 lanes, pairwise in four levels: l + (l + 8), then 4, 2 and 1 apart. Declared as
// `SummationTree`.
INLINE float lane_sum(v16f s) {
  v8f eight = __builtin_shufflevector(s, s, 0, 1, 2, 3, 4, 5, 6, 7)
            + __builtin_shufflevector(s, s, 8, 9, 10, 11, 12, 13, 14, 15);
  v4f four = __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}

// The sums of 16 vectors' lanes, each added as `lane_sum` adds them: every level folds two vectors into one.
INLINE v16f lane_sums(const v16f s[LANES]) {
  v16f eights[8], fours[4], twos[2];
  UNROLL
  for (int i = 0; i < 8; i++) {
    eights[i] = __builtin_shufflevector(s[2 * i], s[2 * i + 1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
              + __builtin_shufflevector(s[2 * i], s[2 * i + 1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                                        31);
  }
  UNROLL
  for (int i = 0; i < 4; i++) {
    v16f x = eights[2 * i], y = eights[2 * i + 1];
    fours[i] = __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
             + __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  }
  UNROLL
  for (int i = 0; i < 2; i++) {
    v16f x = fours[2 * i], y = fours[2 * i + 1];
    twos[i] = __builtin_shufflevector(x, y, 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29)
            + __builtin_shufflevector(x, y, 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30, 31);
  }
  return __builtin_shufflevector(twos[0], twos[1], 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
       + __builtin_shufflevector(twos[0], twos[1], 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

// The sum of the 8 lanes, pairwise in three levels.
INLINE double double_lane_sum(v8d s) {
  v4d four = __builtin_shufflevector(s, s, 0, 1, 2, 3) + __builtin_shufflevector(s, s, 4, 5, 6, 7);
  return (four[0] + four[2]) + (four[1] + four[3]);
}
