#ifndef PLUMB_CSHIPPED_H
#define PLUMB_CSHIPPED_H

// The bytes of the model that ships, a GGUF file, which live as long as the program; aligned to 64.
const unsigned char *_Nonnull plumb_shipped_bytes(void);

// The number of these bytes.
long plumb_shipped_count(void);

#endif
