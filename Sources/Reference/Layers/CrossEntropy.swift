import PlumbExact
import PlumbModel

extension Reference {
  /// The cross-entropy −log softmax(logits[t])[target t] of each token, `[tokens]`.
  ///
  /// *Error bound*: encloses the true values; from exact logits, to about `precision` bits each.
  /// - Throws: `EnclosureError` where a target is outside the vocabulary, or a logit's radius is 2^16 or more.
  package static func crossEntropy(
    _ logits: Activation<Ball>, targets: [Int], precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let logarithms = try logSoftmax(logits, precision: precision)
    var elements: [Ball] = []
    for (token, target) in targets.enumerated() {
      guard 0..<logits.columns ~= target else {
        throw .argumentOutsideDomain(function: "crossEntropy: target \(target), vocabulary 0 ..< \(logits.columns)")
      }
      elements.append(-logarithms.elements[token * logits.columns + target])
    }
    return Activation(shape: [targets.count], elements: elements)
  }
}
