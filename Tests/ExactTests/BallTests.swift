import PlumbExact
import PlumbModel
import Testing

/// Containment is the contract: points of the arguments map into the result.
@Suite struct BallTests {
  @Test func `sums, differences and products contain every result`() {
    var randomness = SplitMix64(seed: 21)
    for _ in 0..<500 {
      let a = randomness.ball(maximumBits: 60)
      let b = randomness.ball(maximumBits: 60)
      let (x, y) = (randomness.point(in: a), randomness.point(in: b))
      #expect((a + b).contains(x + y))
      #expect((a - b).contains(x - y))
      #expect((a * b).contains(x * y))
      #expect((-a).contains(-x))
      #expect(Ball.min(a, b).contains(min(x, y)))
      #expect(Ball.max(a, b).contains(max(x, y)))
      #expect(a.magnitude.contains(x.magnitude))
      #expect(a.union(b).contains(x) && a.union(b).contains(y))
      #expect(a.scaled(byPowerOfTwo: -3).contains(x / 8))
    }
  }

  /// A bound nothing attains would hide a term that was doubled.
  @Test func `sums, differences, products and choices reach their own ends`() {
    var randomness = SplitMix64(seed: 22)
    for _ in 0..<200 {
      let a = randomness.ball(maximumBits: 60)
      let b = randomness.ball(maximumBits: 60)
      #expect((a + b).upper == a.upper + b.upper && (a + b).lower == a.lower + b.lower)
      #expect((a - b).upper == a.upper - b.lower && (a - b).lower == a.lower - b.upper)
      let (least, greatest) = (Ball.min(a, b), Ball.max(a, b))
      #expect(least.lower == min(a.lower, b.lower) && least.upper == min(a.upper, b.upper))
      #expect(greatest.lower == max(a.lower, b.lower) && greatest.upper == max(a.upper, b.upper))
      let sizes = [a.lower.magnitude, a.upper.magnitude].sorted()
      #expect(a.magnitude.upper == sizes[1] && a.magnitude.lower == (a.contains(Rational.zero) ? 0 : sizes[0]))
      let corners = [a.lower * b.lower, a.lower * b.upper, a.upper * b.lower, a.upper * b.upper]
      let product = a * b
      #expect(corners.contains(product.upper) || corners.contains(product.lower))
    }
  }

  @Test func `quotients contain every result and throw where the divisor may be 0`() throws {
    var randomness = SplitMix64(seed: 23)
    for _ in 0..<500 {
      let a = randomness.ball(maximumBits: 60)
      let b = randomness.ball(maximumBits: 60)
      let precision = Int.random(in: 1...100, using: &randomness)
      guard !b.contains(0) else {
        #expect(throws: EnclosureError.divisorContainsZero) { try a / b }
        #expect(throws: EnclosureError.divisorContainsZero) { try a.divided(by: b, precision: precision) }
        continue
      }
      let (x, y) = (randomness.point(in: a), randomness.point(in: b))
      let quotient = try a / b
      #expect(quotient.contains(x / y))
      #expect(try a.divided(by: b, precision: precision).contains(x / y))
      // The bound is attained where the divisor is nearest to 0, but for its rounding to 32 bits.
      let nearest = b.midpoint.signum() > 0 ? b.lower : b.upper
      let reached = max(
        (a.lower / nearest - quotient.midpoint).magnitude, (a.upper / nearest - quotient.midpoint).magnitude)
      #expect(quotient.radius <= reached * (1 + Rational.powerOfTwo(-29)))
    }
  }

  @Test func `a quotient at a precision is that narrow`() throws {
    var randomness = SplitMix64(seed: 24)
    for _ in 0..<200 {
      let a = randomness.rational(maximumBits: 200)
      let b = randomness.rational(maximumBits: 200)
      guard !a.isZero, !b.isZero else { continue }
      let quotient = try Ball(a).divided(by: Ball(b), precision: 80)
      #expect(quotient.radius <= (a / b).magnitude * .powerOfTwo(-79))
      #expect(quotient.contains(a / b))
      #expect(try Ball(a * b).divided(by: Ball(b), precision: 500).isExact == a.isDyadic)
    }
  }

  @Test func `powers are exact intervals`() {
    var randomness = SplitMix64(seed: 25)
    for _ in 0..<200 {
      let a = randomness.ball(maximumBits: 30)
      let x = randomness.point(in: a)
      for exponent in 0...5 {
        let power = a.power(exponent)
        #expect(power.contains(x.power(exponent)))
        let ends = [a.lower.power(exponent), a.upper.power(exponent)]
        #expect(ends.contains(power.upper))
        #expect(ends.contains(power.lower) || (power.lower == 0 && a.contains(0)))
      }
    }
  }

  @Test func `rounding contains the ball and shortens it`() {
    var randomness = SplitMix64(seed: 26)
    for _ in 0..<500 {
      let a = randomness.ball(maximumBits: 200)
      let precision = Int.random(in: 1...150, using: &randomness)
      let rounded = a.rounded(to: precision)
      #expect(rounded.contains(a))
      #expect(rounded.midpoint.isZero || (rounded.midpoint.dyadic?.significand.bitWidth ?? .max) <= precision)
      #expect(rounded.radius.isZero || (rounded.radius.dyadic?.significand.bitWidth ?? .max) <= 32)
      let allowed = a.radius + (a.midpoint.isZero ? 0 : .powerOfTwo(a.midpoint.floorLog2 - precision))
      #expect(rounded.radius <= allowed * (1 + Rational.powerOfTwo(-31)))
    }
    #expect(Ball("5/8").rounded(to: 3).isExact)
    #expect(Ball("1/3").rounded(to: 100).radius > 0)
  }

  @Test func `set operations agree with the ends`() {
    var randomness = SplitMix64(seed: 27)
    for _ in 0..<500 {
      let a = randomness.ball(maximumBits: 12)
      let b = randomness.ball(maximumBits: 12)
      let isCommon = a.lower <= b.upper && b.lower <= a.upper
      #expect(a.overlaps(b) == isCommon)
      #expect((a.intersection(b) != nil) == isCommon)
      if let both = a.intersection(b) {
        #expect(both.lower == max(a.lower, b.lower) && both.upper == min(a.upper, b.upper))
      }
      #expect(a.contains(b) == (a.lower <= b.lower && b.upper <= a.upper))
      #expect(a.contains(a.lower) && a.contains(a.upper) && !a.contains(a.upper + "1/1000000"))
      #expect(!a.contains(a.lower - "1/1000000"))
      #expect(a.union(b).lower == min(a.lower, b.lower) && a.union(b).upper == max(a.upper, b.upper))
      let sign = a.lower > 0 ? 1 : a.upper < 0 ? -1 : a.isExact ? 0 : nil
      #expect(a.signum() == sign)
      #expect(Ball(lower: a.lower, upper: a.upper) == a)
    }
    #expect(Ball(lower: 1, upper: 2).overlaps(Ball(lower: 2, upper: 3)))
    #expect(Ball(lower: 1, upper: 2).intersection(Ball(lower: 2, upper: 3)) == Ball(2))
  }
}
