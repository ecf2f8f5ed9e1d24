import PlumbModel

extension Family {
  /// Attention whose queries, and keys and values, are made of latent rows, and whose keys end with a part that all heads share and
  /// that alone is turned: the sizes by default.
  struct LowRank: Sendable {
    /// The elements of the latent row of queries; a null in their place is none.
    var queryRank = 1536
    /// The elements of the latent row of keys and values.
    var keyValueRank = 512
    /// The elements of a head's key that are its own, that are shared, and of its value.
    var ownSize = 128
    var sharedSize = 64
    var valueSize = 128
    /// The key that says whether neighbours are turned together; `nil` where they always are.
    var pairingKey: String? = "rope_interleave"
    /// The number in the norms of latent rows, whatever a `config.json` says of the others.
    static let epsilon: Float = 1e-6
  }

  /// The sizes of low-rank attention, as a container states them.
  struct StatedLowRank: Sendable {
    /// The elements of the latent row of queries; `nil` where they are made of the hidden one.
    let queryRank: Int?
    let keyValueRank, ownSize, sharedSize, valueSize: Int
    /// The number in the norms of latent rows.
    let epsilon: Float

    /// The elements of a head of queries and keys.
    var headSize: Int { ownSize + sharedSize }
  }
}

extension HuggingFaceKeys {
  /// The sizes of the low-rank attention that the file states, where the family has one.
  ///
  /// - Throws: `ModelError` where keys contradict one another.
  func lowRank(_ family: Family, heads: Int, keyValueHeads: Int) throws(ModelError) -> Family.StatedLowRank? {
    guard let usual = family.lowRank else { return nil }
    guard keyValueHeads == heads else {
      throw fault("num_key_value_heads", "as many as num_attention_heads, \(heads), as each head has a key of its own")
    }
    var rank: Int?
    if case .object(let members) = json, members["q_lora_rank"] != .null {
      rank = try count("q_lora_rank", otherwise: usual.queryRank)
    }
    let stated = Family.StatedLowRank(
      queryRank: rank, keyValueRank: try count("kv_lora_rank", otherwise: usual.keyValueRank),
      ownSize: try count("qk_nope_head_dim", otherwise: usual.ownSize),
      sharedSize: try count("qk_rope_head_dim", otherwise: usual.sharedSize),
      valueSize: try count("v_head_dim", otherwise: usual.valueSize), epsilon: Family.LowRank.epsilon)
    guard try count("qk_head_dim", otherwise: stated.headSize) == stated.headSize else {
      throw fault("qk_head_dim", "\(stated.headSize), the sum of qk_nope_head_dim and qk_rope_head_dim")
    }
    guard try count("head_dim", otherwise: stated.sharedSize) == stated.sharedSize else {
      throw fault("head_dim", "\(stated.sharedSize), which qk_rope_head_dim is")
    }
    return stated
  }
}

// The products of low-rank attention.
extension DecoderModel {
  /// The attention of the block whose names `inBlock` makes, in which the `layer` meets what `rotary` turns.
  ///
  /// - Throws: `ModelError` where a tensor is missing, or has not the rows of its parts.
  func lowRank(
    _ stated: Family.StatedLowRank, _ layer: AttentionLayer, _ rotary: RotaryEmbeddingLayer?,
    _ inBlock: (String) -> String, _ source: inout TensorSource
  ) throws(ModelError) -> AttentionMixer {
    func norm(_ name: String) throws(ModelError) -> Norm {
      .rms(RMSNormLayer(weight: try source.take("\(inBlock(name)).weight"), epsilon: stated.epsilon))
    }
    let names = names.lowRank
    var queryLatent: Latent?
    if stated.queryRank != nil {
      queryLatent = Latent(
        product: try product(inBlock(names.queryDown), family.inputBias, &source), norm: try norm(names.queryNorm))
    }
    let query = try product(inBlock(stated.queryRank == nil ? self.names.query : names.queryUp), .never, &source)
    let both = try product(inBlock(names.keyValueDown), family.inputBias, &source)
    let (rank, rows) = (stated.keyValueRank, stated.keyValueRank + stated.sharedSize)
    let latent = Latent(product: try part(of: both, 0..<rank, all: rows), norm: try norm(names.keyValueNorm))
    let joint = inBlock(names.keyValueUp)
    let (key, value) =
      names.keyUp.isEmpty || source.has("\(joint).weight")
      ? try keyAndValue(stated, joint, &source)
      : (
        try stacked(inBlock(names.keyUp), isTransposed: true, rows: stated.ownSize, &source),
        try stacked(inBlock(names.valueUp), isTransposed: false, rows: stated.valueSize, &source)
      )
    return AttentionMixer(
      query: query, key: key, value: value, rotary: rotary, attention: layer,
      output: try product(inBlock(self.names.output), family.outputBias, &source), queryLatent: queryLatent,
      keyValueLatent: latent, sharedKey: try part(of: both, rank..<rows, all: rows), valueSize: stated.valueSize)
  }

  /// The product that a stack called `name` holds a matrix of for each head, of `rows` outputs.
  private func stacked(
    _ name: String, isTransposed: Bool, rows: Int, _ source: inout TensorSource
  ) throws(ModelError) -> LinearLayer {
    let stack = try source.take("\(name).weight")
    guard stack.shape.count == 3, stack.shape[0] == attention.heads, stack.shape[isTransposed ? 2 : 1] == rows else {
      throw wrongSize(stack, attention.heads * rows)
    }
    guard let matrix = isTransposed ? stack.exchangingLastAxes : stack.joiningFirstAxes else {
      throw ModelError(
        file: file, problem: "tensor '\(stack.name)' (\(stack.type.label)) cannot be transposed",
        remedy: "use a model that has it in F32, F16 or BF16")
    }
    return LinearLayer(weight: matrix)
  }

  /// The products to keys and values, which one holds head by head.
  private func keyAndValue(
    _ stated: Family.StatedLowRank, _ name: String, _ source: inout TensorSource
  ) throws(ModelError) -> (LinearLayer, LinearLayer) {
    let both = try product(name, .never, &source).weight
    let size = stated.ownSize + stated.valueSize
    // Nothing is made of a number of rows that the tensor does not bear out.
    guard both.rows == attention.heads * size else { throw wrongSize(both, attention.heads * size) }
    func rows(_ range: Range<Int>, _ word: String) throws(ModelError) -> LinearLayer {
      let rows = (0..<attention.heads).flatMap { head in range.map { head * size + $0 } }
      guard let weight = both.gathered(rows, name: "\(both.name)[\(word)]") else {
        throw wrongSize(both, attention.heads * size)
      }
      return LinearLayer(weight: weight)
    }
    return (try rows(0..<stated.ownSize, "key"), try rows(stated.ownSize..<size, "value"))
  }
}
