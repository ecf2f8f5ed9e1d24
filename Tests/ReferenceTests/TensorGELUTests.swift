import PlumbExact
import PlumbModel
import Testing

@testable import PlumbReference

/// The GELU of rows of balls beside that of one ball.
@Suite struct TensorGELUTests {
  private static let numbers: [Float] = [
    0, 1, -1, 0.5, -0.75, 3, -3, 7.25, -7.25, 13, -13, 40, -40, 1000, -1000, 0x1p-30, -0x1p-30, 1.4142135, -1.4142135,
    0x1p-100,
  ]

  /// Midpoints and ends of the inputs lie in what is printed for them.
  @Test(arguments: [40, 64, 130, 275]) func everyBallContainsWhatIsKnownFarBetter(precision: Int) throws {
    for radius in [Rational(0), Rational(1, over: Integer(2).power(60)), Rational(1, over: 8)] {
      let balls = Self.numbers.map { Ball(midpoint: Rational(exactly: $0) ?? 0, radius: radius) }
      let x = Activation(shape: [2, 10], elements: balls)
      let result = try Reference.gelu(BallTensor(x, rows: 2, precision: precision), precision: precision).activation
      for (ball, image) in zip(balls, result.elements) {
        for point in [ball.lower, ball.midpoint, ball.upper] {
          let one = Activation(shape: [1, 1], elements: [Ball(point)])
          let exact = Reference.gelu(one, precision: 500).elements[0]
          #expect(image.lower <= exact.upper && exact.lower <= image.upper, "\(ball): \(image), \(exact)")
        }
      }
    }
  }

  /// An exact row is known to `precision` bits from its greatest element on, but for a few.
  ///
  /// The root, the product with it, erf and one more than it, and the product of both each add some units of the last bit; 8 bits
  /// hold 256 of them.
  @Test(arguments: [64, 130, 275]) func ballsAreNarrow(precision: Int) throws {
    for number in Self.numbers {
      let x = Activation(shape: [1, 1], elements: [Ball(Rational(exactly: number) ?? 0)])
      let image = try Reference.gelu(BallTensor(x, rows: 1, precision: precision), precision: precision).activation
        .elements[0]
      let unit = Rational(1, over: Integer(2).power(precision - 8))
      #expect(
        image.radius <= unit * max(Rational(exactly: abs(number)) ?? 0, Rational(1, over: 1)), "\(number): \(image)")
    }
  }
}
