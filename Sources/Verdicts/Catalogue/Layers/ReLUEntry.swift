import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum ReLUEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .relu, "y = max(x, 0)", tensors: [.input("x", ["rows", "columns"])],
    output: ["rows", "columns"], isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    Checks.relu(input.real("x"))
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.relu(input.real("x"))
  }
}
