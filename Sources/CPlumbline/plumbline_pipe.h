/* The other end of `plumb fuzz LAYER --engine COMMAND`, in C and C++: reads requests, writes replies.
 *
 *   plumbline_pipe_request request = {0};
 *   while (plumbline_pipe_read(stdin, &request)) {
 *     const plumbline_pipe_tensor *x = plumbline_pipe_find(&request, "x");
 *     ... compute x->count numbers y from x->numbers ...
 *     plumbline_pipe_write(stdout, "F32", y, x->rank, x->shape);
 *   }
 *
 * Nothing else is needed, no library either. What is no request ends the process with status 2 and one line on the standard error
 * stream. Only replies may be written to the standard output. Page YourKernel of the documentation has the protocol.
 */
#ifndef PLUMBLINE_PIPE_H
#define PLUMBLINE_PIPE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLUMBLINE_PIPE_RANK 8
#define PLUMBLINE_PIPE_TENSORS 16
#define PLUMBLINE_PIPE_TEXTS 32
/* A length is believed up to this: the greatest case has less. */
#define PLUMBLINE_PIPE_MOST ((uint64_t)1 << 36)

/* A tensor of a request, row-major. */
typedef struct {
  const char *name;
  /* Numbers, in Float32; NULL for whole numbers. */
  const float *numbers;
  /* Whole numbers, such as tokens; NULL for numbers. */
  const int64_t *integers;
  int rank;
  int64_t shape[PLUMBLINE_PIPE_RANK];
  int64_t count;
} plumbline_pipe_tensor;

/* A request, valid until the next is read into it. Zeros at first. */
typedef struct {
  plumbline_pipe_tensor tensors[PLUMBLINE_PIPE_TENSORS];
  int tensor_count;
  /* The metadata: layer, case, attribute.NAME. */
  struct {
    const char *key, *value;
  } texts[PLUMBLINE_PIPE_TEXTS];
  int text_count;
  /* The memory of all this. */
  char *bytes;
} plumbline_pipe_request;

static inline void plumbline_pipe_refuse(const char *problem) {
  fprintf(stderr, "plumbline_pipe: %s\n", problem);
  exit(2);
}

/* The JSON between `at` and `end`. */
typedef struct {
  char *at, *end;
} plumbline_pipe_json;

static inline void plumbline_pipe_skip(plumbline_pipe_json *json) {
  while (json->at < json->end && strchr(" \t\r\n", *json->at) && *json->at) json->at++;
}

/* Whether `symbol` comes next; goes behind it. */
static inline int plumbline_pipe_next(plumbline_pipe_json *json, char symbol) {
  plumbline_pipe_skip(json);
  if (json->at == json->end || *json->at != symbol) return 0;
  json->at++;
  return 1;
}

static inline void plumbline_pipe_expect(plumbline_pipe_json *json, char symbol) {
  if (!plumbline_pipe_next(json, symbol)) plumbline_pipe_refuse("the header is no JSON of a request");
}

/* The string that comes next, in place; what stands behind a backslash is taken as it is. */
static inline const char *plumbline_pipe_string(plumbline_pipe_json *json) {
  plumbline_pipe_expect(json, '"');
  char *text = json->at, *to = json->at;
  while (json->at < json->end && *json->at != '"') {
    if (*json->at == '\\' && json->at + 1 < json->end) json->at++;
    *to++ = *json->at++;
  }
  plumbline_pipe_expect(json, '"');
  *to = 0;
  return text;
}

/* The array of whole numbers that comes next; their number. */
static inline int plumbline_pipe_integers(plumbline_pipe_json *json, int64_t *numbers, int most) {
  int count = 0;
  plumbline_pipe_expect(json, '[');
  while (!plumbline_pipe_next(json, ']')) {
    if (count) plumbline_pipe_expect(json, ',');
    plumbline_pipe_skip(json);
    int64_t number = 0;
    char *start = json->at;
    for (; json->at < json->end && *json->at >= '0' && *json->at <= '9'; json->at++) {
      number = 10 * number + (*json->at - '0');
      if (number >= (int64_t)PLUMBLINE_PIPE_MOST) plumbline_pipe_refuse("the header has a number that is too large");
    }
    if (json->at == start || count == most) plumbline_pipe_refuse("the header has no such list of whole numbers");
    numbers[count++] = number;
  }
  return count;
}

static inline void plumbline_pipe_texts(plumbline_pipe_json *json, plumbline_pipe_request *request) {
  plumbline_pipe_expect(json, '{');
  for (int isFirst = 1; !plumbline_pipe_next(json, '}'); isFirst = 0) {
    if (!isFirst) plumbline_pipe_expect(json, ',');
    if (request->text_count == PLUMBLINE_PIPE_TEXTS) plumbline_pipe_refuse("there are too many metadata");
    request->texts[request->text_count].key = plumbline_pipe_string(json);
    plumbline_pipe_expect(json, ':');
    request->texts[request->text_count++].value = plumbline_pipe_string(json);
  }
}

/* The tensor that the entry `name` describes, whose elements lie in `size` bytes from `data` on. */
static inline void plumbline_pipe_entry(
    plumbline_pipe_json *json, plumbline_pipe_request *request, const char *name, const char *data, int64_t size) {
  if (request->tensor_count == PLUMBLINE_PIPE_TENSORS) plumbline_pipe_refuse("there are too many tensors");
  plumbline_pipe_tensor *tensor = &request->tensors[request->tensor_count++];
  memset(tensor, 0, sizeof *tensor);
  tensor->name = name;
  const char *type = "";
  int64_t offsets[2] = {0, 0};
  plumbline_pipe_expect(json, '{');
  for (int isFirst = 1; !plumbline_pipe_next(json, '}'); isFirst = 0) {
    if (!isFirst) plumbline_pipe_expect(json, ',');
    const char *key = plumbline_pipe_string(json);
    plumbline_pipe_expect(json, ':');
    if (!strcmp(key, "dtype")) type = plumbline_pipe_string(json);
    else if (!strcmp(key, "shape")) tensor->rank = plumbline_pipe_integers(json, tensor->shape, PLUMBLINE_PIPE_RANK);
    else if (!strcmp(key, "data_offsets")) plumbline_pipe_integers(json, offsets, 2);
    else plumbline_pipe_refuse("the header has an unknown key");
  }
  int isWhole = !strcmp(type, "I64");
  if (!isWhole && strcmp(type, "F32")) plumbline_pipe_refuse("a tensor is neither F32 nor I64");
  int64_t bytes = isWhole ? 8 : 4;
  tensor->count = 1;
  for (int axis = 0; axis < tensor->rank; axis++) {
    if (tensor->shape[axis] && tensor->count > size / tensor->shape[axis]) plumbline_pipe_refuse("a tensor is larger than its request");
    tensor->count *= tensor->shape[axis];
  }
  if (offsets[0] > offsets[1] || offsets[1] > size || tensor->count != (offsets[1] - offsets[0]) / bytes || offsets[0] % bytes)
    plumbline_pipe_refuse("a tensor lies outside its request");
  if (isWhole) tensor->integers = (const int64_t *)(const void *)(data + offsets[0]);
  else tensor->numbers = (const float *)(const void *)(data + offsets[0]);
}

/* Reads the next request; 0 at the end of the input. */
static inline int plumbline_pipe_read(FILE *input, plumbline_pipe_request *request) {
  uint64_t sizes[2];
  free(request->bytes);
  memset(request, 0, sizeof *request);
  size_t head = fread(sizes, 1, 8, input);
  if (head == 0) return 0;
  if (head != 8 || fread(sizes + 1, 1, 8, input) != 8) plumbline_pipe_refuse("the input ends within a request");
  if (sizes[0] < 8 || sizes[0] > PLUMBLINE_PIPE_MOST || sizes[1] > sizes[0] - 8) plumbline_pipe_refuse("a length is no length of a request");
  size_t count = (size_t)sizes[0] - 8, header = (size_t)sizes[1];
  /* Elements lie at multiples of 8 in the file behind its first 8 bytes, and so here. */
  request->bytes = (char *)malloc(count + 1);
  if (!request->bytes) plumbline_pipe_refuse("there is no memory for a request");
  if (fread(request->bytes, 1, count, input) != count) plumbline_pipe_refuse("the input ends within a request");
  plumbline_pipe_json json = {request->bytes, request->bytes + header};
  plumbline_pipe_expect(&json, '{');
  for (int isFirst = 1; !plumbline_pipe_next(&json, '}'); isFirst = 0) {
    if (!isFirst) plumbline_pipe_expect(&json, ',');
    const char *name = plumbline_pipe_string(&json);
    plumbline_pipe_expect(&json, ':');
    if (!strcmp(name, "__metadata__")) plumbline_pipe_texts(&json, request);
    else plumbline_pipe_entry(&json, request, name, request->bytes + header, (int64_t)(count - header));
  }
  return 1;
}

/* The tensor `name`; NULL where the request has none, as one that may be left out. */
static inline const plumbline_pipe_tensor *plumbline_pipe_find(const plumbline_pipe_request *request, const char *name) {
  for (int index = 0; index < request->tensor_count; index++)
    if (!strcmp(request->tensors[index].name, name)) return &request->tensors[index];
  return NULL;
}

/* The text of the key `key`, such as "layer" or "attribute.epsilon"; "" where there is none. */
static inline const char *plumbline_pipe_text(const plumbline_pipe_request *request, const char *key) {
  for (int index = 0; index < request->text_count; index++)
    if (!strcmp(request->texts[index].key, key)) return request->texts[index].value;
  return "";
}

/* The attribute `name` as a number, 1 for true; 0 where there is none. */
static inline double plumbline_pipe_number(const plumbline_pipe_request *request, const char *name) {
  for (int index = 0; index < request->text_count; index++)
    if (!strncmp(request->texts[index].key, "attribute.", 10) && !strcmp(request->texts[index].key + 10, name))
      return !strcmp(request->texts[index].value, "true") ? 1 : strtod(request->texts[index].value, NULL);
  return 0;
}

/* Writes the output `data`, row-major, of the type "F32", "BF16" or "F16". */
static inline void plumbline_pipe_write(FILE *output, const char *type, const void *data, int rank, const int64_t *shape) {
  char header[512];
  int64_t size = !strcmp(type, "F32") ? 4 : 2;
  for (int axis = 0; axis < rank; axis++) size *= shape[axis];
  int length = snprintf(header, sizeof header, "{\"output\":{\"dtype\":\"%s\",\"shape\":[", type);
  for (int axis = 0; axis < rank && length < 400; axis++)
    length += snprintf(header + length, sizeof header - (size_t)length, "%s%lld", axis ? "," : "", (long long)shape[axis]);
  length += snprintf(header + length, sizeof header - (size_t)length, "],\"data_offsets\":[0,%lld]}}", (long long)size);
  uint64_t sizes[2] = {8 + (uint64_t)length + (uint64_t)size, (uint64_t)length};
  if (fwrite(sizes, 8, 2, output) != 2 || fwrite(header, 1, (size_t)length, output) != (size_t)length ||
      fwrite(data, 1, (size_t)size, output) != (size_t)size || fflush(output))
    plumbline_pipe_refuse("a reply cannot be written");
}

#endif
