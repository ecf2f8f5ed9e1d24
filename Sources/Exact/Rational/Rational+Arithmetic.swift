extension Rational {
  /// The sum.
  package static func + (left: Rational, right: Rational) -> Rational {
    if left.significand.isZero { return right }
    if right.significand.isZero { return left }
    let (low, high) = left.exponent <= right.exponent ? (left, right) : (right, left)
    if low.isDyadic && high.isDyadic {
      let sum = low.significand.adding(high.significand, shiftedLeft: high.exponent - low.exponent)
      // An odd number plus an even one is odd; only equal exponents can cancel low bits.
      return low.exponent == high.exponent
        ? Rational(significand: sum, exponent: low.exponent)
        : Rational(reducedSignificand: sum, exponent: low.exponent)
    }
    let (lowDenominator, highDenominator) = (low.oddDenominator ?? .one, high.oddDenominator ?? .one)
    var sum = (high.significand << (high.exponent - low.exponent)) * lowDenominator
    sum.addProduct(low.significand, highDenominator)
    return Rational(significand: sum, exponent: low.exponent, over: lowDenominator * highDenominator)
  }

  /// The difference.
  package static func - (left: Rational, right: Rational) -> Rational {
    left + -right
  }

  /// The product.
  package static func * (left: Rational, right: Rational) -> Rational {
    if left.significand.isZero || right.significand.isZero { return zero }
    let exponent = left.exponent + right.exponent
    if left.isDyadic && right.isDyadic {
      // Odd times odd is odd.
      return Rational(reducedSignificand: left.significand * right.significand, exponent: exponent)
    }
    // Each factor is in lowest terms, so common divisors stand only crosswise.
    let (leftDenominator, rightDenominator) = (left.oddDenominator ?? .one, right.oddDenominator ?? .one)
    let first = Integer.gcd(left.significand, rightDenominator)
    let second = Integer.gcd(right.significand, leftDenominator)
    let denominator = leftDenominator.dividedExactly(by: second) * rightDenominator.dividedExactly(by: first)
    return Rational(
      reducedSignificand: left.significand.dividedExactly(by: first) * right.significand.dividedExactly(by: second),
      exponent: exponent, oddDenominator: denominator == .one ? nil : denominator)
  }

  /// The quotient.
  ///
  /// - Precondition: `right` is not 0.
  package static func / (left: Rational, right: Rational) -> Rational {
    left * right.reciprocal
  }

  /// 1 ÷ self.
  ///
  /// - Precondition: this rational is not 0.
  package var reciprocal: Rational {
    precondition(!isZero, "Rational: division by zero")
    let odd = oddDenominator ?? .one
    let denominator = significand.magnitude
    return Rational(
      reducedSignificand: significand.signum() < 0 ? -odd : odd, exponent: -exponent,
      oddDenominator: denominator == .one ? nil : denominator)
  }

  /// The rational of opposite sign.
  package static prefix func - (value: Rational) -> Rational {
    Rational(
      reducedSignificand: -value.significand, exponent: value.exponent, oddDenominator: value.oddDenominator)
  }

  /// Adds `right`.
  package static func += (left: inout Rational, right: Rational) { left = left + right }

  /// Subtracts `right`.
  package static func -= (left: inout Rational, right: Rational) { left = left - right }

  /// Multiplies by `right`.
  package static func *= (left: inout Rational, right: Rational) { left = left * right }

  /// Divides by `right`.
  ///
  /// - Precondition: `right` is not 0.
  package static func /= (left: inout Rational, right: Rational) { left = left / right }

  /// The absolute value.
  package var magnitude: Rational { signum() < 0 ? -self : self }

  /// −1, 0 or 1.
  package func signum() -> Int { significand.signum() }

  /// Whether this is 0.
  package var isZero: Bool { significand.isZero }

  /// This rational times 2ᶜᵒᵘⁿᵗ.
  package func scaled(byPowerOfTwo count: Int) -> Rational {
    isZero
      ? self
      : Rational(reducedSignificand: significand, exponent: exponent + count, oddDenominator: oddDenominator)
  }

  /// This rational to a power, which may be negative.
  ///
  /// *Edge cases*: `power(0)` is 1, also of 0.
  /// - Precondition: this is not 0 where `power` is negative.
  package func power(_ power: Int) -> Rational {
    if power == 0 { return .one }
    if power < 0 { return reciprocal.power(-power) }
    // Powers of coprime numbers are coprime, and powers of odd ones odd.
    return Rational(
      reducedSignificand: significand.power(power), exponent: exponent * power,
      oddDenominator: oddDenominator?.power(power))
  }
}
