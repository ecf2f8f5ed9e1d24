extension Transformer {
  /// What is wrong with the shapes, in words that name the tensor; empty when they agree.
  public var shapeErrors: [String] {
    var errors: [String] = []
    func expect(_ tensor: Tensor, _ shape: [Int]) {
      if tensor.shape != shape { errors.append("tensor '\(tensor.name)' has shape \(tensor.shape), expected \(shape)") }
    }
    func expect(_ linear: LinearLayer, _ outputs: Int, _ inputs: Int) {
      expect(linear.weight, [outputs, inputs])
      if let bias = linear.bias { expect(bias, [outputs]) }
    }
    guard attention.heads > 0, attention.keyValueHeads > 0, attention.headSize > 0 else {
      return ["heads, key-value heads and head size must be positive"]
    }
    if !attention.heads.isMultiple(of: attention.keyValueHeads) {
      errors.append("\(attention.heads) heads cannot share \(attention.keyValueHeads) key-value heads evenly")
    }
    if rotary.rotatedSize < 0 || rotary.rotatedSize > attention.headSize || !rotary.rotatedSize.isMultiple(of: 2) {
      errors.append(
        "rotated size \(rotary.rotatedSize) is not an even number up to the head size \(attention.headSize)")
    }
    errors += attributeErrors
    let (queries, overflow) = attention.heads.multipliedReportingOverflow(by: attention.headSize)
    guard !overflow else { return ["\(attention.heads) heads of \(attention.headSize) are beyond any memory"] }
    let keys = attention.keyValueHeads * attention.headSize
    expect(embedding.weight, [vocabularySize, hiddenSize])
    for block in blocks {
      expect(block.attentionNorm.weight, [hiddenSize])
      expect(block.query, queries, hiddenSize)
      expect(block.key, keys, hiddenSize)
      expect(block.value, keys, hiddenSize)
      expect(block.output, hiddenSize, queries)
      expect(block.feedForwardNorm.weight, [hiddenSize])
      let feedForwardSize = block.feedForward.gate.weight.rows
      expect(block.feedForward.gate, feedForwardSize, hiddenSize)
      expect(block.feedForward.up, feedForwardSize, hiddenSize)
      expect(block.feedForward.down, hiddenSize, feedForwardSize)
    }
    expect(finalNorm.weight, [hiddenSize])
    expect(unembedding, vocabularySize, hiddenSize)
    return errors
  }

  /// What of the layers' attributes no pass computes.
  private var attributeErrors: [String] {
    var errors: [String] = []
    func expectPositive(_ number: Float?, _ name: String) {
      if let number, !(number > 0 && number.isFinite) { errors.append("\(name) \(number) is not positive and finite") }
    }
    // The keys of later tokens are not there yet when a pass reads a token.
    if !attention.isCausal { errors.append("attention without a causal mask needs all tokens at once") }
    if let window = attention.window, window < 1 { errors.append("a window of \(window) positions shows none") }
    for block in blocks where block.isPostNormalised || block.feedForward.activation != .silu {
      errors.append("a pass computes blocks that are normalised before, with SiLU in their feed-forward layers")
    }
    expectPositive(attention.scale, "the scale of the attention")
    expectPositive(attention.softCap, "the soft cap of the attention")
    expectPositive(rotary.scalingFactor, "the factor of the positions")
    return errors
  }
}
