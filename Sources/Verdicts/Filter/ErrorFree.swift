/// Float64 operations whose rounding error is a Float64 too.
@usableFromInline package enum ErrorFree {
  /// a + b as a rounded sum and what the rounding lost: `sum` + `rest` is a + b exactly.
  ///
  /// *Edge cases*: none while the sum is finite; additions never underflow.
  /// Source: Knuth, *The Art of Computer Programming* 2, section 4.2.2, theorem B.
  @inlinable @inline(__always)
  package static func sum(_ a: Double, _ b: Double) -> (sum: Double, rest: Double) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
  }

  /// a·b as a rounded product and what the rounding lost.
  ///
  /// Each factor is split into 26 and 27 bits, whose products are exact.
  ///
  /// - Precondition: the factors lie between 2^−400 and 2^400 in magnitude, or are 0, so that nothing over- or underflows.
  /// Source: Dekker 1971, *A Floating-Point Technique for Extending the Available Precision*, section 5.
  @inline(__always)
  static func product(_ a: Double, _ b: Double) -> (product: Double, rest: Double) {
    let product = a * b
    let (a1, a2) = split(a)
    let (b1, b2) = split(b)
    return (product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2)
  }

  @inline(__always)
  private static func split(_ a: Double) -> (Double, Double) {
    let shifted = a * 0x8000001p0
    let high = shifted - (shifted - a)
    return (high, a - high)
  }
}

/// A sum of Float64s that keeps what its additions lose.
struct KeptSum {
  /// The rounded sum.
  private(set) var high = 0.0
  /// The sum of what the additions lost, itself rounded.
  private(set) var low = 0.0
  /// The sum of the magnitudes of what the additions lost.
  private var lost = 0.0
  private var terms = 0.0

  /// Adds `term`.
  @inline(__always)
  mutating func add(_ term: Double) {
    let (sum, rest) = ErrorFree.sum(high, term)
    high = sum
    low += rest
    lost += rest.magnitude
    terms += 1
  }

  /// The sum, to within a relative 1.1·2⁻⁵³ where the terms are not negative and there are at most 2²⁰.
  ///
  /// `high` + the exact sum of the rests is the sum S. With u = 2⁻⁵³, each rest is at most u times a partial sum, so that
  /// they sum to at most n·u·S, and `low` is off by at most n·u times that: n²u²·S ≤ 2⁻⁶⁶·S. The last addition rounds.
  var rounded: Double { high + low }

  /// The sum, with a proved error: 0 where nothing was lost.
  ///
  /// `low` is off by at most γₙ·Σ|rest| (Higham, section 4.2), and `lost` is at least that sum less a γₙ of it:
  /// n·2⁻⁵²·`lost` exceeds both for n < 2²⁰.
  var near: Near {
    let (value, rest) = ErrorFree.sum(high, low)
    return Near(value, rest, error: lost == 0 ? 0 : (lost * terms * 0x1p-52).nextUp)
  }
}
