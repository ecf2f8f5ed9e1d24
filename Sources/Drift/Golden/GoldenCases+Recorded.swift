import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

// What a model met: activations of the model that ships, on the tokens "Plu". They are the exact ones, correctly rounded,
// so that they are the same on every machine, as an engine's are not.
extension GoldenCases {
  static func recorded(_ layer: LayerKind) -> [GoldenCase] {
    let block = ShippedModel.transformer.blocks[0]
    // Closures, so that what one layer needs is made for that layer alone.
    let tensors: [LayerKind: () -> [String: CaseTensor]] = [
      .embedding: {
        ["tokens": .indices(0, 1, 2), "weight": rows(Recording.tokens, of: ShippedModel.transformer.embedding.weight)]
      },
      .learnedPosition: { ["x": Recording[.attentionOutput], "weight": Recording[.embedding]] },
      .rmsNorm: { ["x": Recording[.embedding], "weight": vector(block.attentionNorm.weight)] },
      .layerNorm: { ["x": Recording[.embedding], "weight": vector(block.attentionNorm.weight)] },
      .linear: { ["x": Recording[.attentionNorm], "weight": rows(Array(0..<16), of: block.key.weight)] },
      .rotaryEmbedding: { ["x": Recording[.query]] },
      .attentionScores: { ["query": Recording[.rotatedQuery], "key": Recording[.rotatedKey]] },
      .attentionValues: { ["weights": Recording[.attentionWeights], "value": Recording[.value]] },
      .attention: {
        ["query": Recording[.rotatedQuery], "key": Recording[.rotatedKey], "value": Recording[.value]]
      },
      .softmax: { ["x": Recording[.logits]] },
      .logSoftmax: { ["x": Recording[.logits]] },
      .crossEntropy: { ["logits": Recording[.logits], "targets": .indices(109)] },
      .residualAdd: { ["x": Recording[.attentionOutput], "residual": Recording[.embedding]] },
      .relu: { ["x": Recording.lastRow(.gate)] },
      .gelu: { ["x": Recording.lastRow(.gate)] },
      .geluTanh: { ["x": Recording.lastRow(.gate)] },
      .silu: { ["x": Recording.lastRow(.gate)] },
      .gate: { ["gate": Recording.lastRow(.activatedGate), "x": Recording.lastRow(.up)] },
      .feedForward: { feedForward(block) },
      .gatedFeedForward: {
        feedForward(block).merging(["gate": rows(Array(0..<8), of: block.feedForward.gate.weight)]) { $1 }
      },
      .unembedding: {
        let weight = rows(Array(97..<113), of: ShippedModel.transformer.unembedding.weight)
        return ["x": Recording.lastRow(.finalNorm), "weight": weight]
      },
      .cosineSimilarity: { ["x": Recording[.embedding], "y": Recording[.attentionResidual]] },
      .sampling: { ["logits": Recording[.logits]] },
      .block: { whole(block) },
    ]
    guard let tensors = tensors[layer]?() else { return [] }
    return [
      .given(
        "recorded", "what the model that ships meets in block 0 on the tokens 80, 108, 117", layer, tensors,
        attributes: attributes(layer, block))
    ]
  }

  private static func attributes(_ layer: LayerKind, _ block: BlockLayer) -> [String: AttributeValue] {
    let rotary = ShippedModel.transformer.rotary
    switch layer {
    case .rmsNorm: return ["epsilon": .real(block.attentionNorm.epsilon)]
    case .sampling: return ["temperature": .real(0.75), "topK": .integer(40), "topP": .real(0.875)]
    case .block:
      return [
        "epsilon": .real(block.attentionNorm.epsilon), "theta": .real(rotary.theta),
        "interleaved": .flag(rotary.pairing == .adjacent), "rotatedSize": .integer(rotary.rotatedSize),
      ]
    default: return [:]
    }
  }

  /// The block with all its weights, on the embeddings.
  private static func whole(_ block: BlockLayer) -> [String: CaseTensor] {
    let attention = ShippedModel.transformer.attention
    let (size, hidden) = (attention.headSize, ShippedModel.transformer.hiddenSize)
    func heads(_ layer: LinearLayer, _ count: Int) -> CaseTensor {
      .shaped([count, size, hidden], layer.weight.float32s)
    }
    return [
      "x": Recording[.embedding], "attentionNorm": vector(block.attentionNorm.weight),
      "query": heads(block.query, attention.heads), "key": heads(block.key, attention.keyValueHeads),
      "value": heads(block.value, attention.keyValueHeads),
      "output": .shaped([hidden, attention.heads, size], block.output.weight.float32s),
      "feedForwardNorm": vector(block.feedForwardNorm.weight), "gate": vector(block.feedForward.gate.weight),
      "up": vector(block.feedForward.up.weight), "down": vector(block.feedForward.down.weight),
    ]
  }

  /// The first eight features of a feed-forward layer, on the last token.
  private static func feedForward(_ block: BlockLayer) -> [String: CaseTensor] {
    [
      "x": Recording.lastRow(.feedForwardNorm), "up": rows(Array(0..<8), of: block.feedForward.up.weight),
      "down": columns(8, of: block.feedForward.down.weight),
    ]
  }

  private static func vector(_ tensor: Tensor) -> CaseTensor { .shaped(tensor.shape, tensor.float32s) }

  private static func rows(_ indices: [Int], of tensor: Tensor) -> CaseTensor {
    let all = Activation(shape: tensor.shape, elements: tensor.float32s)
    return .shaped([indices.count, tensor.columns], indices.flatMap { all.row($0) })
  }

  private static func columns(_ count: Int, of tensor: Tensor) -> CaseTensor {
    let all = Activation(shape: tensor.shape, elements: tensor.float32s)
    return .shaped([tensor.rows, count], (0..<tensor.rows).flatMap { all.row($0).prefix(count) })
  }
}

/// The exact activations of the model that ships, correctly rounded.
private enum Recording {
  static let tokens = [80, 108, 117]

  /// The activation of block 0, or of the pass outside the blocks.
  static subscript(_ role: ActivationName.Role) -> CaseTensor { .real(activation(role)) }

  /// Its last row.
  static func lastRow(_ role: ActivationName.Role) -> CaseTensor {
    let all = activation(role)
    return .shaped([1, all.columns], Array(all.row(all.rows - 1)))
  }

  private static func activation(_ role: ActivationName.Role) -> Activation<Float> {
    guard let found = activations[role] else { preconditionFailure("the pass computed no '\(role.rawValue)'") }
    return found
  }

  private static let activations: [ActivationName.Role: Activation<Float>] = {
    var found: [ActivationName.Role: Activation<Float>] = [:]
    // 160 bits leave 100 beyond Float32 at the end of two blocks: no activation stands nearer to a tie.
    let pass = Reference.Pass(ShippedModel.transformer, precision: 160)
    try? pass.run(tokens) { name, exact in
      guard name.block ?? 0 == 0 else { return }
      found[name.role] = exact.map { ball in
        guard let nearest = ball.nearestFloat32 else {
          preconditionFailure("'\(name)' stands between two Float32s: raise the precision of the pass")
        }
        return nearest
      }
    }
    return found
  }()
}

extension Tensor {
  /// The elements of a tensor of F32.
  ///
  /// - Precondition: it is one.
  var float32s: [Float] {
    precondition(type == .f32, "tensor '\(name)' holds \(type.label), not F32")
    // Sound: the bytes are read only while they are lent, and each word lies within them.
    return unsafe withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        unsafe Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }
}
