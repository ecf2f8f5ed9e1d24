import PlumbModel

/// The ways in which the numbers of a golden case are drawn: few words, the same on every machine.
///
/// Each draw takes the upper 23 bits of SplitMix64 as a whole number n from −2²² up to 2²², which every operation below
/// turns into a Float32 exactly or by one correct rounding.
enum GoldenNumbers {
  /// n·2⁻²¹: uniform in [−2, 2).
  case ordinary
  /// Uniform in [−2, 2) times a power of two from −20 to 20.
  case wide
  /// Whole numbers from −8 to 8, over 4: sums and products of a few are Float32s.
  case exact
  /// Pairs b + k·ulp, −b + k·ulp for one b in [1, 2) a tensor: sums cancel but for their last bits.
  case cancelling
  /// Uniform in [−2, 2) times 2^exponent.
  case scaled(Int)
  /// One number, again and again.
  case constant(Float)

  func make(_ count: Int, _ source: inout SplitMix64) -> [Float] {
    func draw() -> Int { Int(source.next() >> 41) - (1 << 22) }
    func power(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }
    switch self {
    case .ordinary: return (0..<count).map { _ in Float(draw()) * 0x1p-21 }
    case .wide:
      return (0..<count).map { _ in
        let value = Float(draw()) * 0x1p-21
        return value * power(draw() % 21)
      }
    case .exact: return (0..<count).map { _ in Float(draw() % 9) / 4 }
    case .cancelling:
      let base = 1 + Float(abs(draw())) * 0x1p-23
      return (0..<count).map { index in
        let near = base + Float(draw() % 5) * base.ulp
        return index.isMultiple(of: 2) ? near : -near
      }
    // Two steps, so that 2^exponent may lie below the least normal number; the second alone may round.
    case .scaled(let exponent):
      return (0..<count).map { _ in Float(draw()) * 0x1p-21 * power(exponent / 2) * power(exponent - exponent / 2) }
    case .constant(let value): return [Float](repeating: value, count: count)
    }
  }

  /// A whole number below `limit`.
  static func index(below limit: Int, _ source: inout SplitMix64) -> Int { Int(source.next() >> 41) % max(limit, 1) }
}
