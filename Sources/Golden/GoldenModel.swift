import PlumbBounds
import PlumbExact
import PlumbFormats
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// A whole model of the suite: what it is fed, and its exact pass.
struct GoldenModel: Sendable {
  /// The name, which begins with `model-`.
  let name: String
  /// A line on what it is and how its layers follow each other.
  let note: String
  /// The seed of its weights; `nil` where they were trained.
  let seed: UInt64?
  /// The attributes that one must know as well to build it.
  let attributes: [GoldenRecord.Attribute]
  /// The tokens, and the weights where they are few.
  let inputs: [GoldenRecord.Input]
  /// The model.
  let transformer: Transformer
  /// The tokens that it is fed.
  let tokens: [Int]
  /// Whether logits are those of every token, not of the last alone.
  var hasLogitsOfEveryToken = false
  /// The name of an activation in the golden; `nil` where it is left out.
  let shown: @Sendable (ActivationName) -> String?

  /// The models of the suite.
  static let all: [GoldenModel] = [shipped, llama, gpt2, lowRank]

  /// The goldens of the pass.
  ///
  /// - Throws: `DriftError.undecided` where the greatest precision tried decides a Float32 not.
  func record() throws(DriftError) -> GoldenRecord {
    let tracked = tracked(GoldenRecord.arithmetic)
    do {
      return try PrecisionLoop.decide(from: 192, upTo: 3072) { precision throws(EnclosureError) in
        guard let outputs = Self.outputs(try pass(precision), tracked) else { return nil }
        return GoldenRecord(
          name: "pass", note: note, seed: seed, attributes: attributes, tensors: inputs, precision: precision,
          outputs: outputs)
      }
    } catch {
      throw .undecided(activation: name, precision: error.precision)
    }
  }

  /// The activations of a pass at a precision, in order.
  private func pass(_ precision: Int) throws(EnclosureError) -> [(name: String, activation: Activation<Ball>)] {
    var found: [(name: String, activation: Activation<Ball>)] = []
    _ = try transformer.plan.run { step, inputs throws(EnclosureError) in
      let exact = try Reference.result(of: arranged(step), inputs, tokens: tokens, precision: precision)
      if let name = shown(step.name) { found.append((name, exact)) }
      return exact
    }
    return found
  }

  /// The same activations in error-tracking arithmetic, by name: what a whole Float32 pass may be off by, the errors of each
  /// step going through all the steps behind it.
  private func tracked(_ model: ArithmeticModel) -> [String: Activation<Tracked>] {
    var found: [String: Activation<Tracked>] = [:]
    _ = transformer.plan.run { step, inputs in
      let tracked = arranged(step).forward(inputs, tokens: tokens, in: model) { tensor in
        model.read(Activation(shape: tensor.shape, elements: tensor.float32s))
      }
      if let name = shown(step.name) { found[name] = tracked }
      return tracked
    }
    return found
  }

  /// The `step` as the golden has it.
  private func arranged(_ step: Step) -> Step {
    guard hasLogitsOfEveryToken, case .unembedding(let layer, nil) = step.operation else { return step }
    let extents = [Extent.tokens] + step.outputs[0].extents.dropFirst()
    return Step(
      outputs: [Step.Output(name: step.name, extents: extents)], operation: .linear(layer), inputs: step.inputs)
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
  /// The model that ships, which its fingerprint names.
  static let shipped: GoldenModel = {
    let tokens = [84, 104, 101, 32, 119]
    let transformer = LoadedModel.shipped.transformer
    let fingerprint = GoldenRecord.Attribute(name: "fingerprint", value: Fingerprint.of(transformer))
    let shown = Set(transformer.plan.streams.dropFirst() + [ActivationName(.logits), ActivationName(.probabilities)])
    return GoldenModel(
      name: "model-shipped", note: "the model that ships; the page ShippedModel says how it was trained",
      seed: nil, attributes: [fingerprint] + attributes(of: transformer), inputs: [tokensInput(tokens)],
      transformer: transformer, tokens: tokens, shown: { shown.contains($0) ? $0.description : nil })
  }()

  /// The attributes of the layers of a Llama-shaped transformer, each kind as it stands first.
  private static func attributes(of transformer: Transformer) -> [GoldenRecord.Attribute] {
    var found: [(name: String, value: String)] = []
    for step in transformer.plan.steps {
      switch step.operation {
      case .attentionScores(let layer):
        found += [
          ("heads", "\(layer.heads)"), ("keyValueHeads", "\(layer.keyValueHeads)"), ("headSize", "\(layer.headSize)"),
        ]
      case .rotaryEmbedding(let layer):
        found += [("theta", layer.theta.hexadecimal), ("interleaved", "\(layer.pairing == .adjacent)")]
      case .rmsNorm(let layer): found.append(("epsilon", layer.epsilon.hexadecimal))
      default: break
      }
    }
    return ["heads", "keyValueHeads", "headSize", "theta", "interleaved", "epsilon"].compactMap { name in
      found.first { $0.name == name }.map { GoldenRecord.Attribute(name: name, value: $0.value) }
    }
  }

  /// A Llama-shaped model of 8 hidden elements, whose weights are listed.
  static let llama: GoldenModel = {
    var weights = SeededWeights(seed: 0x11a3a)
    let (hidden, heads, headSize, feedForward, vocabulary) = (8, 2, 4, 12, 16)
    let embedding = weights.embedding("token_embd.weight", vocabulary, hidden)
    let blocks = (0..<2).map { index -> Block in
      let name = "blk.\(index)"
      return Block(
        attentionNorm: weights.rmsNorm("\(name).attn_norm.weight", hidden),
        attention: AttentionMixer(
          query: LinearLayer(weight: weights.matrix("\(name).attn_q.weight", heads * headSize, hidden)),
          key: LinearLayer(weight: weights.matrix("\(name).attn_k.weight", headSize, hidden)),
          value: LinearLayer(weight: weights.matrix("\(name).attn_v.weight", headSize, hidden)),
          rotary: RotaryEmbeddingLayer(rotatedSize: headSize, theta: 10_000, pairing: .halfSplit),
          attention: AttentionLayer(heads: heads, keyValueHeads: 1, headSize: headSize),
          output: LinearLayer(weight: weights.matrix("\(name).attn_output.weight", hidden, heads * headSize))),
        feedForwardNorm: weights.rmsNorm("\(name).ffn_norm.weight", hidden),
        feedForward: GatedFeedForwardLayer(
          gate: LinearLayer(weight: weights.matrix("\(name).ffn_gate.weight", feedForward, hidden)),
          up: LinearLayer(weight: weights.matrix("\(name).ffn_up.weight", feedForward, hidden)),
          down: LinearLayer(weight: weights.matrix("\(name).ffn_down.weight", hidden, feedForward))))
    }
    let transformer = Transformer(
      name: "llama-tiny", contextLength: 64, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: blocks,
      head: Head(
        norm: .rms(weights.rmsNorm("output_norm.weight", hidden)), unembedding: LinearLayer(weight: embedding)))
    let tokens = [3, 1, 4, 1, 5, 9]
    return GoldenModel(
      name: "model-llama",
      note: "Llama-shaped: rms-norm, rotary halves, two query heads on one of keys, gated silu, tied unembedding",
      seed: weights.seed, attributes: attributes(of: transformer),
      inputs: [tokensInput(tokens)] + transformer.tensors.map(\.goldenInput), transformer: transformer, tokens: tokens,
      shown: { name in
        let roles: Set<ActivationName.Role> = [
          .attentionNorm, .rotatedQuery, .rotatedKey, .attentionResidual, .feedForwardResidual, .logits, .probabilities,
        ]
        return roles.contains(name.role) ? name.description : nil
      })
  }()

  /// A GPT-2-shaped model of 8 hidden elements, whose weights are listed; logits are those of every token.
  static let gpt2: GoldenModel = {
    var weights = SeededWeights(seed: 0x6972)
    let (hidden, heads, feedForward, vocabulary, positions) = (8, 2, 16, 16, 8)
    let tokens = [2, 7, 1, 8, 2]
    let epsilon: Float = 1e-5
    let embedding = EmbeddingLayer(weight: weights.embedding("wte", vocabulary, hidden))
    let position = LearnedPositionLayer(weight: weights.embedding("wpe", positions, hidden))
    let blocks = (0..<2).map { index -> Block in
      let name = "h.\(index)"
      let attentionNorm = weights.layerNorm("\(name).ln_1", hidden, epsilon)
      let attention = AttentionMixer(
        query: weights.linear("\(name).q", hidden, hidden), key: weights.linear("\(name).k", hidden, hidden),
        value: weights.linear("\(name).v", hidden, hidden), rotary: nil,
        attention: AttentionLayer(heads: heads, keyValueHeads: heads, headSize: hidden / heads),
        output: weights.linear("\(name).o", hidden, hidden))
      let feedForwardNorm = weights.layerNorm("\(name).ln_2", hidden, epsilon)
      let feedForward = FeedForwardLayer(
        up: weights.linear("\(name).up", feedForward, hidden), activation: .geluTanh,
        down: weights.linear("\(name).down", hidden, feedForward))
      return Block(branches: [
        Branch(norm: .layer(attentionNorm), mixer: .attention(attention)),
        Branch(norm: .layer(feedForwardNorm), mixer: .feedForward(feedForward)),
      ])
    }
    let finalNorm = weights.layerNorm("ln_f", hidden, epsilon)
    let transformer = Transformer(
      name: "gpt2-tiny", contextLength: positions, stem: Stem(tokens: embedding, positions: position), blocks: blocks,
      head: Head(norm: .layer(finalNorm), unembedding: LinearLayer(weight: embedding.weight)))
    let ends = Dictionary(
      uniqueKeysWithValues: transformer.plan.streams.dropFirst().enumerated().map { ($1, "blocks.\($0)") })
    let outside = [ActivationName(.finalNorm), ActivationName(.logits), ActivationName(.probabilities)]
    return GoldenModel(
      name: "model-gpt2",
      note: "GPT-2-shaped: h = wte[token] + wpe[position]; in each block h += o(attention(q, k, v of ln_1(h))), "
        + "h += down(gelu-tanh(up(ln_2(h)))); logits = wte · ln_f(h)",
      seed: weights.seed,
      attributes: [
        GoldenRecord.Attribute(name: "heads", value: "\(heads)"),
        GoldenRecord.Attribute(name: "epsilon", value: epsilon.hexadecimal),
      ], inputs: [tokensInput(tokens)] + weights.tensors.map(\.goldenInput), transformer: transformer, tokens: tokens,
      hasLogitsOfEveryToken: true, shown: { ends[$0] ?? (outside.contains($0) ? $0.description : nil) })
  }()

  static func tokensInput(_ tokens: [Int]) -> GoldenRecord.Input {
    GoldenRecord.Input(name: "tokens", tensor: .integer(Activation(shape: [tokens.count], elements: tokens)))
  }
}

extension Tensor {
  /// The tensor as an input of a golden case.
  var goldenInput: GoldenRecord.Input {
    GoldenRecord.Input(name: name, tensor: .real(Activation(shape: shape, elements: float32s)))
  }
}
