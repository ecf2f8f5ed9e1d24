/// An exact sum of rationals and of products of two.
///
/// Dyadic terms are added over one common denominator, which only ever grows: an integer multiplication, a shift and an
/// addition in place, without a greatest common divisor and, once the sum has its size, without allocation. Other terms
/// are summed beside them.
package struct ExactSum: ~Copyable {
  /// The dyadic terms' sum is significand·2ᵉˣᵖᵒⁿᵉⁿᵗ.
  private var significand: Integer = 0
  private var exponent = 0
  private var isEmpty = true
  /// The sum of the terms with other denominators.
  private var others: Rational = .zero
  /// Holds a term while it is shifted into place.
  private var term: Integer = 0

  /// The sum of no terms.
  package init() {}

  /// Adds `term`.
  package mutating func add(_ term: Rational) {
    addProduct(term, .one)
  }

  /// Adds a·b.
  package mutating func addProduct(_ a: Rational, _ b: Rational) {
    guard a.isDyadic && b.isDyadic else {
      others += a * b
      return
    }
    if a.isZero || b.isZero { return }
    let termExponent = a.exponent + b.exponent
    if isEmpty || termExponent < exponent {
      significand <<= isEmpty ? 0 : exponent - termExponent
      exponent = termExponent
      isEmpty = false
    }
    if termExponent == exponent {
      significand.addProduct(a.significand, b.significand)
    } else {
      term.setToProduct(a.significand, b.significand, shiftedLeft: termExponent - exponent)
      significand += term
    }
  }

  /// The sum so far.
  package var value: Rational {
    Rational(significand: significand, exponent: exponent) + others
  }
}
