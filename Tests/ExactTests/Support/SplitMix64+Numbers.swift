import PlumbExact
import PlumbModel

extension SplitMix64 {
  /// An integer whose number of bits is uniform up to `maximumBits`, either sign, with long runs of equal bits as often
  /// as not: carries and borrows live there.
  mutating func integer(maximumBits: Int) -> Integer {
    var remaining = Int.random(in: 0...maximumBits, using: &self)
    var value: Integer = 0
    let hasRuns = Bool.random(using: &self)
    while remaining > 0 {
      let count = min(remaining, Int.random(in: 1...32, using: &self))
      let bits = hasRuns ? (Bool.random(using: &self) ? UInt64.max : 0) : next()
      value = (value << count) + Integer(bits & ((1 << UInt64(count)) - 1))
      remaining -= count
    }
    return Bool.random(using: &self) ? -value : value
  }

  /// A rational with a numerator and denominator of up to `maximumBits` bits; half of them dyadic.
  mutating func rational(maximumBits: Int) -> Rational {
    let numerator = integer(maximumBits: maximumBits)
    if Bool.random(using: &self) {
      return Rational(significand: numerator, exponent: Int.random(in: -maximumBits...maximumBits, using: &self))
    }
    let denominator = integer(maximumBits: maximumBits)
    return Rational(numerator, over: denominator.isZero ? 1 : denominator)
  }

  /// A ball around a random rational, of any size relative to it; a third are exact.
  mutating func ball(maximumBits: Int) -> Ball {
    let midpoint = rational(maximumBits: maximumBits)
    if Int.random(in: 0..<3, using: &self) == 0 { return Ball(midpoint) }
    return Ball(midpoint: midpoint, radius: rational(maximumBits: maximumBits).magnitude)
  }

  /// A point of the ball: an end as often as not, for that is where containment fails first.
  mutating func point(in ball: Ball) -> Rational {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: ball.lower
    case 1: ball.upper
    default:
      ball.midpoint + ball.radius * Rational(Integer(Int.random(in: -1000...1000, using: &self)), over: 1000)
    }
  }
}
