/* The other end of `plumb fuzz LAYER --engine COMMAND`, in C and C++: reads requests, writes replies.
 *
 *   plumbline_pipe_request request = {0};
 *   while (plumbline_pipe_read(stdin, &request)) {
 *     const plumbline_pipe_tensor *x = plumbline_pipe_find(&request, "x");
 *     ... compute x->count numbers y from x->numbers ...
 *     plumbline_pipe_write(stdout, "F32", y, x->rank, x->shape);
 *   }
 *
 * The cases that `plumb cases LAYER FOLDER` wrote are read, and answered for `plumb judge FOLDER`, by
 *
 *   for (int64_t number = 0; plumbline_pipe_read_case(folder, number, &request); number++) {
 *     ... as above ...
 *     plumbline_pipe_write_output(folder, number, "F32", y, x->rank, x->shape);
 *   }
 *
 * Nothing else is needed, no library either. What is no request, and a name that a request does not have, ends the process with
 * status 2 and one line on the standard error stream. Only replies may be written to the standard output. Page YourKernel of the
 * documentation has the protocol.
 */
#ifndef PLUMBLINE_PIPE_H
#define PLUMBLINE_PIPE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef _WIN32
#include <direct.h>
#else
#include <sys/stat.h>
#endif

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

/* Begins a line that ends in a list of names, which `plumbline_pipe_name` and `plumbline_pipe_end` go on with. */
static inline void plumbline_pipe_miss(const char *kind, const char *name) {
  fprintf(stderr, "plumbline_pipe: the request has no %s '%s'; it has", kind, name);
}

static inline void plumbline_pipe_name(int *count, const char *name) {
  fprintf(stderr, "%s %s", (*count)++ ? "," : "", name);
}

static inline void plumbline_pipe_end(int count, const char *advice) {
  fprintf(stderr, "%s%s\n", count ? "" : " none", advice);
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

/* Reads what follows the 8 bytes of a request's header, whose length is `header`: `count` bytes, the header and the elements. */
static inline void plumbline_pipe_body(FILE *input, plumbline_pipe_request *request, uint64_t count, uint64_t header) {
  /* Elements lie at multiples of 8 in the file behind its first 8 bytes, and so here. */
  request->bytes = (char *)malloc((size_t)count + 1);
  if (!request->bytes) plumbline_pipe_refuse("there is no memory for a request");
  if (fread(request->bytes, 1, (size_t)count, input) != (size_t)count) plumbline_pipe_refuse("the input ends within a request");
  plumbline_pipe_json json = {request->bytes, request->bytes + header};
  plumbline_pipe_expect(&json, '{');
  for (int isFirst = 1; !plumbline_pipe_next(&json, '}'); isFirst = 0) {
    if (!isFirst) plumbline_pipe_expect(&json, ',');
    const char *name = plumbline_pipe_string(&json);
    plumbline_pipe_expect(&json, ':');
    if (!strcmp(name, "__metadata__")) plumbline_pipe_texts(&json, request);
    else plumbline_pipe_entry(&json, request, name, request->bytes + header, (int64_t)(count - header));
  }
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
  plumbline_pipe_body(input, request, sizes[0] - 8, sizes[1]);
  return 1;
}

/* The path of the case `number`, or of its output, in a folder of `plumb cases`; the caller frees it. */
static inline char *plumbline_pipe_path(const char *folder, const char *part, int64_t number) {
  size_t size = strlen(folder) + strlen(part) + 48;
  char *path = (char *)malloc(size);
  if (!path) plumbline_pipe_refuse("there is no memory for a path");
  snprintf(path, size, "%s/%s/%06lld.safetensors", folder, part, (long long)number);
  return path;
}

static inline void plumbline_pipe_refuse_file(const char *path, const char *problem) {
  fprintf(stderr, "plumbline_pipe: %s %s\n", path, problem);
  exit(2);
}

/* Reads the case `number`, from 0, of a folder that `plumb cases` wrote; 0 behind the last one. */
static inline int plumbline_pipe_read_case(const char *folder, int64_t number, plumbline_pipe_request *request) {
  char *path = plumbline_pipe_path(folder, "cases", number);
  free(request->bytes);
  memset(request, 0, sizeof *request);
  FILE *file = fopen(path, "rb");
  if (!file && number > 0) {
    free(path);
    return 0;
  }
  if (!file) plumbline_pipe_refuse_file(path, "cannot be read: 'plumb cases LAYER FOLDER' writes such a folder");
  uint64_t header = 0;
  long size = -1;
  if (fread(&header, 1, 8, file) != 8 || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 8 || fseek(file, 8, SEEK_SET) ||
      header > (uint64_t)size - 8)
    plumbline_pipe_refuse_file(path, "is no file of a case");
  plumbline_pipe_body(file, request, (uint64_t)size - 8, header);
  fclose(file);
  free(path);
  return 1;
}

/* The tensor `name`, one that the layer may go without; NULL where the request has none. */
static inline const plumbline_pipe_tensor *plumbline_pipe_find_optional(const plumbline_pipe_request *request, const char *name) {
  for (int index = 0; index < request->tensor_count; index++)
    if (!strcmp(request->tensors[index].name, name)) return &request->tensors[index];
  return NULL;
}

/* The tensor `name`, never NULL: a request without it ends the process, and the line says which tensors it has. */
static inline const plumbline_pipe_tensor *plumbline_pipe_find(const plumbline_pipe_request *request, const char *name) {
  const plumbline_pipe_tensor *tensor = plumbline_pipe_find_optional(request, name);
  if (tensor) return tensor;
  int count = 0;
  plumbline_pipe_miss("tensor", name);
  for (int index = 0; index < request->tensor_count; index++) plumbline_pipe_name(&count, request->tensors[index].name);
  plumbline_pipe_end(count, "; plumbline_pipe_find_optional gives NULL for one that may be left out");
  return NULL;
}

/* The text of the key `key`, such as "layer" or "attribute.epsilon"; "" where there is none. */
static inline const char *plumbline_pipe_text(const plumbline_pipe_request *request, const char *key) {
  for (int index = 0; index < request->text_count; index++)
    if (!strcmp(request->texts[index].key, key)) return request->texts[index].value;
  return "";
}

/* The attribute `name` as a number, 1 for true. A request has every attribute of its layer: one that it does not have ends the
 * process, and the line says which it has. */
static inline double plumbline_pipe_number(const plumbline_pipe_request *request, const char *name) {
  for (int index = 0; index < request->text_count; index++)
    if (!strncmp(request->texts[index].key, "attribute.", 10) && !strcmp(request->texts[index].key + 10, name))
      return !strcmp(request->texts[index].value, "true") ? 1 : strtod(request->texts[index].value, NULL);
  int count = 0;
  plumbline_pipe_miss("attribute", name);
  for (int index = 0; index < request->text_count; index++)
    if (!strncmp(request->texts[index].key, "attribute.", 10)) plumbline_pipe_name(&count, request->texts[index].key + 10);
  plumbline_pipe_end(count, "");
  return 0;
}

/* Writes a file of safetensors with the output alone, behind its length where `isFramed`; 0 where it cannot be written. */
static inline int plumbline_pipe_put(
    FILE *output, int isFramed, const char *type, const void *data, int rank, const int64_t *shape) {
  char header[512];
  int isSingle = !strcmp(type, "F32");
  if (!isSingle && strcmp(type, "BF16") && strcmp(type, "F16")) {
    fprintf(stderr, "plumbline_pipe: an output has the type '%s', expected F32, BF16 or F16\n", type);
    exit(2);
  }
  if (rank < 0 || rank > PLUMBLINE_PIPE_RANK) plumbline_pipe_refuse("an output has no such number of axes");
  int64_t size = isSingle ? 4 : 2;
  for (int axis = 0; axis < rank; axis++) {
    if (shape[axis] < 0 || (shape[axis] && size > (int64_t)PLUMBLINE_PIPE_MOST / shape[axis]))
      plumbline_pipe_refuse("an output has an extent that is negative or too large");
    size *= shape[axis];
  }
  int length = snprintf(header, sizeof header, "{\"output\":{\"dtype\":\"%s\",\"shape\":[", type);
  for (int axis = 0; axis < rank && length < 400; axis++)
    length += snprintf(header + length, sizeof header - (size_t)length, "%s%lld", axis ? "," : "", (long long)shape[axis]);
  length += snprintf(header + length, sizeof header - (size_t)length, "],\"data_offsets\":[0,%lld]}}", (long long)size);
  /* Elements begin at a multiple of 8, as readers of such files like it. */
  while (length % 8) header[length++] = ' ';
  uint64_t sizes[2] = {8 + (uint64_t)length + (uint64_t)size, (uint64_t)length};
  return fwrite(sizes + !isFramed, 8, 1 + (size_t)!!isFramed, output) == 1 + (size_t)!!isFramed &&
         fwrite(header, 1, (size_t)length, output) == (size_t)length && fwrite(data, 1, (size_t)size, output) == (size_t)size &&
         !fflush(output);
}

/* Writes the output `data`, row-major, of the type "F32", "BF16" or "F16". */
static inline void plumbline_pipe_write(FILE *output, const char *type, const void *data, int rank, const int64_t *shape) {
  if (!plumbline_pipe_put(output, 1, type, data, rank, shape)) plumbline_pipe_refuse("a reply cannot be written");
}

/* Writes the output of the case `number` of a folder of `plumb cases`, for `plumb judge`; `data` is as above. */
static inline void plumbline_pipe_write_output(
    const char *folder, int64_t number, const char *type, const void *data, int rank, const int64_t *shape) {
  char *path = plumbline_pipe_path(folder, "outputs", number), *end = strrchr(path, '/');
  *end = 0;
  /* The folder may be there already; where it cannot be made, no file can. */
#ifdef _WIN32
  (void)_mkdir(path);
#else
  (void)mkdir(path, 0777);
#endif
  *end = '/';
  FILE *file = fopen(path, "wb");
  int isWritten = file && plumbline_pipe_put(file, 0, type, data, rank, shape);
  if (file && fclose(file)) isWritten = 0;
  if (!isWritten) plumbline_pipe_refuse_file(path, "cannot be written");
  free(path);
}

#endif
