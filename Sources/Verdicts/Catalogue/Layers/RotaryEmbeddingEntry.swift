import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

/// The common ground of rotary embedding and blocks.
enum RotaryPart {
  static let attributes = [
    LayerSignature.Attribute("theta", .real(10000), "the base of the angles' geometric progression"),
    LayerSignature.Attribute("interleaved", .flag(true), "pairs are neighbours, rather than half a head apart"),
    LayerSignature.Attribute("rotatedSize", .integer(0), "leading elements that are turned; 0 for all"),
    LayerSignature.Attribute("scalingFactor", .real(1), "what positions are divided by: linear scaling"),
  ]

  static func layer(_ input: CheckedCase) -> RotaryEmbeddingLayer {
    RotaryEmbeddingLayer(
      rotatedSize: input.integer("rotatedSize") == 0 ? input.extent("headSize") : input.integer("rotatedSize"),
      theta: input.number("theta"), pairing: input.flag("interleaved") ? .adjacent : .halfSplit,
      scalingFactor: input.number("scalingFactor"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    let size = layer(input).rotatedSize
    guard size.isMultiple(of: 2), 0...input.extent("headSize") ~= size else {
      throw CaseError(
        input.source.layer, "\(size) elements cannot be turned in pairs within a head of \(input.extent("headSize"))")
    }
    for name in ["theta", "scalingFactor"] {
      guard input.number(name) > 0, input.number(name).isFinite else {
        throw CaseError(input.source.layer, "attribute '\(name)' must be positive and finite")
      }
    }
  }
}

enum RotaryEmbeddingEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .rotaryEmbedding,
    "(a, b) → (a·cos φ − b·sin φ, a·sin φ + b·cos φ), "
      + "φ = position / scalingFactor · theta^(−2i / rotatedSize)",
    tensors: [.input("x", ["tokens", "heads", "headSize"])],
    attributes: RotaryPart.attributes + [
      LayerSignature.Attribute("firstPosition", .integer(0), "the position of row 0")
    ],
    output: ["tokens", "heads", "headSize"])

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try RotaryPart.validate(input)
    let limit = 1 << 24
    guard 0..<limit ~= input.integer("firstPosition"),
      input.extent("tokens") <= limit - input.integer("firstPosition")
    else {
      throw CaseError(.rotaryEmbedding, "positions must lie between 0 and 2^24")
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.rotaryEmbedding(
      input.real("x"), RotaryPart.layer(input), firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rotaryEmbedding(input.real("x"), RotaryPart.layer(input), firstPosition: input.integer("firstPosition"))
  }
}
