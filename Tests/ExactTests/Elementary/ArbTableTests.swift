import PlumbExact
import Testing

/// Values of hard arguments by an independent program.
@Suite struct ArbTableTests {
  @Test(arguments: ElementaryFunction.allCases)
  func `hard Float32 arguments agree with Arb`(_ function: ElementaryFunction) throws {
    let lines = try #require(ArbTable.text[function]).split(separator: "\n")
    #expect(lines.count > 30)
    for line in lines {
      let words = line.split(separator: " ")
      let bits = try #require(UInt32(words[0], radix: 16))
      let x = try #require(Rational(exactly: Float(bitPattern: bits)))
      let floor = try #require(Integer(String(words[1]), radix: 16))
      let exponent = try #require(Int(words[2]))
      let truth = Ball(
        lower: Rational(significand: floor, exponent: exponent),
        upper: Rational(significand: floor + 1, exponent: exponent))
      for precision in [32, 61, 90] {
        let ball = try function(Ball(x), precision: precision)
        #expect(ball.overlaps(truth), "\(function) \(words[0]) at \(precision) bits")
        #expect(ball.isAccurate(to: precision), "\(function) \(words[0]) at \(precision) bits")
      }
      // At many more bits than the table has, the enclosure must fit inside the table's, but for its own width.
      let fine = try function(Ball(x), precision: 160)
      let widened = Ball(midpoint: truth.midpoint, radius: truth.radius + 2 * fine.radius)
      #expect(widened.contains(fine), "\(function) \(words[0]) at 160 bits")
    }
  }

  @Test(arguments: LongArbTable.entries.indices)
  func `4096 bits agree with Arb`(_ index: Int) throws {
    let entry = LongArbTable.entries[index]
    let x = try #require(Rational(exactly: Float(bitPattern: entry.argument)))
    let floor = try #require(Integer(entry.digits, radix: 16))
    let truth = Rational(significand: floor, exponent: entry.exponent)
    for precision in [512, 1024, 4096] {
      let ball = try entry.function(Ball(x), precision: precision)
      #expect(Ball(midpoint: ball.midpoint, radius: ball.radius * 2).contains(truth))
      #expect(ball.isAccurate(to: precision))
    }
  }

  @Test func `pi agrees with Arb`() throws {
    let floor = try #require(Integer(LongArbTable.pi, radix: 16))
    let truth = Ball(
      lower: Rational(significand: floor, exponent: -4158), upper: Rational(significand: floor + 1, exponent: -4158))
    for precision in [2, 32, 33, 64, 100, 1000, 4096] {
      let pi = Ball.pi(precision: precision)
      #expect(pi.contains(truth))
      #expect(pi.isAccurate(to: precision))
    }
  }
}

extension Ball {
  /// Whether the radius is at most 2^(1−precision) times every magnitude in the ball, and the midpoint and the radius are as
  /// short as promised.
  func isAccurate(to precision: Int) -> Bool {
    if isExact { return true }
    let least = midpoint.magnitude - radius
    guard let midpoint = midpoint.dyadic, let radius = radius.dyadic else { return false }
    return self.radius <= least.scaled(byPowerOfTwo: 1 - precision)
      && midpoint.significand.bitWidth <= precision && radius.significand.bitWidth <= 32
  }
}
