// Echoes the tensor that its first word names, as the type of the second, when it has the attribute of the third: what a request
// does not have, and what no output can be, must end with a message and status 2.
#include "plumbline_pipe.h"

int main(int count, char **words) {
  plumbline_pipe_request request = {0};
  if (count < 3) return 1;
  while (plumbline_pipe_read(stdin, &request)) {
    const plumbline_pipe_tensor *x = plumbline_pipe_find(&request, words[1]);
    if (plumbline_pipe_find_optional(&request, "nosuch")) return 1;
    if (count > 3) plumbline_pipe_number(&request, words[3]);
    plumbline_pipe_write(stdout, words[2], x->numbers, x->rank, x->shape);
  }
  return 0;
}
