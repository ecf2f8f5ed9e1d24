import PlumbExact
import PlumbModel
import Testing

@Suite struct RationalTests {
  @Test func `field laws hold for dyadic and other rationals`() {
    var randomness = SplitMix64(seed: 11)
    for _ in 0..<400 {
      let a = randomness.rational(maximumBits: 120)
      let b = randomness.rational(maximumBits: 120)
      let c = randomness.rational(maximumBits: 120)
      #expect(a + b == b + a)
      #expect((a + b) + c == a + (b + c))
      #expect(a * b == b * a)
      #expect((a * b) * c == a * (b * c))
      #expect(a * (b + c) == a * b + a * c)
      #expect(a - b == a + -b)
      #expect(a + -a == 0)
      #expect(a + 0 == a && a * 1 == a && a * 0 == 0)
      if !b.isZero { #expect(a / b * b == a) }
      #expect((a + b - b).hashValue == a.hashValue)
    }
  }

  @Test func `the parts are in lowest terms and rebuild the value`() {
    var randomness = SplitMix64(seed: 12)
    for _ in 0..<400 {
      let a = randomness.rational(maximumBits: 120)
      #expect(a.denominator.signum() == 1)
      #expect(Integer.gcd(a.numerator, a.denominator) == 1)
      #expect(Rational(a.numerator, over: a.denominator) == a)
      #expect(Rational(-a.numerator, over: -a.denominator) == a)
      #expect(Rational(a.numerator * 60, over: a.denominator * 60) == a)
      #expect(a.isDyadic == (a.denominator == Integer(1) << a.denominator.trailingZeroBitCount))
      if let (significand, exponent) = a.dyadic {
        #expect(significand.isOdd || (significand.isZero && exponent == 0))
        #expect(Rational(significand: significand, exponent: exponent) == a)
        #expect(Rational(significand: significand << 5, exponent: exponent - 5) == a)
      }
    }
  }

  /// Sums, products and comparison against schoolbook formulas over integers, which `IntegerTests` covers.
  @Test func `operations agree with fractions of integers`() {
    var randomness = SplitMix64(seed: 13)
    for _ in 0..<400 {
      let a = randomness.rational(maximumBits: 90)
      let b = randomness.rational(maximumBits: 90)
      let (n, d, m, e) = (a.numerator, a.denominator, b.numerator, b.denominator)
      #expect((a + b).numerator * d * e == (n * e + m * d) * (a + b).denominator)
      #expect((a * b).numerator * d * e == n * m * (a * b).denominator)
      #expect((a < b) == (n * e < m * d))
      #expect((a == b) == (n * e == m * d))
      #expect(!(a < a) && a <= a)
      if !a.isZero {
        let binade = Rational.powerOfTwo(a.floorLog2)
        #expect(binade <= a.magnitude && a.magnitude < binade * 2)
        #expect(a.power(-3) * a * a * a == 1)
      }
      #expect(a.power(0) == 1 && a.power(3) == a * a * a)
      #expect(a.scaled(byPowerOfTwo: -7) == a / 128 && a.scaled(byPowerOfTwo: 7) == a * 128)
    }
  }

  @Test func `rounding to bits follows the rule`() {
    var randomness = SplitMix64(seed: 14)
    for _ in 0..<600 {
      let a = randomness.rational(maximumBits: 90)
      let bits = Int.random(in: 1...70, using: &randomness)
      let down = a.rounded(toBits: bits, .down)
      let up = a.rounded(toBits: bits, .up)
      #expect(down <= a && a <= up)
      if down == up {
        #expect(a == down)
      } else {
        #expect(up - down == .powerOfTwo(a.floorLog2 - bits + 1))
      }
      #expect(a.rounded(toBits: bits, .towardZero) == (a.signum() < 0 ? up : down))
      #expect(a.rounded(toBits: bits, .awayFromZero) == (a.signum() < 0 ? down : up))
      for rule in [FloatingPointRoundingRule.down, .up, .towardZero, .awayFromZero, .toNearestOrEven] {
        let rounded = a.rounded(toBits: bits, rule)
        #expect(rounded.isZero || (rounded.dyadic?.significand.bitWidth ?? .max) <= bits)
        #expect(rounded.rounded(toBits: bits, rule) == rounded)
        #expect(a.rounded(toBits: bits, .toNearestOrEven) <= up)
      }
      let nearest = a.rounded(toBits: bits, .toNearestOrEven)
      #expect(nearest == (a - down < up - a ? down : up) || (a - down == up - a))
    }
  }

  @Test(arguments: [
    ("5/2", 2, 3), ("7/2", 4, 4), ("-5/2", -2, -3), ("-7/2", -4, -4), ("9/4", 2, 2), ("11/4", 3, 3), ("1/2", 0, 1),
    ("-1/2", 0, -1), ("3/2", 2, 2), ("1/3", 0, 0), ("2/3", 1, 1), ("-5/3", -2, -2),
  ]) func `ties go to even, or away from zero`(text: String, even: Int, away: Int) throws {
    let value = try #require(Rational(text))
    #expect(value.units(ofPowerOfTwo: 0, .toNearestOrEven) == Integer(even))
    #expect(value.units(ofPowerOfTwo: 0, .toNearestOrAwayFromZero) == Integer(away))
    #expect((value * 3 / 3).units(ofPowerOfTwo: 0, .toNearestOrEven) == Integer(even))
    #expect(value.scaled(byPowerOfTwo: 9).units(ofPowerOfTwo: 9, .toNearestOrEven) == Integer(even))
  }
}
