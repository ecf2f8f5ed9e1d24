import PlumbExact
import PlumbModel
import Testing

@Suite struct UlpsTests {
  @Test func `neighbouring floats are one ulp of the exact one apart`() throws {
    for exponentBits in UInt32(0)...254 {
      for fraction in [UInt32(0), 1, 0x2A_BCDE, 0x7F_FFFE] {
        let float = Float(bitPattern: exponentBits << 23 | fraction)
        let exact = Ball(try #require(Rational(exactly: float)))
        #expect(Ulps.distance(from: float, to: exact) == .zero)
        if float.nextUp.isFinite { #expect(Ulps.distance(from: float.nextUp, to: exact) == .one) }
        #expect(Ulps.distance(from: -float.nextUp.nextDown, to: -exact) == .zero)
        // Below a power of two floats lie twice as densely, but the unit stays that of the exact value.
        let below = fraction == 0 && exponentBits > 1 ? Ball("1/2") : Ball.one
        if float > 0 { #expect(Ulps.distance(from: float.nextDown, to: exact) == below) }
      }
    }
  }

  @Test func `the enclosure contains the distance of every point`() throws {
    var randomness = SplitMix64(seed: 61)
    for _ in 0..<1000 {
      let engine = Float(bitPattern: UInt32.random(in: 0..<Float.infinity.bitPattern, using: &randomness))
      let value = try #require(Rational(exactly: engine))
      let radius = (value + .powerOfTwo(-149)) * .powerOfTwo(Int.random(in: -40...1, using: &randomness))
      let exact = Ball(midpoint: value * "1001/1000", radius: radius)
      let point = randomness.point(in: exact)
      let distance = try #require(Ulps.distance(from: engine, to: exact))
      let unit = Rational.powerOfTwo(min(max(point.isZero ? -126 : point.floorLog2, -126), 127) - 23)
      #expect(Ulps.unit(of: point, in: Float.self) == unit)
      #expect(distance.contains((value - point).magnitude / unit))
      if Ulps.unit(of: exact.lower, in: Float.self) == Ulps.unit(of: exact.upper, in: Float.self) {
        #expect(distance.radius <= exact.radius / unit)
      }
    }
  }

  /// From 5, the point 4 is 1 away and has the greater unit 2⁻²¹; the point 1 is 4 away and has the lesser, 2⁻²³.
  @Test func `a ball across binades counts all their units`() {
    let expected = Ball(lower: .powerOfTwo(21), upper: .powerOfTwo(25))
    #expect(Ulps.distance(from: 5 as Float, to: Ball(lower: 1, upper: 4)) == expected)
    #expect(Ulps.distance(from: -5 as Float, to: Ball(lower: -4, upper: -1)) == expected)
  }

  @Test func `NaN, the infinities, zeros, and beyond the greatest float`() {
    #expect(Ulps.distance(from: Float.nan, to: .one) == nil)
    #expect(Ulps.distance(from: -Float.infinity, to: .one) == nil)
    #expect(Ulps.distance(from: Float.leastNonzeroMagnitude, to: .zero) == .one)
    #expect(Ulps.distance(from: -0.0 as Float, to: .zero) == .zero)
    #expect(Ulps.distance(from: 0 as Float, to: Ball(.powerOfTwo(130))) == Ball(.powerOfTwo(26)))
    #expect(Ulps.distance(from: 1 as Double, to: Ball("0x1.0000000000001p0")) == .one)
  }
}
