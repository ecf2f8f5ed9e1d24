/// The reason why no enclosure could be given: the result is not defined here, or not decided to be at this precision.
package enum EnclosureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The divisor's ball contains 0.
  case divisorContainsZero
  /// The argument's ball reaches outside where the function is defined.
  case argumentOutsideDomain(function: String)
  /// Two balls overlap, and which number is the greater decides what the result is.
  case comparisonUndecided(function: String)

  /// The fault, and what to do.
  package var description: String {
    switch self {
    case .divisorContainsZero:
      "the divisor may be 0: its enclosure contains 0; raise the precision if it should not"
    case .argumentOutsideDomain(let function):
      "the argument may lie outside the domain of \(function); raise the precision if it should not"
    case .comparisonUndecided(let function):
      "\(function): two numbers are equal, or too close to tell which is the greater at this precision"
    }
  }
}
