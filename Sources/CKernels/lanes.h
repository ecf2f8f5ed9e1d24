// Sums over the tree of `linear.h` where lanes are computed one after the other: 16 outputs side by side in a vector, one lane
// of each, and no lane is ever moved.

// The lanes in bit-reversed order. Two that follow one another from an even place on are 8 apart, the next two as well, the
// two sums of those 4 apart, and so on: the pairs of `lane_sum` at every level.
static const uint8_t lane_of_turn[LANES] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};

// Adds to `count` sums those that wait, as a binary counter carries: where n ends in ones, one by one. Returns the place where
// they wait next; after n = 2^k − 1 that is place k. `count` is a constant wherever this is inlined, so the sums stay in
// registers.
INLINE v16f *carry(const int count, long n, v16f *waiting, v16f sums[]) {
  for (; n & 1; n >>= 1, waiting += count) {
    UNROLL
    for (int i = 0; i < count; i++) sums[i] = waiting[i] + sums[i];
  }
  return waiting;
}
