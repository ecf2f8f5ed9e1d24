import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The parts of quantisers of rows.
enum QuantizePart {
  static let known = ["scheme", "least"]

  static let attributes = [
    LayerSignature.Attribute(
      "scheme", .word(QuantizeLayer.Scheme.int8.rawValue),
      "integers up to 127, with a scale as it is computed (int8) or stored in binary16 (q8_0); E4M3 (fp8) or E5M2, with one "
        + "as it is computed",
      words: QuantizeLayer.Scheme.allCases.map(\.rawValue)),
    LayerSignature.Attribute(
      "least", .real(0), "the greatest magnitude that a scale is made of where that of the row is less; 0 for none"),
  ]

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try input.requireFromZeroUp("least")
    guard input.number("least") <= 0x1p64 else {
      throw CaseError(input.source.layer, "attribute 'least' must be at most 2^64")
    }
  }

  static func layer(_ input: CheckedCase) -> QuantizeLayer {
    guard let scheme = QuantizeLayer.Scheme(rawValue: input.word("scheme")) else {
      preconditionFailure("the signature lists the schemes")
    }
    return QuantizeLayer(scheme, least: input.number("least"))
  }
}

extension Quantize: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), QuantizePart.layer(input.source), in: input.context)
  }
}

enum QuantizeEntry: FormulaEntry, GriddedEntry {
  static let signature = LayerSignature(
    .quantize,
    "q[t, i] = x[t, i] / s[t], rounded to the nearest of the scheme's numbers, s as in quantize-scale; 0 in a row of zeros",
    tensors: [.input("x", ["rows", "columns"])], attributes: QuantizePart.attributes, output: ["rows", "columns"])

  static let known = QuantizePart.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try QuantizePart.validate(input) }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Quantize(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.quantize(input.real("x"), QuantizePart.layer(input))
  }

  static func grid(of input: CheckedCase) -> NumberGrid? { QuantizePart.layer(input).grid }
}

extension QuantizeScale: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), QuantizePart.layer(input.source), in: input.context)
  }
}

enum QuantizeScaleEntry: FormulaEntry, GriddedEntry {
  static let signature = LayerSignature(
    .quantizeScale,
    "s[t] = max(least, max |x[t]|) / m, m the greatest of the scheme's numbers: 127, 448 or 57344",
    tensors: [.input("x", ["rows", "columns"])], attributes: QuantizePart.attributes, output: ["rows"])

  static let known = QuantizePart.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try QuantizePart.validate(input) }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    QuantizeScale(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.quantizeScale(input.real("x"), QuantizePart.layer(input))
  }

  static func grid(of input: CheckedCase) -> NumberGrid? { QuantizePart.layer(input).scaleGrid }
}
