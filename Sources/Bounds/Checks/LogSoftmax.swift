import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The logarithm of the softmax of each row: the engine's declared accuracy before its one rounding.
  package static func logSoftmax(_ x: Activation<Float>, precision: Int) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.logSoftmax(inputs, precision: precision)
    let relative = Engine.logSoftmaxRelativeError(terms: x.columns).rational
    let absolute = Rational(significand: 1, exponent: -1000)
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        ball.isExact
          ? Tolerance.oneRounding(of: ball)
          : Tolerance.oneRounding(of: ball, relativeError: relative, absoluteError: absolute)
      })
  }
}
