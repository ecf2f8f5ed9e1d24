import PlumbModel
import Testing

@testable import PlumbExact

@Suite struct UpperBoundTests {
  @Test func `every operation rounds up, by one part in 2^30 at most`() {
    var randomness = SplitMix64(seed: 8)
    func bound() -> UpperBound {
      let bits = UInt64(Int.random(in: 0...64, using: &randomness))
      let ones = Bool.random(using: &randomness)
      let value = bits == 0 ? 0 : (ones ? UInt64.max : randomness.next()) >> (64 - bits)
      return UpperBound(value, exponent: Int.random(in: -200...200, using: &randomness))
    }
    func expect(_ bound: UpperBound, _ exact: Rational) {
      #expect(bound.value >= exact && bound.mantissa < 1 << 32)
      #expect(bound.value <= exact + exact.scaled(byPowerOfTwo: -30), "\(bound) for \(exact)")
      if !exact.isZero { #expect(bound.value < Rational(significand: 1, exponent: bound.top)) }
    }
    for _ in 0..<4000 {
      let (a, b) = (bound(), bound())
      expect(a + b, a.value + b.value)
      expect(a * b, a.value * b.value)
      let value = randomness.next() >> UInt64.random(in: 0...63, using: &randomness)
      expect(UpperBound(value, exponent: 3), Rational(significand: Integer(value), exponent: 3))
      let wide = UInt128(value) << UInt128.random(in: 0...64, using: &randomness) + UInt128(a.mantissa)
      expect(UpperBound(wide: wide, exponent: -9), Rational(significand: Integer(wide), exponent: -9))
      let rational = randomness.rational(maximumBits: 90).magnitude
      expect(UpperBound(rational), rational)
      let unit = a.exponent + Int.random(in: -20...60, using: &randomness)
      #expect(Integer(a.units(of: unit)) == a.value.units(ofPowerOfTwo: unit, .up))
    }
  }
}
