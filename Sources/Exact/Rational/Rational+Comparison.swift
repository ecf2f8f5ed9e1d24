extension Rational: Comparable {
  /// Whether `left` is the smaller.
  package static func < (left: Rational, right: Rational) -> Bool {
    let (leftSign, rightSign) = (left.signum(), right.signum())
    if leftSign != rightSign { return leftSign < rightSign }
    if leftSign == 0 { return false }
    if left.isDyadic && right.isDyadic {
      let (leftLog, rightLog) = (left.floorLog2, right.floorLog2)
      if leftLog != rightLog { return (leftLog < rightLog) == (leftSign > 0) }
    }
    // s·2ᵉ ÷ d < s′·2ᵉ′ ÷ d′ where s·d′·2ᵉ < s′·d·2ᵉ′, for d and d′ are positive.
    let leftCross = right.oddDenominator.map { left.significand * $0 } ?? left.significand
    let rightCross = left.oddDenominator.map { right.significand * $0 } ?? right.significand
    let difference = left.exponent - right.exponent
    return difference >= 0 ? leftCross << difference < rightCross : leftCross < rightCross << -difference
  }

  /// ⌊log₂|self|⌋, the exponent of the binade this lies in.
  ///
  /// - Precondition: this rational is not 0.
  package var floorLog2: Int {
    precondition(!isZero, "Rational: logarithm of 0")
    guard let oddDenominator else { return significand.bitWidth - 1 + exponent }
    // With k the difference of the bit widths, 2ᵏ⁻¹ < |s| ÷ d < 2ᵏ⁺¹: the answer is k or k − 1.
    let k = significand.bitWidth - oddDenominator.bitWidth
    let isAtLeast =
      k >= 0 ? significand.magnitude >= oddDenominator << k : significand.magnitude << -k >= oddDenominator
    return (isAtLeast ? k : k - 1) + exponent
  }
}
