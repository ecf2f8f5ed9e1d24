import PlumbModel

extension Engine {
  /// The gradient of an embedding's weight: `before` with the gradient of each token added to the token's row.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  ///
  /// - Precondition: each token has a row of `before`.
  package static func embeddingBackward(
    _ tokens: [Int], gradient: Activation<Float>, before: Activation<Float>
  ) -> Activation<Float> {
    let columns = before.columns
    var sums = before.elements.map { Double($0) }
    for (place, token) in tokens.enumerated() {
      for column in 0..<columns {
        sums[token * columns + column] += Double(gradient.elements[place * columns + column])
      }
    }
    return .rounded([sums], shape: before.shape)
  }
}
