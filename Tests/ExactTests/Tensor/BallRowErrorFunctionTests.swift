import PlumbExact
import PlumbModel
import Testing

/// The error function of rows against that of balls, which has its own proof and tables.
@Suite struct BallRowErrorFunctionTests {
  /// Arguments around 0, over the whole range where erf is neither 0 nor 1, on both sides of where a row of few bits gives
  /// up the series, and far beyond.
  private func arguments(_ randomness: inout SplitMix64) -> [Rational] {
    var all: [Rational] = [0, 1, -1, Rational(1, over: 3), Rational(-2, over: 3)]
    all += [-2000, -300, -64, -33, 31, 32, 33, 1000].map { Rational(significand: -1, exponent: $0) }
    // √(45·n) for n limbs of 64 bits, and a little to both sides.
    for limbs in [1, 2, 3, 5, 17] {
      let edge = Rational(significand: Integer(45 * limbs << 40).squareRoot(), exponent: -20)
      all += [-3, 0, 3].map { edge + Rational(significand: $0, exponent: -20) }
    }
    all += (1...27).map { Rational($0) + Rational(significand: randomness.integer(maximumBits: 90), exponent: -91) }
    for _ in 0..<16 {
      let exponent = Int.random(in: -60...4, using: &randomness)
      all.append(Rational(significand: randomness.integer(maximumBits: 90), exponent: exponent - 90))
    }
    return all.map { $0.rounded(toBits: 150, .down) }
  }

  @Test(arguments: [2, 39, 40, 41, 64, 104, 105, 128, 256, 512, 1024, 1030])
  func `points, one alone and all together`(_ precision: Int) {
    var randomness = SplitMix64(seed: UInt64(precision))
    let points = arguments(&randomness)
    let together = BallRow(points.map { Ball($0) }, precision: 4000).erf(precision: precision)
    for (index, x) in points.enumerated() {
      let exact = Ball.erf(Ball(x), precision: precision + 100)
      let ball = BallRow([Ball(x)], precision: 4000).erf(precision: precision)[0]
      #expect(ball.contains(exact), "\(x): \(ball), not \(exact)")
      #expect(together[index].contains(exact), "\(x) of many: \(together[index]), not \(exact)")
      #expect(ball.radius <= Rational(significand: 1, exponent: 2 - precision), "\(x): \(ball)")
    }
  }

  @Test(arguments: [-150, -40, -6, -1, 0, 3, 70]) func `balls contain what their points have`(_ exponent: Int) throws {
    var randomness = SplitMix64(seed: 16)
    let radius = Rational(significand: 1, exponent: exponent)
    let everything = Ball(lower: -1, upper: 1)
    for x in arguments(&randomness) {
      let input = Ball(midpoint: x, radius: radius)
      let ball = BallRow([input], precision: 1200).erf(precision: 300)[0]
      for point in [input.lower, input.upper, x, randomness.point(in: input)] {
        let exact = try #require(Ball.erf(Ball(point), precision: 700).intersection(everything))
        #expect(ball.contains(exact), "erf of \(input): \(ball), not \(exact)")
      }
      // The derivative's bound, 2 ÷ √π · e^(−x²) < 1.13·e^(−x²), half the square, and three of the row's units, each 2^−19 of the
      // greatest radius at most; the input's radius is rounded to its own unit before.
      let slope = x.magnitude < 100 ? try Ball.exp(Ball(-(x * x)), precision: 40).upper * "113/100" : "1/1000000000"
      let r = radius + radius.scaled(byPowerOfTwo: -18)
      let slack = Rational(significand: 1, exponent: -290) + radius.scaled(byPowerOfTwo: -17)
      #expect(ball.radius <= min(r * slope + r * r.scaled(byPowerOfTwo: -1) + slack, 1) * "1000001/1000000")
    }
  }

  @Test func `0 is exact, and more bits than a row's series has come from balls`() {
    #expect(BallRow([Ball(0)], precision: 64).erf(precision: 64)[0] == Ball(0))
    let third = Rational(1, over: 3).rounded(toBits: 50, .down)
    for precision in [8000, 8168, 8169, 8300] {
      let ball = BallRow([Ball(third)], precision: 64).erf(precision: precision)[0]
      #expect(ball.contains(Ball.erf(Ball(third), precision: precision + 100)))
      #expect(ball.radius <= Rational(significand: 1, exponent: 2 - precision))
    }
  }
}
