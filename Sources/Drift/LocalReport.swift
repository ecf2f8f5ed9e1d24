import PlumbVerdicts

/// The findings of `plumb drift --local-only`; its coding keys are the documented JSON schema.
public struct LocalReport: Sendable, Codable {
  /// The version of the schema.
  public var schema = 1
  /// The model's name.
  public let model: String
  /// The SHA-256 of the weights.
  public let fingerprint: String
  /// The tokens of the prompt.
  public let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  public let texts: [String]
  /// The arithmetic that the bounds are proved for: `engine`, with the instructions that it used.
  public let arithmetic: String
  /// A row for every activation, in the order of the pass; none has accumulated drift.
  public let activations: [ActivationDrift]
  /// The verdict on all activations together.
  public let verdict: Verdict
  /// The number of elements that were decided against their bounds in Float64 with proved errors.
  public let filteredElements: Int
  /// The number that the exact path looked at: those that the filter left open, and those that the report's numbers are of.
  public let exactElements: Int
  /// Whether it is all that was asked for: false where the exact pass from the tokens was interrupted.
  public let isComplete: Bool
  /// The seconds that the engine takes over the prompt when nobody watches it; `nil` where it was not measured.
  public let engineSeconds: Double?
  /// The seconds that the verdicts took, from the activations to the report.
  public let verdictSeconds: Double
  /// The seconds that it took, loading included.
  public let seconds: Double
}
