import PlumbModel

extension GGUFFile {
  /// The transformer that the file holds: a decoder or an encoder of a family that is known.
  ///
  /// The unembedding of a decoder is tied to the embedding where there is no `output.weight`.
  ///
  /// - Throws: `ModelError` when the architecture is another, something in the file would change the values and is
  ///   not computed here, a tensor is missing, unused or of a wrong shape, or a weight is NaN or infinite.
  package func transformer() throws(ModelError) -> Transformer {
    let configuration = try DecoderConfiguration(metadata, tensors: Set(tensors.map(\.name)), file: file)
    if let count = try metadata.integer("split.count"), count > parts {
      throw ModelError(
        file: file, problem: "is one of \(count) parts of a model", remedy: "name the first of them by its path")
    }
    let family = configuration.family
    var source = try TensorSource(tensors.filter { !family.tensorsInGGUF.ignores($0.name) }, file: file)
    var rotary = configuration.rotary
    let limit = try rotary.takeDivisors(&source)
    let decoder = try decoder(configuration, rotary.layer, limit)
    let transformer = try decoder.transformer(&source) { own, embedding in
      family.isEncoder ? nil : own ?? LinearLayer(weight: embedding)
    }
    try check(transformer, against: configuration)
    // A part of a tensor has its name before a bracket.
    for tensor in transformer.tensors where !made.contains(String(tensor.name.prefix { $0 != "[" })) {
      try tensor.refuseNonFinite(file: file)
    }
    return transformer
  }

  private func check(_ transformer: Transformer, against configuration: DecoderConfiguration) throws(ModelError) {
    func fault(_ problem: String) -> ModelError {
      ModelError(file: file, problem: problem, remedy: "the file contradicts itself: fetch or convert the model again")
    }
    let embedding = transformer.stem.tokens.weight
    guard embedding.shape.count == 2 else {
      throw fault("tensor 'token_embd.weight' has shape \(embedding.shape), expected [vocabulary, hidden]")
    }
    guard transformer.hiddenSize == configuration.hiddenSize else {
      throw fault(
        "tensor 'token_embd.weight' has shape \(embedding.shape), but \(configuration.family.key("embedding_length")) is "
          + "\(configuration.hiddenSize)")
    }
    if let size = configuration.vocabularySize, size != transformer.vocabularySize {
      throw fault(
        "tensor 'token_embd.weight' has shape \(embedding.shape), but \(configuration.family.key("vocab_size")) is \(size)"
      )
    }
    if let wrong = transformer.shapeErrors.first { throw fault(wrong) }
    if let size = configuration.experts?.size {
      for step in transformer.plan.steps where step.name.role == .expertUp {
        guard case .expertLinear(let layer) = step.operation else { continue }
        guard let wrong = layer.products.first(where: { $0.weight.rows != size })?.weight else { continue }
        throw fault(
          "tensor '\(wrong.name)' has shape \(wrong.shape), but "
            + "\(configuration.family.key("expert_feed_forward_length")) is \(size)")
      }
    }
    guard let size = configuration.feedForwardSize else { return }
    let plan = transformer.plan
    for step in plan.steps where [.gate, .up].contains(step.name.role) {
      // Beside experts it is the shared one's.
      if plan[ActivationName(block: step.name.block, .routerLogits)] != nil { continue }
      guard let product = step.operation.product?.weight, product.rows != size else { continue }
      throw fault(
        "tensor '\(product.name)' has shape \(product.shape), but \(configuration.family.key("feed_forward_length")) is \(size)"
      )
    }
  }

  /// The decoder that the file states, of as many blocks as its tensors can be, whose heads are turned by `rotary` in passes
  /// of at most `limit` tokens.
  private func decoder(
    _ configuration: DecoderConfiguration, _ rotary: RotaryEmbeddingLayer, _ limit: Int?
  ) throws(ModelError) -> DecoderModel {
    let (family, blocks) = (configuration.family, configuration.blocks)
    var names = family.tensorsInGGUF
    // Some variants of a family of encoders have no types.
    if let types = names.types, !tensors.contains(where: { $0.name == "\(types).weight" }) { names.types = nil }
    // No block count can outgrow the file.
    guard blocks <= tensors.count / names.tensorsOfBlock(withoutNorms: family.norm == .plain) else {
      throw ModelError(
        file: file,
        problem: "\(family.key("block_count")) is \(blocks), but the file has only \(tensors.count) tensors",
        remedy: "tensors are missing: fetch or convert the model again")
    }
    var rotaryOfWindows = rotary
    if let theta = configuration.thetaOfWindows {
      rotaryOfWindows = RotaryEmbeddingLayer(
        rotatedSize: rotary.rotatedSize, theta: theta, pairing: rotary.pairing)
    }
    let hasHeadNorms =
      switch family.normalises {
      case .none, .stated: false
      case .each, .all: true
      }
    let parts = (0..<blocks).map { index -> (window: Int?, rotary: RotaryEmbeddingLayer?) in
      let window = configuration.windows[index]
      let isTurned =
        switch family.unturned {
        case .none: names.positions == nil && configuration.attention.linearBias == nil
        case .listed(let period): (index + 1) % period != 0
        case .withoutWindow: window != nil
        }
      return (window, isTurned ? (window == nil ? rotary : rotaryOfWindows) : nil)
    }
    return DecoderModel(
      family: family, names: names, file: file, name: configuration.name,
      contextLength: min(configuration.contextLength, limit ?? .max),
      blocks: parts, attention: configuration.attention, epsilon: configuration.epsilon, addsOne: false,
      activation: configuration.activation, isParallel: configuration.isParallel,
      embeddingScale: configuration.embeddingScale, branchScale: configuration.branchScale,
      logitScale: configuration.logitScale, logitCap: configuration.logitCap, hasBias: { _ in nil },
      hasHeadNorms: hasHeadNorms, lowRank: configuration.lowRank,
      experts: try configuration.experts?.stated(blocks, in: tensors, of: family, file: file),
      inputClamp: configuration.inputClamp, clamp: family.clamp)
  }
}
