import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// x·Φ(x): the engine's declared accuracy before its one rounding.
  package static func gelu(_ x: Activation<Float>, precision: Int) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return expectation(Reference.gelu(inputs, precision: precision), relativeError: Engine.geluRelativeError)
  }

  /// The tanh form of GELU: the engine's declared accuracy before its one rounding.
  package static func geluTanh(_ x: Activation<Float>, precision: Int) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return expectation(
      try Reference.geluTanh(inputs, precision: precision), relativeError: Engine.geluTanhRelativeError)
  }

  /// A declared relative error before one rounding; where all underflows in Float64 too, an absolute 2^−1000.
  private static func expectation(_ exact: Activation<Ball>, relativeError: Double) -> Expectation {
    let (relative, absolute) = (relativeError.rational, Rational(significand: 1, exponent: -1000))
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        ball.isExact
          ? Tolerance.oneRounding(of: ball)
          : Tolerance.oneRounding(of: ball, relativeError: relative, absoluteError: absolute)
      })
  }
}
