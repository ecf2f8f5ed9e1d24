import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbTolerance

/// A whole model of the suite: what it is fed, and its exact pass.
struct GoldenModel: Sendable {
  /// The name, which begins with `model-`.
  let name: String
  /// What it is and how its layers follow each other.
  let note: String
  /// Where its weights start.
  let seed: UInt64
  /// What else one must know to build it.
  let attributes: [GoldenRecord.Attribute]
  /// The tokens, and the weights where they are few.
  let inputs: [GoldenRecord.Input]
  /// The activations of a pass at a precision, in order.
  let pass: @Sendable (_ precision: Int) throws(EnclosureError) -> [(name: String, activation: Activation<Ball>)]
  /// The same activations in error-tracking arithmetic, by name: what a whole Float32 pass may be off by.
  let tracked: @Sendable (ArithmeticModel) -> [String: Activation<Tracked>]

  /// The models of the suite.
  static let all: [GoldenModel] = [shipped, llama, gpt2]

  /// The goldens of the pass.
  ///
  /// - Throws: `DriftError.undecided` where the greatest precision tried decides a Float32 not.
  func record() throws(DriftError) -> GoldenRecord {
    let tracked = tracked(GoldenRecord.arithmetic)
    var precision = 192
    while precision <= 3072 {
      if let activations = try? pass(precision), let outputs = Self.outputs(activations, tracked) {
        return GoldenRecord(
          name: "pass", note: note, seed: seed, attributes: attributes, tensors: inputs, precision: precision,
          outputs: outputs)
      }
      precision *= 2
    }
    throw .undecided(activation: name, precision: precision / 2)
  }

  private static func outputs(
    _ activations: [(name: String, activation: Activation<Ball>)], _ tracked: [String: Activation<Tracked>]
  ) -> [GoldenOutput]? {
    var outputs: [GoldenOutput] = []
    for (name, activation) in activations {
      let bounds = [Rational?](repeating: nil, count: activation.elements.count)
      let expectation = Expectation(exact: activation, bounds: bounds).bounded(by: tracked[name], name: name)
      guard let answer = expectation.answer(precision: 0) else { return nil }
      outputs.append(
        GoldenOutput(name: name, shape: activation.shape, elements: answer.elements.map { $0.map(GoldenElement.init) }))
    }
    return outputs
  }
}

extension GoldenModel {
  /// The model that ships, whose weights its seed and fingerprint name.
  static let shipped = llamaShaped(
    "model-shipped", "the model that ships with plumb; ShippedModel.swift says how its weights are drawn",
    seed: ShippedModel.seed, ShippedModel.transformer, tokens: [80, 108, 117, 109, 98],
    inputs: [], roles: [.feedForwardResidual, .logits, .probabilities])

  /// A Llama-shaped model of 8 hidden elements, whose weights are listed.
  static let llama: GoldenModel = {
    var weights = SeededWeights(seed: 0x11a3a)
    let (hidden, heads, headSize, feedForward, vocabulary) = (8, 2, 4, 12, 16)
    let embedding = weights.embedding("token_embd.weight", vocabulary, hidden)
    let blocks = (0..<2).map { index -> BlockLayer in
      let name = "blk.\(index)"
      return BlockLayer(
        attentionNorm: weights.rmsNorm("\(name).attn_norm.weight", hidden),
        query: LinearLayer(weight: weights.matrix("\(name).attn_q.weight", heads * headSize, hidden)),
        key: LinearLayer(weight: weights.matrix("\(name).attn_k.weight", headSize, hidden)),
        value: LinearLayer(weight: weights.matrix("\(name).attn_v.weight", headSize, hidden)),
        output: LinearLayer(weight: weights.matrix("\(name).attn_output.weight", hidden, heads * headSize)),
        feedForwardNorm: weights.rmsNorm("\(name).ffn_norm.weight", hidden),
        feedForward: GatedFeedForwardLayer(
          gate: LinearLayer(weight: weights.matrix("\(name).ffn_gate.weight", feedForward, hidden)),
          up: LinearLayer(weight: weights.matrix("\(name).ffn_up.weight", feedForward, hidden)),
          down: LinearLayer(weight: weights.matrix("\(name).ffn_down.weight", hidden, feedForward))))
    }
    let transformer = Transformer(
      name: "llama-tiny", contextLength: 64, embedding: EmbeddingLayer(weight: embedding),
      rotary: RotaryEmbeddingLayer(rotatedSize: headSize, theta: 10_000, pairing: .halfSplit),
      attention: AttentionLayer(heads: heads, keyValueHeads: 1, headSize: headSize), blocks: blocks,
      finalNorm: weights.rmsNorm("output_norm.weight", hidden), unembedding: LinearLayer(weight: embedding))
    return llamaShaped(
      "model-llama",
      "Llama-shaped: rms-norm, rotary halves, two query heads on one of keys, gated silu, tied unembedding",
      seed: weights.seed, transformer, tokens: [3, 1, 4, 1, 5, 9], inputs: transformer.tensors.map(\.goldenInput),
      roles: [
        .attentionNorm, .rotatedQuery, .rotatedKey, .attentionResidual, .feedForwardResidual, .logits, .probabilities,
      ])
  }()

  /// The golden of a Llama-shaped transformer, which shows the activations of `roles`.
  private static func llamaShaped(
    _ name: String, _ note: String, seed: UInt64, _ transformer: Transformer, tokens: [Int],
    inputs: [GoldenRecord.Input], roles: Set<ActivationName.Role>
  ) -> GoldenModel {
    var attributes = [
      ("fingerprint", Fingerprint.of(transformer)),
      ("heads", "\(transformer.attention.heads)"), ("keyValueHeads", "\(transformer.attention.keyValueHeads)"),
      ("headSize", "\(transformer.attention.headSize)"), ("theta", transformer.rotary.theta.hexadecimal),
      ("interleaved", "\(transformer.rotary.pairing == .adjacent)"),
      ("epsilon", transformer.finalNorm.epsilon.hexadecimal),
    ]
    if !inputs.isEmpty { attributes.removeFirst() }
    return GoldenModel(
      name: name, note: note, seed: seed,
      attributes: attributes.map { GoldenRecord.Attribute(name: $0.0, value: $0.1) },
      inputs: [tokensInput(tokens)] + inputs,
      pass: { precision throws(EnclosureError) in
        try exactPass(transformer, tokens, roles, precision)
      }, tracked: { trackedPass(transformer, tokens, $0) })
  }

  private static func exactPass(
    _ transformer: Transformer, _ tokens: [Int], _ roles: Set<ActivationName.Role>, _ precision: Int
  ) throws(EnclosureError) -> [(name: String, activation: Activation<Ball>)] {
    var shown: [(name: String, activation: Activation<Ball>)] = []
    do {
      try Reference.Pass(transformer, precision: precision).run(tokens) { name, exact in
        if roles.contains(name.role) { shown.append((name.description, exact)) }
      }
    } catch {
      throw EnclosureError.argumentOutsideDomain(function: "a pass of \(transformer.name)")
    }
    return shown
  }

  /// A GPT-2-shaped model of 8 hidden elements, composed of the catalogue's layers; its weights are listed.
  static let gpt2: GoldenModel = {
    var weights = SeededWeights(seed: 0x6972)
    let (hidden, heads, feedForward, vocabulary, positions) = (8, 2, 16, 16, 8)
    let tokens = [2, 7, 1, 8, 2]
    let epsilon: Float = 1e-5
    let embedding = EmbeddingLayer(weight: weights.embedding("wte", vocabulary, hidden))
    let position = LearnedPositionLayer(weight: weights.embedding("wpe", positions, hidden))
    let attention = AttentionLayer(heads: heads, keyValueHeads: heads, headSize: hidden / heads)
    let blocks = (0..<2).map { GPT2Block("h.\($0)", hidden: hidden, feedForward: feedForward, epsilon, &weights) }
    let finalNorm = weights.layerNorm("ln_f", hidden, epsilon)
    let listed = weights.tensors
    return GoldenModel(
      name: "model-gpt2",
      note: "GPT-2-shaped: h = wte[token] + wpe[position]; in each block h += o(attention(q, k, v of ln_1(h))), "
        + "h += down(gelu-tanh(up(ln_2(h)))); logits = wte · ln_f(h)",
      seed: weights.seed,
      attributes: [
        GoldenRecord.Attribute(name: "heads", value: "\(heads)"),
        GoldenRecord.Attribute(name: "epsilon", value: epsilon.hexadecimal),
      ], inputs: [tokensInput(tokens)] + listed.map(\.goldenInput),
      pass: { precision throws(EnclosureError) in
        var shown: [(name: String, activation: Activation<Ball>)] = []
        var x = try Reference.learnedPosition(
          try Reference.embedding(tokens, embedding), position, precision: precision)
        for (index, block) in blocks.enumerated() {
          x = try block.run(x, attention, precision: precision)
          shown.append(("blocks.\(index)", x))
        }
        let normed = try Reference.layerNorm(x, finalNorm, precision: precision)
        shown.append(("final-norm", normed))
        let logits = try Reference.unembedding(normed, LinearLayer(weight: embedding.weight), precision: precision)
        shown.append(("logits", logits))
        shown.append(("probabilities", try Reference.softmax(logits, precision: precision)))
        return shown
      },
      tracked: { model in
        var shown: [String: Activation<Tracked>] = [:]
        var x = Modelled.learnedPosition(
          Modelled.embedding(tokens, weight: model.read(embedding.weight), model),
          weight: model.read(position.weight), firstPosition: 0, model)
        for (index, block) in blocks.enumerated() {
          x = block.tracked(x, attention, model)
          shown["blocks.\(index)"] = x
        }
        x = Modelled.layerNorm(x, finalNorm, model)
        shown["final-norm"] = x
        let logits = Modelled.linear(x, model.read(embedding.weight), model)
        shown["logits"] = logits
        shown["probabilities"] = Modelled.softmax(logits, model)
        return shown
      })
  }()

  private static func tokensInput(_ tokens: [Int]) -> GoldenRecord.Input {
    GoldenRecord.Input(name: "tokens", tensor: .integer(Activation(shape: [tokens.count], elements: tokens)))
  }
}

/// A block of GPT-2: layer norms before attention and feed-forward layer, biases everywhere.
private struct GPT2Block: Sendable {
  let first: LayerNormLayer
  let query, key, value, output: LinearLayer
  let second: LayerNormLayer
  let feedForward: FeedForwardLayer

  init(_ name: String, hidden: Int, feedForward: Int, _ epsilon: Float, _ weights: inout SeededWeights) {
    first = weights.layerNorm("\(name).ln_1", hidden, epsilon)
    query = weights.linear("\(name).q", hidden, hidden)
    key = weights.linear("\(name).k", hidden, hidden)
    value = weights.linear("\(name).v", hidden, hidden)
    output = weights.linear("\(name).o", hidden, hidden)
    second = weights.layerNorm("\(name).ln_2", hidden, epsilon)
    self.feedForward = FeedForwardLayer(
      up: weights.linear("\(name).up", feedForward, hidden), activation: .geluTanh,
      down: weights.linear("\(name).down", hidden, feedForward))
  }

  func run(_ x: Activation<Ball>, _ attention: AttentionLayer, precision: Int) throws(EnclosureError) -> Activation<
    Ball
  > {
    let normed = try Reference.layerNorm(x, first, precision: precision)
    func heads(_ layer: LinearLayer) throws(EnclosureError) -> Activation<Ball> {
      try Reference.linear(normed, layer, precision: precision)
        .reshaped([x.rows, attention.heads, attention.headSize])
    }
    let values = try Reference.attention(
      try heads(query), try heads(key), try heads(value), attention, precision: precision)
    let joined = try Reference.linear(values.reshaped(x.shape), output, precision: precision)
    let middle = Reference.residualAdd(x, joined, precision: precision)
    let again = try Reference.layerNorm(middle, second, precision: precision)
    return Reference.residualAdd(
      middle, try Reference.feedForward(again, feedForward, precision: precision), precision: precision)
  }
}

extension GPT2Block {
  /// The block in error-tracking arithmetic.
  func tracked(_ x: Activation<Tracked>, _ attention: AttentionLayer, _ model: ArithmeticModel) -> Activation<Tracked> {
    let normed = Modelled.layerNorm(x, first, model)
    func heads(_ layer: LinearLayer) -> Activation<Tracked> {
      Modelled.linear(normed, layer, model).reshaped([x.rows, attention.heads, attention.headSize])
    }
    let values = Modelled.attention(heads(query), heads(key), heads(value), attention, firstPosition: 0, model)
    let middle = Modelled.residualAdd(x, Modelled.linear(values.reshaped(x.shape), output, model), model)
    let hidden = Modelled.linear(Modelled.layerNorm(middle, second, model), feedForward.up, model)
    return Modelled.residualAdd(
      middle, Modelled.linear(Modelled.geluTanh(hidden, model), feedForward.down, model), model)
  }
}

/// Weights drawn one tensor after the other, short to write: embeddings are multiples of 2⁻¹² in [−1/2, 1/2), all others
/// of 2⁻¹⁴ in [−1/8, 1/8), or about 1.
///
/// So each block adds little to what goes past it, as in trained models, and a bound of the whole pass stays finite.
private struct SeededWeights {
  let seed: UInt64
  private var source: SplitMix64
  private(set) var tensors: [Tensor] = []

  init(seed: UInt64) {
    self.seed = seed
    source = SplitMix64(seed: seed)
  }

  mutating func embedding(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
    tensor(name, [rows, columns], around: 0, unit: 0x1p-12)
  }

  mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
    tensor(name, [rows, columns], around: 0)
  }

  mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> LinearLayer {
    LinearLayer(weight: matrix("\(name).weight", outputs, inputs), bias: tensor("\(name).bias", [outputs], around: 0))
  }

  mutating func rmsNorm(_ name: String, _ size: Int) -> RMSNormLayer {
    RMSNormLayer(weight: tensor(name, [size], around: 1), epsilon: 1e-5)
  }

  mutating func layerNorm(_ name: String, _ size: Int, _ epsilon: Float) -> LayerNormLayer {
    LayerNormLayer(
      weight: tensor("\(name).weight", [size], around: 1), bias: tensor("\(name).bias", [size], around: 0),
      epsilon: epsilon)
  }

  private mutating func tensor(
    _ name: String, _ shape: [Int], around centre: Float, unit: Float = 0x1p-14
  ) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { _ in centre + Float(Int(source.next() >> 52) - 2048) * unit }
    guard let tensor = Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(values)) else {
      preconditionFailure("an array of as many elements as its shape has always makes a tensor")
    }
    tensors.append(tensor)
    return tensor
  }
}

extension Tensor {
  /// The tensor as an input of a golden case.
  fileprivate var goldenInput: GoldenRecord.Input {
    GoldenRecord.Input(name: name, tensor: .real(Activation(shape: shape, elements: float32s)))
  }
}
