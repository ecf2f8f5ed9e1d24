// nvcc -I Sources/CPlumbline engine.cu -o engine && plumb fuzz silu --engine ./engine
#include "plumbline_pipe.h"

__global__ void silu(const float *x, float *y, int64_t count) {
  const int64_t i = blockIdx.x * (int64_t)blockDim.x + threadIdx.x;
  if (i < count) y[i] = x[i] / (1 + expf(-x[i]));
}

int main() {
  plumbline_pipe_request request = {};
  while (plumbline_pipe_read(stdin, &request)) {
    const plumbline_pipe_tensor *x = plumbline_pipe_find(&request, "x");
    float *memory;
    if (cudaMallocManaged(&memory, 2 * x->count * sizeof(float) + 1)) return 3;
    memcpy(memory, x->numbers, x->count * sizeof(float));
    if (x->count) silu<<<(x->count + 255) / 256, 256>>>(memory, memory + x->count, x->count);
    if (cudaDeviceSynchronize()) return 3;
    plumbline_pipe_write(stdout, "F32", memory + x->count, x->rank, x->shape);
    cudaFree(memory);
  }
}
