import PlumbExact
import PlumbModel
import Testing

/// The sums over a common denominator against naive sums of rationals, and one number worked out by hand.
@Suite struct SumTests {
  private func float(_ randomness: inout SplitMix64) -> Float {
    let magnitude = Float(bitPattern: UInt32.random(in: 0..<Float.infinity.bitPattern, using: &randomness))
    return Bool.random(using: &randomness) ? magnitude : -magnitude
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Rational { Rational.dot(a.span, b.span) }

  private func naive(_ a: [Float], _ b: [Float]) throws -> Rational {
    var sum = Rational.zero
    for (x, y) in zip(a, b) {
      sum += try #require(Rational(exactly: x)) * #require(Rational(exactly: y))
    }
    return sum
  }

  @Test func `dot products of floats over the whole range`() throws {
    var randomness = SplitMix64(seed: 71)
    for count in 0..<60 {
      let a = (0..<count).map { _ in float(&randomness) }
      let b = (0..<count).map { _ in float(&randomness) }
      let expected = try naive(a, b)
      #expect(dot(a, b) == expected)
      let (x, y) = (
        try a.map { try #require(Rational(exactly: $0)) }, try b.map { try #require(Rational(exactly: $0)) }
      )
      #expect(Rational.dot(x, y) == expected)
      #expect(Rational.sum(x) == x.reduce(0, +))
    }
  }

  @Test func `the extremes of Float32`() throws {
    let extremes: [Float] = [
      0, .leastNonzeroMagnitude, .leastNormalMagnitude, .leastNormalMagnitude.nextDown, 1, .greatestFiniteMagnitude,
    ]
    let all = extremes + extremes.map { -$0 }
    let pairs = all.flatMap { first in all.map { (first, $0) } }
    for (first, second) in pairs {
      var sum = LongAccumulator()
      sum.addProduct(first, second)
      #expect(sum.value == (try naive([first], [second])))
      sum.add(first)
      #expect(sum.value == (try naive([first, first], [second, 1])))
    }
    #expect(dot(pairs.map(\.0), pairs.map(\.1)) == 0)
  }

  /// 2⁻²⁹⁸ + Σ 2ᵏ for k from −298 to 253 is 2²⁵⁴: the last term sends a carry through every word.
  @Test func `a carry runs through all words`() {
    func power(_ exponent: Int) -> Float { Float(sign: .plus, exponent: exponent, significand: 1) }
    var sum = LongAccumulator()
    for exponent in -298...253 {
      let half = max(-149, min(127, exponent / 2))
      sum.addProduct(power(half), power(exponent - half))
    }
    #expect(sum.value == Rational.powerOfTwo(254) - .powerOfTwo(-298))
    sum.addProduct(.leastNonzeroMagnitude, .leastNonzeroMagnitude)
    #expect(sum.value == .powerOfTwo(254))
    sum.addProduct(power(127), -power(127))
    #expect(sum.value == 0)
  }

  @Test func `sums of any rationals and balls`() {
    var randomness = SplitMix64(seed: 72)
    for count in 0..<40 {
      let a = (0..<count).map { _ in randomness.rational(maximumBits: 80) }
      let b = (0..<count).map { _ in randomness.rational(maximumBits: 80) }
      #expect(Rational.dot(a, b) == zip(a, b).reduce(0) { $0 + $1.0 * $1.1 })
      #expect(Rational.sum(a) == a.reduce(0, +))
      let x = (0..<count).map { _ in randomness.ball(maximumBits: 40) }
      let y = (0..<count).map { _ in randomness.ball(maximumBits: 40) }
      let expected = zip(x, y).reduce(Ball.zero) { $0 + $1.0 * $1.1 }
      #expect(Ball.dot(x, y) == expected)
      #expect(Ball.sum(x) == x.reduce(.zero, +))
    }
  }
}
