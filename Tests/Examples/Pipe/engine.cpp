// c++ -std=c++17 -O2 -I Sources/CPlumbline engine.cpp -o engine && plumb fuzz softmax --engine ./engine
#include <algorithm>
#include <cmath>
#include <vector>
#include "plumbline_pipe.h"

int main() {
  plumbline_pipe_request request = {};
  while (plumbline_pipe_read(stdin, &request)) {
    const plumbline_pipe_tensor *x = plumbline_pipe_find(&request, "x");
    const int64_t rows = x->shape[0], columns = x->shape[1];
    std::vector<float> y(x->count);
    for (int64_t row = 0; row < rows; row++) {
      const float *from = x->numbers + row * columns;
      float *to = y.data() + row * columns, sum = 0;
      const float greatest = *std::max_element(from, from + columns);
      for (int64_t i = 0; i < columns; i++) sum += to[i] = std::exp(from[i] - greatest);
      for (int64_t i = 0; i < columns; i++) to[i] /= sum;
    }
    plumbline_pipe_write(stdout, "F32", y.data(), x->rank, x->shape);
  }
}
