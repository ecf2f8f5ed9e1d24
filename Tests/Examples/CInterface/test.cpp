// c++ -std=c++17 test.cpp -I Sources/CPlumbline -L .build/release -lplumbline -o test && LD_LIBRARY_PATH=.build/release ./test
#undef NDEBUG
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include "plumbline.h"

// The kernel that is tested, and one with a bug.
static void silu(const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = x[i] / (1 + std::exp(-x[i]));
}
static void faulty(const float *x, float *y, int64_t count) {
  for (int64_t i = 0; i < count; i++) y[i] = i == 4 ? x[i] : x[i] / (1 + std::exp(-x[i]));
}

static std::string judged(const float *x, const float *y, int64_t rows, int64_t columns) {
  const int64_t shape[] = {rows, columns};
  const plumbline_tensor input = {"x", x, shape, nullptr, 2, PLUMBLINE_F32}, output = {"y", y, shape, nullptr, 2, PLUMBLINE_F32};
  char *text = nullptr;
  const int status = plumbline_judge("silu", nullptr, &input, 1, &output, "f32", &text);
  const std::string report = text ? text : "";
  plumbline_free(text);
  assert(status == PLUMBLINE_OK || !std::fprintf(stderr, "%s\n", report.c_str()));
  return report;
}

// A case of a run; `context` is the kernel.
static int called(void *context, const plumbline_case *input, float *output, char *) {
  const plumbline_tensor &x = input->tensors[0];
  (*static_cast<decltype(&silu) *>(context))(static_cast<const float *>(x.data), output, x.shape[0] * x.shape[1]);
  return PLUMBLINE_COMPUTED;
}

static std::string fuzzed(decltype(&silu) kernel) {
  char *text = nullptr;
  assert(plumbline_fuzz("silu", R"({"cases": 200})", called, &kernel, &text) == PLUMBLINE_OK);
  const std::string report = text;
  plumbline_free(text);
  return report;
}

static bool contains(const std::string &text, const char *words) { return text.find(words) != std::string::npos; }

int main() {
  const float x[] = {0, 1, -2, 3.5f, -80, 1e-30f};
  float y[6];
  silu(x, y, 6);
  assert(contains(judged(x, y, 2, 3), R"("verdict" : "within")"));
  faulty(x, y, 6);
  assert(contains(judged(x, y, 2, 3), R"("verdict" : "outside")"));
  assert(contains(fuzzed(silu), R"("failed" : 0)"));
  assert(contains(fuzzed(faulty), "element [0, 4] is wrong"));
  char *text = nullptr;
  assert(plumbline_judge("silu", nullptr, nullptr, 0, nullptr, nullptr, &text) == PLUMBLINE_BAD_ARGUMENT && text);
  plumbline_free(text);
  std::puts("within, and the bug is found");
}
