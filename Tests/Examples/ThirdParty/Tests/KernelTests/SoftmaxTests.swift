import Kernels
import Plumbline
import Testing

@Test func softmaxIsWithinItsBounds() throws {
  try Catalogue.requireWithin(.softmax, cases: 100, arithmetic: .f32) { input in
    let x = try input.tensor("x")
    return Activation(shape: x.shape, elements: softmax(x.elements, columns: x.columns))
  }
}
