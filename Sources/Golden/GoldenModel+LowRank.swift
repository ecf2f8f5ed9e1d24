import PlumbModel

extension GoldenModel {
  /// A model with DeepSeek's attention, of 8 hidden elements, whose weights are listed.
  static let lowRank: GoldenModel = {
    var weights = SeededWeights(seed: 0xdee95ee)
    let (hidden, heads, feedForward, vocabulary) = (8, 2, 12, 16)
    // The latent rows of queries, and of keys and values; a head's own elements, those that are shared and turned, and its value's.
    let (queryRank, rank, own, shared, value) = (6, 5, 3, 4, 2)
    let stretch = RotaryMagnitude.logarithms(factor: 4, numerator: 0.75)
    let embedding = weights.embedding("token_embd.weight", vocabulary, hidden)
    func product(_ name: String, _ rows: Int, _ columns: Int) -> LinearLayer {
      LinearLayer(weight: weights.matrix("\(name).weight", rows, columns))
    }
    let blocks = (0..<2).map { index -> Block in
      let name = "blk.\(index)"
      let norm = weights.rmsNorm("\(name).attn_norm.weight", hidden)
      let queryLatent = Latent(
        product: product("\(name).attn_q_a", queryRank, hidden),
        norm: .rms(weights.rmsNorm("\(name).attn_q_a_norm.weight", queryRank)))
      let keyValueLatent = Latent(
        product: product("\(name).attn_kv_a", rank, hidden),
        norm: .rms(weights.rmsNorm("\(name).attn_kv_a_norm.weight", rank)))
      let attention = AttentionMixer(
        query: product("\(name).attn_q_b", heads * (own + shared), queryRank),
        key: product("\(name).attn_k_b", heads * own, rank),
        value: product("\(name).attn_v_b", heads * value, rank),
        rotary: RotaryEmbeddingLayer(
          rotatedSize: shared, theta: 10_000, pairing: .adjacent, scaling: .ramp(factor: 4, first: 0, last: 1),
          firstRotated: own),
        attention: AttentionLayer(heads: heads, keyValueHeads: heads, headSize: own + shared, stretch: stretch),
        output: product("\(name).attn_output", hidden, heads * value), queryLatent: queryLatent,
        keyValueLatent: keyValueLatent, sharedKey: product("\(name).attn_k_shared", shared, hidden), valueSize: value)
      return Block(
        attentionNorm: norm, attention: attention,
        feedForwardNorm: weights.rmsNorm("\(name).ffn_norm.weight", hidden),
        feedForward: GatedFeedForwardLayer(
          gate: product("\(name).ffn_gate", feedForward, hidden), up: product("\(name).ffn_up", feedForward, hidden),
          down: product("\(name).ffn_down", hidden, feedForward)))
    }
    let finalNorm = weights.rmsNorm("output_norm.weight", hidden)
    let transformer = Transformer(
      name: "low-rank-tiny", contextLength: 64, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: blocks,
      head: Head(norm: .rms(finalNorm), unembedding: LinearLayer(weight: embedding)))
    let tokens = [3, 1, 4, 1, 5, 9]
    let shown: Set<ActivationName.Role> = [
      .queryLatentNorm, .keyValueLatentNorm, .rotatedQuery, .rotatedKey, .attentionScores, .attentionValues,
      .attentionResidual, .feedForwardResidual, .logits,
    ]
    return GoldenModel(
      name: "model-low-rank",
      note:
        "DeepSeek's attention: query = q_b · rms-norm(q_a · x), key of a head = k_b · rms-norm(kv_a · x) followed by "
        + "k_shared · x, whose pairs of neighbours alone are turned, value = v_b · rms-norm(kv_a · x); frequencies by a "
        + "ramp from pair 0 to pair 1 by 4, scores times (1 + 0.075 · ln 4)²/√7; gated silu, tied unembedding",
      seed: weights.seed,
      attributes: [
        GoldenRecord.Attribute(name: "heads", value: "\(heads)"),
        GoldenRecord.Attribute(name: "headSize", value: "\(own + shared)"),
        GoldenRecord.Attribute(name: "firstRotated", value: "\(own)"),
        GoldenRecord.Attribute(name: "theta", value: Float(10_000).hexadecimal),
        GoldenRecord.Attribute(name: "epsilon", value: epsilon(transformer).hexadecimal),
      ], inputs: [tokensInput(tokens)] + transformer.tensors.map(\.goldenInput), transformer: transformer,
      tokens: tokens,
      shown: { shown.contains($0.role) ? $0.description : nil })
  }()

  /// The number in the norms of `transformer`.
  private static func epsilon(_ transformer: Transformer) -> Float {
    for case .rmsNorm(let layer) in transformer.plan.steps.lazy.map(\.operation) { return layer.epsilon }
    return 0
  }
}
