import PlumbExact

extension Ball {
  /// The decimal digits, `count` significant ones at most, that every number of the ball rounds to.
  func provedDigits(_ count: Int) -> String {
    for digits in stride(from: count, to: 0, by: -1) {
      let text = lower.decimal(significantDigits: digits)
      if text == upper.decimal(significantDigits: digits) { return text }
    }
    return "?"
  }
}
