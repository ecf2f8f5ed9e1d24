import PlumbExact

extension Tolerance {
  /// The bound for a result that is rounded to nearest once and is otherwise exact: half the spacing at it.
  ///
  /// *Edge cases*: 0 where `exact` is a single number that the format holds, so that the check is equality.
  /// *Error bound*: |fl(y) − y| ≤ ½·spacing(y), as the two neighbours of y lie at most spacing(y) apart.
  package static func oneRounding(of exact: Ball, in format: FloatFormat = .float32) -> Rational? {
    if exact.isExact && format.represents(exact.midpoint) {
      return exact.midpoint.magnitude <= format.greatestFinite ? 0 : nil
    }
    return oneRounding(of: exact, relativeError: 0, in: format)
  }

  /// The bound for a result that a wider arithmetic computes with a known error, and that is then rounded once.
  ///
  /// The wide result is ŷ = y(1 + ε) + α with |ε| ≤ `relativeError` and |α| ≤ `absoluteError`.
  /// *Error bound*: |fl(ŷ) − y| ≤ ½·spacing(|y|(1 + |ε|) + |α|) + |ε|·|y| + |α|.
  package static func oneRounding(
    of exact: Ball, relativeError: Rational, absoluteError: Rational = 0, in format: FloatFormat = .float32
  ) -> Rational? {
    let magnitude = exact.greatestMagnitude
    let inherited = magnitude * relativeError + absoluteError
    let greatest = magnitude + inherited
    guard greatest <= format.greatestFinite else { return nil }
    return inherited + format.halfSpacing(at: greatest)
  }
}

extension Ball {
  /// The greatest magnitude in the ball, rounded up to few bits so that what follows stays cheap; a greater magnitude only
  /// raises a bound.
  package var greatestMagnitude: Rational { (midpoint.magnitude + radius).rounded(toBits: 64, .up) }
}
