import PlumbExact
import PlumbModel

extension Reference {
  /// `frequencies` as `scaling` changes them.
  ///
  /// *Error bound*: encloses the true values, to about `precision` bits.
  static func scaled(
    _ frequencies: [Ball], _ scaling: FrequencyScaling, precision: Int
  ) throws(EnclosureError) -> [Ball] {
    var result = frequencies
    switch scaling {
    case .none: break
    case .divisors(let divisors):
      for (index, divisor) in zip(result.indices, divisors) {
        result[index] = try result[index].divided(by: number(divisor), precision: precision)
      }
    case .smooth(let factor, let low, let high, let context):
      let turn = Ball.pi(precision: precision) * Ball(2)
      let share = try number(context).divided(by: turn, precision: precision)
      let (low, slowed) = (try number(low), try Ball.one / number(factor))
      let width = try number(high) - low
      for index in result.indices {
        let t = try (result[index] * share - low).divided(by: width, precision: precision).keptWithin(0...1)
        result[index] = (result[index] * (slowed + t * (Ball.one - slowed))).settled(precision)
      }
    case .ramp(let factor, let first, let last):
      let slowed = try Ball.one / number(factor)
      for index in result.indices {
        let (numerator, denominator) = FrequencyScaling.ramp(index, from: first, to: last)
        let share = Ball(Rational(Integer(numerator), over: Integer(denominator)))
        result[index] = (result[index] * (Ball.one - share + share * slowed)).settled(precision)
      }
    case .turns(let factor, let fast, let slow, let context):
      let turn = Ball.pi(precision: precision) * Ball(2)
      let inContext = try number(context).divided(by: turn, precision: precision)
      let (slowed, logarithm) = (try Ball.one / number(factor), try Ball.log(number(fast), precision: precision))
      let width = try logarithm - Ball.log(number(slow), precision: precision)
      for index in result.indices {
        let turns = try Ball.log(result[index] * inContext, precision: precision)
        let share = try (logarithm - turns).divided(by: width, precision: precision).keptWithin(0...1)
        result[index] = (result[index] * (Ball.one - share + share * slowed)).settled(precision)
      }
    }
    return result
  }

  /// The factor of sines and cosines; `nil` for 1.
  ///
  /// *Error bound*: encloses the true value, to about `precision` bits.
  static func magnitude(_ magnitude: RotaryMagnitude, precision: Int) throws(EnclosureError) -> Ball? {
    func logarithm(_ x: Float) throws(EnclosureError) -> Ball { try Ball.log(number(x), precision: precision) }
    func share(_ weight: Float, _ logarithm: Ball) throws(EnclosureError) -> Ball {
      guard let weight = Rational(exactly: weight) else { throw notKnown(weight) }
      return Ball.one + logarithm * Ball(weight / 10)
    }
    switch magnitude {
    case .number(1): return nil
    case .number(let magnitude): return try number(magnitude)
    case .logarithms(let factor, let numerator, let denominator):
      let logarithm = try logarithm(factor)
      return try share(numerator, logarithm).divided(by: share(denominator, logarithm), precision: precision)
    case .root(let factor, let context):
      let quotient = try logarithm(factor).divided(by: logarithm(context), precision: precision)
      return try Ball.squareRoot(Ball.one + quotient, precision: precision)
    }
  }

  private static func number(_ x: Float) throws(EnclosureError) -> Ball {
    guard x > 0, let x = Rational(exactly: x) else { throw notKnown(x) }
    return Ball(x)
  }

  private static func notKnown(_ x: Float) -> EnclosureError {
    .argumentOutsideDomain(function: "rotaryEmbedding: scaling by \(x)")
  }
}

extension Ball {
  /// The numbers of the ball, those outside `range` replaced by its nearer end.
  fileprivate func keptWithin(_ range: ClosedRange<Rational>) -> Ball {
    func kept(_ x: Rational) -> Rational { Swift.min(Swift.max(x, range.lowerBound), range.upperBound) }
    return range.contains(lower) && range.contains(upper) ? self : Ball(lower: kept(lower), upper: kept(upper))
  }
}
