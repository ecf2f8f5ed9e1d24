import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbVerdicts

/// Large matrix products, whose bounds come from panels of sums, beside the formula term by term.
@Suite struct LargeProductTests {
  /// A product with more terms than the least.
  private func input(
    _ layer: LayerKind = .linear, bias: Bool = false, _ number: (inout SplitMix64) -> Float
  ) throws -> CheckedCase {
    var random = SplitMix64(seed: 11)
    func tensor(_ shape: [Int]) -> CaseTensor {
      .real(Activation(shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in number(&random) }))
    }
    var tensors = ["x": tensor([5, 257]), "weight": tensor([820, 257])]
    if bias { tensors["bias"] = tensor([820]) }
    return try CheckedCase(LayerCase(layer: layer, tensors: tensors))
  }

  /// The formula, term by term.
  private func plainly(_ input: CheckedCase, _ model: ArithmeticModel) throws -> Activation<Tracked> {
    try #require(Catalogue.forward(CaseInput(input, in: model)))
  }

  /// A Float32 of about 1, some of them 0.
  private static func dense(_ random: inout SplitMix64) -> Float {
    let number = Float.random(in: -2...2, using: &random)
    return number.magnitude < 0.125 ? 0 : number
  }

  @Test(arguments: [(ArithmeticModel.f32, false), (.f32, true), (.bf16, true)])
  func boundsAreTheFormulasOrALittleMore(_ model: ArithmeticModel, _ hasBias: Bool) throws {
    for layer in hasBias ? [LayerKind.linear] : [.unembedding] {
      let input = try input(layer, bias: hasBias) { model.storage.nearest(to: Self.dense(&$0)) }
      let large = try #require(Catalogue.largeProduct(input, in: model))
      let plain = try plainly(input, model)
      #expect(large.shape == plain.shape)
      let (x, weight) = (try input.tensor("x"), try input.tensor("weight"))
      // Float64 rounds a sum of n magnitudes up by less than n·2⁻⁵¹ of it, and each product of a pair that is not 0 counts in both.
      let rounding = Double(x.columns) * 0x1p-51
      for (index, (large, plain)) in zip(large.elements, plain.elements).enumerated() {
        let row = zip(x.row(index / weight.rows), weight.row(index % weight.rows))
        let products = row.map { Double($0) * Double($1) }
        // A weight of 0 counts in the large one, a bias in both.
        let counted = (row.count { $0.0 != 0 } + (hasBias ? 1 : 0), products.count { $0 != 0 })
        let greatest = plain.error * Double(counted.0) / Double(counted.1) * (1 + 4 * rounding)
        #expect(large.error >= plain.error * (1 - rounding) && large.error <= greatest)
        // Both enclose the exact number.
        #expect(max(large.lower, plain.lower) <= min(large.upper, plain.upper))
        #expect(large.upper - large.lower <= 4 * rounding * products.reduce(4) { $0 + $1.magnitude })
      }
    }
  }

  /// A large product whose sums cannot round is checked by equality, too.
  @Test func whatIsExactStaysExact() throws {
    let input = try input(bias: true) { Float(Int.random(in: -8...8, using: &$0)) }
    let large = try #require(Catalogue.largeProduct(input, in: .f32))
    #expect(large == (try plainly(input, .f32)) && large.elements.allSatisfy { $0.error == 0 })
  }

  @Test func whatThePanelsDoNotKnowIsTheFormulas() throws {
    let input = try input { Self.dense(&$0) }
    for model in [ArithmeticModel.tf32, ArithmeticModel(order: .lanes(8)), ArithmeticModel(flushesToZero: true), .bf16]
    {
      #expect(Catalogue.largeProduct(input, in: model) == nil)
    }
    let great = try self.input { Float.random(in: 1e30...3e38, using: &$0) }
    #expect(try #require(Catalogue.largeProduct(great, in: .f32)) == (try plainly(great, .f32)))
  }

  @Test func anOutputIsDecided() throws {
    let input = try input(bias: true) { Self.dense(&$0) }
    var output = Catalogue.engine(input)
    #expect(try Catalogue.judge(input, output: output, in: .f32).verdict == .within)
    output.elements[1234] += 0.1
    let drift = try Catalogue.judge(input, output: output, in: .f32)
    #expect(drift.verdict == .outside && drift.worst?.index == [1, 414])
  }
}
