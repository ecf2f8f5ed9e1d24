import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

extension LayerSignature {
  /// The function between the products, `standard` unless told otherwise.
  static func activation(_ standard: ActivationFunction) -> Attribute {
    Attribute(
      "activation", .word(standard.rawValue), "the layer between the products",
      words: ActivationFunction.allCases.map(\.rawValue))
  }
}

extension CheckedCase {
  /// The function that the attribute `activation` names.
  package var activation: ActivationFunction {
    guard let activation = ActivationFunction(rawValue: word("activation")) else {
      preconditionFailure("the signature lists the activations")
    }
    return activation
  }
}

enum FeedForwardEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .feedForward, "y = down · activation(up · x + upBias) + downBias",
    tensors: [
      .input("x", ["tokens", "hidden"]), .parameter("up", ["feedForward", "hidden"]),
      .parameter("upBias", ["feedForward"], isOptional: true), .parameter("down", ["hidden", "feedForward"]),
      .parameter("downBias", ["hidden"], isOptional: true),
    ],
    attributes: [LayerSignature.activation(.gelu)],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> FeedForwardLayer {
    FeedForwardLayer(
      up: LinearLayer(weight: input.weights("up"), bias: input.optionalWeights("upBias")), activation: input.activation,
      down: LinearLayer(weight: input.weights("down"), bias: input.optionalWeights("downBias")))
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.feedForward(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.feedForward(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}

enum GatedFeedForwardEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .gatedFeedForward, "y = down · (activation(gate · x) · (up · x)), the middle product element by element",
    tensors: [
      .input("x", ["tokens", "hidden"]), .parameter("gate", ["feedForward", "hidden"]),
      .parameter("up", ["feedForward", "hidden"]), .parameter("down", ["hidden", "feedForward"]),
    ],
    attributes: [LayerSignature.activation(.silu)],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> GatedFeedForwardLayer {
    GatedFeedForwardLayer(
      gate: LinearLayer(weight: input.weights("gate")), up: LinearLayer(weight: input.weights("up")),
      down: LinearLayer(weight: input.weights("down")), activation: input.activation)
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.gatedFeedForward(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.gatedFeedForward(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}
