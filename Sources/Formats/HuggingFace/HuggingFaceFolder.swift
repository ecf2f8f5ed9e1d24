import PlumbModel

/// A folder as Hugging Face's hub has them: `config.json`, weights in safetensors, `tokenizer.json`.
///
/// The weights are in `model.safetensors`, or in the parts that `model.safetensors.index.json` names.
package struct HuggingFaceFolder: Sendable {
  /// The path, as it was given.
  package let path: String
  private let configuration: HuggingFaceConfiguration

  /// Reads the configuration of the folder at `path`.
  ///
  /// - Throws: `ModelError` when `config.json` is missing, damaged, or describes a model that is not computed here.
  package init(path: String) throws(ModelError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    let file = "\(path)/config.json"
    configuration = try HuggingFaceConfiguration(JSONFile.bytes(path: file), file: file)
  }

  /// The family's name, as `config.json` has it.
  var architecture: String { configuration.family.name }

  /// The first block that is not counted, in a family that may have some behind those that are.
  var firstLaterBlock: Int? { configuration.family.ignoresLaterBlocks ? configuration.blocks : nil }

  /// Whether its experts are packed as MXFP4.
  var hasPackedExperts: Bool { configuration.hasPackedExperts }

  /// The containers of its matrices that are kept in several tensors.
  var containers: [any WeightContainer] { configuration.containers }

  /// The names of its tensors.
  var names: TensorNames { configuration.family.tensors }

  /// The folder's own name, by which people know the model.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The transformer that the folder holds: pairs of the rotary embedding half a head apart.
  ///
  /// - Throws: `ModelError` when a tensor is missing, unused or of a wrong shape, or a weight is NaN or infinite.
  package func transformer() throws(ModelError) -> Transformer {
    let (tensors, packed, made) = try tensors()
    let decoder = try decoder(tensors + made)
    var source = try TensorSource(tensors, made: made, packed: packed, file: path)
    let transformer = try decoder.transformer(&source) { own, embedding throws(ModelError) in
      if configuration.family.isEncoder { return nil }
      if configuration.isTied { return LinearLayer(weight: try tied(embedding, own?.weight), bias: own?.bias) }
      guard let own else { throw TensorSource.missing("\(decoder.names.unembedding).weight", file: path) }
      return own
    }
    try check(transformer)
    for tensor in transformer.tensors where !source.checked.contains(tensor.name) {
      try tensor.refuseNonFinite(file: path)
    }
    return transformer
  }

  /// The tokenizer, padded to the model's vocabulary.
  ///
  /// A folder whose tokenizer is of a kind that cannot be read, or that has none, has one that says so when it is asked:
  /// the model can still be fed token numbers.
  package func tokenizer() -> any Tokenizer {
    do throws(ModelError) {
      return try HuggingFaceTokenizer(folder: path)
        .tokenizer(vocabularySize: configuration.vocabularySize, endOfText: configuration.endOfText)
    } catch {
      return UnreadableTokenizer(
        vocabularySize: configuration.vocabularySize, endOfText: Set(configuration.endOfText), reason: error)
    }
  }

  private func tied(_ embedding: Tensor, _ stored: Tensor?) throws(ModelError) -> Tensor {
    guard let stored else { return embedding }
    guard stored.isStoredAs(embedding) else {
      throw ModelError(
        file: path, problem: "tie_word_embeddings is true, but lm_head.weight is not model.embed_tokens.weight",
        remedy: "which of the two holds is anyone's guess: set tie_word_embeddings to what the model was made for")
    }
    return embedding
  }

  private func check(_ transformer: Transformer) throws(ModelError) {
    func fault(_ problem: String) -> ModelError {
      ModelError(file: path, problem: problem, remedy: "the folder contradicts itself: fetch the model again")
    }
    func expect(_ tensor: Tensor, _ shape: [Int]) throws(ModelError) {
      guard tensor.shape == shape else {
        throw fault("tensor '\(tensor.name)' has shape \(tensor.shape), but config.json says \(shape)")
      }
    }
    try expect(transformer.stem.tokens.weight, [configuration.vocabularySize, configuration.hiddenSize])
    if let wrong = transformer.shapeErrors.first { throw fault(wrong) }
    for step in transformer.plan.steps {
      switch step.operation {
      case .linear(let product) where step.name.role == .up:
        let isShared = configuration.experts?.isSparse(step.name.block ?? 0) ?? false
        let size = isShared ? configuration.experts?.sharedSize : configuration.feedForwardSize
        try expect(product.weight, [size ?? 0, configuration.hiddenSize])
      case .expertLinear(let layer) where step.name.role == .expertUp:
        for product in layer.products {
          try expect(product.weight, [configuration.experts?.size ?? 0, configuration.hiddenSize])
        }
      default: break
      }
    }
  }

  /// The decoder that `config.json` states, of as many blocks as `tensors` can be.
  private func decoder(_ tensors: [Tensor]) throws(ModelError) -> DecoderModel {
    let family = configuration.family
    var names = family.tensors
    if let prefix = names.prefix, !tensors.contains(where: { $0.name.hasPrefix(prefix) }) {
      names = names.without(prefix)
    }
    // No block count can outgrow the files.
    guard configuration.blocks <= tensors.count / names.tensorsOfBlock(withoutNorms: family.norm == .plain) else {
      throw ModelError(
        file: path,
        problem: "num_hidden_layers is \(configuration.blocks), but there are only \(tensors.count) tensors",
        remedy: "tensors are missing: fetch the model again")
    }
    return DecoderModel(
      family: family, names: names, file: path, name: name, contextLength: configuration.contextLength,
      blocks: configuration.partsOfBlocks, attention: configuration.attention, epsilon: configuration.epsilon,
      addsOne: family.norm == .rmsLessOne, activation: configuration.activation,
      isParallel: configuration.isParallel, embeddingScale: configuration.embeddingScale,
      branchScale: configuration.branchScale, logitScale: configuration.logitScale, logitCap: configuration.logitCap,
      hasBias: configuration.bias, firstPosition: configuration.firstPosition,
      hasHeadNorms: configuration.hasHeadNorms, lowRank: configuration.lowRank, experts: configuration.experts,
      inputClamp: configuration.inputClamp, clamp: configuration.clamp)
  }
}
