import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum SiLUEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .silu, "y = x / (1 + e^(−x))", tensors: [.input("x", ["rows", "columns"])], output: ["rows", "columns"],
    isElementwise: true)

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    Checks.silu(input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.silu(input.real("x"), instructionSet: instructionSet)
  }
}
