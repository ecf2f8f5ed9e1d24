import PlumbExact
import PlumbModel
import Testing

/// Sine and cosine of rows against those of balls, which have their own proofs and tables.
@Suite struct BallRowSineTests {
  /// Arguments around 0, around the steps of the table, around the multiples of π/4, and so far out that the reduction
  /// needs many bits of π.
  private func arguments(_ randomness: inout SplitMix64) -> [Rational] {
    var all: [Rational] = [0, 1, -1, Rational(significand: 1, exponent: -8), Rational(significand: 201, exponent: -8)]
    all += [Rational(significand: 1, exponent: -1), Rational(significand: -1, exponent: -300)]
    all += (1...9).flatMap { k in
      [-1, 0, 1].map {
        Ball.pi(precision: 140).midpoint * Rational(Integer(k), over: 4) + Rational(significand: $0, exponent: -120)
      }
    }
    // The binary64 number nearest to a multiple of π/2 (Muller, Handbook of Floating-Point Arithmetic, section 11.3.2).
    all.append(Rational(significand: 6_381_956_970_095_103, exponent: 797))
    for exponent in [62, 63, 64, 65, 127, 128, 129, 1000] {
      all.append(Rational(significand: 1, exponent: exponent))
      all.append(-Rational(significand: randomness.integer(maximumBits: 90), exponent: exponent - 90))
    }
    for _ in 0..<24 {
      let exponent = Int.random(in: -90...12, using: &randomness)
      all.append(Rational(significand: randomness.integer(maximumBits: 90), exponent: exponent - 90))
    }
    return all.map { $0.rounded(toBits: 150, .down) }
  }

  @Test(arguments: [2, 16, 55, 57, 64, 128, 256, 512, 1024, 1030])
  func `points, one alone and all together`(_ precision: Int) {
    var randomness = SplitMix64(seed: UInt64(precision))
    let points = arguments(&randomness)
    let together = BallRow(points.map { Ball($0) }, precision: 3000).sineAndCosine(precision: precision)
    for (index, x) in points.enumerated() {
      let alone = BallRow([Ball(x)], precision: 3000).sineAndCosine(precision: precision)
      let sine = Ball.sin(Ball(x), precision: precision + 200)
      let cosine = Ball.cos(Ball(x), precision: precision + 200)
      for (row, exact) in [(alone.sine[0], sine), (together.sine[index], sine)] {
        #expect(row.contains(exact), "sin \(x): \(row), not \(exact)")
        #expect(row.radius <= Rational(significand: 1, exponent: 2 - precision), "sin \(x): \(row)")
      }
      for (row, exact) in [(alone.cosine[0], cosine), (together.cosine[index], cosine)] {
        #expect(row.contains(exact), "cos \(x): \(row), not \(exact)")
        #expect(row.radius <= Rational(significand: 1, exponent: 2 - precision), "cos \(x): \(row)")
      }
    }
  }

  @Test(arguments: [-150, -40, -6, -1, 0, 3, 70]) func `balls contain what their points have`(_ exponent: Int) throws {
    var randomness = SplitMix64(seed: 14)
    let radius = Rational(significand: 1, exponent: exponent)
    for x in arguments(&randomness) {
      let input = Ball(midpoint: x, radius: radius)
      let (sines, cosines) = BallRow([input], precision: 1200).sineAndCosine(precision: 300)
      for point in [input.lower, input.upper, x, randomness.point(in: input)] {
        // Enclosures fine enough to tell 1 − r²/2 + r⁴/24 from 1 − r²/2, and within [−1, 1].
        let everything = Ball(lower: -1, upper: 1)
        let sine = try #require(Ball.sin(Ball(point), precision: 1000).intersection(everything))
        let cosine = try #require(Ball.cos(Ball(point), precision: 1000).intersection(everything))
        #expect(sines[0].contains(sine), "sin of \(input): \(sines[0]), not \(sine)")
        #expect(cosines[0].contains(cosine), "cos of \(input): \(cosines[0]), not \(cosine)")
      }
      // The derivative's bound, half the square, and three of the row's units, each 2^−19 of the greatest radius at most; the
      // input's radius is rounded to its own unit before.
      let r = radius + radius.scaled(byPowerOfTwo: -18)
      let slack = Rational(significand: 1, exponent: -290) + radius.scaled(byPowerOfTwo: -17)
      for (ball, derivative) in [
        (sines[0], Ball.cos(Ball(x), precision: 40)), (cosines[0], Ball.sin(Ball(x), precision: 40)),
      ] {
        let slope = derivative.upper.magnitude + derivative.radius
        #expect(ball.radius <= min(r * slope + r * r.scaled(byPowerOfTwo: -1) + slack, 1) * "1000001/1000000")
      }
    }
  }

  @Test func `what cannot be said is not said, and 0 is exact`() {
    let row = BallRow([Ball(0), Ball(Rational(significand: 1, exponent: 4097)), Ball(3)], precision: 5000)
    let (sines, cosines) = row.sineAndCosine(precision: 64)
    #expect(sines[0] == Ball(0) && cosines[0] == Ball(1))
    #expect(sines[1] == Ball(midpoint: 0, radius: 1) && cosines[1] == Ball(midpoint: 0, radius: 1))
    #expect(sines[2].contains(Ball.sin(Ball(3), precision: 100)))
    let far = Rational(significand: 1, exponent: 4095)
    let last = BallRow([Ball(far)], precision: 5000).sineAndCosine(precision: 64)
    #expect(last.sine[0].contains(Ball.sin(Ball(far), precision: 100)))
    #expect(last.sine[0].radius < Rational(significand: 1, exponent: -64))
  }
}
