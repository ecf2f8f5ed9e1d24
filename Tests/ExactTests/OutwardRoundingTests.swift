import PlumbExact
import PlumbModel
import Testing

/// Outward rounding to Float64, which takes a short way, against the rounding that takes the long one.
@Suite struct OutwardRoundingTests {
  private func expectRounding(_ value: Rational) {
    #expect(value.doubleRoundedUp == value.rounded(to: Double.self, .up), "\(value)")
    #expect(value.doubleRoundedDown == value.rounded(to: Double.self, .down), "\(value)")
  }

  @Test func `numbers of any length and size, and both signs`() {
    var random = SplitMix64(seed: 71)
    for bits in [1, 20, 53, 54, 63, 64, 65, 120, 128, 129, 700] {
      for _ in 0..<200 {
        let odd = random.integer(maximumBits: bits)
        for exponent in [0, -1, 7, -bits, -1074 - bits, -1074, -1022 - bits, 1023 - bits, 1024 - bits, 1024] {
          let value = Rational(significand: odd, exponent: exponent)
          expectRounding(value)
          expectRounding(-value)
        }
      }
    }
  }

  @Test func `carries into the next binade, and what is only just no Double`() {
    for width in [53, 54, 64, 65, 117, 128, 192, 193] {
      for exponent in [0, -1074 - width, -1022, 1023 - width, 1024 - width] {
        for offset in [-1, 0, 1] {
          let integer = Rational.powerOfTwo(width) + Rational(offset)
          expectRounding(integer * .powerOfTwo(exponent))
          expectRounding(-integer * .powerOfTwo(exponent))
        }
      }
    }
  }

  @Test func `numbers that are no binary fractions`() {
    var random = SplitMix64(seed: 72)
    for _ in 0..<500 { expectRounding(random.rational(maximumBits: 90)) }
    expectRounding(0)
  }

  @Test func `quotients, whole ones among them`() {
    var random = SplitMix64(seed: 73)
    for bits in [1, 24, 53, 64, 130, 600] {
      for _ in 0..<300 {
        let dividend = random.rational(maximumBits: bits).magnitude
        let divisor = Rational(random.integer(maximumBits: 1 + bits / 2)).magnitude + 1
        for exponent in [-1100, -40, 0, 40] {
          let scaled = dividend * .powerOfTwo(exponent)
          #expect(scaled.quotientRoundedUp(by: divisor) == (scaled / divisor).rounded(to: Double.self, .up))
          let product = scaled * divisor
          #expect(product.quotientRoundedUp(by: divisor) == scaled.rounded(to: Double.self, .up))
        }
        let whole = Rational(random.integer(maximumBits: bits)).magnitude
        #expect(whole.quotientRoundedUp(by: divisor) == (whole / divisor).rounded(to: Double.self, .up))
      }
    }
  }

  @Test func `the ends of balls, whose midpoints' roundings mostly have passed them`() {
    var random = SplitMix64(seed: 74)
    for bits in [1, 20, 53, 54, 63, 64, 65, 66, 75, 120, 128, 129, 400] {
      for _ in 0..<100 {
        let midpoint = Rational(significand: random.integer(maximumBits: bits), exponent: -bits / 2)
        for exponent in [-bits / 2 - 1, -bits / 2, bits / 2 - 53, bits / 2 - 60, bits / 2 - 63, bits / 2 - 70, -300] {
          let radius = Rational(significand: random.integer(maximumBits: 32), exponent: exponent - 20).magnitude
          for ball in [Ball(midpoint: midpoint, radius: radius), Ball(midpoint: -midpoint, radius: radius)] {
            #expect(ball.lowerRoundedDown == ball.lower.rounded(to: Double.self, .down), "\(ball)")
            #expect(ball.upperRoundedUp == ball.upper.rounded(to: Double.self, .up), "\(ball)")
          }
        }
      }
    }
    // One unit of the last of 64 bits below a limit, and at it.
    for width in [64, 65, 128] {
      for low in [0, 1, 2, 0x7FE, 0x7FF] {
        let midpoint = Rational.powerOfTwo(width) + Rational(low) * .powerOfTwo(width - 63) + (width > 64 ? 1 : 0)
        for units in [1, low, 0x7FF - low, 0x800 - low] where units > 0 {
          for radius in [Rational(units) * .powerOfTwo(width - 63), Rational(units) * .powerOfTwo(width - 64)] {
            for ball in [Ball(midpoint: midpoint, radius: radius), Ball(midpoint: -midpoint, radius: radius)] {
              #expect(ball.lowerRoundedDown == ball.lower.rounded(to: Double.self, .down), "\(ball)")
              #expect(ball.upperRoundedUp == ball.upper.rounded(to: Double.self, .up), "\(ball)")
            }
          }
        }
      }
    }
  }
}
