import PlumbBounds
import PlumbTolerance

/// A sum of products of Float32s, with the sum of their magnitudes.
struct ProductSum {
  private var sum = KeptSum()
  private var magnitudes = 0.0
  private var terms = 0.0

  /// Adds a·b, which is exact in Float64.
  @inline(__always)
  mutating func add(_ a: Float, _ b: Float) { add(Double(a) * Double(b)) }

  /// Adds a number.
  @inline(__always)
  mutating func add(_ number: Float) { add(Double(number)) }

  @inline(__always)
  private mutating func add(_ term: Double) {
    sum.add(term)
    magnitudes += term.magnitude
    terms += 1
  }

  /// The sum.
  var near: Near { sum.near }

  /// The bound of the sum, which is one of `sums`.
  ///
  /// The sum of magnitudes is off by at most (n − 1)·2⁻⁵³, relative; the exact path moves each of its own partial sums up by
  /// a unit of the last place, where it does not add exactly.
  func bound(_ sums: Summation) -> NearBound {
    let off = terms * 0x1p-52
    return .sum(sums, absoluteSum: magnitudes * (1 - off), magnitudes * (1 + 4 * off))
  }

  /// Whether no partial sum rounds, whatever the order, where all terms are multiples of what `granularity` says.
  ///
  /// A sum of magnitudes that Float64 rounds has more bits than a Float32, so that the rounded sum decides: the limit is a
  /// power of two, which no rounding of a smaller number passes, and a sum that reaches it is not below.
  func isExact(_ granularity: Granularity) -> Bool { granularity.sumsExactly(absoluteSum: magnitudes) }

  /// Whether `isExact` is possible, given one of the products.
  func mayBeExact(_ a: Float?, _ b: Float?) -> Bool {
    var granularity = Granularity()
    if let a, let b { granularity.add(a, b) }
    return isExact(granularity)
  }
}
