import PlumbModel

extension Diagnosis {
  /// The relative error of a function that is still taken for one of an approximation, as of a polynomial in place of an exponential.
  private static let greatestError = 0x1p-8

  /// The function that ends the stretch, where its results are off by a small part of themselves; `nil` where they are not, or it is
  /// no function of single elements.
  ///
  /// *Theorem.* An engine that gives (1 + δ) times the exact result, |δ| ≤ D, and rounds as the right one, is within D · |exact| and
  /// the bound. So D is the greatest of (distance − bound) / |exact|, and explains the dump.
  var inaccurate: Trial? {
    guard failure.steps.count == 1, let step = failure.steps.last, let dumped = failure.dumped(step.name),
      dumped.elements.count == failure.exact.count
    else { return nil }
    switch step.operation {
    case .activation, .softmax: break
    default: return nil
    }
    var error = 0.0
    for (index, exact) in failure.exact.enumerated() {
      guard let bound = failure.bounds[index] else { continue }
      let distance = (Double(dumped.elements[index]) - exact).magnitude
      if distance <= bound { continue }
      guard exact != 0, distance.isFinite else { return nil }
      // Each operation is off by 2⁻⁵³ at most.
      error = max(error, (distance - bound) / exact.magnitude * (1 + 0x1p-50))
    }
    guard error > 0, error <= Self.greatestError else { return nil }
    let cause =
      "The function is only accurate to a relative error of \(Float(error)), as one of an approximated exponential is."
    return Trial(
      hypothesis: Hypothesis("\(step.layer.rawValue) inaccurate", cause) { _, _ in nil }, step: step,
      isDistinct: false, explanation: .init(mutant: "\(step.layer.rawValue) inaccurate", cause: cause, margin: 1))
  }
}
