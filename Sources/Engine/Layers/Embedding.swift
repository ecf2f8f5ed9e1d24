import PlumbModel

extension Engine {
  /// The embedding rows of `tokens`: `[tokens, hidden]`.
  ///
  /// *Error bound*: `weightRelativeError(of:)` the weight's type.
  ///
  /// - Precondition: every token is a row of the weight.
  package static func embedding(
    _ tokens: [Int], _ layer: EmbeddingLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    embedding(tokens, layer, Crew(threads: 1, instructionSet: instructionSet))
  }

  static func embedding(_ tokens: [Int], _ layer: EmbeddingLayer, _ crew: Crew) -> Activation<Float> {
    let columns = layer.weight.columns
    precondition(tokens.allSatisfy((0..<layer.weight.rows).contains), "a token without a row of the embedding")
    return unsafe Activation.filled([tokens.count, columns], crew) { output in
      for (index, token) in tokens.enumerated() {
        unsafe decode(layer.weight, rows: token..<token + 1, into: output + index * columns, crew)
      }
    }
  }

  /// The elements of a tensor of weights in Float32, with at most one rounding each.
  ///
  /// *Error bound*: `weightRelativeError(of:)` the tensor's type.
  package static func decoded(_ tensor: Tensor, instructionSet: InstructionSet = .current) -> [Float] {
    decoded(tensor, Crew(threads: 1, instructionSet: instructionSet))
  }

  static func decoded(_ tensor: Tensor, _ crew: Crew) -> [Float] {
    unsafe Activation.filled([tensor.count]) { output in
      unsafe decode(tensor, rows: 0..<tensor.rows, into: output, crew)
    }.elements
  }

  /// Writes `rows` of `tensor` to `output`, which must hold them.
  private static func decode(
    _ tensor: Tensor, rows: Range<Int>, into output: UnsafeMutablePointer<Float>, _ crew: Crew
  ) {
    let (columns, stride) = (tensor.columns, tensor.bytesPerRow)
    guard columns > 0 else { return }
    // Sound: the tensor checked that its bytes hold every row, and `rows` lie within it.
    unsafe tensor.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      for (index, row) in rows.enumerated() {
        unsafe crew.kernels.decode(tensor.type.rawValue, base + row * stride, columns, output + index * columns)
      }
    }
  }
}
