import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum LogSoftmaxEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .logSoftmax, "y[i] = x[i] − log Σⱼ e^x[j], along the last axis",
    tensors: [.input("x", ["rows", "columns"])], output: ["rows", "columns"])

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.logSoftmax(input.real("x"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.logSoftmax(input.real("x"))
  }
}
