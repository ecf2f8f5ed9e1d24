import PlumbTolerance

/// The bound that the exact path computes for one element, as far as it is known.
package struct NearBound: Sendable {
  /// At most that bound; infinite where the element is certainly outside the domain.
  let lower: Double
  /// At least that bound; infinite where the element may be outside the domain.
  let upper: Double

  /// An element outside the domain.
  static var outsideDomain: NearBound { NearBound(lower: .infinity, upper: .infinity) }

  /// Factors that exceed what a dozen roundings of non-negative numbers can do.
  private static var less: Double { 1 - 0x1p-48 }
  private static var more: Double { 1 + 0x1p-48 }

  /// Enclosures round magnitudes up to 64 bits or fewer, and have a radius that is far below: what they add to an exact
  /// magnitude is less than this part of it, or of the bound.
  private static var slack: Double { 1 + 0x1p-40 }

  private static var greatestFinite: Double { 0x1.fffffep127 }

  /// `Tolerance.oneRounding(of:)`: 0 where the number is a Float32.
  ///
  /// - Precondition: the number is known exactly.
  static func oneRounding(of exact: Near) -> NearBound {
    guard exact.isFloat else { return oneRounding(of: exact, relativeError: 0) }
    return exact.value.magnitude <= greatestFinite ? NearBound(lower: 0, upper: 0) : outsideDomain
  }

  /// `Tolerance.oneRounding(of:relativeError:absoluteError:)`, where `absoluteError` may be off by 2⁻⁴⁹ of itself.
  ///
  /// The bound grows with the magnitude, so that bounds of the magnitude give bounds of it.
  static func oneRounding(of number: Near, relativeError: Double, absoluteError: Double = 0) -> NearBound {
    let (least, greatest) = number.magnitude
    if number.error == 0 && relativeError == 0 && absoluteError == 0 {
      // Known exactly, and rounded up to 53 bits, which is at least the exact path's rounding up to 64.
      guard !number.exceeds(greatestFinite) else { return outsideDomain }
      return NearBound(lower: halfSpacing(at: least), upper: halfSpacing(at: greatest))
    }
    let inheritedLeast = (least * relativeError + absoluteError) * less
    let inheritedGreatest = (greatest * relativeError + absoluteError) * more * slack
    guard least + inheritedLeast <= greatestFinite else { return outsideDomain }
    let reached = (greatest * slack + inheritedGreatest) * more
    let halfLeast = halfSpacing(at: inheritedLeast == 0 ? least : (least + inheritedLeast) * less)
    let lower = inheritedLeast == 0 ? halfLeast : (inheritedLeast + halfLeast) * less
    guard reached <= greatestFinite else { return NearBound(lower: lower, upper: .infinity) }
    return NearBound(lower: lower, upper: (inheritedGreatest + halfSpacing(at: reached)) * more)
  }

  /// `Summation.bound(absoluteSum:)`, where the sum of magnitudes lies between `least` and `greatest`.
  ///
  /// The exact path rounds its bound up to 32 bits: by less than one part in 2³¹.
  static func sum(_ sums: Summation, absoluteSum least: Double, _ greatest: Double) -> NearBound {
    if greatest == 0 { return NearBound(lower: 0, upper: 0) }
    let (gamma, underflow) = (sums.nearGamma, sums.nearUnderflow)
    let lower = (gamma * (least + underflow) + underflow) * less
    let upper = (gamma * (greatest + underflow) + underflow) * more
    guard (least + lower) * less <= greatestFinite else { return outsideDomain }
    guard (greatest + upper) * more <= greatestFinite else { return NearBound(lower: lower, upper: .infinity) }
    return NearBound(lower: lower, upper: upper * (1 + 0x1p-30))
  }

  /// Half the spacing of Float32 at `magnitude`.
  ///
  /// - Precondition: `magnitude` is finite and not negative.
  @inline(__always)
  package static func halfSpacing(at magnitude: Double) -> Double {
    // The biased exponent is 0 for 0 and for subnormal Float64s, which lie below every Float32.
    let biased = Int(magnitude.bitPattern >> 52)
    return Double(bitPattern: UInt64(max(biased - 24, 1023 - 150)) << 52)
  }
}
