// Sine and cosine.
extension Outward {
  /// Enclosures of sin x and cos x, of width 2⁻⁴⁷, and where |x| ≤ π/4 of relative width 2⁻⁴⁷; [−1, 1] beyond 2²⁴.
  ///
  /// x = k·π/2 + r with |r| ≤ 0.79: π/2 is p₁ + p₂ + p₃ + less than 2⁻¹¹⁴, where p₁ and p₂ have 27 bits, so that with k < 2²⁵ their
  /// products are exact. x − k·p₁ is exact, as both are multiples of 2⁻⁵³ or more and their difference is below 1; the two differences
  /// after it round by 2⁻⁵³ each at most, and k·p₃ by less. Taylor's polynomials of degrees 17 and 18 lack less than 0.79¹⁹/19! < 2⁻⁶²,
  /// and round by less than 2⁻⁵¹, of the sine relatively. The reduction's error is 0 where k is.
  static func sineAndCosine(_ x: Double) -> (
    sine: (lower: Double, upper: Double), cosine: (lower: Double, upper: Double)
  ) {
    guard x.magnitude <= 0x1p24 else { return ((-1, 1), (-1, 1)) }
    let count = (x * 0.6366197723675814).rounded()
    let r = x - count * 0x1.921FB54p0 - count * 0x1.10B461p-30 - count * 0x1.A62633145C06Ep-58
    let square = r * r
    var (sine, cosine) = (1.0, 1.0)
    for degree in stride(from: 16.0, through: 2, by: -2) {
      sine = 1 - sine * square / (degree * (degree + 1))
      cosine = 1 - cosine * square / ((degree + 1) * (degree + 2))
    }
    sine *= r
    cosine = 1 - cosine * square / 2
    let (first, second) = count.truncatingRemainder(dividingBy: 2) == 0 ? (sine, cosine) : (cosine, sine)
    let quarter = Int(count) & 3
    return (
      bounded(quarter >= 2 ? -first : first, isReduced: count != 0),
      bounded(quarter == 1 || quarter == 2 ? -second : second, isReduced: count != 0)
    )
  }

  /// An enclosure of a sine or a cosine that is near `value`.
  private static func bounded(_ value: Double, isReduced: Bool) -> (lower: Double, upper: Double) {
    let width = isReduced ? 0x1p-49 : value.magnitude * 0x1p-49
    return (max(-1, value - width), min(1, value + width))
  }
}
