import PlumbExact
import PlumbModel
import Testing

/// Reciprocal roots of rows against those of balls, and against their definition.
@Suite struct BallRowReciprocalSquareRootTests {
  private func points(_ randomness: inout SplitMix64) -> [Rational] {
    var all: [Rational] = [1, 2, 3, 4, 16]
    all += [-1000, 1000].map { Rational(significand: 1, exponent: $0) }
    for exponent in [31, 32, 63, 64, 65, 127, 128] {
      all += [-1, 0, 1].map { Rational(Integer.one << exponent) + Rational($0) }
      all += [-1, 1].map { 1 + Rational(significand: Integer($0), exponent: -exponent) }
    }
    for _ in 0..<24 {
      let magnitude = randomness.integer(maximumBits: 400).magnitude + 1
      all.append(Rational(significand: magnitude, exponent: Int.random(in: -600...200, using: &randomness)))
    }
    return all
  }

  @Test(arguments: [2, 53, 55, 56, 57, 64, 128, 256, 512, 1024, 1030])
  func `points, one alone and all together`(_ precision: Int) throws {
    var randomness = SplitMix64(seed: UInt64(precision))
    let points = points(&randomness)
    let together = try BallRow(points.map { Ball($0) }, precision: 4000).reciprocalSquareRoot(precision: precision)
    let greatest = try #require(together.balls.map(\.upper).max())
    for (index, x) in points.enumerated() {
      let exact = try Ball.reciprocalSquareRoot(Ball(x), precision: precision + 2000)
      let ball = try BallRow([Ball(x)], precision: 4000).reciprocalSquareRoot(precision: precision)[0]
      #expect(ball.contains(exact), "\(x): \(ball), not \(exact)")
      #expect(ball.radius <= exact.upper.scaled(byPowerOfTwo: 2 - precision), "\(x): \(ball)")
      // By the definition, without a root: lower² · x ≤ 1 ≤ upper² · x.
      #expect(ball.lower.signum() < 0 || ball.lower * ball.lower * x <= 1)
      #expect(ball.upper * ball.upper * x >= 1)
      #expect(together[index].contains(exact), "\(x) of many: \(together[index]), not \(exact)")
      #expect(together[index].radius <= greatest.scaled(byPowerOfTwo: 2 - precision))
    }
  }

  /// Radii up to all but the least of the midpoint.
  ///
  /// A row holds some of them rounded up, and what it holds is tested.
  @Test(arguments: [1, 5, 20, 21, 30, 31, 32, 33, 63, 64, 100, 400]) func `balls of any width`(_ bits: Int) throws {
    var randomness = SplitMix64(seed: UInt64(bits))
    for round in 0..<40 {
      let m = randomness.integer(maximumBits: bits).magnitude + 2
      let limit = min(m - 1, Integer.one << 19)
      let r = round % 3 == 0 ? limit : min(Integer(randomness.next() >> 45) + 1, limit)
      let exponent = Int.random(in: -300...300, using: &randomness)
      let ball = Ball(
        midpoint: Rational(significand: m, exponent: exponent), radius: Rational(significand: r, exponent: exponent))
      let row = BallRow([ball], precision: 1000)
      let input = row[0]
      guard input.lower.signum() > 0 else {
        #expect(throws: EnclosureError.self) { try row.reciprocalSquareRoot(precision: 300) }
        continue
      }
      let root = try row.reciprocalSquareRoot(precision: 300)[0]
      for point in [input.lower, input.upper, input.midpoint] {
        let exact = try Ball.reciprocalSquareRoot(Ball(point), precision: 800)
        #expect(root.contains(exact), "\(input): \(root), not \(exact)")
      }
      // No wider than to the farther end, but for the row's unit and its bounds' 30 bits.
      let middle = try Ball.reciprocalSquareRoot(Ball(input.midpoint), precision: 800)
      let end = try Ball.reciprocalSquareRoot(Ball(input.lower), precision: 800)
      let most = end.upper - middle.lower
      let slack = most.scaled(byPowerOfTwo: -17) + middle.upper.scaled(byPowerOfTwo: -290)
      // Beyond 2^31 the bound is r ÷ (2(m − r)), with r below m ÷ 2^10.
      #expect(root.radius <= most + slack + most.scaled(byPowerOfTwo: -9), "\(input): \(root)")
    }
  }

  @Test func `a ball that is not positive is refused`() {
    for ball in [Ball(0), Ball(-1), Ball(midpoint: 1, radius: 1), Ball(midpoint: 1, radius: 2)] {
      #expect(throws: EnclosureError.self) {
        try BallRow([Ball(4), ball], precision: 64).reciprocalSquareRoot(precision: 64)
      }
    }
  }
}
