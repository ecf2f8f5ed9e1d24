import PlumbEngine

/// The reason why no drift could be reported.
package enum DriftError: Error, CustomStringConvertible {
  /// The engine refused the tokens.
  case pass(Engine.PassError)
  /// The exact value of an activation could not be enclosed narrowly enough at the greatest precision that is tried.
  case undecided(activation: String, precision: Int)
  /// An activation or an input of it is not finite, so that its drift cannot be taken apart.
  case notFinite(activation: String)
  /// The task was cancelled.
  case interrupted

  /// Whether no precision that is tried sufficed.
  package var isUndecided: Bool { if case .undecided = self { true } else { false } }

  /// One line for the person who must act.
  package var description: String {
    switch self {
    case .pass(let error): "\(error)"
    case .undecided(let activation, let precision):
      "'\(activation)' is not decided at \(precision) bits, the greatest precision tried; "
        + "an input of it may stand on the edge of its function's domain"
    case .notFinite(let activation):
      "'\(activation)' is not finite or has no exact value, so nothing can be said of where its drift comes from"
    case .interrupted: "interrupted before the drift was measured"
    }
  }
}
