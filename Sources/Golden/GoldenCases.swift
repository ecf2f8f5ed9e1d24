import PlumbModel
import PlumbVerdicts

/// The suite: every case of every layer, with why it is there.
///
/// First what every layer is tried on; then each attribute; then what is particular to the layer; last what a model met.
/// A seed is stated with each case and starts its numbers alone, so that cases may come and go without changing others.
enum GoldenCases {
  /// The cases of `layer`.
  static func of(_ layer: LayerKind) -> [GoldenCase] {
    common(layer) + attributes(layer) + particular(layer) + recorded(layer)
  }

  /// The cases that every layer is tried on.
  private static func common(_ layer: LayerKind) -> [GoldenCase] {
    let signature = Catalogue.signature(of: layer)
    let single = Dictionary(
      uniqueKeysWithValues: Set(signature.tensors.flatMap(\.shape)).map { name in
        // Pairs are turned, so that the least head of a rotary embedding has two elements.
        (name, [.rotaryEmbedding, .rotaryEmbeddingBackward, .block].contains(layer) && name == "headSize" ? 2 : 1)
      })
    var cases = [
      GoldenCase.drawn("ordinary", "numbers in [-2, 2)", layer, seed: 1),
      .drawn("wide", "numbers spread over 40 binades", layer, seed: 2, .wide),
      .drawn(
        "exact", "small multiples of 1/4, whose sums and products are Float32s", layer, seed: 3, .exact,
        parameters: .exact),
      .drawn("cancelling", "pairs that cancel but for their last bits", layer, seed: 4, .cancelling),
      .drawn("zeros", "every activation 0", layer, seed: 5, .constant(0)),
      .drawn("negative-zeros", "every activation -0", layer, seed: 6, .constant(-0.0)),
      .drawn("subnormal", "activations below the least normal number", layer, seed: 7, .scaled(-140)),
      .drawn("tiny", "activations whose squares vanish", layer, seed: 8, .scaled(-100)),
      .drawn("great", "activations whose squares overflow", layer, seed: 9, .scaled(100)),
      .drawn("single", "one element along every axis", layer, seed: 10, extents: single),
    ]
    if signature.tensors.contains(where: { $0.below == nil && !$0.isParameter }) {
      cases.append(.drawn("nan", "NaN: nothing is claimed", layer, seed: 11, .constant(.nan)))
      cases.append(.drawn("infinite", "infinities: nothing is claimed", layer, seed: 12, .constant(.infinity)))
    }
    for name in ["tokens", "rows"] where signature.tensors.contains(where: { $0.shape.contains(name) }) {
      cases.append(.drawn("no-\(name)", "an axis of length 0", layer, seed: 13, extents: [name: 0]))
    }
    for slot in signature.tensors where slot.isOptional && slot.name != RotaryScalingPart.divisors {
      cases.append(.drawn("without-\(slot.name)", "\(slot.name) left out", layer, seed: 14, without: [slot.name]))
    }
    return cases.filter { (try? CheckedCase($0.input)) != nil }
  }

  /// Each attribute at values other than its default.
  private static func attributes(_ layer: LayerKind) -> [GoldenCase] {
    let signature = Catalogue.signature(of: layer)
    let positions =
      signature.attributes.contains { $0.name == "firstPosition" }
        && signature.tensors.contains { $0.shape.contains("positions") } ? 5 : nil
    return signature.attributes.flatMap { slot -> [GoldenCase] in
      let values: [AttributeValue] =
        switch (slot.name, slot.defaultValue) {
        case (_, .flag(let flag)): [.flag(!flag)]
        case (_, .word(let word)): slot.words.filter { $0 != word }.map { .word($0) }
        case ("epsilon", _): [.real(0), .real(1e-12), .real(1)]
        case ("theta", _): [.real(500_000), .real(1)]
        case ("scale", _): [.real(1), .real(0.125)]
        case ("softCap", _): [.real(1), .real(50)]
        case ("alibi", _): [.real(8), .real(5)]
        case ("window", _), ("windowAfter", _): [.integer(1), .integer(2)]
        case ("rotatedSize", _): [.integer(2)]
        case ("firstPosition", _): [.integer(1), .integer(3)]
        case ("topK", _): [.integer(1), .integer(3)]
        case (_, .real(let real)): [.real(real / 2 + 0.25)]
        case (_, .integer(let integer)): [.integer(integer + 1)]
        }
      return values.map { value in
        var given = [slot.name: value]
        // Queries that see several keys, so that a mask has something to exclude.
        if slot.name == "windowAfter" { given["causal"] = .flag(false) }
        if let positions, given["firstPosition"] == nil { given["firstPosition"] = .integer(positions - 2) }
        return .drawn(
          "\(slot.name)-\(label(value))", slot.meaning, layer, seed: 20,
          extents: ["tokens": 2, "positions": 5], attributes: given)
      }
    }.filter { (try? CheckedCase($0.input)) != nil }
  }

  /// A value as part of a name.
  private static func label(_ value: AttributeValue) -> String {
    guard case .real(let real) = value else { return value.text }
    return real == real.rounded() && abs(real) < 1e9 ? "\(Int(real))" : "\(real)"
  }

  /// The cases that are particular to a layer; a layer may have none.
  private static func particular(_ layer: LayerKind) -> [GoldenCase] {
    let groups: [LayerKind: (LayerKind) -> [GoldenCase]] = [
      .embedding: tables, .learnedPosition: tables, .rmsNorm: norms, .layerNorm: norms, .linear: products,
      .unembedding: products, .feedForward: feedForwards, .gatedFeedForward: feedForwards,
      .rotaryEmbedding: rotations, .rotaryEmbeddingBackward: scaledRotations, .attentionScores: attentions,
      .attentionValues: attentions,
      .attention: attentions, .sinkAttention: attentions, .clampedGate: clampedGates, .clamp: clamps,
      .softmax: distributions,
      .logSoftmax: distributions, .crossEntropy: losses,
      .relu: functions, .gelu: functions, .geluTanh: functions, .silu: functions, .residualAdd: pairs, .gate: pairs,
      .cosineSimilarity: similarities, .sampling: choices, .router: routers, .experts: mixtures, .block: blocks,
      .quantize: quantised, .quantizeScale: quantised,
    ]
    return groups[layer]?(layer) ?? []
  }
}
