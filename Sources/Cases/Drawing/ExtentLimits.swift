import PlumbModel
import PlumbVerdicts

/// The limits of the sizes of a layer's tensors where some of its extents are fixed.
package struct ExtentLimits {
  /// The most elements that a tensor may have.
  package static let mostElements = 1 << 24

  /// Inputs, parameters, the output and what a layer of several steps holds between them, each by name and extents.
  private let tensors: [(name: String, shape: [String])]

  /// The limits of the layer of `signature`.
  package init(_ signature: LayerSignature) {
    var tensors = signature.tensors.map { (name: $0.name, shape: $0.shape) }
    tensors.append((name: "the output", shape: signature.output))
    switch signature.layer {
    case .attention, .sinkAttention, .attentionQueryBackward, .attentionKeyBackward, .attentionValueBackward,
      .attentionSinksBackward:
      tensors.append((name: "the scores", shape: ["heads", "tokens", "positions"]))
    case .block: tensors.append((name: "the scores", shape: ["heads", "tokens", "tokens"]))
    case .feedForward, .gatedFeedForward, .gatedFeedForwardBackward:
      tensors.append((name: "what is activated", shape: ["tokens", "feedForward"]))
    case .experts, .expertsBackward, .expertsWeightsBackward:
      tensors.append((name: "what is activated", shape: ["tokens", "chosen", "feedForward"]))
    default: break
    }
    self.tensors = tensors
  }

  /// A tensor that has too many elements where every extent is the least that goes with those that are `fixed`.
  package func tooLarge(with fixed: [String: Int]) -> String? {
    tensors.first { tensor in
      size(tensor.shape) { fixed[$0] ?? Self.least($0, with: fixed) } > Double(Self.mostElements)
    }?.name
  }

  /// Makes drawn extents smaller where a tensor has too many elements, the greatest first.
  ///
  /// Needs: the extents that are `fixed` leave room for the least others.
  package func fit(_ extents: inout [String: Int], keeping fixed: [String: Int]) {
    if let positions = extents["positions"], let tokens = fixed["tokens"], fixed["positions"] == nil {
      extents["positions"] = max(positions, tokens)
    }
    for tensor in tensors {
      while size(tensor.shape, { extents[$0] ?? 1 }) > Double(Self.mostElements) {
        let free = Set(tensor.shape).filter { fixed[$0] == nil && extents[$0] ?? 1 > Self.least($0, with: fixed) }
        guard let name = free.min(by: { (extents[$1] ?? 1, $0) < (extents[$0] ?? 1, $1) }) else { break }
        extents[name] = Self.least(name, with: fixed)
        // Heads of queries share those of keys and values evenly.
        if name == "heads", extents["keyValueHeads"] != nil { extents["keyValueHeads"] = extents["heads"] }
      }
    }
  }

  private func size(_ shape: [String], _ extent: (String) -> Int) -> Double {
    shape.reduce(1) { $0 * Double(extent($1)) }
  }

  /// The least that the extent `name` may be.
  private static func least(_ name: String, with fixed: [String: Int]) -> Int {
    switch name {
    // A head is made of pairs.
    case "headSize": 2
    case "heads": fixed["keyValueHeads"] ?? 1
    // Every token has a position.
    case "positions": fixed["tokens"] ?? 1
    default: 1
    }
  }
}

extension LayerSignature {
  /// The names of all extents of the tensors, each once.
  package var extentNames: [String] {
    var names: [String] = []
    for name in tensors.flatMap(\.shape) where !names.contains(name) { names.append(name) }
    return names
  }
}
