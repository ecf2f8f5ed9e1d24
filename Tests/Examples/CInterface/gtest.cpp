// c++ -std=c++17 gtest.cpp -I Sources/CPlumbline -L .build/release -lplumbline -lgtest -lgtest_main -o test
#include <cmath>
#include <gtest/gtest.h>
#include "plumbline.h"

TEST(Silu, IsWithin) {
  const int64_t shape[] = {2, 3};
  const float x[] = {0, 1, -2, 3.5f, -80, 1e-30f};
  float y[6];
  for (int i = 0; i < 6; i++) y[i] = x[i] / (1 + std::exp(-x[i])); // the kernel
  const plumbline_tensor input = {"x", x, shape, nullptr, 2, PLUMBLINE_F32}, output = {"y", y, shape, nullptr, 2, PLUMBLINE_F32};
  char *text = nullptr;
  EXPECT_EQ(plumbline_judge("silu", nullptr, &input, 1, &output, "f32", &text), PLUMBLINE_OK) << text;
  EXPECT_NE(std::string(text).find(R"("verdict" : "within")"), std::string::npos) << text;
  plumbline_free(text);
}
