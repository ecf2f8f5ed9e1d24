import PlumbModel

extension GGUFFile {
  /// The transformer that the file holds: a decoder of a family that is known.
  ///
  /// The unembedding is tied to the embedding where there is no `output.weight`.
  ///
  /// - Throws: `ModelError` when the architecture is another, something in the file would change the values and is
  ///   not computed here, a tensor is missing, unused or of a wrong shape, or a weight is NaN or infinite.
  public func transformer() throws(ModelError) -> Transformer {
    let configuration = try DecoderConfiguration(metadata, file: file)
    if let count = try metadata.integer("split.count"), count > parts {
      throw ModelError(
        file: file, problem: "is one of \(count) parts of a model", remedy: "name the first of them by its path")
    }
    var source = try TensorSource(tensors.filter { !changesNothing($0, configuration) }, file: file)
    // No block count can outgrow the file.
    guard configuration.blocks <= tensors.count / GatedDecoder.leastTensorsOfBlock else {
      throw ModelError(
        file: file,
        problem:
          "\(configuration.family.key("block_count")) is \(configuration.blocks), but the file has only \(tensors.count) tensors",
        remedy: "tensors are missing: fetch or convert the model again")
    }
    let transformer = try configuration.decoder.transformer(&source, GatedDecoder.gguf) { own, embedding in
      own ?? embedding
    }
    try check(transformer, against: configuration)
    for tensor in transformer.tensors { try tensor.refuseNonFinite(file: file) }
    return transformer
  }

  /// Whether `tensor` divides every frequency of the rotary embedding by 1.
  private func changesNothing(_ tensor: Tensor, _ configuration: DecoderConfiguration) -> Bool {
    guard tensor.name == "rope_freqs.weight", tensor.type == .f32, tensor.shape == [configuration.rotatedSize / 2]
    else {
      return false
    }
    // Sound: four bytes lie at every offset, and they are looked at only while they are lent.
    return unsafe tensor.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).allSatisfy {
        unsafe Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self))) == 1
      }
    }
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
    guard let size = configuration.feedForwardSize else { return }
    let gates = Set(
      transformer.blocks.indices.map { GatedDecoder.TensorNames.inBlock($0, GatedDecoder.gguf.gate) + ".weight" })
    for gate in transformer.tensors where gates.contains(gate.name) {
      if size != gate.rows {
        throw fault(
          "tensor '\(gate.name)' has shape \(gate.shape), but \(configuration.family.key("feed_forward_length")) is \(size)"
        )
      }
    }
  }
}

extension DecoderConfiguration {
  /// The decoder that the file states.
  fileprivate var decoder: GatedDecoder {
    GatedDecoder(
      family: family, name: name, contextLength: contextLength, blocks: blocks,
      attention: AttentionLayer(heads: heads, keyValueHeads: keyValueHeads, headSize: headSize),
      rotary: RotaryEmbeddingLayer(
        rotatedSize: rotatedSize, theta: theta, pairing: family.pairingInGGUF ?? .adjacent,
        scalingFactor: positionFactor),
      epsilon: epsilon)
  }
}
