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

  /// The layer with its frequencies scaled.
  static func scaledLayer(_ input: CheckedCase) -> RotaryEmbeddingLayer {
    RotaryScalingPart.scaled(layer(input), by: input)
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    let size = layer(input).rotatedSize
    guard size.isMultiple(of: 2), 0...input.extent("headSize") ~= size else {
      throw CaseError(
        input.source.layer, "\(size) elements cannot be turned in pairs within a head of \(input.extent("headSize"))")
    }
    for name in ["theta", "scalingFactor"] { try input.requirePositive(name) }
  }
}
