import PlumbExact
import PlumbModel
import Testing

/// Identities that hold between the functions, at random precision: both sides are enclosures of one number.
@Suite struct ElementaryIdentityTests {
  @Test(arguments: 0..<40) func `exp turns sums into products`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(1000 + seed))
    let precision = randomness.precision(upTo: 1500)
    let a = randomness.fraction(bits: precision) * 40 - 20
    let b = randomness.fraction(bits: precision) * 4 - 2
    let left = try Ball.exp(Ball(a), precision: precision) * Ball.exp(Ball(b), precision: precision)
    #expect(left.overlaps(try Ball.exp(Ball(a + b), precision: precision)))
    let inverse = try Ball.exp(Ball(a), precision: precision) * Ball.exp(Ball(-a), precision: precision)
    #expect(inverse.contains(Rational.one))
    #expect(
      (try Ball.expm1(Ball(b), precision: precision) + .one).overlaps(try Ball.exp(Ball(b), precision: precision)))
  }

  @Test(arguments: 0..<40) func `log undoes exp`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(2000 + seed))
    let precision = randomness.precision(upTo: 1500)
    let x = randomness.fraction(bits: precision) * 40 - 20
    let there = try Ball.exp(Ball(x), precision: precision)
    let back = try Ball.log(there, precision: precision)
    #expect(back.contains(x))
    #expect(back.radius < Rational.powerOfTwo(6 - precision))
    let small = x.scaled(byPowerOfTwo: -Int.random(in: 0...200, using: &randomness))
    #expect(try Ball.log1p(Ball.expm1(Ball(small), precision: precision), precision: precision).contains(small))
    #expect(
      try Ball.expm1(Ball.log1p(Ball(small.magnitude), precision: precision), precision: precision)
        .contains(small.magnitude))
  }

  @Test(arguments: 0..<40) func `log turns products into sums`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(3000 + seed))
    let precision = randomness.precision(upTo: 1500)
    let a = randomness.argument(of: .log)
    let b = randomness.argument(of: .log)
    let sum = try Ball.log(Ball(a), precision: precision) + Ball.log(Ball(b), precision: precision)
    #expect(sum.overlaps(try Ball.log(Ball(a * b), precision: precision)))
  }

  @Test(arguments: 0..<40) func `sine and cosine lie on the circle and add`(_ seed: Int) {
    var randomness = SplitMix64(seed: UInt64(4000 + seed))
    let precision = randomness.precision(upTo: 1500)
    let a = randomness.argument(of: .sin)
    let b = randomness.fraction(bits: precision) * 8 - 4
    let (sinA, cosA) = (Ball.sin(Ball(a), precision: precision), Ball.cos(Ball(a), precision: precision))
    let (sinB, cosB) = (Ball.sin(Ball(b), precision: precision), Ball.cos(Ball(b), precision: precision))
    #expect((sinA * sinA + cosA * cosA).contains(Rational.one))
    #expect((sinA * cosB + cosA * sinB).overlaps(Ball.sin(Ball(a + b), precision: precision)))
    #expect((cosA * cosB - sinA * sinB).overlaps(Ball.cos(Ball(a + b), precision: precision)))
    #expect(
      Ball.sin(Ball(-a), precision: precision) == -sinA || sinA.overlaps(-Ball.sin(Ball(-a), precision: precision)))
    #expect(cosA.overlaps(Ball.cos(Ball(-a), precision: precision)))
    // Over a ball around π/6 and π/3 the values are rational.
    let pi = Ball.pi(precision: precision)
    #expect(Ball.sin(pi * Ball(Rational(1, over: 6)), precision: precision).contains(Rational.powerOfTwo(-1)))
    #expect(Ball.cos(pi * Ball(Rational(1, over: 3)), precision: precision).contains(Rational.powerOfTwo(-1)))
  }

  @Test(arguments: 0..<40) func `tanh and sigmoid are quotients of exponentials`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(5000 + seed))
    let precision = randomness.precision(upTo: 1500)
    let x = randomness.fraction(bits: precision) * 60 - 30
    let sigmoid = Ball.sigmoid(Ball(x), precision: precision)
    #expect((sigmoid + Ball.sigmoid(Ball(-x), precision: precision)).contains(Rational.one))
    let power = try Ball.exp(Ball(-x), precision: precision)
    #expect((sigmoid * (.one + power)).contains(Rational.one))
    let tanh = Ball.tanh(Ball(x), precision: precision)
    #expect(tanh == -Ball.tanh(Ball(-x), precision: precision))
    let double = try Ball.exp(Ball(x * 2), precision: precision)
    #expect((tanh * (double + .one)).overlaps(double - .one))
    #expect((Ball.sigmoid(Ball(x * 2), precision: precision) * Ball(2) - .one).overlaps(tanh))
  }

  @Test(arguments: 0..<40) func `roots square back`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(6000 + seed))
    let precision = randomness.precision(upTo: 4096)
    let x = randomness.argument(of: .squareRoot)
    let root = try Ball.squareRoot(Ball(x), precision: precision)
    #expect((root * root).contains(x))
    #expect((root * (try Ball.reciprocalSquareRoot(Ball(x), precision: precision))).contains(Rational.one))
  }

  /// d/dx erf = 2/√π·e^(−x²), and the third derivative is known: the midpoint rule and its remainder enclose a difference.
  @Test(arguments: 0..<40) func `erf is odd and has its derivative`(_ seed: Int) throws {
    var randomness = SplitMix64(seed: UInt64(7000 + seed))
    let precision = randomness.precision(upTo: 800)
    let x = randomness.fraction(bits: 60) * 8 - 4
    let erf = Ball.erf(Ball(x), precision: precision)
    #expect(erf == -Ball.erf(Ball(-x), precision: precision))
    // erf(x + h) − erf(x − h) = 2h·erf′(x) + h³/3·erf‴(ξ), and |erf‴| = 2/√π·e^(−t²)·|4t² − 2| < 2.26 everywhere.
    let h = Rational.powerOfTwo(-20)
    let difference = Ball.erf(Ball(x + h), precision: 100) - Ball.erf(Ball(x - h), precision: 100)
    let factor = try Ball(2) * Ball.reciprocalSquareRoot(Ball.pi(precision: 100), precision: 100)
    let slope = factor * (try Ball.exp(Ball(-(x * x)), precision: 100))
    let remainder = Ball(midpoint: .zero, radius: h.power(3))
    #expect((slope * Ball(h * 2) + remainder).overlaps(difference))
  }
}
