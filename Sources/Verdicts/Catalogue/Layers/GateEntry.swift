import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum GateEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .gate, "y = x · gate", tensors: [.input("gate", ["rows", "columns"]), .input("x", ["rows", "columns"])],
    output: ["rows", "columns"], isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    Checks.gate(input.real("gate"), input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.gate(input.real("gate"), input.real("x"))
  }
}
