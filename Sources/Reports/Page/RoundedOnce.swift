import PlumbVerdicts

extension WorstElement {
  /// Whether a `bound` on its error is that of one rounding to Float32, half an ulp: its margin is near 1 by nature.
  package func isRoundedOnce(bound: Double) -> Bool {
    guard let value = Double(upper) else { return false }
    return bound <= 0.51 * Double(Float(value).ulp)
  }
}
