/// An exact sum of Float32 numbers and of products of two.
///
/// Every such term is a multiple of 2⁻²⁹⁸ below 2²⁵⁶, so 704 bits of fixed point hold 2¹⁴⁹ of them: positive terms in one
/// number, negative ones in another, and nothing is ever rounded.
///
/// Source: Kulisch, "Computer Arithmetic and Validity" (2008), chapter 8, the long accumulator.
package struct LongAccumulator: ~Copyable {
  private typealias Words = InlineArray<11, UInt64>

  /// The exponent of the lowest bit: twice that of the least subnormal.
  private static let unitExponent = -298

  /// Σ positive[i]·2⁶⁴ⁱ units.
  private var positive = Words(repeating: 0)
  /// Σ negative[i]·2⁶⁴ⁱ units.
  private var negative = Words(repeating: 0)

  /// The sum of no terms.
  package init() {}

  /// Adds a·b.
  ///
  /// - Precondition: both are finite.
  package mutating func addProduct(_ a: Float, _ b: Float) {
    precondition(a.isFinite && b.isFinite, "LongAccumulator: a term is not finite")
    let (first, firstExponent) = a.integerSignificandAndExponent
    let (second, secondExponent) = b.integerSignificandAndExponent
    let shift = firstExponent + secondExponent - LongAccumulator.unitExponent
    let product = UInt64(first * second)
    if a.sign == b.sign {
      LongAccumulator.add(product, shiftedLeft: shift, to: &positive)
    } else {
      LongAccumulator.add(product, shiftedLeft: shift, to: &negative)
    }
  }

  /// Adds `term`.
  ///
  /// - Precondition: it is finite.
  package mutating func add(_ term: Float) {
    addProduct(term, 1)
  }

  /// Adds product·2ˢʰⁱᶠᵗ; a product has at most 48 bits, so it touches two words before the carry.
  private static func add(_ product: UInt64, shiftedLeft shift: Int, to words: inout Words) {
    var index = shift >> 6
    let bits = shift & 63
    var isCarried: Bool
    (words[index], isCarried) = words[index].addingReportingOverflow(product << bits)
    // A shift by all 64 bits gives 0 here.
    let high = (product >> (64 - bits)) + (isCarried ? 1 : 0)
    index += 1
    (words[index], isCarried) = words[index].addingReportingOverflow(high)
    // The words have room for 2¹⁴⁹ terms: the carry ends before they do.
    while isCarried {
      index += 1
      (words[index], isCarried) = words[index].addingReportingOverflow(1)
    }
  }

  /// The sum so far.
  package var value: Rational {
    func integer(_ words: Words) -> Integer {
      Integer(words: words.indices.map { UInt(words[$0]) }, isNegative: false)
    }
    return Rational(significand: integer(positive) - integer(negative), exponent: LongAccumulator.unitExponent)
  }
}
