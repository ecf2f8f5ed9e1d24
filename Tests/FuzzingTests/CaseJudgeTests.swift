import PlumbCases
import PlumbExact
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbBounds
@testable import PlumbVerdicts

/// Outputs so large that the filter decides them and the exact path looks at a few elements, beside the exact path alone.
@Suite struct CaseJudgeTests {
  /// Layers of which parts of a case can be computed, with extents that make outputs of 1,100 elements and more.
  private static let shapes: [(LayerKind, [String: Int])] = [
    (.silu, ["rows": 30, "columns": 40]), (.gate, ["rows": 30, "columns": 40]),
    (.residualAdd, ["rows": 30, "columns": 40]), (.relu, ["rows": 30, "columns": 40]),
    (.softmax, ["rows": 30, "columns": 40]), (.logSoftmax, ["rows": 30, "columns": 40]),
    (.rmsNorm, ["tokens": 30, "hidden": 40]), (.layerNorm, ["tokens": 30, "hidden": 40]),
    (.linear, ["tokens": 30, "outputs": 40, "inputs": 17]),
    (.unembedding, ["tokens": 30, "vocabulary": 40, "hidden": 17]),
    (.embedding, ["tokens": 30, "hidden": 40]), (.cosineSimilarity, ["tokens": 30, "others": 40, "hidden": 9]),
  ]
  private static let arguments = shapes.flatMap { shape in
    ["engine", "f32", "bf16"].map { (shape.0, shape.1, $0) }
  }

  private func outputs(_ input: CheckedCase) -> [Activation<Float>] {
    let engine = Catalogue.engine(input)
    var wrong = engine
    for index in [7, engine.elements.count - 3] { wrong.elements[index] = wrong.elements[index] * 1.25 + 1 }
    return [engine, wrong, engine.map(\.nextUp), engine.map { FloatFormat.bfloat16.nearest(to: $0) }]
  }

  /// A case of ordinary numbers, no two of which are alike.
  private func ordinary(_ layer: LayerKind, _ shape: [String: Int]) -> LayerCase {
    var source = SeededSource(seed: 73, stream: layer.rawValue, index: 0)
    var result = CaseGenerator(layer: layer, strategy: .random, seed: 73, shape: shape).makeCase(0)
    for name in ["softCap", "alibi"] where result.attributes[name] != nil { result.attributes[name] = .real(0) }
    result.tensors = result.tensors.mapValues { tensor in
      guard case .real(let activation) = tensor else { return tensor }
      return .real(activation.map { _ in Float.random(in: -4...4, using: &source) })
    }
    return result
  }

  /// Verdict, worst element, histograms and every figure are those of the exact path, and of ordinary numbers that path looks at
  /// few.
  @Test(arguments: arguments) func theDriftIsTheExactPaths(layer: LayerKind, shape: [String: Int], name: String) throws
  {
    let arithmetic = try Arithmetic(parsing: name)
    let strategies = CaseTests.effort > 1 ? [Strategy.random, .exact, .recorded] : [.random]
    let drawn = strategies.map { strategy in
      CaseGenerator(layer: layer, strategy: strategy, seed: 71, shape: shape).makeCase(0)
    }
    for (number, source) in ([ordinary(layer, shape)] + drawn).enumerated() {
      let input = try CheckedCase(arithmetic.prepared(source))
      try #require(input.outputCount >= 1024)
      var judge = try CaseJudge(input, in: arithmetic)
      for output in outputs(input) {
        let (drift, resolved) = judge.decide(output)
        if number == 0 { #expect(try #require(resolved).count <= 64) }
        #expect("\(drift)" == "\(judge.decideExactly(output))", "case \(number)")
      }
    }
  }

  /// The elements of an answer: the Float32 nearest to the exact value, an enclosure, a bound, a margin.
  @Test(arguments: arguments) func theAnswerEnclosesTheExactPaths(
    layer: LayerKind, shape: [String: Int], name: String
  ) throws {
    let arithmetic = try Arithmetic(parsing: name)
    let input = try CheckedCase(arithmetic.prepared(ordinary(layer, shape)))
    for output in outputs(input).prefix(2) {
      var judge = try CaseJudge(input, in: arithmetic)
      let elements = try #require(judge.answer(output).elements)
      let exact = try #require(try judge.decided { $0.answer(precision: $1) })
      let wrong = elements.indices.filter { index in
        guard let element = elements[index], let truth = exact.elements[index] else { return true }
        let bound = truth.bound?.doubleRoundedUp ?? .infinity
        let margin = LocalComparison.judge(output.elements[index], truth.exact, truth.bound).margin
        return element.expected.bitPattern != truth.nearest.bitPattern
          || Rational(exactly: element.lower).map { $0 > truth.exact.midpoint } ?? true
          || Rational(exactly: element.upper).map { $0 < truth.exact.midpoint } ?? true
          // `NearBound` adds less than 2⁻²⁹ to a bound, and enclosures of 96 bits less than 2⁻⁶⁰ to a quotient by one.
          || element.bound < bound || element.bound > bound * (1 + 0x1p-29)
          || element.margin < margin - 0x1p-60 || (element.margin > 1) != (margin > 1)
      }
      #expect(wrong.isEmpty)
    }
  }
}
