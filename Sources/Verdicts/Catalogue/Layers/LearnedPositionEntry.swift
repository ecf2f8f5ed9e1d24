import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum LearnedPositionEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .learnedPosition, "y[t] = x[t] + weight[firstPosition + t]",
    tensors: [.input("x", ["tokens", "hidden"]), .parameter("weight", ["positions", "hidden"])],
    attributes: [LayerSignature.Attribute("firstPosition", .integer(0), "the position of row 0")],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> LearnedPositionLayer {
    LearnedPositionLayer(weight: input.weights("weight"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    let (first, positions) = (input.integer("firstPosition"), input.extent("positions"))
    guard 0...positions ~= first, input.extent("tokens") <= positions - first else {
      throw CaseError(
        .learnedPosition, "\(input.extent("tokens")) tokens from position \(first) on do not fit \(positions) positions"
      )
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.learnedPosition(
      input.real("x"), layer(input), firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.learnedPosition(
      input.real("x"), layer(input), firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}
