/// The greatest power of two that every term of a sum is a multiple of.
package struct Granularity {
  /// Its exponent; beyond every Float32's while all terms are 0.
  @usableFromInline package private(set) var exponent = Int.max

  /// The granularity of no terms.
  @inlinable package init() {}

  /// Takes in the term a·b.
  @inlinable @inline(__always)
  package mutating func add(_ a: Float, _ b: Float) {
    if a != 0 && b != 0 { exponent = min(exponent, Self.lowestBit(a) + Self.lowestBit(b)) }
  }

  /// Takes in the term `number`.
  @inlinable package mutating func add(_ number: Float) { add(number, 1) }

  /// Whether the terms are so few and so coarse that Float32 holds every partial sum of them, in whatever order.
  ///
  /// With k the exponent, k ≥ −149, and Σ|term| < 2^(k + 24), every partial sum is a multiple of 2^k below 2^(k + 24), and so is
  /// every term: Float32 holds those, up to 2¹²⁸.
  ///
  /// - Parameter absoluteSum: Σ|term|, added in Float64 in any order. Below the limit those additions are exact too, and
  ///   none of them falls from the limit to below it: rounding changes no answer.
  @inlinable package func sumsExactly(absoluteSum: Double) -> Bool {
    guard exponent >= -149 else { return false }
    return absoluteSum < Double(sign: .plus, exponent: min(exponent, 104) + 24, significand: 1)
  }

  /// Whether Σ aⱼ·bⱼ + `bias` can be added in Float32 without rounding, whatever the order.
  package static func sumsExactly(_ a: some Sequence<Float>, _ b: some Sequence<Float>, bias: Float? = nil) -> Bool {
    var granularity = Granularity()
    var sum = 0.0
    for (first, second) in zip(a, b) {
      granularity.add(first, second)
      sum += Double(first.magnitude) * Double(second.magnitude)
    }
    if let bias {
      granularity.add(bias)
      sum += Double(bias.magnitude)
    }
    return granularity.sumsExactly(absoluteSum: sum)
  }

  /// The exponent of the lowest bit that is set in `number`, which is finite and not 0.
  @inlinable @inline(__always)
  package static func lowestBit(_ number: Float) -> Int {
    let bits = number.bitPattern
    let biased = Int(bits >> 23 & 0xFF)
    let significand = bits & 0x7F_FFFF | (biased == 0 ? 0 : 1 << 23)
    return max(biased, 1) - 150 + significand.trailingZeroBitCount
  }
}
