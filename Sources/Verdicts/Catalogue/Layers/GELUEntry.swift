import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum GELUEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .gelu, "y = x/2 · (1 + erf(x / √2))", tensors: [.input("x", ["rows", "columns"])],
    output: ["rows", "columns"], isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    Checks.gelu(input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.gelu(input.real("x"))
  }
}
