import PlumbExact
import PlumbModel
import Testing

/// Whole-vector arithmetic against the same sums taken one rational number at a time.
@Suite struct DotProductTests {
  /// Kinds of vectors on which fixed point goes wrong first.
  enum Kind: CaseIterable {
    case ordinary, wide, subnormal, cancelling, sparse

    func values(_ count: Int, using randomness: inout SplitMix64) -> [Float] {
      (0..<count).map { index in
        let ordinary = Float.random(in: -1...1, using: &randomness)
        switch self {
        case .ordinary: return ordinary
        case .wide:
          let exponent = Int.random(in: -120...120, using: &randomness)
          return ordinary * Float(sign: .plus, exponent: exponent, significand: 1)
        case .subnormal:
          return Float(bitPattern: UInt32.random(in: 0..<1 << 23, using: &randomness)) * (index % 2 == 0 ? 1 : -1)
        case .cancelling: return index % 2 == 0 ? 0x1.fffffep127 : -0x1.fffffep127
        case .sparse: return index % 5 == 0 ? ordinary : -0.0
        }
      }
    }
  }

  @Test(arguments: Kind.allCases, Kind.allCases)
  func `A dot product of floats is the rational sum`(_ left: Kind, _ right: Kind) throws {
    var randomness = SplitMix64(seed: 11)
    for count in [0, 1, 2, 3, 17, 64] {
      let weights = left.values(count, using: &randomness)
      let values = right.values(count, using: &randomness)
      let row = try #require(IntegerRow(exactly: weights))
      let vector = try #require(FixedPointVector(exactly: values))
      #expect(vector.isExact)
      let products = try zip(weights, values).map {
        try #require(Rational(exactly: $0)) * #require(Rational(exactly: $1))
      }
      let dot = vector.dot(row)
      #expect(dot.midpoint == products.reduce(0, +))
      #expect(dot.isExact)
      #expect(vector.absoluteDot(row) == products.map(\.magnitude).reduce(0, +))
      let second = try #require(IntegerRow(exactly: values))
      for (first, second) in [(row, second), (second, row)] {
        let (sum, magnitude) = first.dot(second)
        #expect(sum == products.reduce(0, +))
        #expect(magnitude == products.map(\.magnitude).reduce(0, +))
      }
    }
  }

  @Test(arguments: Kind.allCases)
  func `A row and a vector hold the floats they were made from`(_ kind: Kind) throws {
    var randomness = SplitMix64(seed: 12)
    let values = kind.values(40, using: &randomness)
    let row = try #require(IntegerRow(exactly: values))
    let vector = try #require(FixedPointVector(exactly: values))
    for (index, value) in values.enumerated() {
      #expect(row[index] == Rational(exactly: value))
      #expect(vector[index] == Ball(try #require(Rational(exactly: value))))
      #expect(row.magnitudes[index] == Rational(exactly: value.magnitude))
    }
  }

  @Test func `No row and no vector hold NaN or infinity`() {
    for value in [Float.nan, .infinity, -.infinity] {
      #expect(IntegerRow(exactly: [1, value]) == nil)
      #expect(FixedPointVector(exactly: [1, value]) == nil)
    }
  }

  @Test(arguments: [1, 3, 64, 1000])
  func `Significands of any size give the rational sum`(_ count: Int) throws {
    var randomness = SplitMix64(seed: 13)
    for bits in [8, 40, 56, 62, 63] {
      let bound = Int64.max >> Int64(63 - bits)
      // The ends of the range are where a machine word would overflow.
      var significands = (0..<count).map { _ in Int64.random(in: -bound...bound, using: &randomness) }
      significands[0] = bits == 63 ? .min : -bound
      let row = IntegerRow(significands: significands, exponent: -24)
      let values = Kind.wide.values(count, using: &randomness)
      let vector = try #require(FixedPointVector(exactly: values))
      let expected = try zip(significands, values).reduce(Rational(0)) {
        $0 + Rational(significand: Integer($1.0), exponent: -24) * (try #require(Rational(exactly: $1.1)))
      }
      #expect(vector.dot(row) == Ball(expected))
    }
  }

  /// Midpoints of `bits` bits with radii about 2^−`accuracy` of them; every third exact, every seventh 0.
  private func balls(_ count: Int, bits: Int, accuracy: Int, using randomness: inout SplitMix64) -> [Ball] {
    (0..<count).map { index in
      if index % 7 == 6 { return Ball(0) }
      let midpoint = Rational(
        significand: randomness.integer(maximumBits: bits),
        exponent: -bits + Int.random(in: -20...20, using: &randomness))
      let radius = Rational(
        significand: Integer(Int.random(in: 1...1 << 40, using: &randomness)), exponent: -accuracy - 40)
      return Ball(midpoint: midpoint, radius: index % 3 == 2 ? 0 : radius)
    }
  }

  @Test(arguments: [30, 64, 127, 128, 255, 300, 900], [20, 100, 800])
  func `A dot product of balls encloses the sum of balls and is hardly wider`(_ bits: Int, _ accuracy: Int) throws {
    var randomness = SplitMix64(seed: 14)
    let count = 50
    let balls = balls(count, bits: bits, accuracy: accuracy, using: &randomness)
    let weights = Kind.ordinary.values(count, using: &randomness)
    let row = try #require(IntegerRow(exactly: weights))
    let vector = FixedPointVector(balls, precision: 1000)
    let naive = try zip(weights, balls).reduce(Ball(0)) { $0 + Ball(try #require(Rational(exactly: $1.0))) * $1.1 }
    let dot = vector.dot(row)
    #expect(dot.contains(naive))
    // The unit is at most 2^−24 of the greatest radius over the count; radii are rounded up by 2^−39 of it.
    let weightSum = weights.reduce(Rational(0)) { $0 + (Rational(exactly: $1.magnitude) ?? 0) }
    let greatest = balls.map(\.radius).max() ?? 0
    #expect(dot.radius - naive.radius <= weightSum * greatest * "0x1p-23")
  }

  @Test(arguments: [32, 100, 400])
  func `A vector rounded to few bits encloses its balls`(_ precision: Int) throws {
    var randomness = SplitMix64(seed: 15)
    let thirds = (1...30).map { Ball(Rational(Integer($0 - 15), over: 3)) }
    let narrow = balls(30, bits: 500, accuracy: 2000, using: &randomness)
    for balls in [thirds, narrow] {
      let vector = FixedPointVector(balls, precision: precision)
      let greatest = balls.map(\.midpoint.magnitude).max() ?? 0
      let width = greatest * Rational(significand: 1, exponent: -precision)
      for (index, ball) in balls.enumerated() {
        #expect(vector[index].contains(ball))
        #expect(vector[index].radius <= (ball.radius + width) * 2)
      }
    }
  }
}
