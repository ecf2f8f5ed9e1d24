import PlumbExact

/// A number that a kernel may compute with: itself in Float64, or what can be said of all numbers of an interval.
protocol KernelNumber {
  init(_ constant: Double)
  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static func / (left: Self, right: Self) -> Self
}

extension Double: KernelNumber {}

/// The knowledge of a step of a kernel for every argument of an interval: between which numbers the real result of the steps
/// lies, and how far the computed one may be from it.
///
/// The real result is that of the same steps, with the same constants, without rounding. Each step adds the errors of its operands as
/// the step passes them on, and rounds: fl(y) = y(1 + δ) + η with |δ| ≤ 2⁻⁵³ and |η| ≤ 2⁻¹⁰⁷⁵.
struct RunningNumber: KernelNumber {
  let lower: Rational
  let upper: Rational
  /// An upper bound of |computed − real|.
  let error: Rational

  static let unit = Rational(significand: 1, exponent: -53)
  private static let underflow = Rational(significand: 1, exponent: -1075)

  /// Numbers between `lower` and `upper`, computed to within `error`; the limits are moved outward to few bits.
  init(_ lower: Rational, _ upper: Rational, error: Rational = 0) {
    self.lower = lower.rounded(toBits: 80, .down)
    self.upper = upper.rounded(toBits: 80, .up)
    self.error = error.rounded(toBits: 40, .up)
  }

  init(_ constant: Double) {
    let number = Rational(exactly: constant) ?? 0
    (lower, upper, error) = (number, number, 0)
  }

  var magnitude: Rational { max(lower.magnitude, upper.magnitude) }

  /// The least magnitude of the numbers, which are of one sign.
  var least: Rational { min(lower.magnitude, upper.magnitude) }

  /// The same after one more rounding.
  var rounded: RunningNumber {
    RunningNumber(lower, upper, error: error + (magnitude + error) * Self.unit + Self.underflow)
  }

  static func + (left: RunningNumber, right: RunningNumber) -> RunningNumber {
    RunningNumber(left.lower + right.lower, left.upper + right.upper, error: left.error + right.error).rounded
  }

  static func - (left: RunningNumber, right: RunningNumber) -> RunningNumber {
    RunningNumber(left.lower - right.upper, left.upper - right.lower, error: left.error + right.error).rounded
  }

  static func * (left: RunningNumber, right: RunningNumber) -> RunningNumber {
    let ends = [
      left.lower * right.lower, left.lower * right.upper, left.upper * right.lower, left.upper * right.upper,
    ]
    return RunningNumber(
      ends.min() ?? 0, ends.max() ?? 0,
      error: left.magnitude * right.error + right.magnitude * left.error + left.error * right.error
    ).rounded
  }

  /// - Precondition: the divisor, with its error, has one sign.
  static func / (left: RunningNumber, right: RunningNumber) -> RunningNumber {
    let least = right.least - right.error
    precondition(right.lower.signum() == right.upper.signum() && least > 0, "a divisor that may be 0")
    let ends = [
      left.lower / right.lower, left.lower / right.upper, left.upper / right.lower, left.upper / right.upper,
    ]
    let greatest = max(left.lower.magnitude, left.upper.magnitude) / right.least
    return RunningNumber(
      ends.min() ?? 0, ends.max() ?? 0, error: (left.error + greatest * right.error) / least
    ).rounded
  }
}
