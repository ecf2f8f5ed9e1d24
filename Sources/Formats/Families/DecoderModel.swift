import PlumbModel

/// A decoder or an encoder: numbers that a container states, and the transformer that they and its tensors make.
struct DecoderModel {
  let family: Family
  /// The names of the container's tensors.
  var names: TensorNames
  /// The container, for messages.
  let file: String
  let name: String
  let contextLength: Int
  /// The window of each block, and how its heads are turned; `nil` for none.
  let blocks: [(window: Int?, rotary: RotaryEmbeddingLayer?)]
  /// The layer in which queries and keys meet, but for windows.
  let attention: AttentionLayer
  let epsilon: Float
  /// Whether the weights of norms are stored less 1.
  let addsOne: Bool
  let activation: ActivationFunction
  let isParallel: Bool
  var embeddingScale, branchScale, logitScale: ScaleLayer?
  var logitCap: Float?
  /// Whether a product must have a bias, and how that is known; `nil` where it may have one.
  let hasBias: (Family.Bias) -> (Bool, String)?
  /// The row of the first position.
  var firstPosition = 0
  /// Whether queries and keys are normalised before they are turned.
  let hasHeadNorms: Bool
  /// The sizes of low-rank attention; `nil` for another.
  var lowRank: Family.StatedLowRank?
  /// The experts of the blocks that have some; `nil` for none.
  var experts: Family.StatedExperts?
  /// The limit of queries, keys and values; `nil` for none.
  var inputClamp: ClampLayer?
  /// The clamped gate of the experts; `nil` for none.
  var clamp: ClampedGateLayer?

  /// The most bytes of the rows of a type, one for each position.
  private static let greatestTypes = 1 << 28

  /// The transformer that the tensors of `source` make; `unembedding` makes its product of the container's own, where there is
  /// one, and of the embedding.
  ///
  /// - Throws: `ModelError` where a tensor is missing, or one is left; what `unembedding` throws.
  func transformer(
    _ source: inout TensorSource,
    unembedding: (_ own: LinearLayer?, _ embedding: Tensor) throws(ModelError) -> LinearLayer?
  ) throws(ModelError) -> Transformer {
    let embedding = try source.take("\(names.embedding).weight")
    let types = try names.types.map { name throws(ModelError) in try typeRows(source.take("\(name).weight")) }
    let positions = try names.positions.map { name throws(ModelError) in try positionRows(source.take("\(name).weight"))
    }
    let embeddingNorm = try names.embeddingNorm.map { name throws(ModelError) in
      try norm(name, &source, width: embedding.columns)
    }
    var made: [Block] = []
    for index in blocks.indices { made.append(try block(index, &source, width: embedding.columns)) }
    let finalNorm = try names.finalNorm.map { name throws(ModelError) in
      try norm(name, &source, width: embedding.columns)
    }
    let product = try unembedding(source.linearIfPresent(names.unembedding), embedding)
    try source.refuseLeftovers()
    return Transformer(
      name: name, contextLength: contextLength,
      stem: Stem(
        tokens: EmbeddingLayer(weight: embedding), scale: embeddingScale, types: types, positions: positions,
        norm: embeddingNorm), blocks: made,
      head: Head(norm: finalNorm, unembedding: product, softCap: logitCap, scale: logitScale))
  }

  /// The row of the first type for each position of a text, as a text by itself has no other type.
  private func typeRows(_ table: Tensor) throws(ModelError) -> LearnedPositionLayer {
    let name = "\(table.name)[0]"
    // Nothing else bounds the positions of a model that has no rows for them.
    let (size, overflow) = contextLength.multipliedReportingOverflow(by: table.bytesPerRow)
    guard !overflow, size <= Self.greatestTypes else {
      throw ModelError(
        file: file, problem: "asks for \(contextLength) rows of types, more than any model has positions",
        remedy: "the model contradicts itself: fetch or convert it again")
    }
    guard let rows = table.gathered([Int](repeating: 0, count: contextLength), name: name) else {
      throw wrongSize(table, 1)
    }
    return LearnedPositionLayer(weight: rows)
  }

  /// The rows from that of the first position on.
  private func positionRows(_ table: Tensor) throws(ModelError) -> LearnedPositionLayer {
    guard firstPosition > 0 else { return LearnedPositionLayer(weight: table) }
    guard table.rows > firstPosition, let rows = table.part(firstPosition..<table.rows) else {
      throw wrongSize(table, firstPosition + contextLength)
    }
    return LearnedPositionLayer(weight: rows)
  }

  private func block(_ index: Int, _ source: inout TensorSource, width: Int) throws(ModelError) -> Block {
    func inBlock(_ name: String) -> String { name.replacing("{block}", with: "\(index)") }
    func norm(_ name: String?) throws(ModelError) -> Norm? {
      guard let name else { return nil }
      return try self.norm(inBlock(name), &source, width: width)
    }
    func headNorm(_ name: String) throws(ModelError) -> Norm? {
      if !hasHeadNorms { return nil }
      return try self.norm(inBlock(name), &source, width: width)
    }
    func product(_ name: String, _ bias: Family.Bias) throws(ModelError) -> LinearLayer {
      try self.product(inBlock(name), bias, &source)
    }
    let attentionNorm = index == 0 && names.lacksFirstNorm ? nil : try norm(names.attentionNorm)
    var layer = attention
    layer.window = blocks[index].window
    if case .symmetric = family.window { layer.windowAfter = layer.window.map { $0 - 1 } }
    if family.hasSinks { layer.sinks = try sinks(source.take(inBlock(names.sinks))) }
    let attention: AttentionMixer
    if let lowRank {
      attention = try self.lowRank(lowRank, layer, blocks[index].rotary, inBlock, &source)
    } else {
      let (query, key, value) = try inputs(inBlock, &source)
      attention = AttentionMixer(
        query: query, key: key, value: value, queryNorm: try headNorm(names.queryNorm),
        keyNorm: try headNorm(names.keyNorm), rotary: blocks[index].rotary, attention: layer,
        output: try product(names.output, family.outputBias), clamp: inputClamp)
    }
    let attentionOutputNorm = try norm(names.attentionOutputNorm)
    // One norm for both branches, where only the first has one.
    let feedForwardNorm = isParallel && names.feedForwardNorm == nil ? attentionNorm : try norm(names.feedForwardNorm)
    let feedForward: Mixer =
      if let experts, experts.isSparse(index) { try self.experts(experts, inBlock, &source) } else {
        try self.feedForward(product)
      }
    return Block(branches: [
      Branch(
        norm: attentionNorm, mixer: .attention(attention), outputNorm: attentionOutputNorm, scale: branchScale,
        sumNorm: try norm(names.attentionSumNorm)),
      Branch(
        norm: feedForwardNorm, mixer: feedForward, outputNorm: try norm(names.feedForwardOutputNorm),
        scale: branchScale, sumNorm: try norm(names.feedForwardSumNorm), isParallel: isParallel),
    ])
  }

  /// The sinks that `tensor` holds.
  private func sinks(_ tensor: Tensor) throws(ModelError) -> AttentionSinks {
    guard let logits = tensor.plainNumbers, tensor.shape == [attention.heads] else {
      throw wrongSize(tensor, attention.heads)
    }
    try tensor.refuseNonFinite(file: file)
    return AttentionSinks(tensor: tensor, logits: logits)
  }

  /// The products to queries, keys and values: three tensors, or one.
  private func inputs(
    _ inBlock: (String) -> String, _ source: inout TensorSource
  ) throws(ModelError) -> (LinearLayer, LinearLayer, LinearLayer) {
    guard let fused = names.fused.map(inBlock), source.has("\(fused).weight") else {
      return (
        try product(inBlock(names.query), family.inputBias, &source),
        try product(inBlock(names.key), family.inputBias, &source),
        try product(inBlock(names.value), family.inputBias, &source)
      )
    }
    let all = try product(fused, family.inputBias, &source)
    let (queries, keys) = (attention.heads * attention.headSize, attention.keyValueHeads * attention.headSize)
    switch names.order {
    case .parts:
      return (
        try part(of: all, 0..<queries, all: queries + 2 * keys),
        try part(of: all, queries..<queries + keys, all: queries + 2 * keys),
        try part(of: all, queries + keys..<queries + 2 * keys, all: queries + 2 * keys)
      )
    case .groups:
      // The rows of a group: those of its queries, and of its key and value.
      let (size, queriesOfGroup) = (attention.headSize, attention.heads / attention.keyValueHeads)
      func gathered(_ heads: [Int], _ word: String) throws(ModelError) -> LinearLayer {
        let rows = heads.flatMap { $0 * size..<($0 + 1) * size }
        guard all.weight.rows == queries + 2 * keys, attention.heads.isMultiple(of: attention.keyValueHeads),
          let weight = all.weight.gathered(rows, name: "\(all.weight.name)[\(word)]")
        else { throw wrongSize(all.weight, queries + 2 * keys) }
        let bias = all.bias?.gathered(rows, name: "\(fused).bias[\(word)]")
        guard all.bias == nil || bias != nil else { throw wrongSize(all.bias ?? all.weight, queries + 2 * keys) }
        return LinearLayer(weight: weight, bias: bias)
      }
      let starts = (0..<attention.keyValueHeads).map { $0 * (queriesOfGroup + 2) }
      return (
        try gathered(starts.flatMap { $0..<$0 + queriesOfGroup }, "query"),
        try gathered(starts.map { $0 + queriesOfGroup }, "key"),
        try gathered(starts.map { $0 + queriesOfGroup + 1 }, "value")
      )
    }
  }

  private func feedForward(
    _ product: (String, Family.Bias) throws(ModelError) -> LinearLayer
  ) throws(ModelError) -> Mixer {
    let bias = family.feedForwardBias
    if names.upHoldsGate {
      let both = try product(names.up, bias)
      let size = both.weight.rows / 2
      return .gatedFeedForward(
        GatedFeedForwardLayer(
          gate: try part(of: both, 0..<size, all: 2 * size), up: try part(of: both, size..<2 * size, all: 2 * size),
          down: try product(names.down, bias), activation: activation))
    }
    guard let gate = names.gate else {
      return .feedForward(
        FeedForwardLayer(
          up: try product(names.up, bias), activation: activation, down: try product(names.down, bias)))
    }
    return .gatedFeedForward(
      GatedFeedForwardLayer(
        gate: try product(gate, bias), up: try product(names.up, bias), down: try product(names.down, bias),
        activation: activation))
  }

  /// The outputs `rows` of a product that has `count` of them.
  func part(of product: LinearLayer, _ rows: Range<Int>, all count: Int) throws(ModelError) -> LinearLayer {
    guard product.weight.rows == count, let weight = product.weight.part(rows) else {
      throw wrongSize(product.weight, count)
    }
    let bias = product.bias?.part(rows)
    guard product.bias == nil || product.bias?.count == count && bias != nil else {
      throw wrongSize(product.bias ?? weight, count)
    }
    return LinearLayer(weight: weight, bias: bias)
  }

  func wrongSize(_ tensor: Tensor, _ rows: Int) -> ModelError {
    ModelError(
      file: file,
      problem:
        "tensor '\(tensor.name)' (\(tensor.type.label), \(tensor.shape)) does not hold the \(rows) rows of its parts",
      remedy: "the model contradicts itself: fetch or convert it again")
  }

  /// The product called `name`.
  func product(
    _ name: String, _ bias: Family.Bias, _ source: inout TensorSource
  ) throws(ModelError) -> LinearLayer {
    var layer = try source.linear(name)
    if let (isThere, reason) = hasBias(bias), (layer.bias != nil) != isThere {
      // Programs that quantise write biases of zeros, which change nothing.
      guard !isThere, source.checked.contains(layer.weight.name),
        layer.bias?.plainNumbers?.allSatisfy({ $0 == 0 }) == true
      else {
        throw ModelError(
          file: file, problem: "'\(name).weight' \(isThere ? "has no bias" : "has a bias"), but \(reason)",
          remedy: "the folder contradicts itself: fetch the model again")
      }
      layer = LinearLayer(weight: layer.weight)
    }
    guard names.isTransposed else { return layer }
    guard let weight = layer.weight.transposed else {
      throw ModelError(
        file: file, problem: "tensor '\(layer.weight.name)' (\(layer.weight.type.label)) cannot be transposed",
        remedy: "use a model stored in F32, F16 or BF16")
    }
    layer = LinearLayer(weight: weight, bias: layer.bias)
    return layer
  }

  /// The norm called `name`, of rows of `width` elements where it has no weight.
  private func norm(_ name: String, _ source: inout TensorSource, width: Int) throws(ModelError) -> Norm {
    switch family.norm {
    case .rms, .rmsLessOne:
      return .rms(RMSNormLayer(weight: try source.take("\(name).weight"), epsilon: epsilon, addsOne: addsOne))
    case .layer(let hasBias):
      // The oldest folders have names of their own.
      let (scale, shift) = source.has("\(name).gamma") ? ("gamma", "beta") : ("weight", "bias")
      let bias = hasBias ? try source.take("\(name).\(shift)") : nil
      return .layer(LayerNormLayer(weight: try source.take("\(name).\(scale)"), bias: bias, epsilon: epsilon))
    case .plain:
      let ones = WeightArray([Float](repeating: 1, count: width))
      guard let weight = Tensor(name: "ones", type: .f32, shape: [width], bytes: ones) else {
        throw TensorSource.missing(name, file: file)
      }
      return .layer(LayerNormLayer(weight: weight.made, epsilon: epsilon))
    }
  }
}
