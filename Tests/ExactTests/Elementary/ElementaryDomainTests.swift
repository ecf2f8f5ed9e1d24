import PlumbExact
import Testing

/// The edges of the domains, the exact values, and arguments no float has.
@Suite struct ElementaryDomainTests {
  private static let greatest = Rational(exactly: Float.greatestFiniteMagnitude) ?? .zero

  @Test func `arguments outside the domain are refused by name`() {
    let around = Ball(midpoint: .zero, radius: .one)
    expectRefusal("log") { () throws(EnclosureError) in try Ball.log(.zero, precision: 64) }
    expectRefusal("log") { () throws(EnclosureError) in try Ball.log(around, precision: 64) }
    expectRefusal("log1p") { () throws(EnclosureError) in try Ball.log1p(Ball(-1), precision: 64) }
    expectRefusal("log1p") { () throws(EnclosureError) in try Ball.log1p(around, precision: 64) }
    expectRefusal("squareRoot") { () throws(EnclosureError) in try Ball.squareRoot(around, precision: 64) }
    expectRefusal("squareRoot") { () throws(EnclosureError) in try Ball.squareRoot(Ball(-1), precision: 64) }
    expectRefusal("reciprocalSquareRoot") { () throws(EnclosureError) in
      try Ball.reciprocalSquareRoot(.zero, precision: 64)
    }
    expectRefusal("exp") { () throws(EnclosureError) in try Ball.exp(Ball(Self.greatest), precision: 64) }
    expectRefusal("exp") { () throws(EnclosureError) in try Ball.exp(Ball(65_536), precision: 64) }
    expectRefusal("expm1") { () throws(EnclosureError) in
      try Ball.expm1(Ball(midpoint: .zero, radius: Self.greatest), precision: 64)
    }
  }

  private func expectRefusal(_ name: String, _ body: () throws(EnclosureError) -> Ball) {
    do {
      let ball = try body()
      Issue.record("\(name) gave \(ball)")
    } catch {
      #expect(error == .argumentOutsideDomain(function: name))
    }
  }

  @Test func `what is dyadic is exact`() throws {
    #expect(try Ball.exp(.zero, precision: 64) == .one)
    #expect(try Ball.expm1(.zero, precision: 64) == .zero)
    #expect(try Ball.log(.one, precision: 64) == .zero)
    #expect(try Ball.log1p(.zero, precision: 64) == .zero)
    #expect(Ball.sin(.zero, precision: 64) == .zero)
    #expect(Ball.cos(.zero, precision: 64) == .one)
    #expect(Ball.tanh(.zero, precision: 64) == .zero)
    #expect(Ball.erf(.zero, precision: 64) == .zero)
    #expect(Ball.sigmoid(.zero, precision: 64) == Ball(Rational.powerOfTwo(-1)))
    #expect(try Ball.squareRoot(.zero, precision: 64) == .zero)
    #expect(try Ball.squareRoot(Ball(Rational(9, over: 4)), precision: 2) == Ball(Rational(3, over: 2)))
    #expect(try Ball.squareRoot(Ball(25), precision: 2).isExact == false)
    #expect(try Ball.squareRoot(Ball(Rational(4, over: 9)), precision: 32).isAccurate(to: 32))
    #expect(try Ball.squareRoot(Ball(Rational(4, over: 9)), precision: 32).contains(Rational(2, over: 3)))
    #expect(try Ball.squareRoot(Ball(2), precision: 32).isExact == false)
    #expect(try Ball.squareRoot(Ball(8), precision: 32).isExact == false)
    #expect(try Ball.reciprocalSquareRoot(Ball(16), precision: 32) == Ball(Rational(1, over: 4)))
    #expect(try Ball.reciprocalSquareRoot(Ball(64), precision: 32) == Ball(Rational(1, over: 8)))
  }

  @Test func `huge arguments cost little and say what they can`() throws {
    for sign in [1, -1] {
      let huge = Ball(Self.greatest * Rational(sign))
      #expect(Ball.tanh(huge, precision: 100).overlaps(Ball(Rational(sign))))
      #expect(Ball.erf(huge, precision: 100).overlaps(Ball(Rational(sign))))
      let sigmoid = Ball.sigmoid(huge, precision: 100)
      #expect(sigmoid.overlaps(Ball(Rational((sign + 1) / 2))) && sigmoid.radius < .powerOfTwo(-100))
    }
    let tiny = try Ball.exp(Ball(-Self.greatest), precision: 100)
    #expect(tiny.contains(Rational.zero) && tiny.lower.isZero && tiny.upper == .powerOfTwo(-94_548))
    // The bound is right where it begins: e^(−65536) is within it, and not below half of it.
    let edge = try Ball.exp(Ball(Rational(-131071, over: 2)), precision: 64)
    #expect(edge.lower.floorLog2 == -94_549 || edge.lower.floorLog2 == -94_548)
    #expect(try Ball.exp(Ball(midpoint: .zero, radius: 65_535), precision: 64).contains(Rational(1 << 40)))
    #expect(try Ball.expm1(Ball(-Self.greatest), precision: 100).contains(Rational(-1)))
    let everything = Ball(lower: -1, upper: 1)
    #expect(Ball.sin(Ball(.powerOfTwo(5000)), precision: 64) == everything)
    #expect(Ball.cos(Ball(midpoint: .zero, radius: 4), precision: 64) == everything)
  }

  /// Far below every float, where a series in fixed point would need as many bits as the exponent says.
  @Test func `arguments near zero need no space`() throws {
    for sign in [Rational.one, -1] {
      let x = sign * 3 * .powerOfTwo(-1_000_000_000)
      for ball in [
        try Ball.expm1(Ball(x), precision: 64), try Ball.log1p(Ball(x), precision: 64),
        Ball.sin(Ball(x), precision: 64), Ball.tanh(Ball(x), precision: 64),
      ] {
        #expect(ball.midpoint == x && !ball.isExact && ball.isAccurate(to: 64))
      }
      #expect(Ball.cos(Ball(x), precision: 64).contains(Rational.one))
    }
  }

  @Test func `rationals that are not dyadic are arguments too`() throws {
    // log(4/3) = 2·artanh(1/7), e^(1/3) cubed is e.
    let third = try Ball.exp(Ball(Rational(1, over: 3)), precision: 200)
    #expect(try third.power(3).overlaps(Ball.exp(.one, precision: 200)))
    #expect(third.isAccurate(to: 200))
    let log = try Ball.log(Ball(Rational(4, over: 3)), precision: 200)
    #expect(try (log + Ball.log(Ball(Rational(3, over: 4)), precision: 200)).contains(Rational.zero))
    for function in ElementaryFunction.allCases {
      let ball = try function(Ball(Rational(10, over: 7)), precision: 120)
      #expect(ball.isAccurate(to: 120))
      #expect(try ball.overlaps(function(Ball(Rational(10, over: 7)), precision: 90)))
    }
  }

  @Test(arguments: [1, 2, 3, 4]) func `few bits of tanh contain it all the same`(_ precision: Int) throws {
    for x in ["2001/1000", "3", "17/4", "9"] as [Rational] {
      #expect(Ball.tanh(Ball(x), precision: precision).contains(Ball.tanh(Ball(x), precision: 100)), "\(x)")
    }
  }
}
