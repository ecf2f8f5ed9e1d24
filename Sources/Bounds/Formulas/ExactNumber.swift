import PlumbExact

/// The knowledge of an exact number of a formula.
package enum ExactNumber: Sendable {
  /// It lies in the ball.
  case ball(Ball)
  /// It is at least 2 to the power of `exponent`, which is 2¹⁵ or more: an exponential beyond all that balls enclose.
  case huge(exponent: Int)
  /// Nothing, for a reason that a higher precision may remove.
  case unknown(EnclosureError)

  /// The number 0.
  static let zero = ExactNumber.ball(.zero)

  /// The ball.
  ///
  /// - Throws: `EnclosureError` where there is none.
  package func enclosure() throws(EnclosureError) -> Ball {
    switch self {
    case .ball(let ball): return ball
    case .huge: throw .argumentOutsideDomain(function: "exp")
    case .unknown(let error): throw error
    }
  }

  /// The ball; `nil` where there is none.
  var ball: Ball? { if case .ball(let ball) = self { ball } else { nil } }

  /// Why there is no ball.
  private var reason: EnclosureError {
    if case .unknown(let error) = self { error } else { .argumentOutsideDomain(function: "exp") }
  }

  /// The result of `operation` on the ball; the reason where there is none.
  func map(_ operation: (Ball) throws(EnclosureError) -> Ball) -> ExactNumber {
    guard let ball else { return .unknown(reason) }
    do throws(EnclosureError) { return .ball(try operation(ball)) } catch { return .unknown(error) }
  }

  /// The result of `operation` on the balls of both; the reason where one has none.
  func with(
    _ other: ExactNumber, _ operation: (Ball, Ball) throws(EnclosureError) -> Ball
  ) -> ExactNumber {
    guard let second = other.ball else { return .unknown(other.reason) }
    return map { first throws(EnclosureError) in try operation(first, second) }
  }

  /// The sum of two huge numbers, or of one and a number of less than a quarter of its magnitude; `nil` where neither is huge.
  ///
  /// More than half of the huge one is left.
  static func hugeSum(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber? {
    switch (a, b) {
    case (.huge(let first), .huge(let second)): .huge(exponent: max(first, second))
    case (.huge(let exponent), .ball(let ball)), (.ball(let ball), .huge(let exponent)):
      isSmall(ball, beside: exponent) ? .huge(exponent: exponent - 1) : .unknown(a.reason)
    default: nil
    }
  }

  private static func isSmall(_ ball: Ball, beside exponent: Int) -> Bool {
    let size = ball.midpoint.magnitude + ball.radius
    return exponent > 1 << 15 && (size.isZero || size.floorLog2 < exponent - 2)
  }

  /// The product of a huge number and one that is above 0; `nil` where neither is huge.
  static func hugeProduct(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber? {
    switch (a, b) {
    case (.huge(let first), .huge(let second)): return .huge(exponent: first + second)
    case (.huge(let exponent), .ball(let ball)), (.ball(let ball), .huge(let exponent)):
      if ball.isExact && ball.midpoint.isZero { return .zero }
      guard ball.lower.signum() > 0, exponent + ball.lower.floorLog2 >= 1 << 15 else { return .unknown(a.reason) }
      return .huge(exponent: exponent + ball.lower.floorLog2)
    default: return nil
    }
  }

  /// The quotient where one of both is huge; `nil` where neither is.
  static func hugeQuotient(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber? {
    switch (a, b) {
    case (.ball(let ball), .huge(let exponent)):
      let size = (ball.midpoint.magnitude + ball.radius).rounded(toBits: 32, .up)
      return .ball(Ball(midpoint: .zero, radius: size.scaled(byPowerOfTwo: -exponent)))
    case (.huge(let exponent), .ball(let ball)):
      guard ball.lower.signum() > 0, exponent - ball.upper.floorLog2 - 1 >= 1 << 15 else { return .unknown(b.reason) }
      return .huge(exponent: exponent - ball.upper.floorLog2 - 1)
    case (.huge, .huge): return .unknown(a.reason)
    default: return nil
    }
  }
}
