import PlumbModel

extension Engine {
  /// The cross-entropy −log softmax(logits[t])[target t] of each token: `[tokens, vocabulary]` to `[tokens]`.
  ///
  /// *Error bound*: that of `logSoftmax`.
  ///
  /// - Precondition: there is one target a row, and each is one of its columns.
  public static func crossEntropy(_ logits: Activation<Float>, targets: [Int]) -> Activation<Float> {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    precondition(targets.allSatisfy((0..<logits.columns).contains), "a target outside the vocabulary")
    let logarithms = logSoftmax(logits)
    let elements = targets.enumerated().map { -logarithms.elements[$0 * logits.columns + $1] }
    return Activation(shape: [targets.count], elements: elements)
  }
}
