public import PlumbModel

/// A folder as Hugging Face's hub has them: `config.json`, weights in safetensors, `tokenizer.json`.
///
/// The weights are in `model.safetensors`, or in the parts that `model.safetensors.index.json` names.
public struct HuggingFaceFolder: Sendable {
  /// The path, as it was given.
  public let path: String
  private let configuration: HuggingFaceConfiguration

  /// Reads the configuration of the folder at `path`.
  ///
  /// - Throws: `ModelError` when `config.json` is missing, damaged, or describes a model that is not computed here.
  public init(path: String) throws(ModelError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    let file = "\(path)/config.json"
    configuration = try HuggingFaceConfiguration(JSONFile.bytes(path: file), file: file)
  }

  /// The family's name, as `config.json` has it.
  var architecture: String { configuration.family.name }

  /// The folder's own name, by which people know the model.
  var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  /// The transformer that the folder holds: pairs of the rotary embedding half a head apart.
  ///
  /// - Throws: `ModelError` when a tensor is missing, unused or of a wrong shape, or a weight is NaN or infinite.
  public func transformer() throws(ModelError) -> Transformer {
    let tensors = try tensors()
    var source = try TensorSource(tensors.filter { !Self.isComputedAgain($0.name) }, file: path)
    // No block count can outgrow the files.
    guard configuration.blocks <= tensors.count / GatedDecoder.leastTensorsOfBlock else {
      throw ModelError(
        file: path,
        problem: "num_hidden_layers is \(configuration.blocks), but there are only \(tensors.count) tensors",
        remedy: "tensors are missing: fetch the model again")
    }
    let transformer = try decoder.transformer(&source, GatedDecoder.huggingFace) { own, embedding throws(ModelError) in
      if configuration.isTied { return try tied(embedding, own) }
      guard let own else { throw TensorSource.missing(GatedDecoder.huggingFace.unembedding, file: path) }
      return own
    }
    try check(transformer)
    for tensor in transformer.tensors { try tensor.refuseNonFinite(file: path) }
    return transformer
  }

  /// The tokenizer, padded to the model's vocabulary.
  ///
  /// A folder whose tokenizer is of a kind that cannot be read, or that has none, has one that says so when it is asked:
  /// the model can still be fed token numbers.
  public func tokenizer() -> any Tokenizer {
    do throws(ModelError) {
      return try HuggingFaceTokenizer(folder: path)
        .tokenizer(vocabularySize: configuration.vocabularySize, endOfText: configuration.endOfText)
    } catch {
      return UnreadableTokenizer(
        vocabularySize: configuration.vocabularySize, endOfText: Set(configuration.endOfText), reason: error)
    }
  }

  /// Old checkpoints store the rotary frequencies, which every reader computes for itself.
  private static func isComputedAgain(_ name: String) -> Bool { name.hasSuffix(".rotary_emb.inv_freq") }

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
    let tensors = Dictionary(transformer.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let names = GatedDecoder.huggingFace
    for index in transformer.blocks.indices {
      let name = { GatedDecoder.TensorNames.inBlock(index, $0) }
      if let gate = tensors[name(names.gate) + ".weight"] {
        try expect(gate, [configuration.feedForwardSize, configuration.hiddenSize])
      }
      let family = configuration.family
      for (products, bias) in [
        ([names.query, names.key, names.value], family.inputBias), ([names.output], family.outputBias),
        ([names.gate, names.up, names.down], family.feedForwardBias),
      ] {
        let hasBias = configuration.has(bias)
        for product in products.map(name) where (tensors[product + ".bias"] != nil) != hasBias {
          let reason =
            if case .stated(let key) = bias { "config.json says \(key) is \(hasBias)" } else {
              "those of the family '\(family.name)' have \(hasBias ? "one" : "none")"
            }
          throw fault("'\(product).weight' \(hasBias ? "has no bias" : "has a bias"), but \(reason)")
        }
      }
    }
  }

  /// The decoder that `config.json` states; pairs of the rotary embedding stand half a head apart.
  private var decoder: GatedDecoder {
    GatedDecoder(
      family: configuration.family, name: name, contextLength: configuration.contextLength,
      blocks: configuration.blocks,
      attention: AttentionLayer(
        heads: configuration.heads, keyValueHeads: configuration.keyValueHeads, headSize: configuration.headSize),
      windows: configuration.windowOfBlocks,
      rotary: RotaryEmbeddingLayer(
        rotatedSize: configuration.headSize, theta: configuration.rotary.theta, pairing: .halfSplit,
        scalingFactor: configuration.rotary.positionFactor),
      epsilon: configuration.epsilon)
  }
}
