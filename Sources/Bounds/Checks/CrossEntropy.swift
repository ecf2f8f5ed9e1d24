import PlumbExact
import PlumbModel
import PlumbReference

extension Checks {
  /// The cross-entropy of each token: the bound of the one logarithm that it is.
  package static func crossEntropy(
    _ logits: Activation<Float>, targets: [Int], precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let logarithms = try logSoftmax(logits, precision: precision), let inputs = logits.asBalls else { return nil }
    return Expectation(
      exact: try Reference.crossEntropy(inputs, targets: targets, precision: precision),
      bounds: targets.enumerated().map { logarithms.bounds[$0 * logits.columns + $1] })
  }
}
