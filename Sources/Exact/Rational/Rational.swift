/// A rational number, exactly.
///
/// Nearly every rational here is dyadic: a float, a sum or product of floats, the midpoint of a rounded ball. So the
/// power of two is kept apart: a value is s·2ᵉ ÷ d with s odd (or 0), d odd and positive, and s and d coprime. This form
/// is unique, so equality compares parts; products of dyadics need no reduction, their sums a shift, and neither ever
/// a greatest common divisor. Measured against GMP's own `mpq`, naive dot products of dyadics took 0.85 of the time at
/// 24 bits, 0.53 at 128 and 0.66 at 512; `ExactSum` took 0.21, 0.13 and 0.15.
///
/// *Edge cases*: there are no infinities and no signed zeros. Sums of values whose exponents lie far apart need memory
/// in proportion to that distance; texts and floats cannot bring exponents in that are too far apart.
package struct Rational: Sendable, Hashable {
  /// s: odd, or 0.
  let significand: Integer
  /// e, the exponent of 2; 0 for 0.
  let exponent: Int
  /// d, or nil where it is 1: the value is dyadic.
  let oddDenominator: Integer?

  /// Takes parts that are in the unique form already.
  init(reducedSignificand: Integer, exponent: Int, oddDenominator: Integer? = nil) {
    self.significand = reducedSignificand
    self.exponent = exponent
    self.oddDenominator = oddDenominator
  }

  /// significand·2ᵉˣᵖᵒⁿᵉⁿᵗ.
  package init(significand: Integer, exponent: Int) {
    let zeros = significand.trailingZeroBitCount
    self.significand = zeros == 0 ? significand : significand >> zeros
    self.exponent = significand.isZero ? 0 : exponent + zeros
    self.oddDenominator = nil
  }

  /// significand·2ᵉˣᵖᵒⁿᵉⁿᵗ ÷ oddDenominator, brought to the unique form.
  init(significand: Integer, exponent: Int, over oddDenominator: Integer) {
    let divisor = Integer.gcd(significand, oddDenominator)
    let isReduced = divisor == .one
    let dyadic = Rational(
      significand: isReduced ? significand : significand.dividedExactly(by: divisor), exponent: exponent)
    let denominator = isReduced ? oddDenominator : oddDenominator.dividedExactly(by: divisor)
    self.significand = dyadic.significand
    self.exponent = dyadic.exponent
    self.oddDenominator = denominator == .one ? nil : denominator
  }

  /// The integer as a rational.
  package init(_ integer: Integer) {
    self.init(significand: integer, exponent: 0)
  }

  /// The integer as a rational.
  package init(_ integer: some BinaryInteger) {
    self.init(significand: Integer(integer), exponent: 0)
  }

  /// numerator ÷ denominator.
  ///
  /// - Precondition: `denominator` is not 0.
  package init(_ numerator: Integer, over denominator: Integer) {
    precondition(!denominator.isZero, "Rational: denominator 0")
    let zeros = denominator.trailingZeroBitCount
    let odd = denominator.magnitude >> zeros
    self.init(significand: denominator.signum() < 0 ? -numerator : numerator, exponent: -zeros, over: odd)
  }

  /// The rational 0.
  package static let zero = Rational(Integer.zero)
  /// The rational 1, sharing one storage.
  package static let one = Rational(Integer.one)

  /// 2ᵉˣᵖᵒⁿᵉⁿᵗ.
  package static func powerOfTwo(_ exponent: Int) -> Rational {
    Rational(reducedSignificand: .one, exponent: exponent)
  }

  /// The numerator in lowest terms; it carries the sign.
  package var numerator: Integer { exponent > 0 ? significand << exponent : significand }

  /// The denominator in lowest terms; at least 1.
  package var denominator: Integer {
    let odd = oddDenominator ?? .one
    return exponent < 0 ? odd << -exponent : odd
  }

  /// The value as significand·2ᵉˣᵖᵒⁿᵉⁿᵗ with an odd significand (0·2⁰ for 0), or nil where the denominator is not a power
  /// of two.
  package var dyadic: (significand: Integer, exponent: Int)? {
    oddDenominator == nil ? (significand, exponent) : nil
  }

  /// Whether the denominator is a power of two.
  package var isDyadic: Bool { oddDenominator == nil }
}

extension Rational: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// The integer the literal denotes.
  package init(integerLiteral value: StaticBigInt) {
    self.init(Integer(integerLiteral: value))
  }

  /// The rational the literal denotes: `"1/3"`, `"0.1"`, `"0x1.8p-3"`.
  ///
  /// There is no float literal: its digits would pass through `Double` unseen.
  /// - Precondition: the literal is one that `init(_: String)` reads.
  package init(stringLiteral value: StaticString) {
    guard let rational = Rational(value.description) else {
      preconditionFailure("Rational: \"\(value)\" is not a rational literal")
    }
    self = rational
  }
}
