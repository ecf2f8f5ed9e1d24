import PlumbExact
import PlumbModel
import Testing

@Suite struct BallRoundingTests {
  @Test func `a float is given only when every point of the ball rounds to it`() throws {
    var randomness = SplitMix64(seed: 41)
    var decided = 0
    for _ in 0..<2000 {
      let center = Float(bitPattern: UInt32.random(in: 0..<Float.infinity.bitPattern, using: &randomness))
      let exact = try #require(Rational(exactly: Bool.random(using: &randomness) ? center : -center))
      let spacing = Rational.powerOfTwo(Swift.max(exact.isZero ? -149 : exact.floorLog2 - 23, -149))
      let offset = spacing * Rational(Integer(Int.random(in: -8...8, using: &randomness)), over: 8)
      let radius = spacing * Rational(Integer(Int.random(in: 0...4, using: &randomness)), over: 16)
      let ball = Ball(midpoint: exact + offset, radius: radius)
      for rule in [FloatingPointRoundingRule.toNearestOrEven, .up, .down, .towardZero] {
        let ends = [ball.lower, ball.midpoint, ball.upper].map { $0.rounded(to: Float.self, rule).bitPattern }
        let rounded = ball.rounded(to: Float.self, rule)
        decided += rounded == nil ? 0 : 1
        #expect(rounded?.bitPattern == (ends[0] == ends[2] ? ends[0] : nil))
        if let rounded { #expect(rounded.bitPattern == ends[1]) }
      }
    }
    #expect(decided > 2000 && decided < 7900)
  }

  @Test func `zero, overflow and ties`() {
    let tiny = Rational.powerOfTwo(-500)
    #expect(Ball.zero.rounded(to: Float.self, .toNearestOrEven)?.sign == .plus)
    #expect(Ball(midpoint: 0, radius: tiny).rounded(to: Float.self, .toNearestOrEven) == nil)
    #expect(Ball(lower: 0, upper: tiny).rounded(to: Float.self, .toNearestOrEven)?.sign == .plus)
    #expect(Ball(lower: -tiny, upper: -tiny / 2).rounded(to: Float.self, .toNearestOrEven)?.sign == .minus)
    #expect(Ball(lower: -tiny, upper: 0).rounded(to: Float.self, .toNearestOrEven) == nil)
    let huge = Rational.powerOfTwo(200)
    #expect(Ball(midpoint: huge, radius: 1).rounded(to: Float.self, .toNearestOrEven) == .infinity)
    #expect(Ball(midpoint: -huge, radius: 1).rounded(to: Float.self, .up) == -.greatestFiniteMagnitude)
    let tie: Rational = "0x1.000001p0"
    #expect(Ball(tie).rounded(to: Float.self, .toNearestOrEven) == 1)
    #expect(Ball(midpoint: tie, radius: tiny).rounded(to: Float.self, .toNearestOrEven) == nil)
    #expect(Ball(midpoint: tie, radius: tiny).rounded(to: Float.self, .down) == 1)
    #expect(Ball(midpoint: 1, radius: tiny).rounded(to: Double.self, .toNearestOrEven) == 1)
    #expect(Ball(midpoint: 1, radius: tiny).rounded(to: Double.self, .up) == nil)
  }
}
