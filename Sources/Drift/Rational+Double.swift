import PlumbExact

extension Rational {
  /// The least Double that is not below this number.
  var doubleRoundedUp: Double { rounded(to: Double.self, .up) }

  /// The greatest Double that is not above this number.
  var doubleRoundedDown: Double { rounded(to: Double.self, .down) }
}

extension Double {
  /// The rational number that this finite Double is.
  ///
  /// - Precondition: it is finite, as declared accuracies are.
  var rational: Rational {
    guard let value = Rational(exactly: self) else { preconditionFailure("\(self) is not a number to bound by") }
    return value
  }
}
