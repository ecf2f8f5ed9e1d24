import PlumbTolerance

extension LayerCase {
  /// The case with each number of its tensors rounded to `format`, so that a kernel whose tensors are in it can be handed
  /// them as they are.
  ///
  /// *Edge cases*: numbers beyond the format become its greatest.
  package func representable(in format: FloatFormat) -> LayerCase {
    // A tensor of a case holds nothing but numbers of this format.
    guard format != .float32 else { return self }
    var result = self
    for (name, tensor) in tensors {
      if case .real(let activation) = tensor {
        result.tensors[name] = .real(activation.map { format.nearest(to: $0) })
      }
    }
    return result
  }
}
