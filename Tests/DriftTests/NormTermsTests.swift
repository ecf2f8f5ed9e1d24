import PlumbExact
import PlumbLayers
import PlumbModel
import Testing

@testable import PlumbBounds

/// The terms of a normalisation's gradient add up to it.
@Suite struct NormTermsTests {
  private let context = BallContext(precision: 200)

  private func numbers(_ count: Int, _ seed: UInt64) -> Activation<ExactNumber> {
    var random = SplitMix64(seed: seed)
    let elements = (0..<count).map { _ in context.exact(Double(Int(random.next() % 2_001) - 1_000) / 256) }
    return Activation(shape: [count], elements: elements)
  }

  private func expect(_ terms: [Activation<ExactNumber>], addUpTo whole: Activation<ExactNumber>) throws {
    for index in whole.elements.indices {
      let sum = try terms.map { try $0.elements[index].enclosure() }.reduce(Ball.zero, +)
      let exact = try whole.elements[index].enclosure()
      // Both enclose one number, to far more bits than a wrong formula would share.
      #expect(sum.lower <= exact.upper && exact.lower <= sum.upper)
      #expect(sum.radius + exact.radius < Rational(1, over: Integer(2).power(150)))
    }
  }

  @Test func ofARootMeanSquareNorm() throws {
    let (x, gradient) = (numbers(21, 1).reshaped([3, 7]), numbers(21, 2).reshaped([3, 7]))
    let norm = RMSNorm(x, weight: numbers(7, 3), epsilon: 0x1p-10, addsOne: false, in: context)
    let backward = RMSNormBackward(norm, gradient: gradient)
    #expect(backward.terms().count == 2)
    try expect(backward.terms(), addUpTo: backward.forward())
  }

  @Test func ofALayerNorm() throws {
    let (x, gradient) = (numbers(21, 4).reshaped([3, 7]), numbers(21, 5).reshaped([3, 7]))
    let norm = LayerNorm(x, weight: numbers(7, 6), bias: nil, epsilon: 0x1p-10, in: context)
    let backward = LayerNormBackward(norm, gradient: gradient)
    #expect(backward.terms().count == 3)
    try expect(backward.terms(), addUpTo: backward.forward())
  }
}
