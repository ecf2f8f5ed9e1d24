import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Layers whose matrix products a unit computes.
@Suite struct UnitLayerTests {
  private static let promoted = "bf16,unit=h100-fp8-promote128,factors=e4m3"

  /// A product of E4M3 numbers, in Hopper's 14 bits: multiples of 2⁻¹⁸, which integers hold.
  private static func hopper(_ x: ArraySlice<Float>, _ weight: ArraySlice<Float>, promoting: Bool) -> Float {
    func cut(_ value: Int, toBits bits: Int) -> Int {
      let excess = max(0, Int.bitWidth - value.magnitude.leadingZeroBitCount - bits)
      return (value.magnitude >> excess) << excess == value.magnitude
        ? value : Int((value.magnitude >> excess) << excess) * value.signum()
    }
    let pairs = zip(x, weight).map { (Int($0 * 512), Int($1 * 512)) }
    var (sum, promoted) = (0, Float(0))
    for first in stride(from: 0, to: pairs.count, by: 32) {
      let block = pairs[first..<min(first + 32, pairs.count)].filter { $0.0 != 0 && $0.1 != 0 }
      // Exponents of factors in units of 2⁻⁹, of which the least normal number is 8.
      func exponent(_ value: Int) -> Int { max(Int.bitWidth - 1 - value.magnitude.leadingZeroBitCount, 3) }
      let greatest = max(
        block.map { exponent($0.0) + exponent($0.1) }.max() ?? 0,
        Int.bitWidth - 1 - max(1, sum).magnitude.leadingZeroBitCount,
        Int.bitWidth - 1 - sum.magnitude.leadingZeroBitCount)
      let step = max(0, greatest - 13)
      func cutToStep(_ value: Int) -> Int { Int((value.magnitude >> step) << step) * value.signum() }
      sum = cut(block.reduce(cutToStep(sum)) { $0 + cutToStep($1.0 * $1.1) }, toBits: 14)
      if promoting && first % 128 == 96 { (sum, promoted) = (0, promoted + Float(sum) * 0x1p-18) }
    }
    return promoted + Float(sum) * 0x1p-18
  }

  private static func input(_ columns: Int) throws -> CheckedCase {
    var generator = SplitMix64(seed: 7)
    func tensor(_ shape: [Int]) -> CaseTensor {
      .real(
        Activation(
          shape: shape,
          elements: (0..<shape.reduce(1, *)).map { _ in
            FloatFormat.e4m3.nearest(to: Float.random(in: 0.5...4, using: &generator))
          }))
    }
    return try CheckedCase(
      LayerCase(layer: .linear, tensors: ["x": tensor([3, columns]), "weight": tensor([5, columns])]))
  }

  @Test func aKernelWithoutPromotionIsOutsideOfOneWith() throws {
    for (columns, isOutside) in [(128, false), (4096, true)] {
      let input = try Self.input(columns)
      let (x, weight) = (try input.tensor("x"), try input.tensor("weight"))
      func output(promoting: Bool) -> Activation<Float> {
        Activation(
          shape: [3, 5],
          elements: (0..<15).map {
            FloatFormat.bfloat16.nearest(to: Self.hopper(x.row($0 / 5), weight.row($0 % 5), promoting: promoting))
          })
      }
      func verdict(_ output: Activation<Float>, _ text: String) throws -> Verdict {
        try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: text)).verdict
      }
      for order in ["any", "sequence"] {
        #expect(try verdict(output(promoting: true), Self.promoted + ",order=\(order)") == .within)
        #expect(try verdict(output(promoting: false), "bf16,unit=h100-fp8,factors=e4m3,order=\(order)") == .within)
      }
      let without = try verdict(output(promoting: false), Self.promoted + ",order=sequence")
      #expect(without == (isOutside ? .outside : .within))
      let blackwell = try verdict(output(promoting: false), "bf16,unit=b200,factors=e4m3")
      #expect(isOutside ? blackwell == .outside : true)
    }
  }

  /// Each product of a layer is the unit's, and nothing else is.
  @Test(arguments: [
    (LayerKind.linear, true), (.unembedding, true), (.attentionScores, true), (.attentionValues, true),
    (.attention, true), (.feedForward, true), (.gatedFeedForward, true), (.rmsNorm, false), (.softmax, false),
  ]) func productsAreTheUnits(layer: LayerKind, hasProducts: Bool) throws {
    let generator = CaseGenerator(layer: layer, strategy: .random, seed: 3)
    var differs = false
    for number in 0..<6 {
      let input = try CheckedCase(generator.makeCase(number).representable(in: .float16))
      func errors(_ text: String) throws -> [Double] {
        try Catalogue.tracked(input, in: ArithmeticModel(parsing: text)).elements.map(\.error)
      }
      if try errors("f16,unit=v100") != errors("f16") { differs = true }
    }
    #expect(differs == hasProducts)
  }

  @Test(arguments: [
    (LayerKind.cosineSimilarity, "bf16,unit=h100", "sum over norms"),
    (.attention, "bf16,unit=h100-fp8,factors=e4m3", "scaled cast"),
    (.gatedFeedForward, "bf16,unit=b200,factors=e5m2", "scaled cast"),
  ]) func whatAUnitDoesNotCoverIsNamed(layer: LayerKind, text: String, hint: String) throws {
    let model = try ArithmeticModel(parsing: text)
    #expect(try #require(Catalogue.missingPart(of: layer, in: model)).contains(hint))
    let input = try CheckedCase(CaseGenerator(layer: layer, strategy: .random, seed: 3).makeCase(0))
    let error = #expect(throws: ArithmeticError.self) { try Catalogue.tracked(input, in: model) }
    #expect(try #require(error).problem.contains(hint))
  }
}
