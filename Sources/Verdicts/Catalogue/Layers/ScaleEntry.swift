import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

/// The attributes of a scale.
enum ScalePart {
  static func layer(_ input: CheckedCase) -> ScaleLayer {
    ScaleLayer(factor: input.number("factor"), isRoot: input.flag("root"), divides: input.flag("divides"))
  }
}

enum ScaleEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .scale, "y = x · f, or x / f where it divides; f is the factor, or its root",
    tensors: [.input("x", ["rows", "columns"])],
    attributes: [
      LayerSignature.Attribute("factor", .real(1), "the number that elements are multiplied by"),
      LayerSignature.Attribute("root", .flag(false), "the factor's root multiplies"),
      LayerSignature.Attribute("divides", .flag(false), "elements are divided"),
    ], output: ["rows", "columns"], isElementwise: true)

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requirePositive("factor") }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.scale(input.real("x"), ScalePart.layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.scale(input.real("x"), ScalePart.layer(input))
  }
}
