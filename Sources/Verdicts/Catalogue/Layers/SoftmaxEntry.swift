import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum SoftmaxEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .softmax, "y[i] = e^x[i] / Σⱼ e^x[j], along the last axis",
    tensors: [.input("x", ["rows", "columns"], isMaskable: true)], output: ["rows", "columns"],
    maskedRow: "e^−∞ is 0; a row of −∞ alone is 0 / 0, and nothing is claimed of it")

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.softmax(input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.softmax(input.real("x"), instructionSet: instructionSet)
  }
}
