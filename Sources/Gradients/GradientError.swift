import PlumbEngine
import PlumbExact
import PlumbModel

/// The reason why no gradient could be reported.
package enum GradientError: Error, CustomStringConvertible {
  /// The model has no backward pass here.
  case refused(BackwardRefusal)
  /// The engine refused the tokens.
  case pass(Engine.PassError)
  /// One token alone, which predicts nothing.
  case nothingPredicted
  /// The norm of a gradient has not the digits that are asked for at the greatest precision that is tried, or a step has no
  /// enclosure there.
  case undecided(gradient: String, PrecisionExhausted)
  /// A number of the engine's is not finite, so that its drift comes from nowhere that can be told.
  case notFinite(gradient: String)
  /// The task was cancelled.
  case interrupted

  /// One line for the person who must act.
  package var description: String {
    switch self {
    case .refused(let refusal): "\(refusal)"
    case .pass(let error): "\(error)"
    case .nothingPredicted: "the loss is that of the tokens after the first, and there is one token: give at least two"
    case .undecided(let gradient, let error):
      error.reason.map {
        "a step backwards has no enclosure at \(error.precision) bits, the greatest precision tried: \($0)"
      }
        ?? "'\(gradient)' is not known well enough at \(error.precision) bits, the greatest precision tried; ask for fewer digits"
    case .notFinite(let gradient):
      "'\(gradient)' of the engine is not finite: where its drift comes from cannot be told; leave out '--attribute'"
    case .interrupted: "interrupted before the gradient was enclosed"
    }
  }
}
