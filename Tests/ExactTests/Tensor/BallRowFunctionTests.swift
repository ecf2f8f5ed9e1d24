import PlumbExact
import PlumbModel
import Testing

/// Functions of rows against those of balls, which have their own proofs and tables.
@Suite struct BallRowFunctionTests {
  /// Arguments where something changes: around 0, around the multiples of log 2 and of the tables' steps, where the function is
  /// flat, and anywhere.
  private func arguments(_ randomness: inout SplitMix64) -> [Rational] {
    var all: [Rational] = [0, 1, -1, Rational(1, over: 64), Rational(1, over: 4096), 63, 64, -63, -64, -65, 700, -700]
    all += [-40_000, 40_000, Rational(significand: 1, exponent: 40), Rational(significand: -1, exponent: 40)]
    all += (1...4).flatMap { k in
      [-60, -1, 1, 60].map { Rational(Integer(k * 45_426), over: 65_536) + Rational(significand: $0, exponent: -70) }
    }
    for _ in 0..<24 {
      let exponent = Int.random(in: -90...6, using: &randomness)
      all.append(
        Rational(significand: randomness.integer(maximumBits: 90), exponent: exponent - 90))
    }
    return all.map { $0.rounded(toBits: 150, .down) }
  }

  private func silu(_ x: Rational, precision: Int) -> Ball { Ball(x) * Ball.sigmoid(Ball(x), precision: precision) }

  @Test(arguments: [16, 63, 64, 65, 200, 511, 513, 1024, 1100])
  func `the sigmoid linear unit of points`(_ precision: Int) {
    var randomness = SplitMix64(seed: UInt64(precision))
    // One at a time: a row's unit is that of its greatest.
    for x in arguments(&randomness) {
      let ball = BallRow([Ball(x)], precision: 2000).silu(precision: precision)[0]
      let exact = silu(x, precision: precision + 400)
      #expect(ball.contains(exact), "\(x): \(ball), not \(exact)")
      #expect(x.isZero || ball.radius <= x.magnitude.scaled(byPowerOfTwo: 2 - precision), "\(x): \(ball)")
    }
    let row = arguments(&randomness).filter { $0.magnitude < 1000 }
    let together = BallRow(row.map { Ball($0) }, precision: 2000).silu(precision: precision)
    for (index, x) in row.enumerated() { #expect(together[index].contains(silu(x, precision: precision + 400))) }
  }

  @Test(arguments: [-200, -60, -30, -8, -3, 0, 2]) func `the sigmoid linear unit of balls`(_ exponent: Int) {
    var randomness = SplitMix64(seed: 11)
    let radius = Rational(significand: 1, exponent: exponent)
    for x in arguments(&randomness) where x.magnitude < 1000 {
      let input = Ball(midpoint: x, radius: radius)
      let ball = BallRow([input], precision: 300).silu(precision: 300)[0]
      for point in [input.lower, input.upper, randomness.point(in: input)] {
        #expect(ball.contains(silu(point, precision: 600)), "\(input): \(ball) without the value at \(point)")
      }
      // |f′| ≤ 9/8, and r/2 more; then 3 units of the row's, each at most 2^−19 of the radius.
      let most = radius * (Rational(9, over: 8) + radius)
      #expect(ball.radius <= most + most.scaled(byPowerOfTwo: -17) + x.magnitude.scaled(byPowerOfTwo: -290))
    }
  }

  private func softmax(_ x: [Rational], precision: Int) throws -> [Ball] {
    let greatest = try #require(x.max())
    let powers = try x.map { try Ball.exp(Ball($0 - greatest), precision: precision) }
    let sum = powers.reduce(Ball(0), +)
    return try powers.map { try $0.divided(by: sum, precision: precision) }
  }

  @Test(arguments: [16, 64, 65, 300, 1024]) func `the softmax of points`(_ precision: Int) throws {
    var randomness = SplitMix64(seed: UInt64(precision))
    var rows: [[Rational]] = [
      [0, 0], [1, 1, 1], [5, -5], [-40_000, 3, 3], [0, Rational(significand: 1, exponent: 40)],
    ]
    rows += (0..<8).map { _ in arguments(&randomness).filter { $0.magnitude < 1000 } }
    for row in rows {
      let balls = BallRow(row.map { Ball($0) }, precision: 2000)
        .softmax(allowed: Array(row.indices), precision: precision)
      for (index, exact) in try softmax(row, precision: precision + 100).enumerated() {
        #expect(balls[index].contains(exact), "\(row): \(balls[index]), not \(exact)")
        #expect(balls[index].radius <= Rational(significand: 1, exponent: 2 - precision))
      }
    }
  }

  @Test(arguments: [-300, -60, -20, -6]) func `the softmax of balls, and of some of them`(_ exponent: Int) throws {
    var randomness = SplitMix64(seed: 12)
    for count in [2, 3, 17, 40] {
      let midpoints = (0..<count).map { _ in
        Rational(significand: randomness.integer(maximumBits: 60), exponent: -57)
      }
      let input = midpoints.map { midpoint in
        Ball(
          midpoint: midpoint,
          radius: Rational(significand: Integer(Int.random(in: 0...255, using: &randomness)), exponent: exponent - 8))
      }
      let allowed = Array(0..<count - 1)
      let balls = BallRow(input, precision: 400).softmax(allowed: allowed, precision: 400)
      for corner in 0..<4 {
        // Each element alone at its end and the others at theirs is where a share is greatest or least.
        let points = input[0..<count - 1].enumerated().map { index, ball in
          corner < 2 ? ((index == 0) == (corner == 0) ? ball.upper : ball.lower) : randomness.point(in: ball)
        }
        for (index, exact) in try softmax(points, precision: 700).enumerated() {
          #expect(balls[index].contains(exact), "\(balls[index]), not \(exact)")
        }
      }
      #expect(balls[count - 1] == Ball(0))
      // Half of the sum of |∂pᵢ/∂xⱼ| over j is p(1 − p) ≤ 1/4; 9/8 of it, twice, and the row's unit.
      let greatest = input.map(\.radius).max() ?? 0
      for ball in balls.balls { #expect(ball.radius <= greatest * Rational(9, over: 16) + greatest * "1/1000000") }
    }
    let one = BallRow([Ball(3), Ball(midpoint: 4, radius: 1)], precision: 64)
    #expect(one.softmax(allowed: [1], precision: 64).balls == [Ball(0), Ball(1)])
    #expect(one.softmax(allowed: [], precision: 64).balls == [Ball(0), Ball(0)])
  }

  /// A function of a row and the same of a ball.
  private struct Function: Sendable {
    let name: String
    let isRelative: Bool
    let row: @Sendable (BallRow, Int) throws -> BallRow
    let ball: @Sendable (Ball, Int) throws -> Ball
  }

  private static let functions = [
    Function(
      name: "exp", isRelative: true, row: { try $0.exp(precision: $1) }, ball: { try Ball.exp($0, precision: $1) }),
    Function(
      name: "sigmoid", isRelative: false, row: { $0.sigmoid(precision: $1) },
      ball: { Ball.sigmoid($0, precision: $1) }),
    Function(
      name: "tanh", isRelative: false, row: { $0.tanh(precision: $1) }, ball: { Ball.tanh($0, precision: $1) }),
  ]

  @Test(arguments: [2, 63, 64, 65, 128, 256, 512, 1024, 1030])
  func `functions of points, one alone and all together`(_ precision: Int) throws {
    var randomness = SplitMix64(seed: UInt64(precision))
    let points = arguments(&randomness).filter { $0 < 1000 && $0 > -1_000_000 }
    for function in Self.functions {
      let together = try function.row(BallRow(points.map { Ball($0) }, precision: 3000), precision)
      for (index, x) in points.enumerated() {
        let exact = try function.ball(Ball(x), precision + 200)
        let ball = try function.row(BallRow([Ball(x)], precision: 3000), precision)[0]
        #expect(ball.contains(exact), "\(function.name) \(x): \(ball), not \(exact)")
        #expect(together[index].contains(exact), "\(function.name) \(x) of many: \(together[index]), not \(exact)")
        let size = function.isRelative ? exact.upper.magnitude : 1
        #expect(ball.radius <= size.scaled(byPowerOfTwo: 2 - precision), "\(function.name) \(x): \(ball)")
      }
    }
  }

  @Test(arguments: [-150, -40, -6, -1]) func `functions of balls contain those of their points`(_ exponent: Int) throws
  {
    var randomness = SplitMix64(seed: 13)
    let radius = Rational(significand: 1, exponent: exponent)
    for x in arguments(&randomness) where x.magnitude < 100 {
      let input = Ball(midpoint: x, radius: radius)
      for function in Self.functions {
        let ball = try function.row(BallRow([input], precision: 300), 300)[0]
        var (least, greatest): (Rational?, Rational?)
        for point in [input.lower, input.upper, randomness.point(in: input)] {
          let exact = try function.ball(Ball(point), 500)
          #expect(ball.contains(exact), "\(function.name) of \(input): \(ball), not \(exact)")
          least = min(least ?? exact.upper, exact.upper)
          greatest = max(greatest ?? exact.lower, exact.lower)
        }
        // Where the ball is narrow, hardly wider than what its ends differ by: a second derivative's worth, and the unit.
        guard let least, let greatest, exponent < -30 else { continue }
        let half = (greatest - least).scaled(byPowerOfTwo: -1)
        let curved = radius * radius * (function.isRelative ? max(greatest, 1) : 1)
        let most = half + half.scaled(byPowerOfTwo: -5) + curved.scaled(byPowerOfTwo: 2)
        let unit = max(greatest.magnitude, 1).scaled(byPowerOfTwo: -290) + radius.scaled(byPowerOfTwo: -18)
        #expect(ball.radius <= most + unit, "\(function.name) of \(input): \(ball)")
      }
    }
    #expect(throws: EnclosureError.self) {
      try BallRow([Ball(midpoint: 0, radius: 2)], precision: 64).exp(precision: 64)
    }
    #expect(throws: EnclosureError.self) { try BallRow([Ball(131_072)], precision: 64).exp(precision: 64) }
  }
}
