import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum ClampEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .clamp, "y = max(−limit, min(x, limit))", tensors: [.input("x", ["rows", "columns"])],
    attributes: [LayerSignature.Attribute("limit", .real(8), "the greatest magnitude")],
    output: ["rows", "columns"], isElementwise: true)

  static func layer(_ input: CheckedCase) -> ClampLayer { ClampLayer(limit: input.number("limit")) }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    guard input.number("limit") > 0, input.number("limit").isFinite else {
      throw CaseError(.clamp, "attribute 'limit' must be a positive, finite number")
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.clamp(input.real("x"), layer(input))
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.clamp(input.real("x"), layer(input))
  }
}
