import PlumbExact

extension Double {
  /// The rational number that this finite Double is.
  ///
  /// - Precondition: it is finite, as declared accuracies are.
  package var rational: Rational {
    guard let value = Rational(exactly: self) else { preconditionFailure("\(self) is not a number to bound by") }
    return value
  }
}
