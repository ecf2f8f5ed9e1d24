#include "cexact.h"

void plumb_panel_pack_weights(
  const int64_t *numbers, size_t count, size_t slices, size_t groups, size_t row, uint8_t *weights) {
  const uint64_t offset = (uint64_t)1 << (8 * slices - 1);
  for (size_t group = 0; group < groups; group++) {
    uint64_t four[4];
    for (size_t element = 0; element < 4; element++) {
      const size_t index = 4 * group + element;
      four[element] = index < count ? (uint64_t)numbers[index] + offset : 0;
    }
    uint8_t *place = weights + 4 * (PLUMB_PANEL_ROWS * group + row);
    for (size_t slice = 0; slice < slices; slice++, place += 4 * PLUMB_PANEL_ROWS * groups)
      for (size_t element = 0; element < 4; element++) place[element] = (uint8_t)(four[element] >> (8 * slice));
  }
}

void plumb_panel_pack_digits(const uint8_t *bytes, size_t count, size_t index, size_t stride, int8_t *digits) {
  int8_t *place = digits + 4 * (index / 4) * stride + index % 4;
  // A byte less 128 is the byte with its highest bit turned over, read with a sign.
  for (size_t byte = 0; byte < count; byte++) place[4 * byte] = (int8_t)(bytes[byte] ^ 128);
}
