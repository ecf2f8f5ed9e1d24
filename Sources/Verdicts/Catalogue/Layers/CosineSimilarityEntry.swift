import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum CosineSimilarityEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .cosineSimilarity, "z[t, s] = Σᵢ x[t, i] · y[s, i] / (‖x[t]‖ · ‖y[s]‖), 0 where a row is wholly zero",
    tensors: [.input("x", ["tokens", "hidden"]), .input("y", ["others", "hidden"])], output: ["tokens", "others"])

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.cosineSimilarity(input.real("x"), input.real("y"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.cosineSimilarity(input.real("x"), input.real("y"))
  }
}
