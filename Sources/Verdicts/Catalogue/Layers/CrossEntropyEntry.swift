import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

enum CrossEntropyEntry: FormulaEntry {
  static let signature = LayerSignature(
    .crossEntropy,
    "y[t] = log Σⱼ e^logits[t, j] − logits[t, target t]; with smoothing Σⱼ q[j] · (L − logits[t, j]) + zLoss · L², L the logarithm, "
      + "q[j] = smoothing / vocabulary, and 1 − smoothing more for target t; 0 for a target that is ignored",
    tensors: [.input("logits", ["tokens", "vocabulary"]), .indices("targets", ["tokens"], below: "vocabulary")],
    attributes: attributes, output: ["tokens"])

  static let attributes = [
    LayerSignature.Attribute("smoothing", .real(0), "the weight that all targets share alike"),
    LayerSignature.Attribute("zLoss", .real(0), "the factor of the square of the logarithm in the loss"),
    LayerSignature.Attribute("ignored", .integer(-1), "the target without a loss; below 0 for none"),
  ]

  static let known = attributes.map(\.name)

  static func validate(_ input: CheckedCase) throws(CaseError) {
    for name in ["smoothing", "zLoss"] { try input.requireFromZeroUp(name) }
    guard input.number("smoothing") <= 1 else {
      throw CaseError(input.source.layer, "attribute 'smoothing' must be a number from 0 to 1")
    }
  }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    CrossEntropy(reading: input).forward()
  }

  static func hasAccuracy(_ input: CheckedCase) -> Bool { input.loss == CrossEntropyLayer() }

  /// The reference's logarithms with the engine's declared accuracy for the plain loss; otherwise the formula's.
  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard hasAccuracy(input) else { return try formula(of: input, precision: precision) }
    return try Checks.crossEntropy(input.real("logits"), targets: input.integers("targets"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.crossEntropy(input.real("logits"), targets: input.integers("targets"), input.loss)
  }
}

extension CheckedCase {
  /// The loss of each token.
  package var loss: CrossEntropyLayer {
    CrossEntropyLayer(
      smoothing: number("smoothing"), zLoss: number("zLoss"), ignored: integer("ignored") < 0 ? nil : integer("ignored")
    )
  }
}

extension CrossEntropy: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("logits"), targets: input.source.integers("targets"), input.source.loss, in: input.context)
  }
}
