// Replays the calls that `EngineTests` wrote, with every instruction set of this processor, and compares every bit.
//
// The file: of each call the number of its record's bytes, the record, and its outputs without and with fused products and
// sums. Usage: replay FILE.

#include "ckernels.h"
#include "cvectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"portable", "avx2", "avx512", "neon"};
enum { SETS = sizeof names / sizeof *names };

// The whole of a file, in memory of its own.
static uint8_t *contents(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  if (fseek(file, 0, SEEK_END)) return 0;
  const long length = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(length > 0 ? (size_t)length : 1);
  if (!bytes || length < 0 || fread(bytes, 1, (size_t)length, file) != (size_t)length) return 0;
  fclose(file);
  *size = (size_t)length;
  return bytes;
}

// Counts in `context` how often each item is met.
static void count_item(void *context, long item, int worker) {
  (void)worker;
  __atomic_fetch_add((int *)context + item, 1, __ATOMIC_RELAXED);
}

// A crew does every item once, whatever it is told of memory ahead.
static int crew_works(void) {
  enum { ITEMS = 101, ROUNDS = 20 };
  int met[ITEMS] = {0};
  struct plumb_crew *crew = plumb_crew_create(3);
  for (int round = 0; round < ROUNDS; round++) {
    for (int worker = 0; worker < plumb_crew_size(crew); worker++) plumb_crew_expect(crew, worker, met, sizeof met - 1);
    plumb_crew_run(crew, ITEMS, met, count_item);
  }
  plumb_crew_destroy(crew);
  for (int item = 0; item < ITEMS; item++)
    if (met[item] != ROUNDS) return 0;
  return 1;
}

int main(int argument_count, char **arguments) {
  size_t size = 0;
  uint8_t *bytes = argument_count == 2 ? contents(arguments[1], &size) : 0;
  if (!bytes) {
    fprintf(stderr, "usage: replay FILE, which EngineTests writes where PLUMB_VECTORS names it\n");
    return 2;
  }
  if (!crew_works()) {
    printf("a crew missed an item\n");
    return 1;
  }
  long calls[SETS] = {0}, wrong = 0;
  size_t at = 0;
  while (at + 8 <= size) {
    uint64_t length;
    memcpy(&length, bytes + at, 8);
    at += 8;
    const long outputs = length <= size - at ? plumb_vector_output_bytes(bytes + at, length) : -1;
    if (outputs < 0 || 2 * (size_t)outputs > size - at - length) {
      fprintf(stderr, "%s: no call at byte %zu\n", arguments[1], at - 8);
      return 2;
    }
    const uint8_t *record = bytes + at, *expected = record + length;
    uint64_t function;
    memcpy(&function, record, 8);
    uint8_t *found = malloc((size_t)outputs + 1);
    if (!found) abort();
    for (int set = 0; set < SETS; set++) {
      const int fused = plumb_vector_replay(set, record, length, found);
      if (fused < 0) continue;
      const long place = plumb_vector_difference(record, length, found, expected + fused * outputs);
      calls[set]++;
      if (place < 0) continue;
      wrong++;
      printf("%s: function %d, the call at byte %zu: byte %ld of its outputs differs\n", names[set], (int)function,
             at - 8, place);
    }
    free(found);
    at += length + 2 * (size_t)outputs;
  }
  free(bytes);
  for (int set = 0; set < SETS; set++)
    if (calls[set]) printf("%s: %ld calls\n", names[set], calls[set]);
  if (at != size || !calls[PLUMB_PORTABLE]) {
    fprintf(stderr, "%s: cut off at byte %zu\n", arguments[1], at);
    return 2;
  }
  printf(wrong ? "%ld differ\n" : "every bit is the one expected\n", wrong);
  return wrong ? 1 : 0;
}
