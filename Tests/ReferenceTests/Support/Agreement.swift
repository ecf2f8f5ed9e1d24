import PlumbExact
import PlumbModel
import Testing

/// Checks that balls contain the values of a table and are no wider than 2^−`bits` of them.
///
/// The texts have 45 digits, so each is within 10^−44 of the value it stands for, relatively.
func expectAgreement(
  _ balls: [Ball], _ table: [String], bits: Int, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(balls.count == table.count, sourceLocation: sourceLocation)
  for (index, (ball, text)) in zip(balls, table).enumerated() {
    guard let value = Rational(text) else {
      Issue.record("'\(text)' is not a number", sourceLocation: sourceLocation)
      continue
    }
    let distance = (ball.midpoint - value).magnitude
    #expect(
      distance <= ball.radius + value.magnitude * "1e-44", "element \(index): \(ball) is not \(text)",
      sourceLocation: sourceLocation)
    #expect(
      ball.radius <= value.magnitude.scaled(byPowerOfTwo: -bits), "element \(index): \(ball) is too wide",
      sourceLocation: sourceLocation)
  }
}
