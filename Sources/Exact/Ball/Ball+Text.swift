extension Ball: CustomStringConvertible, LosslessStringConvertible {
  /// The ball without loss: `0x1.8p-3 ± 0x1p-40`, and the midpoint alone where the ball is exact.
  ///
  /// `init(_: String)` reads it back.
  package var description: String {
    isExact ? midpoint.exactText : "\(midpoint.exactText) ± \(radius.exactText)"
  }

  /// The ball that `text` writes: a rational, or two with ` ± ` or ` +/- ` between them.
  ///
  /// *Edge cases*: nil for anything else, and for a negative radius.
  package init?(_ text: String) {
    for separator in [" ± ", " +/- "] {
      guard let range = text.firstRange(of: separator) else { continue }
      guard let midpoint = Rational(String(text[..<range.lowerBound])),
        let radius = Rational(String(text[range.upperBound...])), radius.signum() >= 0
      else { return nil }
      self.init(midpoint: midpoint, radius: radius)
      return
    }
    guard let point = Rational(text) else { return nil }
    self.init(point)
  }

  /// The ball for people: `0.3333333333 ± 4.1e-11`, with no digit that is off by more than one and a half in its place.
  ///
  /// The text is itself a ball that contains this one: the radius shown is rounded up to two digits and includes
  /// what was cut off the midpoint. An exact ball that `digits` digits can write is written without a radius.
  /// - Precondition: `digits` is at least 1.
  package func decimal(significantDigits digits: Int = 17) -> String {
    precondition(digits >= 1, "Ball: fewer than 1 digit")
    let size = midpoint.magnitude + radius
    if size.isZero { return "0" }
    let shortest = size.floorLog10 - digits + 1
    // The radius is below one unit of the last place shown.
    let power = isExact ? shortest : Swift.max(shortest, radius.floorLog10 + 1)
    let scaled = midpoint.tenths(power, .toNearestOrEven)
    let error = (midpoint - Rational(scaled) * Rational(10).power(power)).magnitude + radius
    if error.isZero { return Ball.shortest(scaled, power: power) }
    let shown = scaled.isZero ? "0" : Rational.digits(scaled, power: power)
    return "\(shown) ± \(error.decimal(significantDigits: 2, .up))"
  }

  /// scaled·10ᵖᵒʷᵉʳ without the zeros that end its fraction, or that an exponent can stand for.
  private static func shortest(_ scaled: Integer, power: Int) -> String {
    var (digits, power) = (scaled, power)
    while power != 0 {
      let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: 10)
      guard remainder.isZero else { break }
      (digits, power) = (quotient, power + 1)
    }
    return Rational.digits(digits, power: power)
  }
}
