import PlumbExact

extension Ball {
  /// The decimal digits, `count` significant ones at most, that every number of the ball rounds to; `?` where there are none.
  ///
  /// *Theorem.* Rounding to nearest never puts two numbers in the other order, so that all between two that round to the same
  /// digits round to them too: each is off by half a unit of the last digit at most.
  package func provedDigits(_ count: Int) -> String {
    for digits in stride(from: count, to: 0, by: -1) {
      let text = lower.decimal(significantDigits: digits)
      if text == upper.decimal(significantDigits: digits) { return text }
    }
    return "?"
  }
}
