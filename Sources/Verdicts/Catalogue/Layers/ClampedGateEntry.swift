import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum ClampedGateEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .clampedGate, "y = (u + 1) · g / (1 + e^(−alpha·g)), g = min(gate, limit), u = max(−limit, min(up, limit))",
    tensors: [.input("gate", ["rows", "columns"]), .input("up", ["rows", "columns"])],
    attributes: [
      LayerSignature.Attribute("alpha", .real(1.702), "what the gate is multiplied by in the sigmoid"),
      LayerSignature.Attribute("limit", .real(7), "the greatest gate, and the greatest magnitude of u"),
    ],
    output: ["rows", "columns"], isElementwise: true)

  static func layer(_ input: CheckedCase) -> ClampedGateLayer {
    ClampedGateLayer(
      alpha: input.number("alpha"), limit: input.number("limit"), isZeroAtLimit: input.reading == .zeroAtLimit)
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    for name in ["alpha", "limit"] {
      guard input.number(name) > 0, input.number(name).isFinite else {
        throw CaseError(input.source.layer, "attribute '\(name)' must be a positive, finite number")
      }
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.clampedGate(input.real("gate"), input.real("up"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.clampedGate(input.real("gate"), input.real("up"), layer(input))
  }
}
