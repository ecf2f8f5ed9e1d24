import Kernels
import Plumbline
import Testing

@Test(arguments: try Catalogue.cases(of: .softmax, count: 100, seed: 1))
func softmaxIsWithinItsBounds(input: CheckedCase) throws {
  let x = try input.tensor("x")
  let output = Activation(shape: x.shape, elements: softmax(x.elements, columns: x.columns))
  #expect(try Catalogue.verdict(of: output, on: input, arithmetic: .f32) != .outside)
}
