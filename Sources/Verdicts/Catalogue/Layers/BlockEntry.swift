import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

package enum BlockEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .block,
    "h = x + output · attention(norm(x)), y = h + gated-feed-forward(norm(h)); "
      + "post-normalised, h = norm(x + output · attention(x)), y = norm(h + gated-feed-forward(h))",
    tensors: [
      .input("x", ["tokens", "hidden"]), .parameter("attentionNorm", ["hidden"]),
      .parameter("query", ["heads", "headSize", "hidden"]), .parameter("key", ["keyValueHeads", "headSize", "hidden"]),
      .parameter("value", ["keyValueHeads", "headSize", "hidden"]),
      .parameter("output", ["hidden", "heads", "headSize"]), .parameter("feedForwardNorm", ["hidden"]),
      .parameter("gate", ["feedForward", "hidden"]), .parameter("up", ["feedForward", "hidden"]),
      .parameter("down", ["hidden", "feedForward"]),
    ],
    attributes: [
      LayerSignature.Attribute("postNormalised", .flag(false), "the norms follow the additions"),
      LayerSignature.Attribute("epsilon", .real(1e-5), "added to the mean square, inside the root"),
    ] + RotaryPart.attributes + AttentionPart.maskAlone + AttentionPart.scores + [LayerSignature.activation(.silu)],
    output: ["tokens", "hidden"])

  /// The values of the block that `input`, a case of this layer, describes.
  package static func block(_ input: CheckedCase) -> Block {
    let (size, hidden) = (input.extent("headSize"), input.extent("hidden"))
    let (queries, keys) = (input.extent("heads") * size, input.extent("keyValueHeads") * size)
    func norm(_ name: String) -> RMSNormLayer {
      RMSNormLayer(weight: input.weights(name), epsilon: input.number("epsilon"))
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> LinearLayer {
      LinearLayer(weight: input.weights(name, shape: [outputs, inputs]))
    }
    let attention = AttentionMixer(
      query: linear("query", queries, hidden), key: linear("key", keys, hidden), value: linear("value", keys, hidden),
      rotary: RotaryPart.layer(input), attention: AttentionPart.layer(input), output: linear("output", hidden, queries))
    return Block(
      attentionNorm: norm("attentionNorm"), attention: attention, feedForwardNorm: norm("feedForwardNorm"),
      feedForward: GatedFeedForwardLayer(
        gate: LinearLayer(weight: input.weights("gate")), up: LinearLayer(weight: input.weights("up")),
        down: LinearLayer(weight: input.weights("down")), activation: input.activation),
      isPostNormalised: input.flag("postNormalised"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try input.requireFromZeroUp("epsilon")
    try RotaryPart.validate(input)
    try AttentionPart.validateLayer(input)
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.block(input.real("x"), block(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.block(input.real("x"), block(input), instructionSet: instructionSet)
  }
}
