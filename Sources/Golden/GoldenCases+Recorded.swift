import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbVerdicts

// Numbers that a model met: activations of the model that ships, on the tokens "The". They are the exact ones, correctly rounded,
// so that they are the same on every machine, as an engine's are not.
extension GoldenCases {
  static func recorded(_ layer: LayerKind) -> [GoldenCase] {
    // Closures, so that what one layer needs is made for that layer alone.
    let tensors: [LayerKind: () -> [String: CaseTensor]] = [
      .embedding: {
        ["tokens": .indices(0, 1, 2), "weight": rows(Recording.tokens, of: Recording.weight(.embedding))]
      },
      .learnedPosition: { ["x": Recording[.attentionOutput], "weight": Recording[.embedding]] },
      .rmsNorm: { ["x": Recording[.embedding], "weight": vector(Recording.weight(.attentionNorm))] },
      .layerNorm: { ["x": Recording[.embedding], "weight": vector(Recording.weight(.attentionNorm))] },
      .linear: { ["x": Recording[.attentionNorm], "weight": rows(Array(0..<16), of: Recording.weight(.key))] },
      .rotaryEmbedding: { ["x": Recording[.query]] },
      .attentionScores: { ["query": Recording[.rotatedQuery], "key": Recording[.rotatedKey]] },
      .attentionValues: { ["weights": Recording[.attentionWeights], "value": Recording[.value]] },
      .attention: {
        ["query": Recording[.rotatedQuery], "key": Recording[.rotatedKey], "value": Recording[.value]]
      },
      .sinkAttention: {
        [
          "query": Recording[.rotatedQuery], "key": Recording[.rotatedKey], "value": Recording[.value],
          "sinks": .shaped([Recording.extents(.query)[1]], (0..<Recording.extents(.query)[1]).map { Float($0) - 1 }),
        ]
      },
      .softmax: { ["x": Recording[.logits]] },
      .logSoftmax: { ["x": Recording[.logits]] },
      .crossEntropy: { ["logits": Recording[.logits], "targets": .indices(109)] },
      .residualAdd: { ["x": Recording[.attentionOutput], "residual": Recording[.embedding]] },
      .scale: { ["x": Recording[.embedding]] },
      .clamp: { ["x": Recording.lastRow(.gate)] },
      .clampedGate: { ["gate": Recording.lastRow(.gate), "up": Recording.lastRow(.up)] },
      .relu: { ["x": Recording.lastRow(.gate)] },
      .gelu: { ["x": Recording.lastRow(.gate)] },
      .geluTanh: { ["x": Recording.lastRow(.gate)] },
      .silu: { ["x": Recording.lastRow(.gate)] },
      .gate: { ["gate": Recording.lastRow(.activatedGate), "x": Recording.lastRow(.up)] },
      .feedForward: { feedForward() },
      .gatedFeedForward: {
        feedForward().merging(["gate": rows(Array(0..<8), of: Recording.weight(.gate))]) { $1 }
      },
      .unembedding: {
        let weight = rows(Array(97..<113), of: Recording.weight(.logits))
        return ["x": Recording.lastRow(.finalNorm), "weight": weight]
      },
      .cosineSimilarity: { ["x": Recording[.embedding], "y": Recording[.attentionResidual]] },
      .sampling: { ["logits": Recording[.logits]] },
      .quantize: { ["x": Recording.lastRow(.attentionNorm)] },
      .quantizeScale: { ["x": Recording[.attentionNorm]] },
      .router: { ["logits": columns(97..<113, of: Recording[.logits])] },
      .experts: { experts() },
      .block: { block() },
    ]
    guard let tensors = tensors[layer]?() else { return [] }
    return [
      .given(
        "recorded", "what the model that ships meets in block 0 on the tokens 84, 104, 101", layer, tensors,
        attributes: attributes(layer))
    ]
  }

  private static func attributes(_ layer: LayerKind) -> [String: AttributeValue] {
    switch layer {
    case .rmsNorm: return ["epsilon": .real(Recording.epsilon)]
    case .clamp: return ["limit": .real(0.5)]
    case .scale: return ["factor": .real(640), "root": .flag(true)]
    case .sampling: return ["temperature": .real(0.75), "topK": .integer(40), "topP": .real(0.875)]
    case .block:
      let rotary = Recording.rotary
      return [
        "epsilon": .real(Recording.epsilon), "theta": .real(rotary.theta),
        "interleaved": .flag(rotary.pairing == .adjacent), "rotatedSize": .integer(rotary.rotatedSize),
      ]
    default: return [:]
    }
  }

  /// The block on the embeddings, with the first two heads, which share keys and values, and the first 32 features.
  private static func block() -> [String: CaseTensor] {
    let (heads, features, headSize) = (2, 32, Recording.extents(.query)[2])
    func head(_ role: ActivationName.Role, _ count: Int) -> CaseTensor {
      // A product's rows are the elements of heads.
      let weight = Recording.weight(role)
      let shape = [count, headSize, weight.columns]
      return .shaped(shape, Array(weight.float32s.prefix(shape.reduce(1, *))))
    }
    let output = Recording.weight(.attentionOutput)
    guard case .real(let part) = columns(heads * headSize, of: output) else { preconditionFailure("columns are real") }
    return [
      "x": Recording[.embedding], "attentionNorm": vector(Recording.weight(.attentionNorm)),
      "query": head(.query, heads), "key": head(.key, 1), "value": head(.value, 1),
      "output": .shaped([output.rows, heads, headSize], part.elements),
      "feedForwardNorm": vector(Recording.weight(.feedForwardNorm)),
      "gate": rows(Array(0..<features), of: Recording.weight(.gate)),
      "up": rows(Array(0..<features), of: Recording.weight(.up)),
      "down": columns(features, of: Recording.weight(.down)),
    ]
  }

  /// The first eight features of a feed-forward layer, on the last token.
  private static func feedForward() -> [String: CaseTensor] {
    [
      "x": Recording.lastRow(.feedForwardNorm), "up": rows(Array(0..<8), of: Recording.weight(.up)),
      "down": columns(8, of: Recording.weight(.down)),
    ]
  }

  /// Two experts of four features each, which share those of the model's feed-forward layer.
  private static func experts() -> [String: CaseTensor] {
    func stacked(_ tensor: CaseTensor, _ shape: [Int]) -> CaseTensor {
      guard case .real(let numbers) = tensor else { preconditionFailure("weights are real") }
      return .shaped(shape, numbers.elements)
    }
    let down = Recording.weight(.down)
    let (gate, up) = (Recording.weight(.gate), Recording.weight(.up))
    let halves = [columns(4, of: down), columns(4..<8, of: columns(8, of: down))].flatMap { half -> [Float] in
      if case .real(let numbers) = half { numbers.elements } else { [] }
    }
    return [
      "x": Recording.lastRow(.feedForwardNorm), "weights": .rows([0.75, 0.25]),
      "choice": .integer(Activation(shape: [1, 2], elements: [1, 0])),
      "gate": stacked(rows(Array(0..<8), of: gate), [2, 4, gate.columns]),
      "up": stacked(rows(Array(0..<8), of: up), [2, 4, up.columns]), "down": .shaped([2, down.rows, 4], halves),
    ]
  }

  /// The columns `range` of a matrix.
  private static func columns(_ range: Range<Int>, of tensor: CaseTensor) -> CaseTensor {
    guard case .real(let numbers) = tensor else { preconditionFailure("activations are real") }
    let kept = numbers.selecting(Array(range), axis: numbers.shape.count - 1)
    return .shaped([kept.rows, kept.columns], kept.elements)
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

/// Block 0 of the model that ships, and the pass outside its blocks: exact activations, correctly rounded, and weights.
private enum Recording {
  static let tokens = [84, 104, 101]

  /// The step that gives the activation.
  private static func step(_ role: ActivationName.Role) -> Step {
    let plan = LoadedModel.shipped.transformer.plan
    guard let step = plan[ActivationName(block: 0, role)] ?? plan[ActivationName(role)] else {
      preconditionFailure("the pass computes no '\(role.rawValue)'")
    }
    return step
  }

  /// The weights that give the activation.
  static func weight(_ role: ActivationName.Role) -> Tensor { step(role).operation.tensors[0] }

  /// The shape of the activation.
  static func extents(_ role: ActivationName.Role) -> [Int] { step(role).shape(tokens: tokens.count) }

  static var epsilon: Float {
    guard case .rmsNorm(let layer) = step(.attentionNorm).operation else { preconditionFailure("no rms-norm") }
    return layer.epsilon
  }

  static var rotary: RotaryEmbeddingLayer {
    guard case .rotaryEmbedding(let layer) = step(.rotatedQuery).operation else { preconditionFailure("no rotation") }
    return layer
  }

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
    let pass = Reference.Pass(LoadedModel.shipped.transformer, precision: 160)
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
  /// The elements of a tensor of F32 or F16, each of which is a Float32.
  ///
  /// - Precondition: it is one.
  var float32s: [Float] {
    precondition(type == .f32 || type == .f16, "tensor '\(name)' holds \(type.label), not F32 or F16")
    // Sound: the bytes are read only while they are lent, and each word lies within them.
    return unsafe withUnsafeBytes { bytes in
      (0..<count).map { index in
        if type == .f16 {
          let half = unsafe bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          return Float(halfPattern: UInt16(littleEndian: half))
        }
        let word = unsafe bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
        return Float(bitPattern: UInt32(littleEndian: word))
      }
    }
  }
}
