import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// A layer that gives a quantiser's numbers or its scales.
protocol QuantiserEntry: FormulaEntry, GriddedEntry {
  /// The formula in an arithmetic.
  associatedtype Formula: QuantiserFormula & CaseFormula where Formula.Context == ArithmeticModel
}

extension QuantiserEntry {
  static var known: [String] { ["scheme", "rule", "least", "globalScale"] }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try input.requireFromZeroUp("least")
    guard input.number("least") <= 0x1p64 else {
      throw CaseError(input.source.layer, "attribute 'least' must be at most 2^64")
    }
    let global = input.number("globalScale")
    guard 0x1p-64...0x1p64 ~= global else {
      throw CaseError(input.source.layer, "attribute 'globalScale' must be from 2^-64 to 2^64")
    }
  }

  /// The sentence on the first row whose results are those of no one scale on a grid, where several may be its scale.
  static func contradiction(_ output: Activation<Float>, of input: CheckedCase, in model: ArithmeticModel) -> String? {
    guard QuantizeLayer(input).rule != nil else { return nil }
    let formula = Formula(reading: CaseInput(input, in: model))
    let size = output.elements.count / max(1, formula.rows.x.rows)
    for (index, row) in formula.rows.scaled.enumerated() {
      let choices = formula.choices(row)
      guard choices.count > 1 else { continue }
      let results = output.elements[index * size..<(index + 1) * size]
      let isOne = choices.contains { choice in
        zip(choice.numbers, results).allSatisfy { number, result in
          let (lower, upper) = number.computed
          return number.isOutside || !result.isFinite || lower <= Double(result) && Double(result) <= upper
        }
      }
      if !isOne {
        return "\(FailureKind.wrongNumber.rawValue): row \(index) is that of no one scale that its rule gives"
      }
    }
    return nil
  }
}

extension QuantizeLayer {
  /// The layer of a case.
  fileprivate init(_ input: CheckedCase) {
    guard let scheme = Scheme(rawValue: input.word("scheme")), let rule = ScaleRule.Kind(rawValue: input.word("rule"))
    else {
      preconditionFailure("the signature lists the words")
    }
    self.init(scheme, rule: rule, least: input.number("least"), global: input.number("globalScale"))
  }

  fileprivate static let attributes = [
    LayerSignature.Attribute(
      "scheme", .word(Scheme.int8.rawValue),
      "integers up to 127, with a scale as it is computed (int8), stored in binary16 (q8_0) or with a sign (q8_k); E4M3 (fp8) or E5M2, with "
        + "one as it is computed; E2M1 (mxfp4), E4M3 (mxfp8) or E5M2 with a power of two; E2M1 with E4M3 (nvfp4)",
      words: Scheme.allCases.map(\.rawValue)),
    LayerSignature.Attribute(
      "rule", .word(ScaleRule.Kind.floor.rawValue),
      "the exponent of a scale that is a power of two, of the greatest magnitude a and the greatest number m, of which 2^e is the power: "
        + "⌊log₂ a⌋ − e (floor), ⌈log₂(a/m)⌉ (ceil), log₂(a/m) to the nearest (round), log₂ a to the nearest, − e (ggml-cuda)",
      words: ScaleRule.Kind.allCases.map(\.rawValue)),
    LayerSignature.Attribute(
      "least", .real(0), "the greatest magnitude that a scale is made of where that of the row is less; 0 for none"),
    LayerSignature.Attribute(
      "globalScale", .real(1),
      "the scale g of a whole tensor, of which nvfp4 has g·a/6 in E4M3 for a row, and x·g over that for its numbers"),
  ]
}

extension CaseFormula where Self: QuantiserFormula {
  package init(reading input: CaseInput<Context>) {
    let (layer, x) = (QuantizeLayer(input.source), input.source.real("x"))
    let isNegative = (0..<x.rows).map { layer.isNegative(x.row($0)) }
    self.init(QuantisedRows(input.real("x"), layer, isNegative: isNegative, in: input.context))
  }
}

extension Quantize: CaseFormula {}
extension QuantizeScale: CaseFormula {}

enum QuantizeEntry: QuantiserEntry {
  typealias Formula = Quantize<ArithmeticModel>

  static let signature = LayerSignature(
    .quantize,
    "q[t, i] = x[t, i] / s[t], in nvfp4 globalScale · x[t, i] / s[t], rounded to the nearest of the scheme's numbers, s as in quantize-scale; 0 where "
      + "s is, and in a row of zeros",
    tensors: [.input("x", ["rows", "columns"])], attributes: QuantizeLayer.attributes, output: ["rows", "columns"])

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Quantize(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.quantize(input.real("x"), QuantizeLayer(input))
  }

  static func grid(of input: CheckedCase) -> NumberGrid? { QuantizeLayer(input).grid }
}

enum QuantizeScaleEntry: QuantiserEntry {
  typealias Formula = QuantizeScale<ArithmeticModel>

  static let signature = LayerSignature(
    .quantizeScale,
    "s[t] = max(least, max |x[t]|) / m, m the greatest of the scheme's numbers: 127, 448, 57344 or 6; in q8_k with the sign other than the "
      + "greatest element's; in mxfp4 and mxfp8 the power of two of the rule; in nvfp4 the number of E4M3 nearest to globalScale times it",
    tensors: [.input("x", ["rows", "columns"])], attributes: QuantizeLayer.attributes, output: ["rows"])

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    QuantizeScale(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.quantizeScale(input.real("x"), QuantizeLayer(input))
  }

  static func grid(of input: CheckedCase) -> NumberGrid? { QuantizeLayer(input).scaleGrid }
}
