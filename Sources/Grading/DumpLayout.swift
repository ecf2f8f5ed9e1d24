import PlumbModel

/// Brings a dumped tensor into the shape of its activation, whatever axes it came with.
enum DumpLayout {
  /// `tensor` as `name` has it.
  ///
  /// Accepted are leading axes of 1; heads joined with their elements; heads before tokens where the two differ in number;
  /// attention weights with empty positions behind the last token; and logits of every token, of which the last are taken.
  /// - Throws: `GradeError` that says what the shape looks like.
  static func fitted(
    _ tensor: Activation<Float>, _ name: ActivationName, _ transformer: Transformer, tokens: Int,
    called tensorName: String
  ) throws(GradeError) -> Activation<Float> {
    let expected = transformer.plan.shape(of: name, tokens: tokens)
    var shape = tensor.shape
    while shape.count > 1, shape.first == 1, shape != expected { shape.removeFirst() }
    let plain = tensor.reshaped(shape)
    if shape == expected || [1] + shape == expected { return tensor.reshaped(expected) }
    let joined = [expected[0], expected.dropFirst().reduce(1, *)]
    let step = transformer.plan[name]
    let hasHeads = expected.count == 3 && step?.hasPositions == false
    if hasHeads, shape == joined { return tensor.reshaped(expected) }
    if hasHeads, shape == [expected[1], expected[0], expected[2]] { return plain.swappingFirstAxes() }
    if case .softmax(_?)? = step?.operation, let cut = withoutEmptyPositions(plain, expected) { return cut }
    if expected[0] == 1, shape == [tokens, expected[1]] {
      return Activation(shape: expected, elements: Array(plain.row(tokens - 1)))
    }
    throw GradeError(
      "tensor '\(tensorName)' \(tensor.shape) cannot be '\(name)' \(transformer.plan.axes(of: name)) = \(expected)"
        + likeness(shape, expected, joined, tokens: tokens))
  }

  /// Attention weights without the positions behind the last token, where a cache has room for more; `nil` where one of
  /// those holds anything.
  private static func withoutEmptyPositions(_ weights: Activation<Float>, _ expected: [Int]) -> Activation<Float>? {
    guard weights.shape.count == 3, Array(weights.shape.prefix(2)) == Array(expected.prefix(2)) else { return nil }
    guard weights.columns > expected[2] else { return nil }
    var elements: [Float] = []
    for index in 0..<weights.rows {
      let row = weights.row(index)
      guard row.dropFirst(expected[2]).allSatisfy({ $0 == 0 }) else { return nil }
      elements += row.prefix(expected[2])
    }
    return Activation(shape: expected, elements: elements)
  }

  /// The words for what a shape that does not fit looks like.
  private static func likeness(_ shape: [Int], _ expected: [Int], _ joined: [Int], tokens: Int) -> String {
    if shape == expected.reversed() || shape == joined.reversed() { return "; it looks transposed" }
    if shape.first.map({ $0 > 1 }) == true, Array(shape.dropFirst()) == expected || Array(shape.dropFirst()) == joined {
      return "; it looks like a batch of \(shape[0]): dump one sequence"
    }
    if Set(shape) == Set(expected), shape.count == expected.count { return "; its axes look permuted" }
    if shape.count == expected.count || shape.count == 2, let first = shape.first, first != tokens,
      Array(shape.dropFirst()) == Array(expected.dropFirst()) || Array(shape.dropFirst()) == Array(joined.dropFirst())
    {
      return "; it looks like a dump of \(first) tokens, and \(tokens) were given"
    }
    return "; it looks like a dump of another model"
  }
}

extension Activation {
  /// The same elements with the first two of three axes exchanged.
  func swappingFirstAxes() -> Activation {
    let (outer, inner, run) = (shape[0], shape[1], shape[2])
    var result: [Element] = []
    result.reserveCapacity(elements.count)
    for second in 0..<inner {
      for first in 0..<outer {
        let start = (first * inner + second) * run
        result += elements[start..<start + run]
      }
    }
    return Activation(shape: [inner, outer, run], elements: result)
  }
}
