import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum GELUTanhEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .geluTanh, "y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³)))", tensors: [.input("x", ["rows", "columns"])],
    output: ["rows", "columns"], isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.geluTanh(input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.geluTanh(input.real("x"))
  }
}
