import PlumbExact
import PlumbModel
import PlumbTolerance

extension ArithmeticModel {
  /// The engine's arithmetic where it computes a formula plainly in Float64 and rounds the result once.
  ///
  /// The first of the formulas in use, sums in any order, nothing stored between steps, functions within 128 ulps.
  ///
  /// *Error bound*: a relative error of k·2⁻⁵³ is at most k ulps. The exponential is within 8 of these, the logarithms within 9,
  /// the hyperbolic tangent within 10, and the error function within 75 of an argument of 24 bits. Of another one the square is
  /// rounded, which the exponential and the series that take it magnify by at most x² ≤ 3.125 each, and beyond them only
  /// what is below 0.0126 of the result depends on it. What the exponential counts as 0 lies below 2⁻¹⁰²¹, and half the least
  /// number here is 2⁻¹⁰⁰¹.
  package static let declared: ArithmeticModel = {
    var model = ArithmeticModel(accumulation: .float64, elementaryUlps: 128)
    model.steps = .kept
    model.isOfOneKernel = true
    return model
  }()
}

extension Activation<Tracked> {
  /// The numbers that are not finite and that an element may be, by its index, where there are some.
  package var specials: [Int: Tracked.Specials] {
    var specials: [Int: Tracked.Specials] = [:]
    for (index, number) in elements.enumerated() where !number.isFinite && !number.isOutside {
      specials[index] = number.specials
    }
    return specials
  }
}

extension Expectation {
  /// The exact values of a formula, and the bounds of a kernel that computes it, both from the very inputs.
  ///
  /// - Throws: `EnclosureError` where an element has no enclosure at this precision.
  package init(
    exact: Activation<ExactNumber>, tracked: Activation<Tracked>
  ) throws(EnclosureError) {
    precondition(exact.shape == tracked.shape, "\(exact.shape) exact values for bounds of \(tracked.shape)")
    var balls: [Ball] = []
    for number in exact.elements { balls.append(try number.enclosure()) }
    self.init(
      exact: Activation(shape: exact.shape, elements: balls), bounds: tracked.elements.map(\.bound),
      specials: tracked.specials)
  }
}
