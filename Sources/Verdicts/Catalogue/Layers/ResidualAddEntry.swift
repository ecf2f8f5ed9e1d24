import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum ResidualAddEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .residualAdd, "y = x + residual",
    tensors: [.input("x", ["rows", "columns"]), .input("residual", ["rows", "columns"])],
    output: ["rows", "columns"], isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    Checks.residualAdd(input.real("x"), input.real("residual"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.residualAdd(input.real("x"), input.real("residual"))
  }
}
