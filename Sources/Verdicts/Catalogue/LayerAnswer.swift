import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbTolerance

/// One case with everything that can be said about it: the engine's output, the exact one, bounds and margins.
package struct LayerAnswer: Sendable {
  /// The case.
  package let input: LayerCase
  /// The engine's output.
  package let engine: Activation<Float>
  /// The exact values, correctly rounded; NaN where an element holds no value.
  package let expected: [Float]
  /// At most the exact values; −∞ where an element holds no value.
  package let lower: [Double]
  /// At least the exact values; ∞ where an element holds no value.
  package let upper: [Double]
  /// The bounds, rounded up; ∞ where nothing is claimed.
  package let bound: [Double]
  /// Distance ÷ bound, rounded up; 0 where nothing is claimed.
  package let margin: [Double]
  /// The whole against its bounds.
  package let drift: LocalDrift
  /// The arithmetic that the bounds assume.
  package let arithmetic: Arithmetic
  /// Sentences that say which inputs are not finite, one for each tensor that has such numbers.
  package let nonFiniteInputs: [String]

  /// Computes both sides of `input`, and the bounds of `arithmetic`.
  ///
  /// *Edge cases*: nothing is claimed of what is computed from numbers that are not finite: of those rows, where a layer
  /// computes each row of its output from its own, otherwise of all.
  ///
  /// - Throws: `ArithmeticError` where nothing is proved of the layer in `arithmetic`.
  package init(_ input: CheckedCase, in arithmetic: Arithmetic = .engine) throws {
    let engine = Catalogue.engine(input)
    let rows = input.soundRows
    let axis = Catalogue.signature(of: input.source.layer).output[0]
    let judged = try rows.map { try CheckedCase(input.source.selecting($0, along: axis)) } ?? input
    let output = rows.map { engine.selecting($0, axis: 0) } ?? engine
    var judge = try CaseJudge(judged, in: arithmetic)
    let (drift, found) = judge.answer(output)
    try judge.expectAgreement()
    self.input = input.source
    self.engine = engine
    self.arithmetic = arithmetic
    nonFiniteInputs = input.nonFiniteInputs
    self.drift =
      found == nil && drift.verdict == .outsideDomain
      ? .nothingClaimed(of: engine) : drift.spread(over: rows ?? Array(0..<engine.shape[0]), of: engine.shape)
    let size = engine.elements.count / max(engine.shape[0], 1)
    var elements = [AnsweredElement?](repeating: nil, count: engine.elements.count)
    for (index, element) in (found ?? []).enumerated() {
      elements[rows.map { $0[index / size] * size + index % size } ?? index] = element
    }
    expected = elements.map { $0?.expected ?? .nan }
    lower = elements.map { $0?.lower ?? -.infinity }
    upper = elements.map { $0?.upper ?? .infinity }
    bound = elements.map { $0?.bound ?? .infinity }
    margin = elements.map { $0?.margin ?? 0 }
  }

  /// The answer as a file: `engine` and `expected` in F32, `lower`, `upper`, `bound` and `margin` in F64.
  ///
  /// The metadata name the layer, its attributes, the arithmetic of the bounds and the verdict.
  package func safeTensors() -> SafeTensorsWriter {
    var writer = SafeTensorsWriter()
    writer.metadata = LayerCase(layer: input.layer, attributes: input.attributes, tensors: [:]).safeTensors().metadata
    writer.metadata["arithmetic"] = arithmetic.description
    writer.metadata["verdict"] = drift.verdict.rawValue
    writer.add("engine", shape: engine.shape, engine.elements)
    writer.add("expected", shape: engine.shape, expected)
    for (name, values) in [("lower", lower), ("upper", upper), ("bound", bound), ("margin", margin)] {
      writer.add(name, shape: engine.shape, values)
    }
    return writer
  }
}
