/* Plumbline from C: outputs of a layer held to proved bounds.
 *
 * Link libplumbline. Every function that returns an int returns a plumbline_status and, where it takes `text`, gives a text:
 * the answer as JSON (page JSON of the documentation) or, where the status is not PLUMBLINE_OK, one line that says what is
 * wrong, where, and what to do. `text` may be NULL. Texts, cases and values are freed by plumbline_free.
 *
 * Functions check their arguments before they compute, keep nothing between calls and may be called from several threads at
 * once. Memory that tensors point to must stay readable and unchanged during the call; whether it is as long as their shapes
 * and strides say, nobody but the caller can know.
 */
#ifndef PLUMBLINE_H
#define PLUMBLINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The outcome of a call. */
typedef enum {
  /* There is an answer. Of plumbline_judge and plumbline_fuzz it may be that something is outside: the text says so. */
  PLUMBLINE_OK = 0,
  /* An argument is wrong: a null pointer, an unknown name, a shape that does not fit, JSON that is none. */
  PLUMBLINE_BAD_ARGUMENT = 1,
  /* Nothing is proved of the layer, or of one of its attributes, in the arithmetic. */
  PLUMBLINE_NOT_PROVED = 2,
  /* A kernel returned PLUMBLINE_STOP. */
  PLUMBLINE_STOPPED = 3,
  /* No answer, by a fault of Plumbline or of the machine. */
  PLUMBLINE_FAULT = 4
} plumbline_status;

/* The type of a tensor's elements, in the byte order of the machine. */
typedef enum {
  PLUMBLINE_F32 = 0,
  /* Each element must be a Float32: exact values are those of Float32 tensors. */
  PLUMBLINE_F64 = 1,
  PLUMBLINE_F16 = 2,
  PLUMBLINE_BF16 = 3,
  PLUMBLINE_I32 = 4,
  PLUMBLINE_I64 = 5
} plumbline_type;

/* A tensor in memory. */
typedef struct {
  /* Its name in the layer, such as "x"; not looked at for an output. */
  const char *name;
  /* The element whose indices are all 0; it need not be aligned. NULL only where there are no elements. */
  const void *data;
  /* The extents, outermost first. NULL only where `rank` is 0. */
  const int64_t *shape;
  /* The distances from an element to the next along each axis, in elements; NULL for row-major without gaps. */
  const int64_t *strides;
  int32_t rank;
  /* A plumbline_type. */
  int32_t type;
} plumbline_tensor;

/* An attribute of a layer. */
typedef struct {
  const char *name;
  /* The value as text: true, 3, 1e-05, silu. */
  const char *text;
  /* The value as a number, 1 for true and 0 for false; NaN for a word. */
  double number;
} plumbline_attribute;

/* One input of a layer: all that determines its output. */
typedef struct {
  const char *layer;
  /* Float32 and 64-bit integers, row-major. */
  const plumbline_tensor *tensors;
  size_t tensor_count;
  /* All attributes of the layer, those with their default value too. */
  const plumbline_attribute *attributes;
  size_t attribute_count;
  /* The extents of the output, outermost first. */
  const int64_t *output_shape;
  int32_t output_rank;
  /* The number of the case in its run; -1 where it has none, as while a failure is made smaller. */
  int64_t number;
  /* The case as one line, which plumbline_read and `plumb fuzz --replay` take; NULL in a case that a kernel is given. */
  const char *line;
} plumbline_case;

/* The exact output of a layer, row-major. */
typedef struct {
  const int64_t *shape;
  int32_t rank;
  int64_t count;
  /* The exact values, correctly rounded; NaN where an element has none. */
  const float *expected;
  /* Enclosures of the exact values; infinite where there is none. */
  const double *lower, *upper;
  /* The bounds, rounded up; infinite where nothing is claimed. */
  const double *bound;
} plumbline_values;

/* The layers that there are, with their tensors, attributes and formulas. */
int plumbline_layers(char **text);

/* The same of one layer, or of a formula of one's own: wherever a function takes `layer`, the text of a formula may stand in place
 * of a name, such as "x[rows,hidden], r[rows,hidden], w[hidden]: rms_norm(x + r, w, epsilon=1e-6)"; page HowTo-Formula of the
 * documentation says what it may hold. */
int plumbline_layer(const char *layer, char **text);

/* The verdict on `output`, which a kernel computed in `arithmetic` from `inputs`.
 *
 * `attributes` is a JSON object such as {"epsilon": 1e-6}; NULL for the defaults. `arithmetic` is what `plumb fuzz
 * --arithmetic` takes, such as "bf16" or "f32,order=16-lanes"; NULL for "f32". The text has the verdict, the greatest margin, and
 * the worst element with its index, its exact value and its bound. The status is PLUMBLINE_OK whatever the verdict is: a test passes
 * where the text contains "\"verdict\" : \"within\"", as written here, and frees it. */
int plumbline_judge(
    const char *layer, const char *attributes, const plumbline_tensor *inputs, size_t input_count,
    const plumbline_tensor *output, const char *arithmetic, char **text);

/* The exact values of a layer on `inputs`, and the bounds of a kernel in `arithmetic`; the other arguments are those of
 * plumbline_judge. */
int plumbline_exact(
    const char *layer, const char *attributes, const plumbline_tensor *inputs, size_t input_count,
    const char *arithmetic, plumbline_values **values, char **text);

/* The case `number`, from 0, of those that `options` describe: the same on every machine.
 *
 * `options` is a JSON object, or NULL, of which every key may be missing:
 *   seed          where random choices start (0)
 *   strategy      random, edge, exact, ill-conditioned, recorded, or all in turn ("all")
 *   shape         extents that every case has, such as {"columns": 64}
 *   attributes    attributes that every case has, such as {"scheme": "q8_0"}
 *   arithmetic    tensors are rounded to the format that it stores ("f32")
 * and, for plumbline_fuzz and plumbline_shrink:
 *   cases         how many (1000)
 *   objective     what a search climbs, margin or ulps ("margin")
 *   shrinkingTime the most seconds to make failures smaller (30)
 *   shard         the part of the run that is decided, such as {"index": 0, "count": 4} (all)
 * "all" has a search as its last turn there, and the strategy may be "search". */
int plumbline_draw(const char *layer, const char *options, int64_t number, plumbline_case **drawn, char **text);

/* The case of a line. */
int plumbline_read(const char *line, plumbline_case **read, char **text);

/* The room for what a kernel says of itself, its final 0 included. */
#define PLUMBLINE_PROBLEM_SIZE 512
/* What a kernel returns. */
#define PLUMBLINE_COMPUTED 0
/* There is no output: `problem` says why, as in "crash: out of memory" or "wrong shape: 3 elements". */
#define PLUMBLINE_FAILED 1
/* Nothing more is to be computed. */
#define PLUMBLINE_STOP 2

/* A kernel that is tested: computes `input` into `output`, which has room for the layer's output, row-major, and holds NaN.
 *
 * It is called by the thread that called Plumbline, one case at a time; `input` is valid until it returns. */
typedef int (*plumbline_kernel)(void *context, const plumbline_case *input, float *output, char *problem);

/* Decides many cases of `layer`, as `plumb fuzz` does, and makes those that fail smaller. The text is the report of the run:
 * how many were outside, and for each kept failure a sentence and the line of its smallest case. */
int plumbline_fuzz(const char *layer, const char *options, plumbline_kernel kernel, void *context, char **text);

/* The reports of all shards of one run of plumbline_fuzz or of plumbline_exhaust, a JSON array, joined: the report that one run of
 * all gives. */
int plumbline_merge(const char *reports, char **text);

/* The smallest case found that fails as the case of `line` does. The text has the verdict on it, and its line; where the
 * case of `line` does not fail, that case's. */
int plumbline_shrink(const char *line, const char *options, plumbline_kernel kernel, void *context, char **text);

/* Hears, in a line for people, how far the work is, and returns PLUMBLINE_COMPUTED, or PLUMBLINE_STOP to end it.
 *
 * It is called by threads of Plumbline's, one call at a time; `line` is valid until it returns. */
typedef int (*plumbline_listener)(void *context, const char *line);

/* The grade of a dump of an engine's activations, as `plumb grade` gives it: which were computed right from their own inputs, and
 * where it first went wrong.
 *
 * `model` is a GGUF file or a folder of Hugging Face's, or "shipped" or "seeded"; `dump` is a safetensors file. `options` is a
 * JSON object, of which only `tokens` must be there:
 *   tokens        the tokens of the pass, such as [1, 2, 3]
 *   arithmetic    what the engine may do (what the dump is stored in)
 *   names         whose names the tensors have: hf, llama.cpp, plumb, or a JSON file (whichever fit)
 *   localOnly     leave out the exact pass from the tokens (false)
 *   diagnose      look for the bug that explains a failure (true)
 *   page          give the report as a page of HTML, too (false)
 * The text is the report of `plumb grade --json`, what that prints without --json as `text`, and the page as `page`. `progress` may
 * be NULL. */
int plumbline_grade(
    const char *model, const char *dump, const char *options, plumbline_listener progress, void *context, char **text);

/* The exact next-token distribution after a prompt, as `plumb certify` gives it.
 *
 * `model` is that of plumbline_grade. `options` is a JSON object that has `tokens` or `prompt`:
 *   tokens        the tokens of the prompt, such as [1, 2, 3]
 *   prompt        its text
 *   digits        enclosures are narrower than 10 to the power of minus this (20)
 *   topK          the number of tokens of the top-k set (40)
 *   topP          the probability that the top-p set reaches (0.95)
 * The text is the report of `plumb certify --json`, with what that prints without --json as `text`. `progress` may be NULL. */
int plumbline_certify(
    const char *model, const char *options, plumbline_listener progress, void *context, char **text);

/* All Float32s through an elementary function of Plumbline's engine, as `plumb exhaust` walks.
 *
 * `options` is a JSON object, or NULL, of which every key may be missing:
 *   isa           the instruction set (PLUMB_ISA, or the fastest)
 *   range         only these numbers, such as "-1.5...2" (all)
 *   shard         the part that is walked through, such as {"index": 0, "count": 4} (all)
 * The text is the report of `plumb exhaust --json` on the function. `progress` may be NULL. */
int plumbline_exhaust(
    const char *function, const char *options, plumbline_listener progress, void *context, char **text);

/* Frees what a function gave; NULL is allowed. */
void plumbline_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
