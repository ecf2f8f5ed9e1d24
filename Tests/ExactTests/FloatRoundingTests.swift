import PlumbExact
import PlumbModel
import Testing

/// Rounding to floats against the floats themselves: their neighbours, midpoints and the processor's own conversions.
@Suite struct FloatRoundingTests {
  /// Every Float16: the value itself, and the middle to its upper neighbour with a hair to either side.
  @Test func `all of Float16, and every middle in it`() throws {
    for pattern in UInt16(0)..<Float16.infinity.bitPattern {
      let float = Float16(bitPattern: pattern)
      // Above the greatest finite number the next float, were there one, would be 2¹⁶.
      let next = float.nextUp
      let low = try #require(Rational(exactly: float))
      let high = Rational(exactly: next) ?? 65536
      expectRounding(low: float, lowValue: low, high: next, highValue: high)
    }
  }

  @Test func `binade edges of Float, both sides`() throws {
    let edges = (0...254).map { Float(bitPattern: UInt32($0) << 23) }
    for edge in edges {
      for float in [edge.nextDown, edge, edge.nextUp, edge * 1.5] where float >= 0 && float.isFinite {
        let low = try #require(Rational(exactly: float))
        let high = Rational(exactly: float.nextUp) ?? .powerOfTwo(128)
        expectRounding(low: float, lowValue: low, high: float.nextUp, highValue: high)
      }
    }
  }

  @Test func `the least and the greatest numbers of each format`() throws {
    func check<Format: BinaryFloatingPoint>(_ format: Format.Type, next: Rational) throws {
      let exact: (Format) throws -> Rational = { try #require(Rational(decimalOrHexadecimal: $0)) }
      for low in [
        0, Format.leastNonzeroMagnitude, Format.leastNonzeroMagnitude.nextUp, Format.leastNormalMagnitude.nextDown,
        Format.leastNormalMagnitude,
      ] {
        let (lowValue, highValue) = (try exact(low), try exact(low.nextUp))
        expectRounding(low: low, lowValue: lowValue, high: low.nextUp, highValue: highValue)
      }
      let greatest = Format.greatestFiniteMagnitude
      expectRounding(low: greatest, lowValue: try exact(greatest), high: .infinity, highValue: next)
      let far = Rational(10).power(400)
      #expect(far.rounded(to: format, .toNearestOrEven) == .infinity && far.rounded(to: format, .up) == .infinity)
      #expect(far.rounded(to: format, .down) == greatest && far.rounded(to: format, .towardZero) == greatest)
      #expect((-far).rounded(to: format, .toNearestOrEven) == -.infinity)
      #expect((-far).rounded(to: format, .down) == -.infinity && (-far).rounded(to: format, .up) == -greatest)
      #expect((-far).rounded(to: format, .towardZero) == -greatest)
      let near = 1 / far
      #expect(near.rounded(to: format, .up) == .leastNonzeroMagnitude && near.rounded(to: format, .down) == 0)
      #expect((-near).rounded(to: format, .up) == 0 && (-near).rounded(to: format, .up).sign == .minus)
      #expect((-near).rounded(to: format, .down) == -.leastNonzeroMagnitude)
      #expect(Rational.zero.rounded(to: format, .down).sign == .plus)
    }
    try check(Float16.self, next: .powerOfTwo(16))
    try check(Float.self, next: .powerOfTwo(128))
    try check(Double.self, next: .powerOfTwo(1024))
  }

  @Test func `the processor converts Float64 to Float32 the same way`() throws {
    var randomness = SplitMix64(seed: 31)
    for _ in 0..<20_000 {
      // Exponents of Float32 and a little beyond, and as often as not a fraction that is nearly a tie.
      let exponent = UInt64.random(in: (1023 - 160)...(1023 + 130), using: &randomness)
      var fraction = randomness.next() & ((1 << 52) - 1)
      if Bool.random(using: &randomness) {
        fraction = (fraction & ~((1 << 28) - 1)) &+ UInt64.random(in: (1 << 28) - 2...(1 << 28) + 2, using: &randomness)
        fraction &= (1 << 52) - 1
      }
      let double = Double(bitPattern: randomness.next() & (1 << 63) | exponent << 52 | fraction)
      let exact = try #require(Rational(exactly: double))
      let nearest = Float(double)
      #expect(exact.rounded(to: Float.self, .toNearestOrEven).bitPattern == nearest.bitPattern)
      #expect(exact.rounded(to: Double.self, .up) == double && exact.rounded(to: Double.self, .down) == double)
      let down = Double(nearest) <= double ? nearest : nearest.nextDown
      let up = Double(nearest) >= double ? nearest : nearest.nextUp
      #expect(exact.rounded(to: Float.self, .down) == down)
      #expect(exact.rounded(to: Float.self, .up) == up)
      #expect(exact.rounded(to: Float.self, .towardZero) == (double < 0 ? up : down))
    }
  }

  @Test func `NaN and the infinities have no value, both zeros are 0`() {
    #expect(Rational(exactly: Float.nan) == nil && Rational(exactly: -Float.infinity) == nil)
    #expect(Rational(exactly: Double.infinity) == nil && Rational(exactly: Float16.nan) == nil)
    #expect(Rational(exactly: -0.0 as Float) == 0 && Rational(exactly: 0.0 as Double) == 0)
    #expect(Rational(exactly: Float.leastNonzeroMagnitude) == .powerOfTwo(-149))
    #expect(Rational(exactly: -Double.leastNonzeroMagnitude) == -.powerOfTwo(-1074))
    #expect(Rational(exactly: 0.1 as Float) == "13421773/134217728")
  }

  /// Numbers between two neighbours, of either sign, and the neighbours themselves.
  private func expectRounding<Format: BinaryFloatingPoint>(
    low: Format, lowValue: Rational, high: Format, highValue: Rational
  ) {
    let middle = (lowValue + highValue) / 2
    let hair = (highValue - lowValue) / 1024
    let even = low.significandBitPattern.isMultiple(of: 2) ? low : high
    for (value, nearest) in [
      (middle, even), (middle - hair, low), (middle + hair, high), (middle + "1/3" * hair, high),
    ] {
      expect(value, Format.self, nearest: nearest, down: low, up: high, towardZero: low)
      expect(-value, Format.self, nearest: -nearest, down: -high, up: -low, towardZero: -low)
    }
    for rule in [FloatingPointRoundingRule.toNearestOrEven, .up, .down, .towardZero] {
      #expect(lowValue.rounded(to: Format.self, rule) == low, "\(low) \(rule)")
    }
  }

  private func expect<Format: BinaryFloatingPoint>(
    _ value: Rational, _ format: Format.Type, nearest: Format, down: Format, up: Format, towardZero: Format
  ) {
    for (rule, expected) in [
      (FloatingPointRoundingRule.toNearestOrEven, nearest), (.down, down), (.up, up), (.towardZero, towardZero),
    ] {
      let rounded = value.rounded(to: format, rule)
      if rounded != expected || rounded.sign != expected.sign {
        Issue.record("\(value) \(rule): \(rounded), expected \(expected)")
      }
    }
  }
}

extension Rational {
  /// The value of a float of any format.
  fileprivate init?<Format: BinaryFloatingPoint>(decimalOrHexadecimal value: Format) {
    // Exact: `Double` holds every Float16 and Float32.
    self.init(exactly: Double(value))
  }
}
