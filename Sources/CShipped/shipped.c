// The model that ships, within the program. In C because a Swift literal of as many bytes takes minutes to compile.

#include "cshipped.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const _Alignas(64) unsigned char bytes[] = {
#embed "plumb-tiny.gguf"
};

const unsigned char *plumb_shipped_bytes(void) { return bytes; }

long plumb_shipped_count(void) { return (long)sizeof(bytes); }
