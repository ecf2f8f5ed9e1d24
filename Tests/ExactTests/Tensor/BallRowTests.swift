import PlumbExact
import PlumbModel
import Testing

/// Operations on rows against exact arithmetic on points of their balls.
@Suite struct BallRowTests {
  /// More bits than any number here has.
  private static let all = 1 << 20

  /// Numbers of very different sizes, some 0, some negative, with long runs of equal bits; where `isExact` all are points.
  private func balls(_ count: Int, bits: Int, isExact: Bool = false, using randomness: inout SplitMix64) -> [Ball] {
    (0..<count).map { _ in
      let midpoint = Rational(
        significand: randomness.integer(maximumBits: bits), exponent: -Int.random(in: 0...bits, using: &randomness))
      if isExact || Int.random(in: 0..<8, using: &randomness) == 0 { return Ball(midpoint) }
      let radius = Rational(
        significand: Integer(Int.random(in: 1...1 << 24, using: &randomness)),
        exponent: -bits - Int.random(in: 30...60, using: &randomness))
      return Ball(midpoint: midpoint, radius: radius)
    }
  }

  private func row(_ balls: [Ball], precision: Int = all) -> BallRow { BallRow(balls, precision: precision) }

  /// A point of each ball, an end as often as not.
  private func points(_ balls: [Ball], using randomness: inout SplitMix64) -> [Rational] {
    balls.map { randomness.point(in: $0) }
  }

  @Test(arguments: [1, 30, 63, 64, 65, 127, 128, 300, 1100])
  func `a row encloses its balls, and exact ones are held without error`(_ bits: Int) {
    var randomness = SplitMix64(seed: UInt64(bits))
    for _ in 0..<20 {
      let exact = balls(9, bits: bits, isExact: true, using: &randomness)
      #expect(row(exact).balls == exact)
      let wide = balls(9, bits: bits, using: &randomness)
      for precision in [4, 40, 200, Self.all] {
        for (enclosure, ball) in zip(row(wide, precision: precision).balls, wide) { #expect(enclosure.contains(ball)) }
      }
      for unit in [-bits - 40, -bits, -bits / 2, 0, 3] {
        let coarse = row(wide).coarsened(toUnit: unit)
        for (enclosure, ball) in zip(coarse.balls, wide) {
          #expect(enclosure.contains(ball))
          #expect(enclosure.midpoint.isZero || (enclosure.midpoint.dyadic?.exponent ?? .min) >= unit)
        }
      }
    }
    #expect(row([]).balls.isEmpty)
    #expect(row([Ball(0), Ball(0)]).balls == [Ball(0), Ball(0)])
  }

  @Test(arguments: [1, 62, 64, 65, 128, 350]) func `sums, products and squares of exact rows are exact`(_ bits: Int) {
    var randomness = SplitMix64(seed: UInt64(bits))
    for _ in 0..<20 {
      let (a, b) = (
        balls(7, bits: bits, isExact: true, using: &randomness), balls(7, bits: bits, isExact: true, using: &randomness)
      )
      let (x, y) = (row(a), row(b))
      #expect(x.adding(y, precision: Self.all).balls == zip(a, b).map { $0 + $1 })
      #expect(x.multiplied(by: y, precision: Self.all).balls == zip(a, b).map { $0 * $1 })
      #expect(x.scaled(by: b[0], precision: Self.all).balls == a.map { $0 * b[0] })
      #expect(x.sumOfSquares == a.reduce(Ball(0)) { $0 + $1 * $1 })
      let dot = BallRow(
        [SignedRow.dot(SignedRow(x), from: 2, SignedRow(y), from: 1, count: 5)], precision: Self.all)
      let products: [Ball] = (0..<5).map { a[$0 + 2] * b[$0 + 1] }
      #expect(dot.balls == [products.reduce(Ball(0), +)])
      let rows = SignedRow.aligned([x, y])
      let weights = balls(2, bits: bits, isExact: true, using: &randomness)
      let sums = BallRow(
        [SignedRow.weightedSum(SignedRow(row(weights)), rows, included: [0, 1], from: 1, count: 6)],
        precision: Self.all)
      let expected: [Ball] = (1..<7).map { index in
        let (first, second) = (weights[0] * a[index], weights[1] * b[index])
        return first + second
      }
      #expect(sums.balls == expected)
    }
  }

  /// The most negative midpoint of a limb is its own negative there.
  @Test(arguments: [63, 64, 127, 128]) func `ends of the range of limbs`(_ bits: Int) {
    let power = Integer(1) << bits
    let ends = [power, -power, power - 1, 1 - power, Integer(0)].map { Ball(Rational($0)) }
    for a in ends {
      for b in ends {
        let (x, y) = (row([a, ends[1]]), row([b, ends[1]]))
        #expect(x.adding(y, precision: Self.all).balls == [a + b, ends[1] + ends[1]])
        #expect(x.multiplied(by: y, precision: Self.all).balls == [a * b, ends[1] * ends[1]])
        #expect(x.coarsened(toUnit: 1).balls.first?.contains(a) == true)
      }
    }
  }

  @Test(arguments: [20, 64, 130, 400]) func `what points of balls give lies within`(_ bits: Int) {
    var randomness = SplitMix64(seed: UInt64(bits) + 7)
    for _ in 0..<40 {
      let (a, b) = (balls(6, bits: bits, using: &randomness), balls(6, bits: bits, using: &randomness))
      let factor = balls(1, bits: bits, using: &randomness)[0]
      let precision = Int.random(in: 8...2 * bits, using: &randomness)
      let (x, y) = (row(a, precision: precision), row(b, precision: precision))
      let (p, q) = (points(a, using: &randomness), points(b, using: &randomness))
      let f = randomness.point(in: factor)
      func expect(_ row: BallRow, contains exact: [Rational]) {
        for (ball, point) in zip(row.balls, exact) { #expect(ball.contains(point), "\(ball) without \(point)") }
      }
      expect(x.adding(y, precision: precision), contains: zip(p, q).map { $0 + $1 })
      expect(x.multiplied(by: y, precision: precision), contains: zip(p, q).map { $0 * $1 })
      expect(x.scaled(by: factor, precision: precision), contains: p.map { $0 * f })
      #expect(x.sumOfSquares.contains(p.reduce(0) { $0 + $1 * $1 }))
      let dot = SignedRow.dot(SignedRow(x), from: 0, SignedRow(y), from: 0, count: 6)
      expect(BallRow([dot], precision: precision), contains: [zip(p, q).reduce(0) { $0 + $1.0 * $1.1 }])
      let weighted = SignedRow.weightedSum(
        SignedRow(row(Array(b[0..<2]), precision: precision)), SignedRow.aligned([x, y]), included: [0, 1], from: 0,
        count: 6)
      expect(BallRow([weighted], precision: precision), contains: (0..<6).map { q[0] * p[$0] + q[1] * q[$0] })
      expect(
        BallRow([SignedRow.dot(SignedRow(x), from: 3, SignedRow(y), from: 3, count: 0)], precision: precision),
        contains: [0])
    }
  }

  @Test func `rotations turn the pairs they are told to and leave the rest`() throws {
    var randomness = SplitMix64(seed: 3)
    for bits in [24, 90, 300] {
      let input = balls(10, bits: bits, using: &randomness)
      let angles = [Rational(1, over: 3), Rational(7)].map { Ball($0) }
      let cosines = angles.map { Ball.cos($0, precision: 400) }
      let sines = angles.map { Ball.sin($0, precision: 400) }
      let turn = RotationRow(cosines: cosines, sines: sines, precision: 200)
      let turned = turn.turning(
        row(input, precision: 200), pairs: [(first: 0, second: 2), (first: 1, second: 3)], starts: [0, 5],
        precision: 200)
      let p = points(input, using: &randomness)
      for start in [0, 5] {
        for pair in 0..<2 {
          let (a, b) = (Ball(p[start + pair]), Ball(p[start + pair + 2]))
          // The angles' functions are 2^−390 wide at most: they lie within or apart, as good as points.
          #expect(turned[start + pair].contains(a * cosines[pair] - b * sines[pair]))
          #expect(turned[start + pair + 2].contains(a * sines[pair] + b * cosines[pair]))
        }
        #expect(turned[start + 4].contains(p[start + 4]))
      }
    }
  }

  /// Rows of floats of every kind, and a run and one element more, whose exact product another algorithm gives.
  @Test(arguments: [1, 5, 64, 8129]) func `products with weights are the same integers`(_ count: Int) throws {
    var randomness = SplitMix64(seed: 21)
    let kinds = DotProductTests.Kind.allCases
    let rows = try (count > 1000 ? Array(kinds.prefix(2)) : kinds + kinds + kinds + kinds + kinds + kinds + kinds).map {
      try #require(IntegerRow(exactly: $0.values(count, using: &randomness)))
    }
    let inputs = [64, 200].map { balls(count, bits: $0, isExact: true, using: &randomness) }
    let products = PackedRow.products(rows, inputs.map { PackedRow(row($0)) })
    for (product, input) in zip(products, inputs) {
      let vector = FixedPointVector(input, precision: 4000)
      #expect(BallRow([product], precision: Self.all).balls == rows.map { vector.dot($0) })
    }
  }

  @Test func `products with balls contain those of points and are hardly wider than they must be`() throws {
    var randomness = SplitMix64(seed: 5)
    let rows = try DotProductTests.Kind.allCases.map {
      try #require(IntegerRow(exactly: $0.values(33, using: &randomness)))
    }
    for bits in [30, 90, 333] {
      let input = balls(33, bits: bits, using: &randomness)
      let held = row(input)
      let products = BallRow([PackedRow.products(rows, [PackedRow(held)])[0]], precision: Self.all)
      let p = points(input, using: &randomness)
      for (index, weights) in rows.enumerated() {
        #expect(products[index].contains((0..<33).reduce(Rational(0)) { $0 + weights[$1] * p[$1] }))
      }
      // One row alone keeps its own unit: 1/32 of the greatest weight for each, and what the row's unit adds.
      for weights in rows {
        let alone = BallRow([PackedRow.products([weights], [PackedRow(held)])[0]], precision: Self.all)
        let greatest = (0..<33).map { weights[$0].magnitude }.max() ?? 0
        let radii = held.balls.map(\.radius)
        let least = (0..<33).reduce(Rational(0)) { $0 + weights[$1].magnitude * radii[$1] }
        let most = least + greatest * Rational(1, over: 32) * radii.reduce(0, +)
        #expect(alone[0].radius <= most + most.scaled(byPowerOfTwo: -17))
        #expect(alone[0].radius >= least)
      }
    }
  }
}
