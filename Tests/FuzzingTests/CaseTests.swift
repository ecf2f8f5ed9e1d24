import Foundation
import PlumbCases
import PlumbExact
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct CaseTests {
  private static let pairs = LayerKind.allCases.flatMap { layer in Strategy.allCases.map { (layer, $0) } }

  /// More cases where time allows: `PLUMB_FUZZ_EFFORT` multiplies them.
  static let effort = ProcessInfo.processInfo.environment["PLUMB_FUZZ_EFFORT"].flatMap { Int($0) } ?? 1

  @Test(arguments: pairs) func theEngineIsWithinOnEveryCase(layer: LayerKind, strategy: Strategy) throws {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 1)
    for number in 0..<6 * Self.effort {
      let input = generator.makeCase(number)
      let drift = Catalogue.judge(try CheckedCase(input))
      #expect(drift.verdict != .outside, "plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input).text)'")
    }
  }

  @Test(arguments: pairs) func aLineReadsBackAsItsCase(layer: LayerKind, strategy: Strategy) throws {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 2)
    for number in 0..<4 {
      let input = generator.makeCase(number)
      let again = try CaseLine.parse(CaseLine(input).text)
      #expect(CaseLine(again).text == CaseLine(input).text)
      #expect(again.tensors.keys.sorted() == input.tensors.keys.sorted())
      #expect(again.attributes == input.attributes)
    }
  }

  @Test func aCaseDependsOnItsNumberAlone() {
    let generator = CaseGenerator(layer: .linear, strategy: .random, seed: 3)
    #expect(generator.makeCase(7) == generator.makeCase(7))
    #expect(generator.makeCase(7) != generator.makeCase(8))
    #expect(generator.makeCase(7) != CaseGenerator(layer: .linear, strategy: .random, seed: 4).makeCase(7))
  }

  /// Inputs of small whole numbers over a common power of two: every product and sum is a Float32.
  @Test func anEngineThatRoundsNothingIsExactOnExactCases() throws {
    for layer in [LayerKind.residualAdd, .gate, .embedding] {
      let generator = CaseGenerator(layer: layer, strategy: .exact, seed: 5)
      for number in 0..<8 {
        let drift = Catalogue.judge(try CheckedCase(generator.makeCase(number)))
        #expect(drift.worstUlps == 0 && drift.margin == 0, "\(layer)")
      }
    }
  }

  @Test(arguments: LayerKind.allCases) func aWrongOutputIsOutside(layer: LayerKind) throws {
    let generator = CaseGenerator(layer: layer, strategy: .random, seed: 6)
    // A case with an output that is not all zeros, whose elements the mask does not exclude.
    for number in 0..<1000 {
      let input = try CheckedCase(generator.makeCase(number))
      var output = Catalogue.engine(input)
      guard Catalogue.judge(input).outsideDomain == 0 else { continue }
      // Sums that cancel wholly leave roundings, of either sign.
      let bounds =
        layer.rawValue.hasSuffix("-backward") ? try Catalogue.expectation(of: input, precision: 192)?.bounds : nil
      func isAboveBound(_ index: Int) -> Bool {
        guard let bounds, let size = Rational(exactly: output.elements[index].magnitude) else { return bounds == nil }
        return bounds[index].map { $0 < size } ?? false
      }
      let indices = output.elements.indices
      guard let index = indices.first(where: { output.elements[$0].isNormal && isAboveBound($0) }) else { continue }
      output.elements[index] = -output.elements[index]
      #expect(Catalogue.judge(input, output: output).verdict == .outside)
      return
    }
    Issue.record("no case of \(layer) has an output that can be turned over")
  }
}
