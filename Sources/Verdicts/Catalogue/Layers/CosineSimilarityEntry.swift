import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

enum CosineSimilarityEntry: FormulaEntry {
  static let signature = LayerSignature(
    .cosineSimilarity,
    "z[t, s] = Σᵢ x[t, i] · y[s, i] / (max(‖x[t]‖, epsilon) · max(‖y[s]‖, epsilon)), 0 where a row is wholly zero",
    tensors: [.input("x", ["tokens", "hidden"]), .input("y", ["others", "hidden"])],
    attributes: [LayerSignature.Attribute("epsilon", .real(0), "the least norm that is divided by")],
    output: ["tokens", "others"])

  static let known = ["epsilon"]

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    CosineSimilarity(reading: input).forward()
  }

  static func hasAccuracy(_ input: CheckedCase) -> Bool { input.number("epsilon") == 0 }

  /// The reference's cosines with the engine's declared accuracy without an epsilon; otherwise the formula's.
  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard hasAccuracy(input) else { return try formula(of: input, precision: precision) }
    return try Checks.cosineSimilarity(input.real("x"), input.real("y"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.cosineSimilarity(input.real("x"), input.real("y"), epsilon: input.number("epsilon"))
  }
}

extension CosineSimilarity: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("y"), epsilon: input.source.number("epsilon"), in: input.context)
  }
}
